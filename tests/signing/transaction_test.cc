// Signing transactions after GB/T 38646 §6.1, through every layer: an application asks, a device
// shows and signs with the key centre, the application is told.
#include <cstdlib>

#include <heqi/base/text.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

#include "phone.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Step;
using services::mss::SignatureRequest;
using services::mss::TransactionStatus;

constexpr std::string_view kData = "合同正文 / the words of the contract";

struct Signing : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  Phone phone{house};

  Signing() { EXPECT_OK(phone.enrol(house.code_for(zhang))); }

  services::mss::Transactions& transactions() { return house.services->transactions; }
  SignatureRequest request(const std::string& id, std::string_view data = kData) {
    return house.request("bank", id, zhang, data);
  }
  base::Result<TransactionStatus> submit(const std::string& id, std::string_view data = kData) {
    return transactions().submit("bank", request(id, data));
  }
  TransactionStatus query(const std::string& id) { return must(transactions().query("bank", id)); }
  std::string device_id() {
    const auto row = must(house.services->database->with_snapshot([&](sql::Transaction& tx) {
      return tx.get_row("SELECT device_id FROM mss_devices WHERE person_id = ?1", zhang);
    }));
    return row.text(0);
  }
  // verify is what an application does: certificate, attributes, signature.
  void verify(const TransactionStatus& status, std::string_view data) {
    ASSERT_TRUE(status.result.has_value());
    EXPECT_OK(house.services->trust.check(status.result->certificate));
    const auto certificate = must(x509::parse_certificate(status.result->certificate));
    const auto attributes = must(x509::parse_signed_attributes(status.result->signed_attributes));
    EXPECT_OK(x509::verify_content(attributes, base::bytes_of(data)));
    EXPECT_OK(x509::verify_signing_certificate(attributes, certificate));
    EXPECT_OK(crypto::verify(must(certificate.public_key().sm2_key()),
                             status.result->signed_attributes,
                             must(x509::parse_signature(status.result->signature))));
  }
};

// shows: MSSP-6.1-a, MSSP-6.1-b, MSSP-6.1-d, MSSP-6.1-g, MSSP-8.1.1, MSSP-8.2.1-a, MSSP-8.2.1-b
TEST_F(Signing, WhatTheApplicationSentIsWhatTheDeviceShowsAndSigns) {
  const auto accepted = submit("t-1");
  ASSERT_OK(accepted);
  EXPECT_EQ(accepted->state, "OPEN");
  EXPECT_EQ(accepted->step, "accepted");
  EXPECT_EQ(accepted->etsi_status, 100);
  EXPECT_FALSE(accepted->id.empty());

  const auto shown = phone.poll();
  ASSERT_OK(shown);
  ASSERT_EQ(shown->kind, Step::Kind::confirm);
  EXPECT_EQ(shown->display->transaction_id, accepted->id);
  EXPECT_EQ(shown->display->digest, crypto::sm3(base::bytes_of(kData)));
  EXPECT_EQ(shown->display->title, "租赁合同");
  EXPECT_EQ(shown->display->application, "Heqi Test Contracts");
  EXPECT_EQ(base::text_of(must(phone.msd->displayed_data(accepted->id))), kData);

  const auto done = phone.confirm(*shown);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
  const TransactionStatus status = query(accepted->id);
  EXPECT_EQ(status.state, "DONE");
  EXPECT_EQ(status.etsi_status, 500);
  verify(status, kData);
}

// shows: MSSP-6.1-b, MSSP-8.1.1
TEST_F(Signing, ARequestThatLacksSomethingIsRefused) {
  const auto refused = [&](auto change, Code code) {
    SignatureRequest bad = request("t-bad");
    change(bad);
    EXPECT_ERROR(transactions().submit("bank", bad), code);
  };
  refused([](auto& r) { r.data.clear(); }, Code::malformed);
  refused([](auto& r) { r.signer_id.clear(); }, Code::malformed);
  refused([](auto& r) { r.ap_transaction_id.clear(); }, Code::malformed);
  refused([](auto& r) { r.ap_transaction_id.assign(129, 'x'); }, Code::malformed);
  refused([](auto& r) { r.title.clear(); }, Code::malformed);
  refused([](auto& r) { r.title.assign(201, 'x'); }, Code::malformed);
  refused([](auto& r) { r.statement.clear(); }, Code::malformed);
  refused([](auto& r) { r.statement_certificate.clear(); }, Code::malformed);
  refused([](auto& r) { r.timeout = std::chrono::seconds(9); }, Code::malformed);
  refused([](auto& r) { r.timeout = std::chrono::hours(24 * 8); }, Code::malformed);
  refused([](auto& r) { r.data.resize(services::mss::kDataSizeMax + 1); }, Code::limit_exceeded);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 0);
  EXPECT_TRUE(house.blobs.files.empty());
}

