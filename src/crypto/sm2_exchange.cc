// sm2_exchange.cc: SM2 key exchange (GB/T 32918.3 §6.1). Names are the standard's.
#include <heqi/crypto/sm2_exchange.h>

#include <algorithm>

#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/kdf.h>

namespace heqi::crypto {
namespace {

using base::ByteView;
using base::Code;
using base::Result;

constexpr std::uint8_t kFromResponder = 0x02, kFromInitiator = 0x03;
constexpr std::size_t kCoordinates = kPointSize - 1;

// coordinates_of is x || y.
ByteView coordinates_of(const PublicKey& key) {
  return ByteView(key.encode()).subspan(1);
}

// truncated is x̄ = 2^w + (x mod 2^w) with w = 127, of a point that both sides know.
Scalar truncated(const PublicKey& share) {
  std::array<std::uint8_t, kScalarSize> bytes{};
  std::copy_n(coordinates_of(share).begin() + 16, 16, bytes.begin() + 16);
  bytes[16] |= 0x80;
  return Scalar::reduce(bytes);
}

// publish ends the secrecy of R, which goes over the wire.
Result<PublicKey> publish(const Point& share) {
  const PointBytes bytes = share.encode();
  base::ct::declassify(bytes);
  return PublicKey::decode(bytes);
}

Result<std::vector<PublicKey>> make_shares(std::span<const Scalar> scalars) {
  HEQI_TRY(const std::vector<Point> points, mul_base_batch(scalars));
  std::vector<PublicKey> shares;
  shares.reserve(points.size());
  for (const Point& point : points) {
    HEQI_TRY(const PublicKey share, publish(point));
    shares.push_back(share);
  }
  return shares;
}

// masked is t = d + x̄·r, steps A5 and B4.
Scalar masked(const PrivateKey& key, const Scalar& r, const PublicKey& share) {
  return key.d().expose() + truncated(share) * r;
}

// peer_point is P + [x̄]R of the other side: all of it public.
Point peer_point(const PublicKey& key, const PublicKey& share) {
  return key.point() + mul_vartime(truncated(share), share.point());
}

base::Status check_size(const ExchangeOptions& options) {
  if (options.size >= 1 && options.size <= kExchangedKeySizeMax) return {};
  return base::fail(Code::limit_exceeded, "SM2 key exchange: a key of 1 to 1024 octets");
}

// Transcript is what both sides hash: U, and A's values before B's.
struct Transcript {
  base::SecretArray<kCoordinates> u;
  Digest z_a, z_b;
  PublicKey share_a, share_b;

  base::SecretBytes key(std::size_t size) const {
    base::SecretBytes shared(kCoordinates + z_a.size() + z_b.size());
    auto out = shared.expose_mutable().begin();
    out = std::copy_n(u.expose().begin(), kCoordinates, out);
    out = std::copy(z_a.begin(), z_a.end(), out);
    std::copy(z_b.begin(), z_b.end(), out);
    return sm2_kdf(shared.expose(), size);
  }
  // confirmation is S_B for kFromResponder, S_A for kFromInitiator.
  Digest confirmation(std::uint8_t from) const {
    const ByteView x = ByteView(u.expose()).first(32), y = ByteView(u.expose()).last(32);
    Digest inner = Sm3()
                       .update(x)
                       .update(z_a)
                       .update(z_b)
                       .update(coordinates_of(share_a))
                       .update(coordinates_of(share_b))
                       .finish();
    const Digest out = Sm3().update({&from, 1}).update(y).update(inner).finish();
    base::secure_wipe(inner.data(), inner.size());
    base::ct::declassify(out);  // goes over the wire, or is compared with what came over it
    return out;
  }
};

// agree is U = [t](P + [x̄]R), with what was made public of the other sides; several at once. The
// cofactor h is 1.
Result<std::vector<base::SecretArray<kCoordinates>>> agree(std::span<const Scalar> t,
                                                           std::span<const Point> peers) {
  std::vector<Multiplication> products;
  products.reserve(t.size());
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (peers[i].is_infinity())
      return base::fail(Code::crypto_not_on_curve, "SM2 key exchange: the point is infinity");
    products.push_back({&t[i], &peers[i]});
  }
  HEQI_TRY(const std::vector<Point> points, mul_batch(products));
  std::vector<base::SecretArray<kCoordinates>> out;
  out.reserve(points.size());
  for (const Point& point : points) {
    if (point.is_infinity())
      return base::fail(Code::crypto_not_on_curve, "SM2 key exchange: the point is infinity");
    PointBytes bytes = point.encode();
    std::copy_n(bytes.begin() + 1, kCoordinates, out.emplace_back().expose_mutable().begin());
    base::secure_wipe(bytes.data(), bytes.size());
  }
  return out;
}

// Initiated is user A's side: its key, r_A and R_A.
struct Initiated {
  const PrivateKey& key;
  const Scalar& r;
  const PublicKey& share;
};

Result<Transcript> transcript_of_initiator(const Initiated& own, const ExchangePeer& peer,
                                           const ExchangeOptions& options,
                                           const PublicKey& peer_share) {
  HEQI_TRY(check_size(options));
  const Scalar t = masked(own.key, own.r, own.share);
  const Point point = peer_point(peer.key, peer_share);
  HEQI_TRY(auto shared, agree({&t, 1}, {&point, 1}));
  base::wipe_stack();
  return Transcript{std::move(shared[0]), z_value(own.key.public_key(), options.id),
                    z_value(peer.key, peer.id), own.share, peer_share};
}

bool same(const Digest& a, const Digest& b) {
  return base::ct::declassified(base::ct::equal_bytes(a, b));
}

base::Error wrong_confirmation() {
  return base::fail(Code::invalid_signature,
                    "SM2 key exchange: the other side's confirmation does not fit");
}

}  // namespace

