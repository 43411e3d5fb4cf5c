// uses: heqi_crypto
// Every path of SM3 gives the same digest, in parts, at once and side by side.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sm3_batch.h>

#include "../src/crypto/sm3_kernel.h"
#include "../src/crypto/tests/instruction_model.h"

namespace {

using namespace heqi;

// cut takes a piece off the input whose length the first octet says.
base::ByteView cut(base::ByteView& input) {
  if (input.empty()) return {};
  const std::size_t size = std::min<std::size_t>(input[0] * 3U, input.size() - 1);
  const base::ByteView piece = input.subspan(1, size);
  input = input.subspan(1 + size);
  return piece;
}

std::vector<crypto::Sm3Message> messages_of(base::ByteView input) {
  std::vector<crypto::Sm3Message> out;
  while (!input.empty()) {
    const base::ByteView head = cut(input);
    out.push_back({head, cut(input)});
  }
  return out;
}

// Expected is what the portable path gives.
struct Expected {
  std::vector<crypto::Digest> digests;
  crypto::Digest whole;
  base::SecretBytes key;
};

void check(base::ByteView input, const std::vector<crypto::Sm3Message>& messages,
           const Expected& expected) {
  std::vector<crypto::Digest> digests(messages.size());
  crypto::sm3_batch(messages, digests);
  HEQI_CHECK(digests == expected.digests && crypto::sm3(input) == expected.whole);
  HEQI_CHECK(base::same_bytes(crypto::sm2_kdf(input, expected.key.size()).expose(),
                              expected.key.expose()));
}

// check_modelled runs the path of SM3's own instructions on a model of them.
void check_modelled([[maybe_unused]] base::ByteView input,
                    [[maybe_unused]] const std::vector<crypto::Sm3Message>& messages,
                    [[maybe_unused]] const Expected& expected) {
#if defined(__x86_64__) && defined(__linux__)
  if (!crypto::processor().avx2 || crypto::processor().sm3_instructions || input.size() > 600)
    return;
  const crypto::testing_oracle::ModelledInstructions model;
  crypto::internal::sm3_choice().install(crypto::internal::kSm3Ni);
  check(input, messages, expected);
#endif
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto messages = messages_of(input);
  (void)crypto::choose_path("sm3", "portable");
  Expected expected{{}, crypto::sm3(input), crypto::sm2_kdf(input, size % 700)};
  for (const auto& message : messages)
    expected.digests.push_back(crypto::Sm3().update(message.head).update(message.body).finish());
  for (const auto& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm3") continue;
    for (const auto path : primitive.runnable) {
      HEQI_CHECK(crypto::choose_path("sm3", path).has_value());
      check(input, messages, expected);
    }
    check_modelled(input, messages, expected);
    HEQI_CHECK(crypto::choose_path("sm3", primitive.runnable.front()).has_value());
  }
  return 0;
}
