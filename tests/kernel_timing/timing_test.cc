// timing_test: Welch's t-test of "a fixed secret" against "another secret each time", as in
// O. Reparaz, J. Balasch, I. Verbauwhede, "Dude, is my code constant time?" (DATE 2017). Ten
// million measurements of each operation; HEQI_TIMING_MEASUREMENTS takes another number, and
// HEQI_TIMING_ONLY the operations whose names begin so.
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <x86intrin.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "operations.h"

namespace heqi::kernel_timing {
namespace {

using base::Bytes;

constexpr std::size_t kBlock = 4096;  // measurements between two makings of secrets

// Moments are the running mean and variance of one class.
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double from_mean = value - mean_;
    mean_ += from_mean / count_;
    squares_ += from_mean * (value - mean_);
  }
  double count() const { return count_; }
  double mean() const { return mean_; }
  double variance_of_mean() const { return squares_ / (count_ - 1) / count_; }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

// Comparison is Welch's t of two classes, and how much longer the first takes, as a part of the
// other.
struct Comparison {
  double t, longer;
};

double welch_t(const Moments& a, const Moments& b) {
  return (a.mean() - b.mean()) / std::sqrt(a.variance_of_mean() + b.variance_of_mean());
}

// Measurement is one time and its class.
struct Measurement {
  std::uint64_t cycles;
  bool is_fixed;
};

std::uint64_t measured(const Operation& operation, base::ByteView secret) {
  unsigned processor = 0;
  _mm_lfence();
  const std::uint64_t start = __rdtsc();
  operation.run(secret);
  return __rdtscp(&processor) - start;
}

// measure_block mixes both classes at random, each secret copied to one place before it is used,
// with the same reads in either class: the copy must not leave the caches otherwise for one.
std::vector<Measurement> measure_block(const Operation& operation, base::ByteView fixed,
                                       testing::SeededRandom& random) {
  const Bytes many = *base::random_bytes(random, operation.secret_size * 64);
  const Bytes classes = *base::random_bytes(random, kBlock);
  Bytes secret(operation.secret_size);
  std::vector<Measurement> out;
  out.reserve(kBlock);
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool is_fixed = (classes[i] & 1) != 0;
    const std::uint8_t* other = many.data() + i % 64 * operation.secret_size;
    const auto mask = static_cast<std::uint8_t>(0 - (classes[i] & 1));
    for (std::size_t j = 0; j < secret.size(); ++j)
      secret[j] = static_cast<std::uint8_t>((fixed[j] & mask) | (other[j] & ~mask));
    out.push_back({measured(operation, secret), is_fixed});
  }
  return out;
}

// limit_of is the time below which `part` of the measurements lie: the rest are interruptions.
std::uint64_t limit_of(std::vector<Measurement> measurements, double part) {
  const auto at = measurements.begin() +
                  static_cast<std::ptrdiff_t>(part * static_cast<double>(measurements.size() - 1));
  std::nth_element(measurements.begin(), at, measurements.end(),
                   [](const auto& a, const auto& b) { return a.cycles < b.cycles; });
  return at->cycles;
}

// The fixed secret is any, not zeros: the scalar 0 is refused wherever one is read, and vector
// units with operands of zeros only were faster here by a part in ten thousand, with the same
// trace.
Comparison compare(const Operation& operation, std::size_t measurements) {
  testing::SeededRandom random(5);
  const Bytes fixed = any_secret(operation.secret_size);
  operation.prepare();
  Moments same, other;
  for (std::size_t done = 0; done < measurements; done += kBlock) {
    const auto block = measure_block(operation, fixed, random);
    const std::uint64_t limit = limit_of(block, 0.9);
    for (const Measurement& one : block)
      if (one.cycles <= limit) (one.is_fixed ? same : other).add(static_cast<double>(one.cycles));
  }
  return {welch_t(same, other), same.mean() / other.mean() - 1};
}

std::size_t measurement_count() {
  const char* given = std::getenv("HEQI_TIMING_MEASUREMENTS");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 10'000'000;
}

TEST(Timing, DoesNotTellAFixedSecretFromOthersAndDoesWhereAnOperationLeaks) {
  const char* only = std::getenv("HEQI_TIMING_ONLY");
  for (const Operation& operation : operations()) {
    if (only != nullptr && !operation.name.starts_with(only)) continue;
    SCOPED_TRACE(operation.name);
    const auto [t, longer] = compare(operation, operation.is_leak ? 100'000 : measurement_count());
    RecordProperty(std::string(operation.name), std::to_string(t));
    std::printf("%s: t = %.2f, fixed longer by %.1e\n", std::string(operation.name).c_str(), t,
                longer);
    std::fflush(stdout);
    if (operation.is_leak)
      EXPECT_GT(std::fabs(t), 5);
    else
      EXPECT_LT(std::fabs(t), 5);
  }
}

}  // namespace
}  // namespace heqi::kernel_timing
