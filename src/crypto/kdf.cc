#include <heqi/crypto/kdf.h>

#include <algorithm>

#include <heqi/crypto/hmac.h>

namespace heqi::crypto {
namespace {

std::array<std::uint8_t, 4> be32(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::size_t blocks_of(std::size_t size) {
  return size / kSm3Size + (size % kSm3Size != 0 ? 1 : 0);
}

// copy_block puts the part of digest that block number index of out has room for.
void copy_block(base::MutableByteView out, std::size_t index, const Digest& digest) {
  const std::size_t at = index * kSm3Size;
  std::copy_n(digest.begin(), std::min(kSm3Size, out.size() - at), out.data() + at);
}

// Progress counts rounds over all blocks and tells each new percent.
class Progress {
 public:
  Progress(const StretchOptions& options, std::size_t blocks)
      : told_(options.progress), total_(std::uint64_t(options.rounds) * blocks) {}
  void step() {
    if (++done_ * 100 < next_percent_ * total_) return;
    const auto percent = done_ * 100 / total_;
    next_percent_ = percent + 1;
    if (told_) told_(static_cast<unsigned>(percent));
  }

 private:
  const std::function<void(unsigned)>& told_;
  std::uint64_t total_, done_ = 0, next_percent_ = 1;
};

}  // namespace

base::SecretBytes stretch(base::ByteView password, base::ByteView salt, std::size_t size,
                          const StretchOptions& options) {
  HEQI_CHECK(options.rounds > 0);
  base::SecretBytes out(size);
  HmacSm3 hmac(password);
  Progress progress(options, blocks_of(size));
  for (std::size_t block = 0; block < blocks_of(size); ++block) {
    Digest u = hmac.update(salt).update(be32(block + 1)).finish();
    Digest sum = u;
    progress.step();
    for (std::uint32_t i = 1; i < options.rounds; ++i) {
      u = hmac.update(u).finish();
      for (std::size_t j = 0; j < kSm3Size; ++j) sum[j] = static_cast<std::uint8_t>(sum[j] ^ u[j]);
      progress.step();
    }
    copy_block(out.expose_mutable(), block, sum);
    base::secure_wipe(u.data(), u.size());
    base::secure_wipe(sum.data(), sum.size());
  }
  base::wipe_stack();
  return out;
}

base::SecretBytes sm2_kdf(base::ByteView shared, std::size_t size) {
  base::SecretBytes out(size);
  Sm3 start;
  start.update(shared);
  for (std::size_t block = 0; block < blocks_of(size); ++block) {
    Sm3 hash = start;
    Digest part = hash.update(be32(block + 1)).finish();
    copy_block(out.expose_mutable(), block, part);
    base::secure_wipe(part.data(), part.size());
  }
  return out;
}

}  // namespace heqi::crypto
