// uses: heqi_crypto
// Every path of SM4 that this processor runs gives the same in the mode that the input asks for,
// out of place and in place, and what is sealed opens again. Octets: mode, offset, key (16), IV
// (16), how long the associated data are; then the data and the message.
#include <algorithm>

#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm4_ccm.h>
#include <heqi/crypto/sm4_gcm.h>
#include <heqi/crypto/sm4_mac.h>
#include <heqi/crypto/sm4_xts.h>

#include "../src/crypto/sm4_kernel.h"
#include "../src/crypto/tests/instruction_model.h"

namespace {

using heqi::base::Bytes;
using heqi::base::ByteView;
using heqi::base::MutableByteView;
namespace crypto = heqi::crypto;

constexpr std::size_t kHead = 35;

struct Input {
  unsigned mode;
  std::size_t offset;
  crypto::Sm4Key key;
  crypto::Sm4Block iv;
  ByteView associated, message;

  explicit Input(ByteView octets)
      : mode(octets[0] % 9), offset(octets[1] % 64), key(octets.subspan<2, 16>()) {
    std::copy_n(octets.begin() + 18, iv.size(), iv.begin());
    const ByteView rest = octets.subspan(kHead);
    associated = rest.first(std::min<std::size_t>(octets[34], rest.size()));
    message = rest.subspan(associated.size());
    if (mode < 4) message = message.first(message.size() / 16 * 16);
  }
};

crypto::Sm4Key other_key(const Input& input) {
  crypto::Sm4Key out = input.key.clone();
  out.expose_mutable()[0] ^= 1;
  return out;
}

void check(bool held) {
  HEQI_CHECK(held);
}

// run does the input's mode from in to out and returns what comes beside it.
Bytes run(const Input& input, ByteView in, MutableByteView out) {
  const crypto::Sm4 cipher(input.key);
  crypto::Sm4Block block = input.iv;
  const ByteView nonce = ByteView(input.iv).first(12);
  Bytes tag(16);
  switch (input.mode) {
    case 0:
      cipher.encrypt_blocks(in, out);
      break;
    case 1:
      cipher.decrypt_blocks(in, out);
      break;
    case 2:
      check(cipher.cbc_encrypt(block, in, out).has_value());
      break;
    case 3:
      check(cipher.cbc_decrypt(block, in, out).has_value());
      break;
    case 4:
      cipher.ctr(block, in, out);
      break;
    case 5: {
      const auto made = crypto::Sm4Gcm(input.key).seal(nonce, input.associated, in, out);
      check(made.has_value());
      return {made->begin(), made->end()};
    }
    case 6:
      check(crypto::Sm4Ccm(input.key).seal(nonce, input.associated, in, out, tag).has_value());
      return tag;
    default: {
      const auto standard =
          input.mode == 7 ? crypto::XtsStandard::gb_t_17964 : crypto::XtsStandard::ieee_1619;
      const auto xts = *crypto::Sm4Xts::make(input.key, other_key(input), standard);
      check(xts->encrypt(input.iv, in, out).has_value() == (in.size() >= 16));
      if (in.size() < 16) return {};
      Bytes back(in.size());
      check(xts->decrypt(input.iv, out, back).has_value());
      // In place the input is gone; the caller compares the results of both ways.
      if (in.data() != out.data()) check(heqi::base::same_bytes(back, in));
    }
  }
  return {block.begin(), block.end()};
}

// opens checks that the tag of a sealed message is needed, and enough.
void opens(const Input& input, ByteView sealed, Bytes tag) {
  const ByteView nonce = ByteView(input.iv).first(12);
  Bytes plain(sealed.size());
  const auto open = [&] {
    return input.mode == 5
               ? crypto::Sm4Gcm(input.key).open(nonce, input.associated, sealed, tag, plain)
               : crypto::Sm4Ccm(input.key).open(nonce, input.associated, sealed, tag, plain);
  };
  check(open().has_value());
  check(heqi::base::same_bytes(plain, input.message));
  tag[input.offset % 16] ^= 0x10;
  check(!open().has_value());
  check(plain == Bytes(plain.size(), 0));
}

// outcome is what the chosen path gives; the message begins at the input's offset.
Bytes outcome(const Input& input) {
  Bytes place(input.offset + input.message.size()), out(place.size());
  std::copy(input.message.begin(), input.message.end(),
            place.begin() + static_cast<std::ptrdiff_t>(input.offset));
  const auto from = MutableByteView(place).subspan(input.offset);
  const auto to = MutableByteView(out).subspan(input.offset);
  const Bytes beside = run(input, from, to);
  check(run(input, from, from) == beside);
  check(place == out || input.message.size() < 16);
  if (input.mode == 5 || input.mode == 6) opens(input, to, beside);
  out.insert(out.end(), beside.begin(), beside.end());
  const crypto::Sm4Block mac = crypto::Sm4Cmac(input.key).tag(input.message);
  out.insert(out.end(), mac.begin(), mac.end());
  return out;
}

// modelled_outcome is what the path of SM4's own instructions gives on a model of them.
Bytes modelled_outcome([[maybe_unused]] const Input& input, const Bytes& expected) {
#if defined(__x86_64__) && defined(__linux__)
  if (crypto::processor().vpclmul && !crypto::processor().sm4_instructions &&
      input.message.size() <= 600) {
    const crypto::testing_oracle::ModelledInstructions model;
    crypto::internal::sm4_choice().install(crypto::internal::kSm4Ni);
    return outcome(input);
  }
#endif
  return expected;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead || size > 8192) return 0;
  const Input input(ByteView(data, size));
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm4") continue;
    check(crypto::choose_path("sm4", "portable").has_value());
    const Bytes expected = outcome(input);
    for (const std::string_view path : primitive.runnable) {
      check(crypto::choose_path("sm4", path).has_value());
      check(outcome(input) == expected);
    }
    check(modelled_outcome(input, expected) == expected);
    check(crypto::choose_path("sm4", primitive.runnable.front()).has_value());
  }
  return 0;
}
