#include <heqi/crypto/drbg.h>

#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::Code;
using std::chrono::seconds;
using testing::FakeClock;
using testing::SeededRandom;

// CountingRandom counts how often entropy was asked for.
class CountingRandom final : public base::Random {
 public:
  base::Status fill(base::MutableByteView out) override {
    ++calls;
    return source.fill(out);
  }
  int calls = 0;
  SeededRandom source{1};
};

// PatternRandom gives the bytes of a broken source.
class PatternRandom final : public base::Random {
 public:
  explicit PatternRandom(std::function<std::uint8_t(std::uint64_t)> pattern)
      : pattern_(std::move(pattern)) {}
  base::Status fill(base::MutableByteView out) override {
    for (std::uint8_t& byte : out) byte = pattern_(at_++);
    return {};
  }

 private:
  std::function<std::uint8_t(std::uint64_t)> pattern_;
  std::uint64_t at_ = 0;
};

TEST(HashDrbg, TheVectorsOfGmT0105OrderComeOutWithEveryState) {
  for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "drbg/hash_drbg_sm3.vec")) {
    HashDrbgState state(DrbgOrder::gm_t_0105);
    state.instantiate(vector.bytes("entropy"), vector.bytes("nonce"),
                      vector.bytes("personalisation"));
    EXPECT_EQ(base::to_hex(state.v().expose()), vector.text("v0"));
    EXPECT_EQ(base::to_hex(state.c().expose()), vector.text("c0"));
    state.reseed(vector.bytes("entropy_reseed"), vector.bytes("additional_reseed"));
    EXPECT_EQ(base::to_hex(state.v().expose()), vector.text("v1"));
    EXPECT_EQ(base::to_hex(state.c().expose()), vector.text("c1"));
    Bytes out(32);
    state.generate(out, vector.bytes("additional1"));
    EXPECT_EQ(base::to_hex(state.v().expose()), vector.text("v2"));
    state.generate(out, vector.bytes("additional2"));
    EXPECT_EQ(base::to_hex(state.v().expose()), vector.text("v3"));
    EXPECT_EQ(base::to_hex(out), vector.text("output"));
  }
}

TEST(HashDrbg, ReseedsByCallsByTimeAndWhenAsked) {
  CountingRandom entropy;
  FakeClock clock{base::Time{}};
  auto drbg = HashDrbg::make(entropy, clock, {}, {.calls_between_reseeds = 4});
  ASSERT_OK(drbg);
  const int at_start = entropy.calls;
  Bytes out(32 * 4);
  EXPECT_OK((*drbg)->fill(out));
  EXPECT_EQ(entropy.calls, at_start) << "four calls of 32 bytes are allowed";
  EXPECT_OK((*drbg)->fill(base::MutableByteView(out).first(1)));
  EXPECT_EQ(entropy.calls, at_start + 1);
  clock.advance(seconds(59));
  EXPECT_OK((*drbg)->fill(base::MutableByteView(out).first(1)));
  EXPECT_EQ(entropy.calls, at_start + 1);
  clock.advance(seconds(1));
  EXPECT_OK((*drbg)->fill(base::MutableByteView(out).first(1)));
  EXPECT_EQ(entropy.calls, at_start + 2);
  EXPECT_OK((*drbg)->reseed());
  EXPECT_EQ(entropy.calls, at_start + 3);
}

