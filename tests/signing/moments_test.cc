// When the key operations of a signing were done: by time-stamps alone.
#include <heqi/http/json.h>
#include <heqi/pki/tsp.h>
#include <heqi/testing/authority.h>

#include "deal.h"

namespace heqi::testing {
namespace {

using base::Code;
using services::contract::Moment;
using services::contract::Operation;

struct Moments : ::testing::Test, Deal {
  std::vector<Moment> moments(const std::string& id) { return must(platform().moments(owner, id)); }
  // sign_all is both parties' whole way; a minute passes before each step.
  std::string sign_all() {
    const std::string id = begin();
    for (auto [phone, address] : {std::pair{&zhang, kZhang}, std::pair{&li, kLi}}) {
      house.clock.advance(std::chrono::minutes(1));
      EXPECT_OK(platform().open_document(link(address)));
      house.settle();
      house.clock.advance(std::chrono::minutes(1));
      EXPECT_OK(ask(address));
      house.settle();
      house.clock.advance(std::chrono::minutes(1));
      EXPECT_OK(phone->sign());
      house.settle();
    }
    EXPECT_EQ(get(id).state, "complete");
    return id;
  }
  // change is what an administrator of the database can do.
  void change(const std::string& statement) {
    EXPECT_OK(house.services->database->with_transaction(
        [&](sql::Transaction& tx) { return tx.execute(statement); }));
  }
};

std::vector<Operation> operations_of(const std::vector<Moment>& moments) {
  std::vector<Operation> out;
  for (const Moment& one : moments) out.push_back(one.deed.operation);
  return out;
}

// shows: ECP-TS-4
TEST_F(Moments, EachKeyOperationHasTheTimeOfATimeStampThatAnybodyVerifies) {
  const std::string id = sign_all();
  const std::vector<Moment> made = moments(id);
  using enum Operation;
  ASSERT_EQ(operations_of(made),
            (std::vector<Operation>{open, confirm, sign, open, confirm, sign, complete}));
  for (std::size_t i = 0; i < made.size(); ++i) {
    ASSERT_TRUE(made[i].time.has_value()) << i;
    EXPECT_GE(*made[i].time, *made[i == 0 ? 0 : i - 1].time) << i;
    const auto evidence = must(pki::verify_time_stamp_token(
        made[i].token, base::bytes_of(services::contract::record_of(made[i].deed)), {},
        house.services->trust.algorithms()));
    EXPECT_EQ(evidence.info.time, *made[i].time);
    EXPECT_EQ(evidence.authority, house.hierarchy().time_stamp_authority);
  }
  EXPECT_EQ(*made[1].time - *made[0].time, std::chrono::minutes(1));
  EXPECT_EQ(made[0].deed.person, zhang_id);
  EXPECT_EQ(made[3].deed.person, li_id);
  const base::Bytes complete_file = must(platform().document(get(id)));
  EXPECT_EQ(made.back().deed.subject, crypto::sm3(complete_file));
  EXPECT_ERROR(platform().moments("user:another", id), Code::not_found);
}

// shows: ECP-TS-4   mutant: tests/mutants/ECP-TS-4.token, ECP-TS-4.earlier
TEST_F(Moments, NoAdministratorOfTheDatabaseSetsATime) {
  const std::string id = sign_all();
  const std::vector<Moment> made = moments(id);
  const auto is_refused_after = [&](const std::string& statement, const std::string& back,
                                    Code code) {
    change(statement);
    EXPECT_ERROR(platform().moments(owner, id), code) << statement;
    change(back);
    EXPECT_EQ(moments(id).size(), 7U) << statement;
  };
  const std::string of_first = " WHERE sequence = (SELECT MIN(sequence) FROM contract_moments)";
  is_refused_after("UPDATE contract_moments SET person_id = 'P-other'" + of_first,
                   "UPDATE contract_moments SET person_id = '" + zhang_id + "'" + of_first,
                   Code::invalid_signature);
  is_refused_after("UPDATE contract_moments SET operation = 'sign'" + of_first,
                   "UPDATE contract_moments SET operation = 'open'" + of_first,
                   Code::invalid_signature);
  change("CREATE TABLE kept AS SELECT * FROM contract_moments");
  const std::string kept =
      "UPDATE contract_moments SET token = (SELECT token FROM kept WHERE "
      "kept.sequence = contract_moments.sequence)";
  // Another operation's token, and no token at all.
  is_refused_after(
      "UPDATE contract_moments SET token = (SELECT token FROM kept WHERE "
      "kept.operation = 'complete')" +
          of_first,
      kept, Code::invalid_signature);
  is_refused_after("UPDATE contract_moments SET token = NULL" + of_first, kept, Code::conflict);
  // One taken out, and the completion cannot be told anew.
  is_refused_after("DELETE FROM contract_moments" + of_first,
                   "INSERT INTO contract_moments SELECT * FROM kept" + of_first.substr(0, 17) +
                       "(SELECT MIN(sequence) FROM kept)",
                   Code::conflict);
}

// shows: ECP-TS-4   mutant: tests/mutants/ECP-TS-4.trust
TEST_F(Moments, ATokenOfAnotherAuthorityIsNoTime) {
  const std::string id = sign_all();
  const Moment first = moments(id).front();
  Authority foreign;
  const base::Bytes token = foreign.make_time_stamp(
      base::bytes_of(services::contract::record_of(first.deed)), at("2026-06-01T12:00:00Z"));
  EXPECT_OK(house.services->database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute("UPDATE contract_moments SET token = ?1 WHERE operation = 'open'", token);
  }));
  EXPECT_ERROR(platform().moments(owner, id), Code::time_untrusted);
}

// shows: ECP-TS-4
TEST_F(Moments, WithoutATrustedTimeNothingHasATimeAndNothingIsComplete) {
  const std::string id = begin();
  house.weather.time_is_trusted = false;
  EXPECT_OK(platform().open_document(link(kZhang)));
  house.settle();
  ASSERT_EQ(moments(id).size(), 1U);
  EXPECT_FALSE(moments(id)[0].time.has_value());
  house.clock.advance(std::chrono::minutes(30));
  house.weather.time_is_trusted = true;
  const base::Time from = house.clock.now();
  house.settle();
  // The time is when the authority could say it: later than the act, never before.
  ASSERT_TRUE(moments(id)[0].time.has_value());
  EXPECT_GE(*moments(id)[0].time + std::chrono::seconds(1), from);
}

TEST_F(Moments, ARepeatIsNoSecondDeedAndAStrangerNone) {
  const std::string id = begin();
  EXPECT_OK(platform().open_document(link(kZhang)));
  house.clock.advance(std::chrono::minutes(1));
  EXPECT_OK(platform().open_document(link(kZhang)));
  ASSERT_OK(ask(kZhang));
  ASSERT_OK(ask(kZhang));  // the same turn
  house.settle();
  EXPECT_EQ(operations_of(moments(id)),
            (std::vector<Operation>{Operation::open, Operation::confirm}));
  EXPECT_ERROR(platform().open_document("AAAAAAAAAAAAAAAAAAAAAAAAAAA"), Code::not_found);
  ASSERT_OK(platform().withdraw(owner, id, "错误"));
  EXPECT_OK(platform().open_document(link(kLi)));  // to be read, no longer to be signed
  EXPECT_EQ(moments(id).size(), 2U);
}

}  // namespace
}  // namespace heqi::testing
