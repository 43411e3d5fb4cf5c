// encryption.cc: keys for encryption and exchange, encapsulation and encryption (GB/T 38635.2 §8
// and §9).
#include <heqi/crypto/sm4.h>

#include "hashing.h"

namespace heqi::crypto::sm9 {
namespace {

using base::ByteView;
using base::Code;

constexpr std::size_t kMacKeySize = 32;

base::ct::Mask is_zero(ByteView bytes) {
  std::uint64_t any = 0;
  for (const std::uint8_t byte : bytes) any |= byte;
  return base::ct::is_zero(any);
}

// shared_key is KDF(C || w || id, size), the end of §8.2 and §8.3.
base::Result<base::SecretBytes> shared_key(const G1& c, const Gt& w, std::string_view id,
                                           std::size_t size) {
  GtBytes w_bytes = w.encode();
  const G1Bytes c_bytes = c.encode();
  auto key =
      internal::key_from({internal::coordinates(c_bytes), w_bytes, base::bytes_of(id)}, size);
  base::secure_wipe(w_bytes.data(), w_bytes.size());
  return key;
}

// first_part is the part of the key that encrypts: as long as the message, or one of SM4.
std::size_t first_part(CipherMode mode, std::size_t plain_size) {
  return mode == CipherMode::stream ? plain_size : kSm4KeySize;
}

base::SecretBytes add_stream(ByteView in, ByteView stream) {
  base::SecretBytes out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    out.expose_mutable()[i] = static_cast<std::uint8_t>(in[i] ^ stream[i]);
  return out;
}

Sm4Key sm4_key(ByteView bytes) {
  return Sm4Key(std::span<const std::uint8_t, kSm4KeySize>(bytes.data(), kSm4KeySize));
}

base::SecretBytes encrypt_blocks(ByteView plain, ByteView key) {
  const std::size_t padding = kSm4BlockSize - plain.size() % kSm4BlockSize;
  base::SecretBytes out(plain.size() + padding);
  const base::MutableByteView bytes = out.expose_mutable();
  std::copy(plain.begin(), plain.end(), bytes.begin());
  for (std::size_t i = plain.size(); i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(padding);
  Sm4(sm4_key(key)).encrypt_blocks(bytes, bytes);
  return out;
}

// decrypt_blocks comes after the check of C3, so that what it finds wrong tells nothing new.
base::Result<base::SecretBytes> decrypt_blocks(ByteView cipher, ByteView key) {
  base::SecretBytes out(cipher.size());
  Sm4(sm4_key(key)).decrypt_blocks(cipher, out.expose_mutable());
  const std::uint64_t padding = out.expose().back();
  base::ct::Mask valid = base::ct::is_zero((padding - 1) >> 4);  // 1…16
  for (std::size_t i = 1; i <= kSm4BlockSize; ++i) {
    // The barrier keeps the compiler from counting the loop, and the address, by padding − i.
    const std::uint64_t place = base::ct::barrier(i);
    const base::ct::Mask inside = base::ct::mask_from_bit((padding - place) >> 63 ^ 1);
    const std::uint64_t byte = out.expose()[cipher.size() - i];
    valid &= ~inside | base::ct::equal(byte, padding);
  }
  if (!base::ct::declassified(valid))
    return base::fail(Code::invalid_signature, "SM9 ciphertext: the padding is wrong");
  std::uint64_t size = cipher.size() - padding;
  base::ct::declassify({reinterpret_cast<const std::uint8_t*>(&size), sizeof size});
  return base::SecretBytes::copy_of(out.expose().first(size));
}

Digest mac(ByteView key, ByteView c2) {
  return Sm3().update(c2).update(key).finish();
}

}  // namespace

EncryptMasterPublicKey::EncryptMasterPublicKey(const G1& point)
    : point_(point), g_(pair(point, G2::generator())) {}

base::Result<EncryptMasterPublicKey> EncryptMasterPublicKey::decode(ByteView bytes) {
  HEQI_TRY(const G1 point, G1::decode(bytes));
  return EncryptMasterPublicKey(point);
}

base::Result<G1> EncryptMasterPublicKey::recipient(std::string_view id, std::uint8_t hid) const {
  HEQI_TRY(const Scalar h1, identity_scalar(id, hid));
  const G1 point = mul(h1, G1::generator()) + point_;
  if (point.is_infinity())
    return base::fail(Code::conflict, "SM9: this identity asks for another master key");
  return point;
}

base::Result<UserKey> UserKey::decode(ByteView bytes, const EncryptMasterPublicKey& master,
                                      std::string_view id, std::uint8_t hid) {
  HEQI_TRY(const G2 de, G2::decode(bytes));
  HEQI_TRY(const G1 recipient, master.recipient(id, hid));
  UserKey key(de, master, id, hid);
  const GtBytes computed = pair(recipient, key.prepared_).encode();
  base::wipe_stack();
  if (!base::ct::declassified(base::ct::equal_bytes(computed, master.g().base().encode())))
    return base::fail(Code::invalid_signature, "SM9: the key is not that of the identity");
  return key;
}

base::SecretArray<kG2Size> UserKey::encode() const {
  G2Bytes bytes = de_.encode();
  base::SecretArray<kG2Size> out{std::span<const std::uint8_t, kG2Size>(bytes)};
  base::secure_wipe(bytes.data(), bytes.size());
  return out;
}

EncryptMasterKey::EncryptMasterKey(const Scalar& ke)
    : ke_(ke), public_key_([&ke] {
        const G1Bytes bytes = mul(ke, G1::generator()).encode();
        base::ct::declassify(bytes);
        return EncryptMasterPublicKey(*G1::decode(bytes));
      }()) {
  base::wipe_stack();
}

base::Result<EncryptMasterKey> EncryptMasterKey::generate(base::Random& random) {
  HEQI_TRY(const Scalar ke, Scalar::draw(random));
  return EncryptMasterKey(ke);
}

base::Result<EncryptMasterKey> EncryptMasterKey::decode(ByteView bytes) {
  HEQI_TRY(const Scalar ke, Scalar::decode(bytes));
  return EncryptMasterKey(ke);
}

base::SecretArray<kScalarSize> EncryptMasterKey::encode() const {
  ScalarBytes bytes = ke_.encode();
  base::SecretArray<kScalarSize> out{std::span<const std::uint8_t, kScalarSize>(bytes)};
  base::secure_wipe(bytes.data(), bytes.size());
  return out;
}

base::Result<UserKey> EncryptMasterKey::extract(std::string_view id, std::uint8_t hid) const {
  HEQI_TRY(const Scalar factor, internal::user_factor(ke_, id, hid));
  UserKey key(mul(factor, G2::generator()), public_key_, id, hid);
  base::wipe_stack();
  return key;
}

base::Result<Encapsulated> encapsulate(const EncryptMasterPublicKey& master, std::string_view id,
                                       std::size_t size, base::Random& random, std::uint8_t hid) {
  HEQI_TRY(const G1 recipient, master.recipient(id, hid));
  // A key of one byte is all zeros once in 256 draws; 64 in a row mean a broken source.
  for (int attempt = 0; attempt < 64; ++attempt) {
    HEQI_TRY(const Scalar r, Scalar::draw(random));
    HEQI_TRY(const G1 c, internal::publish(mul(r, recipient)));
    HEQI_TRY(base::SecretBytes key, shared_key(c, master.g().power(r), id, size));
    base::wipe_stack();
    if (base::ct::declassified(is_zero(key.expose()))) continue;
    return Encapsulated{std::move(key), c};
  }
  return base::fail(Code::crypto_random_failed, "SM9: 64 keys in a row were all zeros");
}

base::Result<base::SecretBytes> decapsulate(const UserKey& key, const G1& c, std::size_t size) {
  if (c.is_infinity()) return base::fail(Code::crypto_not_on_curve, "SM9: C is infinity");
  HEQI_TRY(base::SecretBytes shared, shared_key(c, pair(c, key.expose()), key.id(), size));
  base::wipe_stack();
  if (base::ct::declassified(is_zero(shared.expose())))
    return base::fail(Code::invalid_signature, "SM9: the key is all zeros");
  return shared;
}

base::Result<Ciphertext> encrypt(const EncryptMasterPublicKey& master, std::string_view id,
                                 ByteView plain, CipherMode mode, base::Random& random,
                                 std::uint8_t hid) {
  if (plain.empty()) return base::fail(Code::malformed, "SM9: an empty message");
  const std::size_t size = first_part(mode, plain.size());
  // §9.2 draws again where the first part of the key alone is all zeros.
  for (int attempt = 0; attempt < 64; ++attempt) {
    HEQI_TRY(const Encapsulated shared, encapsulate(master, id, size + kMacKeySize, random, hid));
    const ByteView first = shared.key.expose().first(size);
    if (base::ct::declassified(is_zero(first))) continue;
    const base::SecretBytes c2 =
        mode == CipherMode::stream ? add_stream(plain, first) : encrypt_blocks(plain, first);
    base::ct::declassify(c2.expose());
    const Digest c3 = mac(shared.key.expose().subspan(size), c2.expose());
    base::ct::declassify(c3);
    return Ciphertext{mode, shared.c, c3, base::to_bytes(c2.expose())};
  }
  return base::fail(Code::crypto_random_failed, "SM9: 64 keys in a row were all zeros");
}

base::Result<base::SecretBytes> decrypt(const UserKey& key, const Ciphertext& ciphertext) {
  const bool is_stream = ciphertext.mode == CipherMode::stream;
  if (ciphertext.c2.empty() || (!is_stream && ciphertext.c2.size() % kSm4BlockSize != 0))
    return base::fail(Code::malformed, "SM9 ciphertext: its length is impossible");
  const std::size_t size = first_part(ciphertext.mode, ciphertext.c2.size());
  HEQI_TRY(const base::SecretBytes shared, decapsulate(key, ciphertext.c1, size + kMacKeySize));
  const ByteView first = shared.expose().first(size);
  if (base::ct::declassified(is_zero(first)))
    return base::fail(Code::invalid_signature, "SM9: the key is all zeros");
  const Digest expected = mac(shared.expose().subspan(size), ciphertext.c2);
  if (!base::ct::declassified(base::ct::equal_bytes(expected, ciphertext.c3)))
    return base::fail(Code::invalid_signature, "SM9 ciphertext: C3 does not fit");
  if (is_stream) return add_stream(ciphertext.c2, first);
  return decrypt_blocks(ciphertext.c2, first);
}

}  // namespace heqi::crypto::sm9
