#include "hedged_random.h"

#include <algorithm>
#include <vector>

#include <heqi/crypto/hmac.h>
#include <heqi/crypto/hmac_batch.h>

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

void HedgedRandom::draw_ahead(std::size_t blocks) {
  std::vector<std::array<std::uint8_t, 8>> numbers(blocks);
  std::vector<base::ByteView> messages(blocks);
  for (std::size_t i = 0; i < blocks; ++i) {
    ++counter_;
    for (std::size_t j = 0; j < 8; ++j)
      numbers[i][j] = static_cast<std::uint8_t>(counter_ >> (56 - 8 * j));
    messages[i] = numbers[i];
  }
  std::vector<crypto::Digest> made(blocks);
  crypto::hmac_sm3_batch(seed_.expose(), messages, made);
  const std::size_t left = ahead_.size() - taken_;
  base::SecretBytes next(left + blocks * crypto::kSm3Size);
  auto at = std::copy_n(ahead_.expose().begin() + std::ptrdiff_t(taken_), left,
                        next.expose_mutable().begin());
  for (crypto::Digest& block : made) at = std::copy(block.begin(), block.end(), at);
  base::secure_wipe(made.data(), made.size() * sizeof made[0]);
  ahead_ = std::move(next);
  taken_ = 0;
}

base::Status HedgedRandom::fill(base::MutableByteView out) {
  while (!out.empty()) {
    if (taken_ == ahead_.size()) draw_ahead(1);
    const std::size_t size = std::min(out.size(), crypto::kSm3Size);
    std::copy_n(ahead_.expose().begin() + std::ptrdiff_t(taken_), size, out.begin());
    taken_ += crypto::kSm3Size;
    out = out.subspan(size);
  }
  return {};
}

}  // namespace heqi::cosign