// shows: MSSP-6.1-c
TEST_F(Signing, AnUnknownSignerIsAnUnknownClient) {
  SignatureRequest unknown = request("t-1");
  unknown.signer_id = "nobody";
  const auto refused = transactions().submit("bank", unknown);
  ASSERT_ERROR(refused, Code::signer_unknown);
  EXPECT_EQ(base::error_text(refused.error().code).english, "unknown client");
  const std::string li = house.add_person("李四", "li@example.cn");  // known, but has no device
  EXPECT_ERROR(transactions().submit("bank", house.request("bank", "t-2", li, kData)),
               Code::signer_unknown);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
}

// shows: MSSP-6.1-c
TEST_F(Signing, ASignerIdThatMeansTwoTerminalsIsRefused) {
  ASSERT_OK(house.services->database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO mss_devices (device_id, person_id, channel_public_key, channel_state, state, "
        "registered_at) SELECT 'second', person_id, channel_public_key, channel_state, state, "
        "registered_at FROM mss_devices");
  }));
  EXPECT_ERROR(submit("t-1"), Code::signer_unknown);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
}

// shows: MSSP-6.1-0
TEST_F(Signing, ASignerWithoutACertificateOfATrustedCaIsRefused) {
  SignatureRequest other = request("t-1");
  other.trusted_cas = {"another-ca"};
  EXPECT_ERROR(transactions().submit("bank", other), Code::signer_no_certificate);
  other.trusted_cas.clear();
  EXPECT_ERROR(transactions().submit("bank", other), Code::signer_no_certificate);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
}

// shows: MSSP-6.1-0
TEST_F(Signing, ARevokedCertificateIsRefusedBeforeAnythingReachesTheDevice) {
  const auto certificate = must(x509::parse_certificate(phone.msd->information().certificate));
  ASSERT_OK(house.services->authority.revoke(certificate.serial(),
                                             pki::RevocationReason::key_compromise));
  EXPECT_ERROR(submit("t-1"), Code::revoked);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 0);
}

TEST_F(Signing, ACertificateWhoseTimeIsOverIsRefused) {
  const auto& rules = services::ca::Profiles::built_in().of(services::ca::Profile::person);
  house.clock.advance(rules.lifetime + std::chrono::hours(1));
  EXPECT_ERROR(submit("t-1"), Code::signer_no_certificate);
}

TEST_F(Signing, WithoutAStatusAnswerNothingIsSent) {
  house.weather.pki_answers = false;
  EXPECT_FALSE(submit("t-1"));
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
}

// shows: MSSP-6.1-d
TEST_F(Signing, ARequestReachesTheSignersDeviceAndNoOther) {
  const std::string li = house.add_person("李四", "li@example.cn");
  Phone other(house);
  ASSERT_OK(other.enrol(house.code_for(li)));
  ASSERT_OK(submit("t-1"));
  EXPECT_EQ(must(other.poll()).kind, Step::Kind::idle);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::confirm);
}

// shows: MSSP-6.1-e, MSSP-6.1-e2, ZSA37-C-c
TEST_F(Signing, ThePinIsTakenOnlyForWhatIsDisplayed) {
  const auto accepted = must(submit("t-1"));
  const crypto::Digest digest = crypto::sm3(base::bytes_of(kData));
  EXPECT_ERROR(phone.msd->confirm(accepted.id, digest, pin_of(kPin)), Code::not_found);
  const auto shown = must(phone.poll());
  crypto::Digest another = digest;
  another[0] ^= 1;
  EXPECT_ERROR(phone.msd->confirm(accepted.id, another, pin_of(kPin)),
               Code::device_display_differs);
  EXPECT_EQ(query(accepted.id).state, "OPEN");
  EXPECT_EQ(must(phone.confirm(shown)).outcome, "signed");
}

