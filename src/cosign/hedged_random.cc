#include "hedged_random.h"

#include <algorithm>

namespace heqi::cosign {

base::Result<HedgedRandom> HedgedRandom::make(base::Random& source,
                                              const crypto::SecretScalar& share,
                                              std::string_view purpose, base::ByteView transcript) {
  base::SecretArray<32> fresh;
  HEQI_TRY(source.fill(fresh.expose_mutable()));
  const base::SecretArray<crypto::kScalarSize> key(share.expose().encode());
  crypto::HmacSm3 mac(key.expose());
  mac.update(fresh.expose()).update(Transcript(purpose).bytes(transcript).view());
  return HedgedRandom(base::SecretArray<32>(mac.finish()));
}

base::Status HedgedRandom::fill(base::MutableByteView out) {
  while (!out.empty()) {
    std::array<std::uint8_t, 8> number{};
    ++counter_;
    for (std::size_t i = 0; i < 8; ++i)
      number[i] = static_cast<std::uint8_t>(counter_ >> (56 - 8 * i));
    const base::SecretArray<32> block(mac_.update(number).finish());
    const std::size_t size = std::min(out.size(), block.size());
    std::copy_n(block.expose().begin(), size, out.begin());
    out = out.subspan(size);
  }
  return {};
}

}  // namespace heqi::cosign
