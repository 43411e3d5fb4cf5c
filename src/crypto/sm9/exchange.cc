// exchange.cc: key exchange with confirmation (GB/T 38635.2 §7).
#include "hashing.h"

namespace heqi::crypto::sm9 {
namespace {

using base::Code;

constexpr std::uint8_t kFromResponder = 0x82, kFromInitiator = 0x83;

// Transcript is what both sides hash: the identities and shares, A's first, and g1, g2, g3.
struct Transcript {
  std::string_view id_a, id_b;
  G1Bytes share_a, share_b;
  GtBytes g1, g2, g3;

  ~Transcript() {
    for (GtBytes* secret : {&g1, &g2, &g3}) base::secure_wipe(secret->data(), secret->size());
  }

  base::Result<base::SecretBytes> key(std::size_t size) const {
    return internal::key_from(
        {base::bytes_of(id_a), base::bytes_of(id_b), internal::coordinates(share_a),
         internal::coordinates(share_b), g1, g2, g3},
        size);
  }
  // confirmation is S_B for kFromResponder, S_A for kFromInitiator.
  Digest confirmation(std::uint8_t from) const {
    const Digest inner = Sm3()
                             .update(g2)
                             .update(g3)
                             .update(base::bytes_of(id_a))
                             .update(base::bytes_of(id_b))
                             .update(internal::coordinates(share_a))
                             .update(internal::coordinates(share_b))
                             .finish();
    const Digest out = Sm3().update({&from, 1}).update(g1).update(inner).finish();
    base::ct::declassify(out);  // goes over the wire, or is compared with what came over it
    return out;
  }
};

base::Status require_finite(const G1& share) {
  if (!share.is_infinity()) return {};
  return base::fail(Code::crypto_not_on_curve, "SM9: the other side's share is infinity");
}

bool same(const Digest& a, const Digest& b) {
  return base::ct::declassified(base::ct::equal_bytes(a, b));
}

base::Error wrong_confirmation() {
  return base::fail(Code::invalid_signature, "SM9: the other side's confirmation does not fit");
}

// transcript_of_initiator is step A5: g1 = g^rA, g2 = e(R_B, de_A), g3 = g2^rA.
Transcript transcript_of_initiator(const UserKey& key, std::string_view peer, const Scalar& r,
                                   const G1& share, const G1& peer_share) {
  const Gt g2 = pair(peer_share, key.expose());
  return {key.id(),
          peer,
          share.encode(),
          peer_share.encode(),
          key.master().g().power(r).encode(),
          g2.encode(),
          power(r, g2).encode()};
}

}  // namespace

base::Result<Initiator> Initiator::begin(const UserKey& key, std::string_view peer,
                                         base::Random& random) {
  HEQI_TRY(const G1 recipient, key.master().recipient(peer, key.hid()));
  HEQI_TRY(const Scalar r, Scalar::draw(random));
  HEQI_TRY(const G1 share, internal::publish(mul(r, recipient)));
  base::wipe_stack();
  return Initiator(key, peer, r, share);
}

base::Result<Agreed> Initiator::finish(const G1& peer_share, std::size_t size) const {
  HEQI_TRY(require_finite(peer_share));
  const Transcript transcript = transcript_of_initiator(*key_, peer_, r_, share_, peer_share);
  base::wipe_stack();
  HEQI_TRY(base::SecretBytes key, transcript.key(size));
  return Agreed{std::move(key), transcript.confirmation(kFromInitiator)};
}

base::Result<Agreed> Initiator::finish_confirmed(const G1& peer_share, std::size_t size,
                                                 const Digest& peer_confirmation) const {
  HEQI_TRY(require_finite(peer_share));
  const Transcript transcript = transcript_of_initiator(*key_, peer_, r_, share_, peer_share);
  base::wipe_stack();
  if (!same(transcript.confirmation(kFromResponder), peer_confirmation))
    return wrong_confirmation();
  HEQI_TRY(base::SecretBytes key, transcript.key(size));
  return Agreed{std::move(key), transcript.confirmation(kFromInitiator)};
}

base::Result<Responder> Responder::answer(const UserKey& key, std::string_view peer,
                                          const G1& peer_share, std::size_t size,
                                          base::Random& random) {
  HEQI_TRY(require_finite(peer_share));
  HEQI_TRY(const G1 recipient, key.master().recipient(peer, key.hid()));
  HEQI_TRY(const Scalar r, Scalar::draw(random));
  HEQI_TRY(const G1 share, internal::publish(mul(r, recipient)));
  const Gt g1 = pair(peer_share, key.expose());
  const Transcript transcript{peer,
                              key.id(),
                              peer_share.encode(),
                              share.encode(),
                              g1.encode(),
                              key.master().g().power(r).encode(),
                              power(r, g1).encode()};
  base::wipe_stack();
  HEQI_TRY(base::SecretBytes shared, transcript.key(size));
  return Responder(share, {std::move(shared), transcript.confirmation(kFromResponder)},
                   transcript.confirmation(kFromInitiator));
}

base::Result<base::SecretBytes> Responder::accept_confirmed(const Digest& peer_confirmation) && {
  if (!same(expected_, peer_confirmation)) return wrong_confirmation();
  return std::move(agreed_.key);
}

}  // namespace heqi::crypto::sm9
