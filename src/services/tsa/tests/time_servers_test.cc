// The time source that counts only while time servers agree with the clock; the servers answer NTP
// on 127.0.0.1.
#include <heqi/services/tsa/ntp_server.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "ntp_house.h"

namespace heqi::services::tsa {
namespace {

using base::Code;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Manner = NtpHouse::Manner;

class Ntp : public ::testing::Test {
 protected:
  base::Result<ClockOffset> ask() {
    HEQI_TRY(const auto server, NtpServer::parse(house_.name(), clock_, random_));
    return server->ask();
  }
  // ask_patiently asks again where a busy machine let the answer come too late.
  base::Result<ClockOffset> ask_patiently() {
    auto answer = ask();
    for (int i = 0; i < 10 && !answer && answer.error().code == Code::unavailable; ++i)
      answer = ask();
    return answer;
  }
  NtpHouse house_;
  const base::SystemClock clock_;
  testing::SeededRandom random_{3};
};

// A slow machine widens the uncertainty, never the error beyond it.
TEST_F(Ntp, AServerSaysHowFarTheClockIsOff) {
  for (const std::int64_t ahead : {0, 700, -3'600'000, 86'400'000}) {
    house_.ahead_ms = ahead;
    const auto offset = ask_patiently();
    ASSERT_OK(offset);
    EXPECT_LE(std::chrono::abs(offset->ahead - milliseconds(ahead)),
              offset->uncertainty + milliseconds(2))
        << ahead;
  }
}

TEST_F(Ntp, WhatIsNoTimeIsRefused) {
  for (const Manner how : {Manner::not_synchronised, Manner::kiss_of_death}) {
    house_.manner = how;
    EXPECT_ERROR(ask(), Code::unavailable);
  }
  for (const Manner how : {Manner::of_a_client, Manner::takes_long}) {
    house_.manner = how;
    EXPECT_ERROR(ask_patiently(), Code::malformed);
  }
}

TEST_F(Ntp, SilenceAndAnswersToOtherQuestionsAreNoAnswer) {
  for (const Manner how : {Manner::silent, Manner::other_number}) {
    house_.manner = how;
    EXPECT_ERROR(ask(), Code::unavailable);
  }
}

TEST_F(Ntp, NamesOfServersAreHostsWithOrWithoutAPort) {
  for (const char* good : {"ntp.example", "ntp.example:1123", "[::1]:123", "[::1]"})
    EXPECT_OK(NtpServer::parse(good, clock_, random_)) << good;
  EXPECT_EQ((*NtpServer::parse("[::1]:99", clock_, random_))->name(), "::1");
  for (const char* bad : {"", ":123", "host:", "host:x", "host:123456", "[::1", "[]:1"})
    EXPECT_ERROR(NtpServer::parse(bad, clock_, random_), Code::malformed) << bad;
}

// Told is a server that says what a test wants.
class Told final : public TimeServer {
 public:
  explicit Told(base::Result<ClockOffset>& answer) : answer_(answer) {}
  std::string_view name() const override { return "told"; }
  base::Result<ClockOffset> ask() override { return answer_; }