// shows: MSSP-6.1-a, MSSP-6.1-e2
TEST_F(Signing, DataThatTheServiceChangedIsNoticedByTheDevice) {
  const auto accepted = must(submit("t-1"));
  ASSERT_EQ(house.blobs.files.size(), 1u);
  house.blobs.files.begin()->second = base::to_bytes("other words of the contract, same price");
  const auto refused = must(phone.poll());
  EXPECT_EQ(refused.kind, Step::Kind::refused);
  EXPECT_EQ(refused.refusal, Code::device_display_differs);
  const TransactionStatus status = query(accepted.id);
  EXPECT_EQ(status.state, "FAILED");
  EXPECT_EQ(status.code, "device.display_differs");
  EXPECT_FALSE(status.result.has_value());
}

// shows: MSSP-6.1-a
TEST_F(Signing, AStatementThatIsNotAboutThisRequestIsRefused) {
  const auto refused = [&](const base::Bytes& statement, Code code) {
    SignatureRequest wrong = request("t-1");
    wrong.statement = statement;
    EXPECT_ERROR(transactions().submit("bank", wrong), code);
  };
  refused(request("t-1", "another text").statement, Code::malformed);
  refused(request("t-2").statement, Code::denied);
  refused(house.request("shop", "t-1", zhang, kData).statement, Code::denied);  // from the wire
  base::Bytes changed = request("t-1").statement;
  changed.back() ^= 1;
  refused(changed, Code::invalid_signature);
  SignatureRequest titled = request("t-1");
  titled.title = "a gift";
  EXPECT_ERROR(transactions().submit("bank", titled), Code::malformed);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 0);
}

// shows: MSSP-6.1-g
TEST_F(Signing, AWrongPinGivesNothingAndIsCharged) {
  const auto accepted = must(submit("t-1"));
  const auto shown = must(phone.poll());
  const std::string key = phone.msd->information().key_id;
  const int before = must(house.services->module.key_status(key)).tries_left;
  const auto again = must(phone.confirm(shown, kWrongPin));
  EXPECT_EQ(again.kind, Step::Kind::confirm);
  EXPECT_EQ(query(accepted.id).state, "OPEN");
  EXPECT_EQ(must(house.services->module.key_status(key)).tries_left, before - 1);
  EXPECT_EQ(must(phone.confirm(again)).outcome, "signed");
  EXPECT_EQ(must(house.services->module.key_status(key)).tries_left, before);
  EXPECT_FALSE(house.log.mentions(kPin));
  EXPECT_FALSE(house.log.mentions(kWrongPin));
}

TEST_F(Signing, TooManyWrongPinsEndTheTransactionForTheApplication) {
  const auto accepted = must(submit("t-1"));
  auto step = must(phone.poll());
  int wrong = 0;
  for (; wrong < 10 && step.kind == Step::Kind::confirm; ++wrong)
    step = must(phone.confirm(step, kWrongPin));
  EXPECT_EQ(wrong, 3);
  EXPECT_EQ(step.kind, Step::Kind::refused);
  EXPECT_EQ(step.refusal, Code::cosign_pin_delayed);
  EXPECT_EQ(step.retry_at, house.clock.now() + std::chrono::hours(3));
  EXPECT_EQ(step.tries_left, 3u);
  EXPECT_EQ(query(accepted.id).state, "FAILED");
  EXPECT_FALSE(query(accepted.id).result.has_value());
}

// outdated is an envelope as a device of an older protocol would send it: the text of the protocol,
// and after it the version.
base::Bytes outdated(base::Bytes envelope) {
  const std::string_view protocol = "heqi-envelope";
  const auto found =
      std::search(envelope.begin(), envelope.end(), protocol.begin(), protocol.end());
  HEQI_CHECK(found != envelope.end());
  *(found + static_cast<std::ptrdiff_t>(protocol.size()) + 2) = 0;
  return envelope;
}

TEST_F(Signing, ADeviceOfAnOlderProtocolIsToldSoAndLosesNoTry) {
  must(submit("t-1"));
  const auto shown = must(phone.poll());
  const std::string key = phone.msd->information().key_id;
  const int before = must(house.services->module.key_status(key)).tries_left;
  auto opening = must(phone.msd->confirm(shown.display->transaction_id, shown.display->digest,
                                         testing::pin_of(kPin)));
  opening.message = outdated(opening.message);
  EXPECT_ERROR(phone.carry(opening), Code::device_outdated);
  opening.destination = device::Destination::service;
  EXPECT_ERROR(phone.carry(opening), Code::device_outdated);
  EXPECT_EQ(must(house.services->module.key_status(key)).tries_left, before);
}

