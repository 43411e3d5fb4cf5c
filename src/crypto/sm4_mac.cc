#include <heqi/crypto/sm4_mac.h>

#include <algorithm>
#include <vector>

#include <heqi/base/constant_time.h>

#include "sm4_bytes.h"
#include "sm4_kernel.h"
#include "sm4_streams.h"

namespace heqi::crypto {
namespace {

using base::ByteView;
using base::Code;

// times_x doubles as SP 800-38B §6.1 does: the block is one big-endian number.
void times_x(std::span<std::uint8_t, kSm4BlockSize> block) {
  using namespace internal::sm4_bytes;
  const std::uint64_t high = load_be64(block.data()), low = load_be64(block.data() + 8);
  store_be64(block.data(), high << 1 | low >> 63);
  store_be64(block.data() + 8, low << 1 ^ ((0 - (high >> 63)) & 0x87));
}

// body_of is what comes before the last block, which may be part of one.
ByteView body_of(ByteView message) {
  return message.empty() ? message : message.first((message.size() - 1) / 16 * 16);
}

}  // namespace

Sm4Cmac::Sm4Cmac(const Sm4Key& key) : cipher_(key) {
  cipher_.encrypt_blocks(whole_.expose(), whole_.expose_mutable());
  times_x(whole_.expose_mutable());
  padded_ = whole_.clone();
  times_x(padded_.expose_mutable());
}

Sm4Block Sm4Cmac::last_block(ByteView message) const {
  const ByteView rest = message.subspan(body_of(message).size());
  const bool whole = rest.size() == kSm4BlockSize;
  Sm4Block out{};
  std::copy(rest.begin(), rest.end(), out.begin());
  if (!whole) out[rest.size()] = 0x80;
  const auto key = whole ? whole_.expose() : padded_.expose();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(out[i] ^ key[i]);
  return out;
}

Sm4Block Sm4Cmac::tag(ByteView message) const {
  Sm4Block out{}, last = last_block(message);
  const auto mac = [&](ByteView blocks) {
    cipher_.kernel().cbc_mac(cipher_.round_keys().encrypt, out.data(), blocks.data(),
                             blocks.size() / kSm4BlockSize);
  };
  mac(body_of(message));
  mac(last);
  base::secure_wipe(last.data(), last.size());
  return out;
}

base::Status Sm4Cmac::verify(ByteView message, ByteView tag) const {
  if (tag.size() < 8 || tag.size() > kSm4BlockSize)
    return base::fail(Code::malformed, "SM4-CMAC: a tag has 8 to 16 bytes");
  Sm4Block right = this->tag(message);
  const bool same =
      base::ct::declassified(base::ct::equal_bytes(ByteView(right).first(tag.size()), tag));
  base::secure_wipe(right.data(), right.size());
  if (!same) return base::fail(Code::invalid_signature, "SM4-CMAC: the tag does not fit");
  return {};
}

void Sm4Cmac::tag_each(std::span<const ByteView> messages, std::span<Sm4Block> tags) const {
  HEQI_CHECK(messages.size() == tags.size());
  std::vector<internal::ChainedMessage> bodies, ends;
  bodies.reserve(messages.size());
  ends.reserve(messages.size());
  base::SecretBytes last(messages.size() * kSm4BlockSize);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto end = last.expose_mutable().subspan(kSm4BlockSize * i, kSm4BlockSize);
    Sm4Block block = last_block(messages[i]);
    std::copy(block.begin(), block.end(), end.begin());
    base::secure_wipe(block.data(), block.size());
    tags[i] = {};
    bodies.push_back({&tags[i], body_of(messages[i]), {}});
    ends.push_back({&tags[i], end, {}});
  }
  internal::chain_each(cipher_, bodies);
  internal::chain_each(cipher_, ends);
}

base::Result<Sm4Block> sm4_cbc_mac(const Sm4& cipher, ByteView message) {
  if (message.size() % kSm4BlockSize != 0)
    return base::fail(Code::malformed, "SM4-CBC-MAC: not a multiple of 16 bytes");
  Sm4Block out{};
  cipher.kernel().cbc_mac(cipher.round_keys().encrypt, out.data(), message.data(),
                          message.size() / kSm4BlockSize);
  return out;
}

}  // namespace heqi::crypto
