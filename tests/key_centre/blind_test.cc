// The exchange `blind` between a device and the key centre, message by message.
#include "joined.h"
#include "tests/sealed.h"

namespace heqi::joined {
namespace {

using base::Code;

struct Blind : public ::testing::Test {
  void SetUp() override {
    ASSERT_OK(house.enrol());
    house.centre.exchanges = keys::Exchanges::joint_and_blind;
    house.centre.open();
    use_blind();
  }
  void use_blind() {
    house.world.exchange = &device::blind_exchange();
    house.world.restart();
  }
  std::vector<sql::Row> records() {
    auto database =
        must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
    return must(database->with_snapshot([](sql::Transaction& tx) {
      return tx.query("SELECT digest FROM module_signatures ORDER BY counter");
    }));
  }
  House house;
};

// shows: COS-sig-7
TEST_F(Blind, SignsAndTheKeyCentresRecordHasNoDigest) {
  const std::size_t before = records().size();
  house.carried.clear();
  const auto done = house.sign();  // verifies
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
  const auto after = records();
  ASSERT_EQ(after.size(), before + 1);
  EXPECT_TRUE(after.back().bytes(0).empty());
  ASSERT_OK(house.sign());
  EXPECT_EQ(records().size(), before + 2);
}

// shows-part: ZSA37-C-f (the platform's side)   mutant: tests/mutants/ZSA37-C-f.noted
TEST_F(Blind, OfASealForAnApplicationTheKeyCentreNotesTheDigestAllTheSame) {
  const auto certificate =
      must(x509::parse_certificate(house.world.msd->information().certificate));
  device::Sealed sealed;
  sealed.time = sealed.valid_from = house.world.clock.now();
  sealed.valid_until = sealed.time + std::chrono::hours(1);
  sealed.signers = {base::to_bytes(certificate.der())};
  const base::Bytes octets = device::to_be_sealed(sealed);
  device::ApplicationStatement statement;
  statement.application_id = "erp", statement.application_transaction = "1";
  statement.title = "采购合同", statement.size = octets.size();
  statement.digest = crypto::sm3(octets), statement.form = device::SignatureForm::seal;
  statement.expires = sealed.valid_until;
  house.world.service.requests.push_back(
      house.world.sign_request(statement, base::text_of(octets), "tx-seal"));
  const auto done = house.confirm(house.follow(house.world.msd->poll()));
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
  const auto key = must(certificate.public_key().sm2_key());
  EXPECT_OK(crypto::verify(
      key, octets, must(x509::parse_signature(house.world.service.answers.back().signature))));
  const crypto::Digest signed_digest = crypto::message_digest(key, octets);
  EXPECT_TRUE(base::same_bytes(records().back().bytes(0), signed_digest));
}

// The request proves d1 for a PIN: it travels sealed, as does its answer. Who opens and who ends a
// session may be read, and names the key.
// shows-part: COS-C-3 (what of `blind` travels in the clear)
TEST_F(Blind, NothingOnTheWayTestsAPin) {
  ASSERT_OK(house.sign());  // both channels are in step from here on
  const base::Bytes key_id = must(base::parse_hex(house.key_id()));
  house.carried.clear();
  ASSERT_OK(house.sign());
  std::size_t readable = 0;
  for (const base::Bytes& message : house.carried)
    if (std::search(message.begin(), message.end(), key_id.begin(), key_id.end()) != message.end())
      ++readable;
  EXPECT_EQ(readable, 2u) << "the opening and the end";
}

TEST_F(Blind, TheCertificateRequestOfAnotherBindingIsSignedSoToo) {
  ASSERT_OK(house.follow(house.world.msd->unbind()));
  ASSERT_OK(house.enrol());
  EXPECT_EQ(must(house.sign()).outcome, "signed");
}

// shows: COS-sig-9
TEST_F(Blind, AWrongPinIsChargedAndTheNextSessionIsNotBarred) {
  const auto wrong = house.sign(kWrongPin);
  ASSERT_OK(wrong);
  EXPECT_EQ(wrong->kind, Step::Kind::confirm);
  EXPECT_EQ(wrong->display->tries_left, 2u);
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 2);
  const auto right = house.confirm(wrong);
  ASSERT_OK(right);
  EXPECT_EQ(right->outcome, "signed");
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
}

TEST_F(Blind, AKeyCentreThatSignsByJointOnlyRefusesAndChargesNothing) {
  house.centre.exchanges = keys::Exchanges::joint;
  house.centre.open();
  const auto refused = house.sign();
  EXPECT_FALSE(refused && refused->outcome == "signed");
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
  house.world.exchange = nullptr;
  house.world.restart();
  EXPECT_EQ(must(house.sign()).outcome, "signed");
}

// A restart of the key centre, or of the device, or a lost answer at any message of the exchange:
// no session is revived, no signature is made twice, and the next one is made.
// shows-part: COS-sig-7 (over restarts and lost answers)
TEST_F(Blind, AfterABreakAnywhereTheSessionIsGoneAndTheNextSignatureIsMade) {
  // Resynchronisation, opening, request, end.
  for (int lost = 1; lost <= 4; ++lost) {
    SCOPED_TRACE(lost);
    house.lost = lost;
    (void)house.sign();
    house.lost = 0;
    house.world.restart();
    house.centre.open();
    house.world.clock.advance(std::chrono::minutes(2));
    house.world.service.requests.clear();
    EXPECT_OK(house.follow(house.world.msd->poll()));  // a finished signature is delivered
    const auto next = house.sign();
    ASSERT_OK(next);
    EXPECT_EQ(next->outcome, "signed");
  }
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
}

// Without a restart the first session bars the second one until its time is over: one at a time,
// whatever the device says (ROS).
TEST_F(Blind, AnAbandonedSessionBarsTheNextUntilItsTimeIsOver) {
  house.lost = 2;  // the commitment
  EXPECT_FALSE(house.sign());
  house.world.restart();
  const auto barred = house.sign();
  EXPECT_FALSE(barred && barred->outcome == "signed");
  house.world.restart();
  house.world.clock.advance(cosign::kBlindSession + std::chrono::seconds(1));
  EXPECT_EQ(must(house.sign()).outcome, "signed");
}

TEST_F(Blind, RefreshedSharesAreProvenByJointFirst) {
  ASSERT_OK(house.confirm(house.world.msd->refresh_shares()));
  EXPECT_EQ(must(house.sign()).outcome, "signed");
  EXPECT_TRUE(records().back().bytes(0).empty());
}

}  // namespace
}  // namespace heqi::joined