// shows: MSSP-6.1-g2, ZSA37-C-c
TEST_F(Signing, OnePinReleasesOneTransaction) {
  const auto first = must(submit("t-1"));
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  const auto second = must(submit("t-2", "another text"));
  const auto shown = must(phone.poll());
  EXPECT_EQ(shown.kind, Step::Kind::confirm);  // asks again
  EXPECT_EQ(query(second.id).state, "OPEN");
}

// shows: MSSP-6.1-f
TEST_F(Signing, ACancelReachesTheApplication) {
  const auto accepted = must(submit("t-1"));
  const auto shown = must(phone.poll());
  EXPECT_EQ(must(phone.cancel(shown)).outcome, "cancelled");
  const TransactionStatus status = query(accepted.id);
  EXPECT_EQ(status.state, "CANCELLED");
  EXPECT_EQ(status.code, "cancelled");
  EXPECT_EQ(status.etsi_status, 401);
  house.settle();
  ASSERT_EQ(house.results.size(), 1u);
  EXPECT_EQ(house.results[0].recipient, "ap:bank");
  EXPECT_EQ(house.results[0].ending->outcome, flow::Outcome::cancelled);
}

// shows: MSSP-6.1-i, MSSP-8.1.2
TEST_F(Signing, TheResultGoesToTheApplicationThatAskedOnce) {
  const auto accepted = must(submit("t-1"));
  ASSERT_OK(phone.sign());
  house.weather.results_to_refuse = 3;  // retried until it is taken
  for (int i = 0; i < 10; ++i) {
    house.settle();
    house.clock.advance(std::chrono::minutes(1));
  }
  ASSERT_EQ(house.results.size(), 1u);
  EXPECT_EQ(house.results[0].recipient, "ap:bank");
  EXPECT_EQ(house.results[0].flow_id, accepted.id);
  const auto result = must(services::mss::parse_signature_result(house.results[0].payload));
  EXPECT_EQ(result.signature, query(accepted.id).result->signature);
  EXPECT_EQ(house.device_ends.size(), 1u);
  house.restart();
  house.settle();
  EXPECT_EQ(house.results.size(), 1u);
}

// shows: MSSP-8.1.3
TEST_F(Signing, AnotherApplicationsTransactionIsNotFound) {
  const auto accepted = must(submit("t-1"));
  EXPECT_ERROR(transactions().query("shop", accepted.id), Code::not_found);
  EXPECT_ERROR(transactions().query("bank", "no-such-id"), Code::not_found);
  EXPECT_EQ(query(accepted.id).state, "OPEN");
}

// shows: MSSP-8.1.3
TEST_F(Signing, AnotherApplicationsTransactionCannotBeCancelled) {
  const auto accepted = must(submit("t-1"));
  EXPECT_ERROR(transactions().cancel("shop", accepted.id, "no"), Code::not_found);
  EXPECT_ERROR(transactions().cancel_by_application_id("shop", "t-1", "no"), Code::not_found);
  EXPECT_EQ(query(accepted.id).state, "OPEN");
}

TEST_F(Signing, ApplicationsIdsDoNotMeetEachOther) {
  const auto mine = must(submit("t-1"));
  EXPECT_ERROR(transactions().submit("shop", house.request("shop", "t-1", zhang, "other")),
               Code::signer_busy);
  ASSERT_OK(transactions().cancel("bank", mine.id, "changed our mind"));
  const auto theirs = transactions().submit("shop", house.request("shop", "t-1", zhang, "other"));
  ASSERT_OK(theirs);
  EXPECT_NE(theirs->id, mine.id);
}

// shows: MSSP-6.1-k
TEST_F(Signing, ATransactionThatNobodyConfirmsExpiresForBothSides) {
  const auto accepted = must(submit("t-1"));
  const auto shown = must(phone.poll());
  house.clock.advance(services::mss::kTimeoutDefault);
  EXPECT_EQ(query(accepted.id).state, "EXPIRED");
  house.settle();
  EXPECT_EQ(query(accepted.id).etsi_status, 208);
  ASSERT_EQ(house.results.size(), 1u);
  EXPECT_EQ(house.results[0].ending->outcome, flow::Outcome::expired);
  ASSERT_EQ(house.device_ends.size(), 1u);
  EXPECT_EQ(house.device_ends[0].recipient, "device:" + device_id());
  house.clock.advance(std::chrono::seconds(1));
  const auto late = must(phone.confirm(shown));
  EXPECT_EQ(late.kind, Step::Kind::refused);
  EXPECT_EQ(late.refusal, Code::expired);
  EXPECT_FALSE(query(accepted.id).result.has_value());
  EXPECT_OK(submit("t-2"));  // the signer is free again
}

