// uses: heqi_crypto
// Every path of SM3 gives the same digest, in parts, at once and side by side.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sm3_batch.h>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto messages = messages_of(input);
  std::vector<crypto::Digest> expected;
  (void)crypto::choose_path("sm3", "portable");
  for (const auto& message : messages)
    expected.push_back(crypto::Sm3().update(message.head).update(message.body).finish());
  const crypto::Digest whole = crypto::sm3(input);
  const auto key = crypto::sm2_kdf(input, size % 700);
  for (const auto& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm3") continue;
    for (const auto path : primitive.runnable) {
      HEQI_CHECK(crypto::choose_path("sm3", path).has_value());
      std::vector<crypto::Digest> digests(messages.size());
      crypto::sm3_batch(messages, digests);
      HEQI_CHECK(digests == expected && crypto::sm3(input) == whole);
      HEQI_CHECK(base::same_bytes(crypto::sm2_kdf(input, size % 700).expose(), key.expose()));
    }
  }
  return 0;
}
