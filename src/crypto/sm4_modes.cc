// sm4_modes.cc: CBC and CTR (GB/T 17964) and GCM (GB/T 36624, RFC 8998).
#include <algorithm>

#include <heqi/base/constant_time.h>
#include <heqi/crypto/sm4.h>

#include "ghash.h"

namespace heqi::crypto {
namespace {

using base::Code;

// kGcmPlainMax is 2^36 − 32 bytes: the 32-bit counter must not come round.
constexpr std::uint64_t kGcmPlainMax = (std::uint64_t(1) << 36) - 32;
constexpr std::size_t kBatchBytes = 16 * kSm4BlockSize;

base::Status check_blocks(base::ByteView bytes) {
  if (bytes.size() % kSm4BlockSize == 0) return {};
  return base::fail(Code::malformed,
                    "SM4-CBC: " + std::to_string(bytes.size()) + " bytes are not a multiple of 16");
}

// increment adds one to the last size bytes of the counter, big-endian. The counter is public.
void increment(Sm4Block& counter, std::size_t size) {
  for (std::size_t i = kSm4BlockSize; i-- > kSm4BlockSize - size;)
    if (++counter[i] != 0) return;
}

// apply_key_stream is out = in XOR E(counter), E(counter + 1), …
void apply_key_stream(const Sm4& cipher, Sm4Block counter, std::size_t counter_size,
                      base::ByteView in, base::MutableByteView out) {
  base::SecretArray<kBatchBytes> stream;
  for (std::size_t at = 0; at < in.size(); at += kBatchBytes) {
    const std::size_t size = std::min(kBatchBytes, in.size() - at);
    const std::size_t blocks = (size + kSm4BlockSize - 1) / kSm4BlockSize;
    const auto used = stream.expose_mutable().first(blocks * kSm4BlockSize);
    for (std::size_t i = 0; i < blocks; ++i, increment(counter, counter_size))
      std::copy(counter.begin(), counter.end(),
                used.begin() + static_cast<std::ptrdiff_t>(i * kSm4BlockSize));
    cipher.encrypt_blocks(used, used);
    for (std::size_t i = 0; i < size; ++i)
      out[at + i] = static_cast<std::uint8_t>(in[at + i] ^ used[i]);
  }
}

// GcmFrame is what one message of GCM needs: the hash key and the first counter.
struct GcmFrame {
  Sm4 cipher;
  Sm4Block counter{};  // J0

  GcmFrame(const Sm4Key& key, base::ByteView nonce) : cipher(key) {
    std::copy(nonce.begin(), nonce.end(), counter.begin());
    counter[15] = 1;
  }
  void crypt(base::ByteView in, base::MutableByteView out) const {
    Sm4Block first = counter;
    increment(first, 4);
    apply_key_stream(cipher, first, 4, in, out);
  }
  std::array<std::uint8_t, kGcmTagSize> tag(base::ByteView associated,
                                            base::ByteView sealed) const {
    base::SecretArray<kSm4BlockSize> hash_key, mask;
    cipher.encrypt_blocks(hash_key.expose(), hash_key.expose_mutable());
    internal::Ghash hash(hash_key.expose());
    auto out = hash.update(associated).update(sealed).finish(associated.size(), sealed.size());
    cipher.encrypt_blocks(counter, mask.expose_mutable());
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint8_t>(out[i] ^ mask.expose()[i]);
    return out;
  }
};

base::Status check_gcm(base::ByteView nonce, std::uint64_t plain_size) {
  if (nonce.size() != kGcmNonceSize)
    return base::fail(Code::malformed, "SM4-GCM: the nonce has " + std::to_string(nonce.size()) +
                                           " bytes, expected 12");
  if (plain_size > kGcmPlainMax)
    return base::fail(Code::limit_exceeded, "SM4-GCM: more than 2^36 - 32 bytes");
  return {};
}

}  // namespace

base::Result<base::SecretBytes> sm4_cbc_encrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView plain) {
  HEQI_TRY(check_blocks(plain));
  const Sm4 cipher(key);
  base::SecretBytes out(plain.size());
  base::ByteView previous = iv;
  for (std::size_t at = 0; at < plain.size(); at += kSm4BlockSize) {
    const auto block = out.expose_mutable().subspan(at, kSm4BlockSize);
    for (std::size_t i = 0; i < kSm4BlockSize; ++i)
      block[i] = static_cast<std::uint8_t>(plain[at + i] ^ previous[i]);
    cipher.encrypt_blocks(block, block);
    previous = block;
  }
  base::wipe_stack();
  return out;
}

base::Result<base::SecretBytes> sm4_cbc_decrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView cipher_text) {
  HEQI_TRY(check_blocks(cipher_text));
  const Sm4 cipher(key);
  base::SecretBytes out(cipher_text.size());
  cipher.decrypt_blocks(cipher_text, out.expose_mutable());
  for (std::size_t i = 0; i < cipher_text.size(); ++i) {
    const std::uint8_t previous = i < kSm4BlockSize ? iv[i] : cipher_text[i - kSm4BlockSize];
    out.expose_mutable()[i] = static_cast<std::uint8_t>(out.expose()[i] ^ previous);
  }
  base::wipe_stack();
  return out;
}

base::SecretBytes sm4_ctr(const Sm4Key& key, const Sm4Block& counter, base::ByteView in) {
  const Sm4 cipher(key);
  base::SecretBytes out(in.size());
  apply_key_stream(cipher, counter, kSm4BlockSize, in, out.expose_mutable());
  base::wipe_stack();
  return out;
}

base::Result<base::Bytes> sm4_gcm_seal(const Sm4Key& key, base::ByteView nonce,
                                       base::ByteView associated, base::ByteView plain) {
  HEQI_TRY(check_gcm(nonce, plain.size()));
  const GcmFrame frame(key, nonce);
  base::Bytes out(plain.size());
  frame.crypt(plain, out);
  base::ct::declassify(out);
  const auto tag = frame.tag(associated, out);
  base::ct::declassify(tag);
  base::append(out, tag);
  base::wipe_stack();
  return out;
}

base::Result<base::SecretBytes> sm4_gcm_open(const Sm4Key& key, base::ByteView nonce,
                                             base::ByteView associated, base::ByteView sealed) {
  if (sealed.size() < kGcmTagSize)
    return base::fail(Code::malformed, "SM4-GCM: shorter than its tag");
  const base::ByteView body = sealed.first(sealed.size() - kGcmTagSize);
  HEQI_TRY(check_gcm(nonce, body.size()));
  const GcmFrame frame(key, nonce);
  auto tag = frame.tag(associated, body);
  const bool same = base::ct::declassified(base::ct::equal_bytes(tag, sealed.last(kGcmTagSize)));
  base::secure_wipe(tag.data(), tag.size());
  if (!same) return base::fail(Code::invalid_signature, "SM4-GCM: the tag does not fit");
  base::SecretBytes out(body.size());
  frame.crypt(body, out.expose_mutable());
  base::wipe_stack();
  return out;
}

}  // namespace heqi::crypto