// The device itself would sign in time; its answer comes late.
// shows: MSSP-6.1-k
TEST_F(Signing, ASignatureThatComesLateDoesNotCount) {
  const auto accepted = must(submit("t-1"));
  const auto shown = must(phone.poll());
  phone.on_answer = [&](int) {
    house.clock.advance(services::mss::kTimeoutDefault);  // while the key centre answers
    return true;
  };
  const auto late = phone.confirm(shown);
  phone.on_answer = nullptr;
  EXPECT_FALSE(late && late->outcome == "signed");
  EXPECT_EQ(query(accepted.id).state, "EXPIRED");
  EXPECT_FALSE(query(accepted.id).result.has_value());
  house.settle();
  ASSERT_EQ(house.results.size(), 1u);
  EXPECT_EQ(house.results[0].ending->outcome, flow::Outcome::expired);
}

// shows: MSSP-6.1-l
TEST_F(Signing, ARepeatedRequestGetsTheFirstTransaction) {
  const auto first = must(submit("t-1"));
  EXPECT_EQ(must(submit("t-1")).id, first.id);
  ASSERT_OK(phone.sign());
  const auto again = must(submit("t-1"));
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.state, "DONE");
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);  // no second prompt
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 1);
}

// shows: MSSP-6.1-l
TEST_F(Signing, ARepeatIsAnsweredAlsoAfterTheSignersCertificateHasGone) {
  const auto first = must(submit("t-1"));
  ASSERT_OK(phone.sign());
  const auto certificate = must(x509::parse_certificate(phone.msd->information().certificate));
  ASSERT_OK(
      house.services->authority.revoke(certificate.serial(), pki::RevocationReason::superseded));
  const auto again = submit("t-1");
  ASSERT_OK(again);
  EXPECT_EQ(again->id, first.id);
  EXPECT_EQ(again->state, "DONE");
}

TEST_F(Signing, ARepeatedIdWithOtherContentIsAConflict) {
  ASSERT_OK(submit("t-1"));
  EXPECT_ERROR(submit("t-1", "another text"), Code::conflict);
  SignatureRequest titled = request("t-1");
  titled.title = "another title";
  EXPECT_ERROR(transactions().submit("bank", titled), Code::conflict);
}

TEST_F(Signing, ABusySignerIsSaidToBeBusy) {
  const auto first = must(submit("t-1"));
  EXPECT_ERROR(submit("t-2"), Code::signer_busy);
  ASSERT_OK(transactions().cancel("bank", first.id, "first one is not needed"));
  EXPECT_OK(submit("t-2"));
}

TEST_F(Signing, ATransactionThatTheApplicationCancelledYieldsNoSignature) {
  const auto accepted = must(submit("t-1"));
  const auto shown = must(phone.poll());
  std::string reason;  // 400 octets of three each: cut between two characters
  for (int i = 0; i < 134; ++i) reason += "撤";
  EXPECT_EQ(must(transactions().cancel("bank", accepted.id, reason)).state, "CANCELLED");
  const auto late = phone.confirm(shown);
  EXPECT_FALSE(late && late->outcome == "signed");
  EXPECT_FALSE(query(accepted.id).result.has_value());
  EXPECT_EQ(must(transactions().cancel("bank", accepted.id, "again")).state, "CANCELLED");
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  house.settle();
  EXPECT_EQ(house.results.size(), 1u);
  EXPECT_EQ(house.device_ends.size(), 1u);
}

// shows: MSSP-6.1-h
TEST_F(Signing, AnAnswerForAnUnknownOrForeignTransactionIsRefused) {
  const auto accepted = must(submit("t-1"));
  EXPECT_ERROR(transactions().refuse(device_id(), "no-such-id", Code::cancelled), Code::not_found);
  EXPECT_ERROR(transactions().refuse("another-device", accepted.id, Code::cancelled),
               Code::not_found);
  EXPECT_EQ(query(accepted.id).state, "OPEN");
  ASSERT_OK(phone.sign());
  const auto result = *query(accepted.id).result;
  EXPECT_ERROR(transactions().complete("another-device", accepted.id, result.signed_attributes,
                                       result.signature),
               Code::not_found);
}