 private:
  base::Result<ClockOffset>& answer_;
};

class Compared : public ::testing::Test {
 protected:
  static base::Result<ClockOffset> ahead(std::int64_t off, std::int64_t uncertainty = 5) {
    return ClockOffset{milliseconds(off), milliseconds(uncertainty)};
  }
  static base::Result<ClockOffset> silence() { return base::fail(Code::unavailable, "no answer"); }
  std::vector<std::unique_ptr<TimeServer>> servers() {
    std::vector<std::unique_ptr<TimeServer>> out;
    for (auto& answer : answers_) out.push_back(std::make_unique<Told>(answer));
    return out;
  }
  std::array<base::Result<ClockOffset>, 3> answers_{ahead(1), ahead(-2), ahead(3)};
  testing::FakeClock clock_{testing::at("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  ComparedTimeSource source_{servers(), clock_, log_};
};

TEST_F(Compared, TheClockCountsWhileMostServersConfirmIt) {
  EXPECT_EQ(*source_.now(), clock_.now());
  EXPECT_EQ(source_.accuracy(), kTimeDeviationMax);
  answers_[0] = ahead(90'000);  // one that lies among three
  clock_.advance(kTimeCompareEvery);
  EXPECT_OK(source_.now());
}

TEST_F(Compared, OutsideTheStatedDeviationItIsRefusedAtTheNextComparison) {
  ASSERT_OK(source_.now());
  answers_[0] = answers_[1] = ahead(-501 - 5);
  clock_.advance(kTimeCompareEvery - milliseconds(1));
  EXPECT_OK(source_.now());
  clock_.advance(milliseconds(1));
  EXPECT_ERROR(source_.now(), Code::time_untrusted);
  answers_[0] = ahead(0);
  EXPECT_ERROR(source_.now(), Code::time_untrusted) << "not asked again at once";
  clock_.advance(kTimeRetryAfter);
  EXPECT_OK(source_.now());
}

TEST_F(Compared, WhoCannotSayItExactlyConfirmsNothing) {
  answers_[0] = answers_[1] = ahead(0, 501);
  EXPECT_ERROR(source_.now(), Code::time_untrusted);
  answers_[0] = ahead(0, 500);
  clock_.advance(kTimeRetryAfter);
  EXPECT_OK(source_.now());
}

TEST_F(Compared, SilenceIsBorneForAWhileAndNotFromTheBeginning) {
  ComparedTimeSource deaf({}, clock_, log_);
  EXPECT_ERROR(deaf.now(), Code::time_untrusted);
  ASSERT_OK(source_.now());
  answers_ = {silence(), silence(), ahead(2)};
  clock_.advance(kTimeHeldFor);
  EXPECT_OK(source_.now());
  clock_.advance(seconds(1));
  EXPECT_ERROR(source_.now(), Code::time_untrusted);
  answers_[0] = ahead(2);
  clock_.advance(kTimeRetryAfter);
  EXPECT_OK(source_.now());
}

TEST_F(Compared, AStepOfTheClockIsNotBelievedBetweenComparisons) {
  ASSERT_OK(source_.now());
  clock_.jump_to(clock_.now() + minutes(1));
  EXPECT_ERROR(source_.now(), Code::time_untrusted);
}

// shows: ECP-TS-2
TEST(NationalTime, TokensAreMadeOnlyWhileTheTimeCentreConfirmsTheClock) {
  const testing::Authority house;
  NtpHouse centre;
  const base::SystemClock clock;
  testing::SeededRandom random(4);
  base::NullLog log;
  const auto is_stamped = [&] {
    std::vector<std::unique_ptr<TimeServer>> servers;
    servers.push_back(*NtpServer::parse(centre.name(), clock, random));
    ComparedTimeSource source(std::move(servers), clock, log);
    Authority authority(house.tsa().certificate, *house.tsa().signer, source, synchronised_policy(),
                        random, log);
    const auto token = pki::parse_time_stamp_answer(authority.answer(
        pki::encode_time_stamp_request(pki::make_time_stamp_request(base::bytes_of("x"), {}))));
    if (!token) return false;
    const auto info = pki::parse_tst_info(*pki::parse_signed_data(*token)->content);
    EXPECT_EQ(info->accuracy, kTimeDeviationMax);
    return true;
  };
  const auto is_stamped_soon = [&] {  // a busy machine may hear the answer too late
    for (int i = 0; i < 10; ++i)
      if (is_stamped()) return true;
    return false;
  };
  EXPECT_TRUE(is_stamped_soon());
  centre.ahead_ms = 60'000;
  EXPECT_FALSE(is_stamped()) << "the clock is a minute behind";
  centre.ahead_ms = -60'000;
  EXPECT_FALSE(is_stamped()) << "the clock is a minute ahead";
  centre.ahead_ms = 0;
  for (const Manner how : {Manner::silent, Manner::not_synchronised, Manner::other_number}) {
    centre.manner = how;
    EXPECT_FALSE(is_stamped());
  }
  centre.manner = Manner::right;
  EXPECT_TRUE(is_stamped_soon());
}

}  // namespace
}  // namespace heqi::services::tsa
