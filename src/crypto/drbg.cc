// drbg.cc: names V, C, Hash_df, reseed_counter are those of GM/T 0105 annex B and NIST SP 800-90A
// §10.1.1.
#include <heqi/crypto/drbg.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include <heqi/crypto/sm3.h>

#include "fork_count.h"
#include "words.h"

namespace heqi::crypto {
namespace {

constexpr std::size_t kEntropySize = 32, kNonceSize = 16;
constexpr std::size_t kNistRequestMax = 65536;

// hash_df is Hash_df: 440 bits from material.
HashDrbgState::Seed hash_df(std::initializer_list<base::ByteView> material) {
  constexpr std::uint32_t bits = HashDrbgState::kSeedSize * 8;
  HashDrbgState::Seed out;
  for (std::size_t block = 0; block * kSm3Size < HashDrbgState::kSeedSize; ++block) {
    const std::array<std::uint8_t, 5> prefix = {
        static_cast<std::uint8_t>(block + 1), static_cast<std::uint8_t>(bits >> 24),
        static_cast<std::uint8_t>(bits >> 16 & 0xFF), static_cast<std::uint8_t>(bits >> 8 & 0xFF),
        static_cast<std::uint8_t>(bits & 0xFF)};
    Sm3 hash;
    hash.update(prefix);
    for (const base::ByteView part : material) hash.update(part);
    Digest digest = hash.finish();
    const std::size_t at = block * kSm3Size;
    std::copy_n(digest.begin(), std::min(kSm3Size, out.size() - at),
                out.expose_mutable().data() + at);
    base::secure_wipe(digest.data(), digest.size());
  }
  return out;
}

// Words of eight octets, highest first, as one load and one exchange: written as loops they cost as
// much as the hash.
std::uint64_t highest_first(std::uint64_t word) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}
std::uint64_t load_word(const std::uint8_t* in) {
  std::uint64_t word = 0;
  std::memcpy(&word, in, sizeof word);
  return highest_first(word);
}
void store_word(std::uint8_t* out, std::uint64_t word) {
  word = highest_first(word);
  std::memcpy(out, &word, sizeof word);
}

constexpr std::array<std::uint8_t, 1> kPrefix0 = {0}, kPrefix1 = {1}, kPrefix2 = {2};

// Number is an integer modulo 2^440, most significant octet first.
using Number = std::span<std::uint8_t, HashDrbgState::kSeedSize>;

// add_to is number + summand: six words of 64 bits from the end, then the first seven octets.
void add_to(Number number, std::span<const std::uint8_t, HashDrbgState::kSeedSize> summand) {
  constexpr std::size_t words = HashDrbgState::kSeedSize / 8, rest = HashDrbgState::kSeedSize % 8;
  static_assert(words == 6 && rest == 7);
  std::uint64_t carry = 0;
  for (std::size_t word = 0; word < words; ++word) {
    const std::size_t at = HashDrbgState::kSeedSize - 8 * (word + 1);
    store_word(number.data() + at, internal::add_carry(load_word(number.data() + at),
                                                       load_word(summand.data() + at), carry));
  }
  for (std::size_t i = rest; i-- > 0;) {
    carry += std::uint64_t(number[i]) + summand[i];
    number[i] = static_cast<std::uint8_t>(carry & 0xFF);
    carry >>= 8;
  }
}

// add_to of a digest or a word, which end where the number ends.
void add_to(Number number, base::ByteView shorter) {
  HashDrbgState::Seed padded;
  std::copy(shorter.begin(), shorter.end(),
            padded.expose_mutable().end() - std::ptrdiff_t(shorter.size()));
  add_to(number, std::as_const(padded).expose());
}

}  // namespace

void HashDrbgState::set_seed(std::initializer_list<base::ByteView> material) {
  v_ = hash_df(material);
  c_ = hash_df({kPrefix0, v_.expose()});
  counter_ = 1;
}

void HashDrbgState::instantiate(base::ByteView entropy, base::ByteView nonce,
                                base::ByteView personalisation) {
  set_seed({entropy, nonce, personalisation});
}

void HashDrbgState::reseed(base::ByteView entropy, base::ByteView additional) {
  const Seed v = v_.clone();
  if (order_ == DrbgOrder::gm_t_0105)
    set_seed({kPrefix1, entropy, v.expose(), additional});
  else
    set_seed({kPrefix1, v.expose(), entropy, additional});
}

