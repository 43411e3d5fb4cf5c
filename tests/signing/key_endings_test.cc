// What becomes of a certificate whose key has ended in the key centre: unbound by the person, wiped
// by an administrator, disabled by the key centre's own.
#include <heqi/keys/module_protocol.h>

#include "phone.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Step;

struct KeyEnding : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  std::string li = house.add_person("李四", "li@example.cn");
  Phone phone{house}, other{house};

  void SetUp() override {
    ASSERT_OK(phone.enrol(house.code_for(zhang)));
    ASSERT_OK(other.enrol(house.code_for(li)));
  }
  services::ca::Standing::State standing(const base::Bytes& certificate) {
    const auto parsed = must(x509::parse_certificate(certificate));
    return must(house.services->authority.standing(parsed.serial())).state;
  }
  base::Result<services::mss::TransactionStatus> submit(const std::string& id,
                                                        const std::string& signer) {
    return house.services->transactions.submit("shop", house.request("shop", id, signer, "text"));
  }
};

// shows: KEP-17.1-h
// shows-part: MSSP-6.2.4-d (the end of a key, without a request)
TEST_F(KeyEnding, AnUnboundKeyTakesItsCertificateWithIt) {
  const base::Bytes certificate = phone.msd->information().certificate;
  const auto open = must(submit("t1", zhang));
  const auto done = phone.follow(phone.msd->unbind());
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "unbound");
  house.settle();
  EXPECT_EQ(standing(certificate), services::ca::Standing::State::revoked);
  EXPECT_ERROR(submit("t2", zhang), Code::signer_unknown);
  // The application hears why nothing came of its transaction.
  const auto ended = must(house.services->transactions.query("shop", open.id));
  EXPECT_EQ(ended.state, "FAILED");
  EXPECT_EQ(ended.code, "cosign.key_revoked");
  // Nobody else is touched, and the person may come back.
  EXPECT_EQ(standing(other.msd->information().certificate), services::ca::Standing::State::good);
  EXPECT_OK(submit("t3", li));
  ASSERT_OK(phone.enrol(house.code_for(zhang)));
  EXPECT_EQ(standing(phone.msd->information().certificate), services::ca::Standing::State::good);
  house.settle();
  EXPECT_EQ(standing(phone.msd->information().certificate), services::ca::Standing::State::good);
}

// shows: MSSP-7.2-d2
// shows-part: MSSP-6.2.4-d (not delayed by a phone that nobody reaches)
TEST_F(KeyEnding, ALostDeviceIsWipedByThePersonsId) {
  const base::Bytes certificate = phone.msd->information().certificate;
  const std::string key = phone.msd->information().key_id;
  ASSERT_OK(house.services->key_endings.wipe(zhang));
  EXPECT_EQ(must(house.services->module.key_status(key)).state, "revoked");
  house.settle();
  EXPECT_EQ(standing(certificate), services::ca::Standing::State::revoked);
  EXPECT_ERROR(house.services->key_endings.wipe(zhang), Code::not_found);
  EXPECT_ERROR(house.services->key_endings.wipe("nobody"), Code::not_found);
  EXPECT_OK(house.services->key_endings.wipe(li));
}

// shows-part: MSSP-7.2-d2 (a person who enrols another device)
TEST_F(KeyEnding, ADeviceThatWasReplacedEndsToo) {
  const base::Bytes first = phone.msd->information().certificate;
  const std::string key = phone.msd->information().key_id;
  Phone next(house);
  ASSERT_OK(next.enrol(house.code_for(zhang)));
  house.settle();
  EXPECT_EQ(standing(first), services::ca::Standing::State::revoked);
  EXPECT_EQ(must(house.services->module.key_status(key)).state, "revoked");
  EXPECT_EQ(standing(next.msd->information().certificate), services::ca::Standing::State::good);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_devices WHERE state = 'retired'"), 0);
  ASSERT_OK(submit("t5", zhang));
  EXPECT_EQ(must(next.sign()).outcome, "signed");
}

TEST_F(KeyEnding, AnEndIsToldUntilItIsHeard) {
  auto& module = house.services->module;
  EXPECT_TRUE(must(module.ended_keys()).empty());
  ASSERT_OK(house.services->key_endings.wipe(zhang));
  const auto told = must(module.ended_keys());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].key_id, phone.msd->information().key_id);
  // The platform dies before it has acted: the next one is told again.
  house.restart();
  const auto again = must(house.services->module.ended_keys());
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(must(house.services->key_endings.round()), 1u);
  EXPECT_EQ(must(house.services->key_endings.round()), 1u);  // its device is to erase what it has
  EXPECT_EQ(must(house.services->key_endings.round()), 0u);
  // Nobody takes a key that is in use off the list of tomorrow.
  ASSERT_OK(house.services->module.heard_ended({other.msd->information().key_id, "unknown"}));
  ASSERT_OK(house.services->key_endings.wipe(li));
  EXPECT_EQ(must(house.services->module.ended_keys()).size(), 1u);
}

TEST_F(KeyEnding, AnEndThatIsHeardLateLeavesTheNextKeyAlone) {
  const base::Bytes first = phone.msd->information().certificate;
  ASSERT_OK(phone.follow(phone.msd->unbind()));
  ASSERT_OK(phone.enrol(house.code_for(zhang)));
  const base::Bytes second = phone.msd->information().certificate;
  house.settle();
  EXPECT_EQ(standing(first), services::ca::Standing::State::revoked);
  EXPECT_EQ(standing(second), services::ca::Standing::State::good);
  ASSERT_OK(submit("t4", zhang));
  ASSERT_OK(phone.sign());
  const auto signed_with =
      must(house.services->transactions.query("shop", must(submit("t4", zhang)).id));
  EXPECT_EQ(signed_with.state, "DONE");
}

TEST(EndedKeys, AListIsReadAsItWasWrittenAndHasALimit) {
  std::vector<keys::EndedKey> ended = {{"k1", "d1", {4, 1, 2}}, {"k2", "d2", {}}};
  const auto read = must(keys::parse_ended_keys(keys::encode_ended_keys(ended)));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].public_key, ended[0].public_key);
  EXPECT_TRUE(read[1].public_key.empty());
  ended.resize(keys::kEndedKeysMax + 1, ended[0]);
  EXPECT_ERROR(keys::parse_ended_keys(keys::encode_ended_keys(ended)), Code::limit_exceeded);
  EXPECT_ERROR(
      keys::parse_names(keys::encode_names(std::vector<std::string>(keys::kEndedKeysMax + 1, "k"))),
      Code::limit_exceeded);
  EXPECT_ERROR(keys::parse_ended_keys(base::Bytes{0x30, 0x01, 0x05}), Code::malformed);
  EXPECT_ERROR(keys::parse_names(base::Bytes{}), Code::malformed);
}

}  // namespace
}  // namespace heqi::testing