// shows: MSSP-6.1-h
TEST_F(Signing, AnAnswerForAFinishedTransactionIsRefusedUnlessItIsTheSame) {
  const auto accepted = must(submit("t-1"));
  ASSERT_OK(phone.sign());
  const auto result = *query(accepted.id).result;
  EXPECT_OK(transactions().complete(device_id(), accepted.id, result.signed_attributes,
                                    result.signature));
  EXPECT_ERROR(transactions().refuse(device_id(), accepted.id, Code::cancelled), Code::conflict);
  EXPECT_EQ(query(accepted.id).state, "DONE");
}

// shows: MSSP-6.1-h
TEST_F(Signing, ASignatureOverSomethingElseIsNotTaken) {
  const auto first = must(submit("t-1"));
  ASSERT_OK(phone.sign());
  const auto made = *query(first.id).result;
  const auto second = must(submit("t-2", "another text"));
  // The right device, a valid signature of its key, but of the first data.
  EXPECT_ERROR(
      transactions().complete(device_id(), second.id, made.signed_attributes, made.signature),
      Code::invalid_signature);
  EXPECT_ERROR(transactions().complete(device_id(), second.id, {}, made.signature),
               Code::malformed);
  EXPECT_EQ(query(second.id).state, "OPEN");
}

// shows: MSSP-6.1-h
TEST_F(Signing, ASignatureThatDoesNotVerifyIsNotTaken) {
  const auto accepted = must(submit("t-1"));
  const auto certificate = must(x509::parse_certificate(phone.msd->information().certificate));
  x509::SignedAttributes attributes;
  attributes.content_type = x509::oids::cms_data();
  const crypto::Digest digest = crypto::sm3(base::bytes_of(kData));
  attributes.message_digest.assign(digest.begin(), digest.end());
  attributes.signing_certificate = x509::make_reference(certificate);
  const base::Bytes encoded = must(x509::encode_signed_attributes(attributes));
  x509::SoftwareSm2Signer stranger(must(crypto::PrivateKey::generate(house.random)), house.random);
  EXPECT_ERROR(
      transactions().complete(device_id(), accepted.id, encoded, must(stranger.sign(encoded))),
      Code::invalid_signature);
  EXPECT_EQ(query(accepted.id).state, "OPEN");
}

TEST_F(Signing, AStrangerVerifiesTheSignature) {
  if (std::system("command -v openssl >/dev/null") != 0)
    GTEST_SKIP() << "the openssl program is not installed: ./dev packages test installs it";
  const auto accepted = must(submit("t-1"));
  ASSERT_OK(phone.sign());
  const auto result = *query(accepted.id).result;
  const TemporaryFolder folder;
  const std::string& at = folder.path();
  ASSERT_OK(base::write_file(at + "/certificate.der", result.certificate));
  ASSERT_OK(base::write_file(at + "/attributes", result.signed_attributes));
  ASSERT_OK(base::write_file(at + "/signature", result.signature));
  const auto runs = [&](const std::string& command) {
    return std::system(("cd " + at + " && " + command + " >/dev/null 2>&1").c_str()) == 0;
  };
  EXPECT_TRUE(runs("openssl x509 -inform DER -in certificate.der -pubkey -noout -out key.pem"));
  const std::string verify =
      "openssl dgst -sm3 -verify key.pem -sigopt distid:1234567812345678 -signature signature ";
  EXPECT_TRUE(runs(verify + "attributes"));
  EXPECT_FALSE(runs(verify + "certificate.der"));
}

// Everything goes down after each message in turn, and comes up again: one signature comes of it.
TEST_F(Signing, GoesOnAfterARestartAtEveryMessage) {
  int messages = 8;
  for (int last = 1; last <= messages; ++last) {
    const std::string id = "t-" + std::to_string(last);
    const auto accepted = must(submit(id));
    house.restart();
    phone.carried = 0;
    phone.on_answer = [&](int n) { return n != last; };
    auto step = phone.sign();
    const bool broken = !step.has_value();
    phone.on_answer = nullptr;
    if (!broken) {
      messages = 0;  // this was the last message
    } else {
      house.restart();
      phone.restart();
      step = phone.poll();
      for (int i = 0; i < 4 && step && step->kind == Step::Kind::confirm; ++i)
        step = phone.confirm(*step);
      ASSERT_OK(step) << last;
    }
    const TransactionStatus status = query(accepted.id);
    EXPECT_EQ(status.state, "DONE") << last;
    verify(status, kData);
    house.settle();
    EXPECT_EQ(house.results.size(), static_cast<std::size_t>(last));
  }
}

}  // namespace
}  // namespace heqi::testing