std::size_t HashDrbgState::output_size_max() const {
  return order_ == DrbgOrder::gm_t_0105 ? kSm3Size : kNistRequestMax;
}

void HashDrbgState::add_to_v(Digest digest) {
  add_to(v_.expose_mutable(), digest);
  base::secure_wipe(digest.data(), digest.size());
}

// hash_out is Hashgen: the digests of V, V + 1, …
void HashDrbgState::hash_out(base::MutableByteView out) const {
  Seed data = v_.clone();
  for (std::size_t at = 0; at < out.size(); at += kSm3Size) {
    if (at > 0) add_to(data.expose_mutable(), std::array<std::uint8_t, 1>{1});
    Digest digest = sm3(data.expose());
    std::copy_n(digest.begin(), std::min(kSm3Size, out.size() - at), out.data() + at);
    base::secure_wipe(digest.data(), digest.size());
  }
}

void HashDrbgState::generate(base::MutableByteView out, base::ByteView additional) {
  HEQI_CHECK(counter_ > 0 && out.size() <= output_size_max());
  if (!additional.empty())
    add_to_v(Sm3().update(kPrefix2).update(v_.expose()).update(additional).finish());
  hash_out(out);
  base::SecretArray<1 + kSeedSize> third;
  third.expose_mutable()[0] = 3;
  std::memcpy(third.expose_mutable().data() + 1, v_.expose().data(), kSeedSize);
  add_to_v(sm3(third.expose()));
  add_to(v_.expose_mutable(), c_.expose());
  std::array<std::uint8_t, 8> counter;
  internal::store_be64(counter.data(), counter_);
  add_to(v_.expose_mutable(), counter);
  ++counter_;
}

HashDrbg::HashDrbg(base::Random& entropy, const base::Clock& clock, DrbgOptions options)
    : entropy_(entropy), clock_(clock), options_(options), state_(options.order) {}

base::Status HashDrbg::draw(base::MutableByteView out) {
  HEQI_TRY(entropy_.fill(out));
  return health_.check(out);
}

base::Result<std::unique_ptr<HashDrbg>> HashDrbg::make(base::Random& entropy,
                                                       const base::Clock& clock,
                                                       base::ByteView personalisation,
                                                       DrbgOptions options) {
  std::unique_ptr<HashDrbg> drbg(new HashDrbg(entropy, clock, options));
  base::SecretArray<EntropyHealth::kStartupSamples> startup;
  HEQI_TRY(drbg->draw(startup.expose_mutable()));
  base::SecretArray<kEntropySize> seed;
  base::SecretArray<kNonceSize> nonce;
  HEQI_TRY(drbg->draw(seed.expose_mutable()));
  HEQI_TRY(drbg->draw(nonce.expose_mutable()));
  drbg->state_.instantiate(seed.expose(), nonce.expose(), personalisation);
  drbg->seeded_at_ = clock.steady();
  drbg->forks_ = internal::fork_count();
  base::wipe_stack();
  return drbg;
}

base::Status HashDrbg::reseed_locked(base::ByteView additional) {
  base::SecretArray<kEntropySize> seed;
  HEQI_TRY(draw(seed.expose_mutable()));
  state_.reseed(seed.expose(), additional);
  seeded_at_ = clock_.steady();
  forks_ = internal::fork_count();
  return {};
}

base::Status HashDrbg::reseed(base::ByteView additional) {
  const std::lock_guard lock(mutex_);
  return reseed_locked(additional);
}

bool HashDrbg::is_seed_due() const {
  return state_.calls() > options_.calls_between_reseeds ||
         clock_.steady() - seeded_at_ >= options_.time_between_reseeds ||
         forks_ != internal::fork_count();
}

base::Status HashDrbg::fill_locked(base::MutableByteView out) {
  HEQI_TRY(health_.check({}));
  while (!out.empty()) {
    if (is_seed_due()) HEQI_TRY(reseed_locked({}));
    const std::size_t size = std::min(out.size(), state_.output_size_max());
    state_.generate(out.first(size), {});
    out = out.subspan(size);
  }
  return {};
}

base::Status HashDrbg::fill(base::MutableByteView out) {
  const std::lock_guard lock(mutex_);
  auto filled = fill_locked(out);
  if (!filled) base::secure_wipe(out.data(), out.size());
  return filled;
}

}  // namespace heqi::crypto
