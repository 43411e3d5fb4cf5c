// The update and the revocation of a certificate in use, by the command line and with the death of
// each program at its writes: afterwards exactly one pair signs for each person, and what was told
// is true.
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/sql/database.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/certificate.h>

#include "fault.h"
#include "model.h"

namespace heqi::faults {
namespace {

constexpr std::string_view kWrongPin = "00000000000000000000";

// make_due lets the service take a person's certificate to end in twenty days: nobody waits a year.
base::Status make_due(World& world, std::size_t party) {
  HEQI_TRY(const auto database, sql::Database::open({.url = world.database()}));
  HEQI_TRY(database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE mss_certificates SET not_after = ?1 WHERE device_id IN (SELECT device_id FROM "
        "mss_devices WHERE person_id = ?2)",
        base::SystemClock().now() + std::chrono::hours(24 * 20), world.party(party).id);
  }));
  return {};
}

// ----- the command line

struct Said {
  int code = -1;
  std::string text;
};

class Commands : public ::testing::Test {
 protected:
  void SetUp() override {
    auto world = World::open(enrolled(), {});
    ASSERT_OK(world);
    world_ = *std::move(world);
  }

  // device runs `heqi device …` of one party with a PIN.
  Said device(std::size_t party, std::vector<std::string> words, std::string_view pin = {}) {
    const std::string file = world_->folder() + "/said-" + std::to_string(++count_);
    const std::string pin_file = file + ".pin";
    EXPECT_OK(base::write_file(
        pin_file, base::bytes_of(pin.empty() ? std::string_view(world_->party(party).pin) : pin)));
    std::vector<std::string> line{HEQI_FAULT_SERVER, "device"};
    line.insert(line.end(), words.begin(), words.end());
    line.insert(line.end(), {"--socket", world_->party(party).folder + ".socket", "--json"});
    if (words[0] != "status")
      line.insert(line.end(), {"--server", world_->server_url(), "--pin-file", pin_file, "--trust",
                               world_->platform() + "/data/tls/root.pem", "--wait", "20"});
    auto child = Child::start(line, {}, file);
    EXPECT_OK(child);
    if (!child) return {};
    Said said;
    said.code = child->end(0);  // waits
    const auto text = base::read_file(file, 1 << 20);
    EXPECT_OK(text);
    if (text) said.text = base::text_of(*text);
    return said;
  }
  // until repeats a command until it says something else than that nothing waits: the policy looks
  // now and then.
  Said until(std::size_t party, const std::vector<std::string>& words, std::string_view pin = {}) {
    Said said;
    for (int i = 0; i < 200; ++i) {
      said = device(party, words, pin);
      if (said.text.find("\"idle\"") == std::string::npos) break;
    }
    return said;
  }
  base::Bytes certificate(std::size_t party) {
    const auto known = world_->information(party);
    EXPECT_OK(known);
    return known ? known->certificate : base::Bytes();
  }
  std::string state(const base::Bytes& certificate) {
    const auto parsed = x509::parse_certificate(certificate);
    const auto database = sql::Database::open({.url = world_->database()});
    EXPECT_OK(parsed);
    EXPECT_OK(database);
    const auto row = (*database)->with_snapshot([&](sql::Transaction& tx) {
      return tx.get_row("SELECT state FROM ca_certificates WHERE serial = ?1", parsed->serial());
    });
    EXPECT_OK(row);
    return row ? row->text(0) : std::string();
  }
  // expect_both_sign has both persons sign one contract, and everything looked at.
  void expect_both_sign(std::int64_t ended) {
    ASSERT_OK(sign_contract(*world_));
    check_model(*world_, ended);
    if (HasFailure()) ADD_FAILURE() << world_->story() << world_->logs();
  }

  std::unique_ptr<World> world_;
  int count_ = 0;
};

// shows: MSSP-6.2.3-e, MSSP-6.2.3-o, MSSP-6.2.3-s
TEST_F(Commands, UpdateTakesTheRightPinAndTheNewPairSigns) {
  const base::Bytes old = certificate(0), other = certificate(1);
  EXPECT_NE(device(0, {"update"}).text.find("\"idle\""), std::string::npos);
  for (std::size_t i = 0; i < 2; ++i) ASSERT_OK(make_due(*world_, i));
  const Said wrong = until(0, {"update"}, kWrongPin);
  EXPECT_NE(wrong.code, 0) << wrong.text;
  EXPECT_NE(wrong.text.find("cosign.wrong_pin"), std::string::npos) << wrong.text;
  EXPECT_EQ(certificate(0), old);
  const Said right = until(0, {"update"});
  EXPECT_EQ(right.code, 0) << right.text;
  EXPECT_NE(right.text.find("\"certificate_updated\""), std::string::npos) << right.text;
  EXPECT_NE(certificate(0), old);
  EXPECT_EQ(state(old), "revoked");
  EXPECT_EQ(state(certificate(0)), "published");
  EXPECT_NE(device(0, {"update"}).text.find("\"idle\""), std::string::npos);
  // Who declines keeps the old one, and is not asked again.
  const Said declined = until(1, {"update", "--decline"});
  EXPECT_EQ(declined.code, 0) << declined.text;
  EXPECT_NE(declined.text.find("\"declined\""), std::string::npos) << declined.text;
  EXPECT_NE(device(1, {"update"}).text.find("\"idle\""), std::string::npos);
  EXPECT_EQ(certificate(1), other);
  EXPECT_EQ(state(other), "published");
  expect_both_sign(1);
}

