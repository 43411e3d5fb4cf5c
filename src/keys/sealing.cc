#include <heqi/keys/sealing.h>

#include <heqi/asn1/writer.h>
#include <heqi/crypto/kdf.h>

namespace heqi::keys {
namespace {

constexpr std::size_t kSaltSize = 16, kRoundsSize = 4;
constexpr std::uint32_t kPassphraseRounds = 600'000, kPassphraseRoundsMax = 10'000'000;

base::Bytes associated_data(const SealContext& context) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.utf8_string(context.purpose).utf8_string(context.name).integer(context.version);
  });
  return out.take();
}

WrappingKey stretched(base::ByteView passphrase, base::ByteView salt, std::uint32_t rounds) {
  const base::SecretBytes key =
      crypto::stretch(passphrase, salt, crypto::kSm4KeySize, {.rounds = rounds, .progress = {}});
  return WrappingKey(crypto::Sm4Key(key.expose().first<crypto::kSm4KeySize>()));
}

}  // namespace

base::Result<WrappingKey> WrappingKey::open_or_make(base::FileStore& store, std::string_view file,
                                                    base::Random& random) {
  auto stored = store.read(file, 4096);
  if (!stored && stored.error().code == base::Code::not_found) {
    crypto::Sm4Key key;
    HEQI_TRY(random.fill(key.expose_mutable()));
    HEQI_TRY(store.create(file, key.expose()));
    return WrappingKey(std::move(key));
  }
  if (!stored) return std::move(stored).error();
  const base::SecretBytes bytes = base::SecretBytes::copy_of(*stored);
  base::secure_wipe(stored->data(), stored->size());
  if (bytes.size() != crypto::kSm4KeySize)
    return base::fail(base::Code::denied, "the root wrapping key file has the wrong size");
  return WrappingKey(crypto::Sm4Key(bytes.expose().first<crypto::kSm4KeySize>()));
}

base::Result<base::Bytes> WrappingKey::seal(const SealContext& context, base::ByteView secret,
                                            base::Random& random) const {
  HEQI_TRY(base::Bytes nonce, base::random_bytes(random, crypto::kGcmNonceSize));
  HEQI_TRY(const base::Bytes sealed,
           crypto::sm4_gcm_seal(key_, nonce, associated_data(context), secret));
  base::append(nonce, sealed);
  return nonce;
}

base::Result<base::SecretBytes> WrappingKey::open(const SealContext& context,
                                                  base::ByteView sealed) const {
  if (sealed.size() < crypto::kGcmNonceSize + crypto::kGcmTagSize)
    return base::fail(base::Code::malformed, "a sealed secret is too short");
  return crypto::sm4_gcm_open(key_, sealed.first(crypto::kGcmNonceSize), associated_data(context),
                              sealed.subspan(crypto::kGcmNonceSize));
}

base::Result<base::Bytes> seal_under_passphrase(const SealContext& context,
                                                base::ByteView passphrase, base::ByteView secret,
                                                base::Random& random) {
  HEQI_TRY(base::Bytes out, base::random_bytes(random, kSaltSize));
  const WrappingKey key = stretched(passphrase, out, kPassphraseRounds);
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(kPassphraseRounds >> shift));
  HEQI_TRY(const base::Bytes sealed, key.seal(context, secret, random));
  base::append(out, sealed);
  return out;
}

base::Result<base::SecretBytes> open_under_passphrase(const SealContext& context,
                                                      base::ByteView passphrase,
                                                      base::ByteView sealed) {
  if (sealed.size() < kSaltSize + kRoundsSize)
    return base::fail(base::Code::malformed, "a sealed secret is too short");
  std::uint32_t rounds = 0;
  for (std::uint8_t byte : sealed.subspan(kSaltSize, kRoundsSize)) rounds = rounds << 8 | byte;
  if (rounds == 0 || rounds > kPassphraseRoundsMax)
    return base::fail(base::Code::limit_exceeded, "the rounds of a sealed secret");
  return stretched(passphrase, sealed.first(kSaltSize), rounds)
      .open(context, sealed.subspan(kSaltSize + kRoundsSize));
}

base::Result<base::SecretBytes> make_passphrase(base::Random& random) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr std::size_t groups = 8, group_size = 4;
  base::SecretBytes drawn(groups * group_size);
  HEQI_TRY(random.fill(drawn.expose_mutable()));
  base::SecretBytes out(groups * group_size + groups - 1);
  for (std::size_t i = 0, at = 0; i < drawn.size(); ++i) {
    if (i != 0 && i % group_size == 0) out.expose_mutable()[at++] = '-';
    // The table is one cache line; the passphrase is printed for a person once, right after this.
    out.expose_mutable()[at++] = static_cast<std::uint8_t>(alphabet[drawn.expose()[i] & 31]);
  }
  return out;
}

}  // namespace heqi::keys
