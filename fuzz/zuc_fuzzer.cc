// uses: heqi_crypto
// Every path of ZUC gives the same stream and the same tags, and decryption undoes encryption.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/zuc.h>

#include <algorithm>

namespace {

using namespace heqi;

struct Made {
  base::Bytes cipher, tag, long_tag;
  friend bool operator==(const Made&, const Made&) = default;
};

Made make(const crypto::ZucKey& key, const crypto::ZucBearer& by, base::ByteView message,
          std::uint64_t bits) {
  Made out{base::Bytes(message.size()), {}, base::Bytes(std::size_t{4} << bits % 3)};
  HEQI_CHECK(crypto::zuc_eea3(key, by, message, bits, out.cipher).has_value());
  const auto tag = crypto::zuc_eia3(key, by, message, bits);
  HEQI_CHECK(tag.has_value());
  out.tag = base::to_bytes(*tag);
  crypto::Zuc256Key long_key;
  std::copy(key.expose().begin(), key.expose().end(), long_key.expose_mutable().begin());
  HEQI_CHECK(crypto::zuc256_tag(long_key, {}, message, bits, out.long_tag).has_value());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 19) return 0;
  const crypto::ZucKey key(std::span<const std::uint8_t, 16>(data, 16));
  const crypto::ZucBearer by{data[16], static_cast<std::uint8_t>(data[17] & 31),
                             static_cast<crypto::ZucDirection>(data[17] >> 7)};
  const base::ByteView message(data + 19, size - 19);
  const std::uint64_t bits = message.empty() ? 0 : message.size() * 8 - data[18] % 8;
  (void)crypto::choose_path("zuc", "portable");
  const Made expected = make(key, by, message, bits);
  for (const auto& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "zuc") continue;
    for (const auto path : primitive.runnable) {
      HEQI_CHECK(crypto::choose_path("zuc", path).has_value());
      HEQI_CHECK(make(key, by, message, bits) == expected);
    }
  }
  base::Bytes back(message.size());
  HEQI_CHECK(crypto::zuc_eea3(key, by, expected.cipher, bits, back).has_value());
  for (std::uint64_t i = 0; i < bits; ++i)
    HEQI_CHECK(((back[i / 8] ^ message[i / 8]) >> (7 - i % 8) & 1) == 0);
  return 0;
}