// shows: MSSP-6.2.4-a1, MSSP-6.2.4-d, MSSP-6.2.4-g
TEST_F(Commands, RevokeTakesAReasonAndTheRightPinAndErasesTheKey) {
  const base::Bytes old = certificate(0), other = certificate(1);
  const Said senseless = device(0, {"revoke", "--why", "boredom"});
  EXPECT_NE(senseless.code, 0);
  EXPECT_NE(senseless.text.find("key_compromise"), std::string::npos) << senseless.text;
  EXPECT_NE(device(0, {"revoke"}).code, 0);  // without a reason
  const Said wrong = device(0, {"revoke", "--why", "key_compromise"}, kWrongPin);
  EXPECT_NE(wrong.code, 0);
  EXPECT_NE(wrong.text.find("cosign.wrong_pin"), std::string::npos) << wrong.text;
  EXPECT_EQ(certificate(0), old);
  EXPECT_EQ(state(old), "published");
  const Said right = device(0, {"revoke", "--why", "key_compromise"});
  EXPECT_EQ(right.code, 0) << right.text;
  EXPECT_NE(right.text.find("\"certificate_revoked\""), std::string::npos) << right.text;
  EXPECT_EQ(state(old), "revoked");
  const Said stopped = device(0, {"status"});
  EXPECT_NE(stopped.text.find("\"stage\":\"stopped\""), std::string::npos) << stopped.text;
  EXPECT_NE(stopped.text.find("\"stop_reason\":\"revoked\""), std::string::npos) << stopped.text;
  EXPECT_NE(stopped.text.find("\"certificate\":\"\""), std::string::npos) << stopped.text;
  const Said again = device(0, {"revoke", "--why", "key_compromise"});
  EXPECT_NE(again.code, 0);
  EXPECT_NE(again.text.find("device.state"), std::string::npos) << again.text;
  EXPECT_EQ(state(other), "published");
  ASSERT_OK(world_->enrol(0));
  expect_both_sign(1);
}

// ----- deaths

enum class Act { update, revoke };
base::Status act(World& world, Act what) {
  if (what == Act::revoke) return world.revoke(0);
  HEQI_TRY(make_due(world, 0));
  return world.update(0);
}

// play has the first person update or revoke under one fault, and then a contract signed by both.
// It gives how many programs died before the contract began.
int play(Act what, Program program, const std::string& fault) {
  const bool failed_before = ::testing::Test::HasFailure();
  SCOPED_TRACE(std::string(what == Act::update ? "update, " : "revocation, ") + name_of(program) +
               ": " + fault);
  auto world = World::open(enrolled(), with_fault(program, fault));
  EXPECT_OK(world);
  if (!world) return -1;
  World& w = **world;
  const base::Status job = [&]() -> base::Status {
    HEQI_TRY(act(w, what));
    if (what == Act::revoke) {
      HEQI_TRY(w.enrol(0));
    }
    return {};
  }();
  const int deaths = w.deaths();
  const base::Status rest = [&]() -> base::Status {
    HEQI_TRY(job);
    return sign_contract(w);
  }();
  EXPECT_TRUE(rest) << base::to_line(rest.error());
  if (rest) check_model(w, 1);
  EXPECT_LE(w.deaths(), 2);
  if (!failed_before && ::testing::Test::HasFailure()) ADD_FAILURE() << w.story() << w.logs();
  return deaths;
}

// shows-part: MSSP-6.2.3-n (whole programs), MSSP-6.2.4-h (whole programs)
TEST(CertificateCrash, ASampleOfDeathsLeavesOnePairThatSigns) {
  EXPECT_GE(play(Act::update, Program::device, "kill:3"), 1);
  EXPECT_GE(play(Act::revoke, Program::device, "kill:2"), 1);
  (void)play(Act::update, Program::server, "kill:60");
  (void)play(Act::revoke, Program::module, "kill:30");
}

void play_every_call(Act what) {
  for (const Program program : {Program::device, Program::module, Program::server})
    at_every_call(
        program, enrolled, [&](World& world) { return act(world, what); },
        [&](const std::string& fault) { return play(what, program, fault); });
}

TEST(CertificateCrash, EveryCallDuringAnUpdateLeavesOnePairThatSigns) {
  play_every_call(Act::update);
}

TEST(CertificateCrash, EveryCallDuringARevocationLeavesNoKeyThatSigns) {
  play_every_call(Act::revoke);
}

}  // namespace
}  // namespace heqi::faults
