#include <heqi/crypto/sm4_gcm.h>

#include <algorithm>

#include <heqi/base/constant_time.h>

#include "sm4_bytes.h"
#include "sm4_kernel.h"

namespace heqi::crypto {
namespace {

using base::ByteView;
using base::Code;
using internal::GhashPowers;

// kPlainMax is 2^36 − 32 bytes: the 32-bit counter must not come round.
constexpr std::uint64_t kPlainMax = (std::uint64_t(1) << 36) - 32;

base::Status check(ByteView nonce, std::uint64_t plain_size) {
  if (nonce.size() != kGcmNonceSize)
    return base::fail(Code::malformed, "SM4-GCM: the nonce has " + std::to_string(nonce.size()) +
                                           " bytes, expected 12");
  if (plain_size > kPlainMax)
    return base::fail(Code::limit_exceeded, "SM4-GCM: more than 2^36 - 32 bytes");
  return {};
}

}  // namespace

// Message is one message under way.
struct Sm4Gcm::Message {
  const Sm4Gcm& key;
  internal::GcmState state{};
  Sm4Block mask;

  Message(const Sm4Gcm& gcm, ByteView nonce) : key(gcm) {
    std::copy(nonce.begin(), nonce.end(), state.counter.begin());
    state.counter[15] = 1;
    key.cipher_.encrypt_blocks(state.counter, mask);
    state.counter[15] = 2;
  }
  ~Message() {
    base::secure_wipe(&state, sizeof state);
    base::secure_wipe(mask.data(), mask.size());
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  const internal::Sm4Kernel& kernel() const { return key.cipher_.kernel(); }
  const internal::Sm4RoundKeys& keys() const { return key.cipher_.round_keys().encrypt; }

  void absorb(ByteView field) {
    kernel().ghash(key.powers_, state.sum.data(), field.data(), field.size());
  }
  Tag finish(std::uint64_t associated_size, std::uint64_t sealed_size) {
    Sm4Block lengths;
    internal::sm4_bytes::store_be64(lengths.data(), associated_size * 8);
    internal::sm4_bytes::store_be64(lengths.data() + 8, sealed_size * 8);
    absorb(lengths);
    Tag tag;
    for (std::size_t i = 0; i < tag.size(); ++i)
      tag[i] = static_cast<std::uint8_t>(state.sum[i] ^ mask[i]);
    return tag;
  }
};

Sm4Gcm::Sm4Gcm(const Sm4Key& key) : cipher_(key) {
  base::SecretArray<kSm4BlockSize> hash_key;
  cipher_.encrypt_blocks(hash_key.expose(), hash_key.expose_mutable());
  cipher_.kernel().make_powers(hash_key.expose().data(), powers_);
}

Sm4Gcm::~Sm4Gcm() {
  base::secure_wipe(powers_.data(), powers_.size());
}

base::Result<Sm4Gcm::Tag> Sm4Gcm::seal(ByteView nonce, ByteView associated, ByteView plain,
                                       base::MutableByteView sealed) const {
  HEQI_TRY(check(nonce, plain.size()));
  HEQI_CHECK(sealed.size() == plain.size());
  Message message(*this, nonce);
  message.absorb(associated);
  message.kernel().gcm_encrypt(message.keys(), powers_, message.state, plain.data(), sealed.data(),
                               plain.size());
  base::ct::declassify(sealed);
  const Tag tag = message.finish(associated.size(), sealed.size());
  base::ct::declassify(tag);
  return tag;
}

base::Status Sm4Gcm::open(ByteView nonce, ByteView associated, ByteView sealed, ByteView tag,
                          base::MutableByteView plain) const {
  HEQI_TRY(check(nonce, sealed.size()));
  if (tag.size() != kGcmTagSize)
    return base::fail(Code::malformed, "SM4-GCM: the tag has not 16 bytes");
  HEQI_CHECK(plain.size() == sealed.size());
  Message message(*this, nonce);
  message.absorb(associated);
  message.kernel().gcm_decrypt(message.keys(), powers_, message.state, sealed.data(), plain.data(),
                               sealed.size());
  Tag right = message.finish(associated.size(), sealed.size());
  const bool same = base::ct::declassified(base::ct::equal_bytes(right, tag));
  base::secure_wipe(right.data(), right.size());
  if (same) return {};
  base::secure_wipe(plain.data(), plain.size());
  return base::fail(Code::invalid_signature, "SM4-GCM: the tag does not fit");
}

base::Result<base::Bytes> sm4_gcm_seal(const Sm4Key& key, ByteView nonce, ByteView associated,
                                       ByteView plain) {
  HEQI_TRY(check(nonce, plain.size()));
  base::Bytes out(plain.size());
  HEQI_TRY(const auto tag, Sm4Gcm(key).seal(nonce, associated, plain, out));
  base::append(out, tag);
  base::wipe_stack();
  return out;
}

base::Result<base::SecretBytes> sm4_gcm_open(const Sm4Key& key, ByteView nonce, ByteView associated,
                                             ByteView sealed) {
  if (sealed.size() < kGcmTagSize)
    return base::fail(Code::malformed, "SM4-GCM: shorter than its tag");
  const ByteView body = sealed.first(sealed.size() - kGcmTagSize);
  HEQI_TRY(check(nonce, body.size()));
  base::SecretBytes out(body.size());
  const auto opened =
      Sm4Gcm(key).open(nonce, associated, body, sealed.last(kGcmTagSize), out.expose_mutable());
  base::wipe_stack();
  HEQI_TRY(opened);
  return out;
}

}  // namespace heqi::crypto
