#include <heqi/crypto/kdf.h>

#include <algorithm>

#include <heqi/crypto/hmac.h>

#include "sm3_bytes.h"
#include "sm3_kernel.h"

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

using internal::kSm3BlockSize;

// Rounds computes HMAC-SM3 of one digest after the other under one key: two compressions each, in
// blocks whose padding never changes.
class Rounds {
 public:
  explicit Rounds(base::ByteView password) : kernel_(internal::sm3_choice().kernel()) {
    std::array<std::uint8_t, kSm3BlockSize> key{};
    if (password.size() > kSm3BlockSize) {
      Digest hashed = sm3(password);
      std::copy(hashed.begin(), hashed.end(), key.begin());
      base::secure_wipe(hashed.data(), hashed.size());
    } else {
      std::copy(password.begin(), password.end(), key.begin());
    }
    inner_ = start(key, 0x36);
    outer_ = start(key, 0x5C);
    base::secure_wipe(key.data(), key.size());
    (void)internal::sm3_pad(block_.data(), kSm3Size, kSm3BlockSize + kSm3Size);
  }
  ~Rounds() {
    for (internal::Sm3Words* words : {&inner_, &outer_, &state_})
      base::secure_wipe(words->data(), sizeof *words);
    base::secure_wipe(block_.data(), block_.size());
  }
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // take sets U; step replaces it by its HMAC and adds that to sum.
  void take(const Digest& u) { std::copy(u.begin(), u.end(), block_.begin()); }
  void step(Digest& sum) {
    half(inner_);
    half(outer_);
    for (std::size_t i = 0; i < kSm3Size; ++i)
      sum[i] = static_cast<std::uint8_t>(sum[i] ^ block_[i]);
  }

 private:
  internal::Sm3Words start(const std::array<std::uint8_t, kSm3BlockSize>& key,
                           std::uint8_t filler) const {
    std::array<std::uint8_t, kSm3BlockSize> pad;
    for (std::size_t i = 0; i < pad.size(); ++i)
      pad[i] = static_cast<std::uint8_t>(key[i] ^ filler);
    internal::Sm3Words state = internal::kSm3Initial;
    kernel_.compress(state.data(), pad.data(), 1);
    base::secure_wipe(pad.data(), pad.size());
    return state;
  }
  void half(const internal::Sm3Words& from) {
    state_ = from;
    kernel_.compress(state_.data(), block_.data(), 1);
    for (std::size_t i = 0; i < 8; ++i) internal::store_be32(block_.data() + 4 * i, state_[i]);
  }

  const internal::Sm3Kernel& kernel_;
  internal::Sm3Words inner_, outer_, state_{};
  std::array<std::uint8_t, kSm3BlockSize> block_{};
};

// CountedHashes makes SM3(shared || counter) for counters side by side: what shared fills whole
// blocks of is hashed once.
class CountedHashes {
 public:
  // wanted is how many hashes will be asked for.
  CountedHashes(base::ByteView shared, std::size_t wanted)
      : kernel_(internal::sm3_choice().kernel()), wide_(wanted < kFewest ? 1 : kernel_.lanes) {
    if (shared.size() >= kSm3BlockSize)
      kernel_.compress(start_.data(), shared.data(), shared.size() / kSm3BlockSize);
    held_ = shared.size() % kSm3BlockSize;
    for (std::size_t j = 0; j < wide_; ++j) {
      std::copy(shared.end() - std::ptrdiff_t(held_), shared.end(), tails_[j].begin());
      blocks_ = internal::sm3_pad(tails_[j].data(), held_ + 4, shared.size() + 4);
    }
  }
  ~CountedHashes() {
    base::secure_wipe(start_.data(), sizeof start_);
    base::secure_wipe(tails_.data(), sizeof tails_);
    base::secure_wipe(&lanes_, sizeof lanes_);
  }
  CountedHashes(const CountedHashes&) = delete;
  CountedHashes& operator=(const CountedHashes&) = delete;

  // next makes the digests of the counters from first on, at most wanted, and says how many.
  std::size_t next(std::size_t first, std::size_t wanted) {
    const std::size_t count = std::min(wanted, wide_);
    for (std::size_t j = 0; j < count; ++j) {
      const auto counter = be32(first + j);
      std::copy(counter.begin(), counter.end(), tails_[j].begin() + std::ptrdiff_t(held_));
    }
    if (count < kFewest)
      one_by_one(count);
    else
      side_by_side(count);
    return count;
  }
  Digest digest(std::size_t j) const {
    internal::Sm3Words state;
    for (std::size_t i = 0; i < 8; ++i) state[i] = lanes_.state[i][j];
    const Digest out = internal::sm3_digest(state);
    base::secure_wipe(state.data(), sizeof state);
    return out;
  }

 private:
  static constexpr std::size_t kFewest = 3;  // below, wide vectors are no faster

  void one_by_one(std::size_t count) {
    for (std::size_t j = 0; j < count; ++j) {
      internal::Sm3Words state = start_;
      kernel_.compress(state.data(), tails_[j].data(), blocks_);
      for (std::size_t i = 0; i < 8; ++i) lanes_.state[i][j] = state[i];
      base::secure_wipe(state.data(), sizeof state);
    }
  }
  void side_by_side(std::size_t count) {
    std::array<const std::uint8_t*, internal::kSm3LanesMax> places;
    for (std::size_t j = 0; j < places.size(); ++j) places[j] = tails_[j < count ? j : 0].data();
    for (std::size_t i = 0; i < 8; ++i)
      std::fill_n(lanes_.state[i], internal::kSm3LanesMax, start_[i]);
    kernel_.compress_lanes(lanes_, places.data(), blocks_);
  }
  const internal::Sm3Kernel& kernel_;
  std::size_t wide_, held_ = 0, blocks_ = 0;
  internal::Sm3Words start_ = internal::kSm3Initial;
  std::array<std::array<std::uint8_t, 3 * kSm3BlockSize>, internal::kSm3LanesMax> tails_;
  internal::Sm3Lanes lanes_;
};

}  // namespace

base::SecretBytes stretch(base::ByteView password, base::ByteView salt, std::size_t size,
                          const StretchOptions& options) {
  HEQI_CHECK(options.rounds > 0);
  base::SecretBytes out(size);
  HmacSm3 hmac(password);
  Rounds rounds(password);
  Progress progress(options, blocks_of(size));
  for (std::size_t block = 0; block < blocks_of(size); ++block) {
    Digest sum = hmac.update(salt).update(be32(block + 1)).finish();
    rounds.take(sum);
    progress.step();
    for (std::uint32_t i = 1; i < options.rounds; ++i) {
      rounds.step(sum);
      progress.step();
    }
    copy_block(out.expose_mutable(), block, sum);
    base::secure_wipe(sum.data(), sum.size());
  }
  base::wipe_stack();
  return out;
}

base::SecretBytes sm2_kdf(base::ByteView shared, std::size_t size) {
  base::SecretBytes out(size);
  CountedHashes hashes(shared, blocks_of(size));
  for (std::size_t block = 0; block < blocks_of(size);) {
    const std::size_t width = hashes.next(block + 1, blocks_of(size) - block);
    for (std::size_t j = 0; j < width; ++j, ++block) {
      Digest part = hashes.digest(j);
      copy_block(out.expose_mutable(), block, part);
      base::secure_wipe(part.data(), part.size());
    }
  }
  return out;
}

}  // namespace heqi::crypto