Result<ExchangeInitiator> ExchangeInitiator::begin(base::Random& random) {
  HEQI_TRY(const Scalar r, Scalar::draw(random));
  HEQI_TRY(const std::vector<PublicKey> share, make_shares({&r, 1}));
  base::wipe_stack();
  return ExchangeInitiator(r, share[0]);
}

Result<ExchangedKey> ExchangeInitiator::finish(const PrivateKey& key, const ExchangePeer& peer,
                                               const ExchangeOptions& options,
                                               const PublicKey& peer_share) && {
  const SecretScalar r = std::move(r_);
  HEQI_TRY(const Transcript transcript,
           transcript_of_initiator({key, r.expose(), share_}, peer, options, peer_share));
  return ExchangedKey{transcript.key(options.size), transcript.confirmation(kFromInitiator)};
}

Result<ExchangedKey> ExchangeInitiator::finish_confirmed(const PrivateKey& key,
                                                         const ExchangePeer& peer,
                                                         const ExchangeOptions& options,
                                                         const PublicKey& peer_share,
                                                         const Digest& peer_confirmation) && {
  const SecretScalar r = std::move(r_);
  HEQI_TRY(const Transcript transcript,
           transcript_of_initiator({key, r.expose(), share_}, peer, options, peer_share));
  if (!same(transcript.confirmation(kFromResponder), peer_confirmation))
    return wrong_confirmation();
  return ExchangedKey{transcript.key(options.size), transcript.confirmation(kFromInitiator)};
}

Result<ExchangeResponder> ExchangeResponder::answer(const PrivateKey& key,
                                                    const ExchangeOffer& offer,
                                                    const ExchangeOptions& options,
                                                    base::Random& random) {
  HEQI_TRY(std::vector<ExchangeResponder> answers, answer_all(key, {&offer, 1}, options, random));
  return std::move(answers[0]);
}

Result<std::vector<ExchangeResponder>> ExchangeResponder::answer_all(
    const PrivateKey& key, std::span<const ExchangeOffer> offers, const ExchangeOptions& options,
    base::Random& random) {
  HEQI_TRY(check_size(options));
  std::vector<Scalar> r;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    HEQI_TRY(const Scalar drawn, Scalar::draw(random));
    r.push_back(drawn);
  }
  HEQI_TRY(const std::vector<PublicKey> shares, make_shares(r));
  std::vector<Scalar> t;
  std::vector<Point> peers;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    t.push_back(masked(key, r[i], shares[i]));
    peers.push_back(peer_point(offers[i].peer.key, offers[i].share));
  }
  HEQI_TRY(auto points, agree(t, peers));
  base::wipe_stack();
  std::vector<ExchangeResponder> out;
  const Digest own_z = z_value(key.public_key(), options.id);
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const Transcript transcript{std::move(points[i]),
                                z_value(offers[i].peer.key, offers[i].peer.id), own_z,
                                offers[i].share, shares[i]};
    out.push_back(ExchangeResponder(
        shares[i], {transcript.key(options.size), transcript.confirmation(kFromResponder)},
        transcript.confirmation(kFromInitiator)));
  }
  return out;
}

Result<base::SecretBytes> ExchangeResponder::accept_confirmed(const Digest& peer_confirmation) && {
  if (!same(expected_, peer_confirmation)) return wrong_confirmation();
  return std::move(agreed_.key);
}

}  // namespace heqi::crypto