TEST(HashDrbg, AForkedChildDoesNotRepeatItsParent) {
  base::SystemRandom entropy;
  const base::SystemClock clock;
  auto drbg = HashDrbg::make(entropy, clock, {});
  ASSERT_OK(drbg);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  Bytes mine(32), theirs(32);
  if (child == 0) {
    const bool filled = (*drbg)->fill(mine).has_value();
    _exit(filled && write(pipe_ends[1], mine.data(), mine.size()) == 32 ? 0 : 1);
  }
  EXPECT_OK((*drbg)->fill(mine));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ASSERT_EQ(read(pipe_ends[0], theirs.data(), theirs.size()), 32);
  EXPECT_NE(mine, theirs);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

// shows-part: KEP-15.1 (the generator; that each program draws from it is shown elsewhere)
// shows-part: ECP-KEY-14 (the statistical tests on demand are not there)
TEST(HashDrbg, BrokenSourcesTripTheHealthTestAtStart) {
  const FakeClock clock{base::Time{}};
  SeededRandom good(5);
  const std::map<std::string, std::function<std::uint8_t(std::uint64_t)>> broken = {
      {"stuck", [](std::uint64_t) { return std::uint8_t(0x5A); }},
      {"alternating", [](std::uint64_t i) { return std::uint8_t(i % 2 == 0 ? 1 : 2); }},
      {"period 8", [](std::uint64_t i) { return static_cast<std::uint8_t>(i % 8 * 31); }},
      {"period 16", [](std::uint64_t i) { return static_cast<std::uint8_t>(i % 16 * 15); }},
      {"two values of eight bits",
       [&](std::uint64_t) { return std::uint8_t(good.below(10) < 7 ? 3 : 9); }}};
  for (const auto& [name, pattern] : broken) {
    PatternRandom entropy(pattern);
    // A period that divides the tail of one draw can pass the proportion test; it then repeats.
    EXPECT_ERROR(HashDrbg::make(entropy, clock, {}), Code::crypto_random_failed) << name;
  }
}

// shows-part: KEP-15.1 (the generator; that each program draws from it is shown elsewhere)
// shows-part: ECP-KEY-14 (the statistical tests on demand are not there)
TEST(HashDrbg, ASourceThatBreaksLaterStopsAllOutputForGood) {
  const FakeClock clock{base::Time{}};
  SeededRandom good(6);
  bool stuck = false;
  PatternRandom entropy(
      [&](std::uint64_t) { return stuck ? std::uint8_t(0) : std::uint8_t(good.next() >> 56); });
  auto drbg = HashDrbg::make(entropy, clock, {}, {.calls_between_reseeds = 2});
  ASSERT_OK(drbg);
  Bytes out(96, 0xAA);
  stuck = true;
  EXPECT_ERROR((*drbg)->fill(out), Code::crypto_random_failed);
  EXPECT_EQ(out, Bytes(96, 0)) << "nothing of the first calls is left in the buffer";
  stuck = false;
  EXPECT_ERROR((*drbg)->fill(out), Code::crypto_random_failed);
}

// shows-part: KEP-15.1 (the generator; that each program draws from it is shown elsewhere)
// shows-part: ECP-KEY-14 (the statistical tests on demand are not there)
TEST(HashDrbg, ASourceThatRepeatsItsLastAnswerIsRefused) {
  const FakeClock clock{base::Time{}};
  SeededRandom good(7);
  Bytes answer = *base::random_bytes(good, 2048);
  // The seed and the nonce end with the same sixteen bytes.
  std::copy_n(answer.begin() + 1024 + 16, 16, answer.begin() + 1024 + 32);
  testing::ScriptedRandom entropy(answer);
  EXPECT_ERROR(HashDrbg::make(entropy, clock, {}), Code::crypto_random_failed);
}

TEST(HashDrbg, ASourceThatFailsIsReported) {
  const FakeClock clock{base::Time{}};
  testing::ScriptedRandom empty({});
  EXPECT_ERROR(HashDrbg::make(empty, clock, {}), Code::crypto_random_failed);
}

TEST(HashDrbg, AGoodSourceRaisesNoFalseAlarmAndOutputsDiffer) {
  SeededRandom random(8);
  EntropyHealth health;
  for (int i = 0; i < 4000; ++i) ASSERT_OK(health.check(*base::random_bytes(random, 256)));
  const FakeClock clock{base::Time{}};
  SeededRandom same1(9), same2(9);
  auto one = HashDrbg::make(same1, clock, base::bytes_of("one"));
  auto two = HashDrbg::make(same2, clock, base::bytes_of("two"));
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(seen.insert(*base::random_bytes(**one, 32)).second);
    EXPECT_TRUE(seen.insert(*base::random_bytes(**two, 32)).second) << "personalised apart";
  }
}

}  // namespace
}  // namespace heqi::crypto
