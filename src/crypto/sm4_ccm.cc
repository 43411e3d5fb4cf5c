#include <heqi/crypto/sm4_ccm.h>

#include <algorithm>

#include <heqi/base/constant_time.h>

#include "sm4_kernel.h"

namespace heqi::crypto {
namespace {

using base::ByteView;
using base::Code;

base::Status check(ByteView nonce, std::uint64_t plain_size, std::size_t tag_size) {
  if (nonce.size() < 7 || nonce.size() > 13)
    return base::fail(Code::malformed, "SM4-CCM: the nonce has " + std::to_string(nonce.size()) +
                                           " bytes, expected 7 to 13");
  if (tag_size < 4 || tag_size > 16 || tag_size % 2 != 0)
    return base::fail(Code::malformed, "SM4-CCM: the tag has " + std::to_string(tag_size) +
                                           " bytes, expected 4, 6 … 16");
  const std::size_t length_size = 15 - nonce.size();
  if (length_size < 8 && plain_size >> (8 * length_size) != 0)
    return base::fail(
        Code::limit_exceeded,
        "SM4-CCM: the nonce leaves " + std::to_string(length_size) + " bytes for the length");
  return {};
}

// store_number writes the low bytes of a number, big-endian, over all of out.
void store_number(base::MutableByteView out, std::uint64_t number) {
  for (std::size_t i = out.size(); i-- > 0; number >>= 8)
    out[i] = static_cast<std::uint8_t>(number);
}

// Prefix is the encoded length of the associated data (RFC 3610 §2.2).
struct Prefix {
  std::array<std::uint8_t, 10> bytes{};
  std::size_t size;

  explicit Prefix(std::uint64_t length) {
    const base::MutableByteView all(bytes);
    if (length < 0xFF00) {
      size = 2;
      store_number(all.first(2), length);
      return;
    }
    const bool four = length >> 32 == 0;
    bytes[0] = 0xFF;
    bytes[1] = four ? 0xFE : 0xFF;
    size = four ? 6 : 10;
    store_number(all.subspan(2, size - 2), length);
  }
};

}  // namespace

// Message is one message under way.
struct Sm4Ccm::Message {
  const Sm4& cipher;
  internal::CcmState state{};
  Sm4Block mask{};  // the key stream of counter 0

  Message(const Sm4& sm4, ByteView nonce, ByteView associated, std::uint64_t plain_size,
          std::size_t tag_size)
      : cipher(sm4) {
    const std::size_t length_size = 15 - nonce.size();
    state.counter[0] = static_cast<std::uint8_t>(length_size - 1);
    std::copy(nonce.begin(), nonce.end(), state.counter.begin() + 1);
    Sm4Block first = state.counter;
    first[0] = static_cast<std::uint8_t>((associated.empty() ? 0 : 0x40) | (tag_size - 2) / 2 << 3 |
                                         (length_size - 1));
    store_number(base::MutableByteView(first).last(length_size), plain_size);
    mac(first);
    if (!associated.empty()) mac_associated(associated);
    cipher.encrypt_blocks(state.counter, mask);
    state.counter[15] = 1;
  }
  ~Message() {
    base::secure_wipe(&state, sizeof state);
    base::secure_wipe(mask.data(), mask.size());
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  const internal::Sm4RoundKeys& keys() const { return cipher.round_keys().encrypt; }
  void mac(ByteView blocks) {
    cipher.kernel().cbc_mac(keys(), state.mac.data(), blocks.data(), blocks.size() / kSm4BlockSize);
  }
  void mac_associated(ByteView associated) {
    const Prefix prefix(associated.size());
    Sm4Block block{};
    const auto rest = std::copy_n(prefix.bytes.begin(), prefix.size, block.begin());
    const std::size_t here = std::min(associated.size(), kSm4BlockSize - prefix.size);
    std::copy_n(associated.begin(), here, rest);
    mac(block);
    associated = associated.subspan(here);
    const std::size_t whole = associated.size() / kSm4BlockSize * kSm4BlockSize;
    mac(associated.first(whole));
    if (whole == associated.size()) return;
    block.fill(0);
    std::copy(associated.begin() + static_cast<std::ptrdiff_t>(whole), associated.end(),
              block.begin());
    mac(block);
  }
  Sm4Block tag() const {
    Sm4Block out;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint8_t>(state.mac[i] ^ mask[i]);
    return out;
  }
};

base::Status Sm4Ccm::seal(ByteView nonce, ByteView associated, ByteView plain,
                          base::MutableByteView sealed, base::MutableByteView tag) const {
  HEQI_TRY(check(nonce, plain.size(), tag.size()));
  HEQI_CHECK(sealed.size() == plain.size());
  Message message(cipher_, nonce, associated, plain.size(), tag.size());
  cipher_.kernel().ccm_encrypt(message.keys(), message.state, plain.data(), sealed.data(),
                               plain.size());
  Sm4Block whole = message.tag();
  std::copy_n(whole.begin(), tag.size(), tag.begin());
  base::secure_wipe(whole.data(), whole.size());
  base::ct::declassify(sealed);
  base::ct::declassify(tag);
  return {};
}

base::Status Sm4Ccm::open(ByteView nonce, ByteView associated, ByteView sealed, ByteView tag,
                          base::MutableByteView plain) const {
  HEQI_TRY(check(nonce, sealed.size(), tag.size()));
  HEQI_CHECK(plain.size() == sealed.size());
  Message message(cipher_, nonce, associated, sealed.size(), tag.size());
  cipher_.kernel().ccm_decrypt(message.keys(), message.state, sealed.data(), plain.data(),
                               sealed.size());
  Sm4Block right = message.tag();
  const bool same =
      base::ct::declassified(base::ct::equal_bytes(ByteView(right).first(tag.size()), tag));
  base::secure_wipe(right.data(), right.size());
  if (same) return {};
  base::secure_wipe(plain.data(), plain.size());
  return base::fail(Code::invalid_signature, "SM4-CCM: the tag does not fit");
}

}  // namespace heqi::crypto
