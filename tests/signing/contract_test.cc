// A contract from the upload to the finished file: the platform with the real signature service,
// time-stamps, OCSP and devices behind its ports.
#include <heqi/base/text.h>
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/verify/report_text.h>
#include <heqi/documents/verify/verify.h>
#include <heqi/pki/cms.h>
#include <heqi/testing/postgres.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>

#include "deal.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Step;
using services::contract::Contract;
using services::contract::ContractRequest;
using services::contract::Order;

struct Contracts : ::testing::Test, Deal {};

// sign_both is the main job; the same on every database.
void sign_both(Deal& deal) {
  const std::string id = deal.begin();
  deal.sign(deal.li, kLi);
  EXPECT_EQ(deal.get(id).state, "signing");
  deal.sign(deal.zhang, kZhang);
  const Contract contract = deal.get(id);
  ASSERT_EQ(contract.state, "complete");
  EXPECT_TRUE(contract.ended_at.has_value());

  const auto signatures = deal.signatures(contract);
  ASSERT_EQ(signatures.size(), 3u);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto message =
        must(pki::parse_signed_data(must(pki::der_prefix_of(signatures[i].contents))));
    bool stamped = false;
    for (const pki::Attribute& attribute : message.signers.front().unsigned_values)
      stamped = stamped || attribute.type == x509::oids::signature_time_stamp_token();
    EXPECT_TRUE(stamped) << i;
  }
  EXPECT_EQ(signatures[2].sub_filter, "ETSI.RFC3161");
  // Nobody is told twice.
  deal.house.settle();
  EXPECT_EQ(deal.house.mails("completed").size(), 3u);
  EXPECT_EQ(deal.house.mails("invitation").size(), 2u);
  EXPECT_EQ(deal.house.mails("signing_failed").size(), 0u);
  const auto history = must(deal.platform().history(deal.owner, id));
  std::vector<std::string> acts;
  for (const auto& entry : history) acts.push_back(entry.act);
  EXPECT_EQ(acts, (std::vector<std::string>{"created", "started", "signed", "signed", "complete"}));
}

// shows-part: ECP-DOC-6 (the contract platform writes GM/T 0010 too)
TEST_F(Contracts, AreSignedInTheFormatThatTheSenderWishes) {
  for (const auto format :
       {services::contract::SignatureFormat::gm, services::contract::SignatureFormat::gm_pkilite}) {
    house.clock.advance(std::chrono::seconds(1));
    ContractRequest request = wanted();
    request.format = format;
    const std::string id = must(platform().create(request)).id;
    EXPECT_OK(platform().start(owner, id));
    house.settle();
    sign(li, kLi), sign(zhang, kZhang);
    const Contract contract = get(id);
    ASSERT_EQ(contract.state, "complete");
    EXPECT_EQ(contract.format, format);
    const auto made = signatures(contract);
    ASSERT_EQ(made.size(), 3u);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(made[i].sub_filter, services::contract::names_of(format).sub_filter);
      EXPECT_EQ(must(pki::parse_signed_data(must(pki::der_prefix_of(made[i].contents)))).outer,
                pki::Profile::gm_t_0010);
    }
    documents::verify::VerifyOptions options;
    options.trust = house.services->trust.anchors();
    options.now = house.clock.now();
    const auto report = must(documents::verify::verify_pdf(file, options));
    EXPECT_EQ(report.verdict, documents::verify::Verdict::valid)
        << documents::verify::to_text(report, documents::verify::Language::english);
  }
}

// The first device's certificate is revoked with it, after its signature was time-stamped.
TEST_F(Contracts, ASignatureOutlivesTheDeviceThatWasReplaced) {
  const std::string id = begin();
  sign(li, kLi);
  house.clock.advance(std::chrono::minutes(5));
  Phone next(house);
  ASSERT_OK(next.enrol(house.code_for(li_id)));
  house.settle();
  house.clock.advance(std::chrono::minutes(5));
  sign(zhang, kZhang);
  const Contract contract = get(id);
  ASSERT_EQ(contract.state, "complete");
  file = must(platform().document(contract));
  documents::verify::VerifyOptions options;
  options.trust = house.services->trust.anchors();
  options.now = house.clock.now();
  const auto report = must(documents::verify::verify_pdf(file, options));
  EXPECT_EQ(report.verdict, documents::verify::Verdict::valid)
      << documents::verify::to_text(report, documents::verify::Language::english);
}

// shows: MSSP-6.1-i, MSSP-6.1-j, ECP-CON-8, ECP-CON-11
// shows-part: ECP-CON-3 (organisations, copies)
TEST_F(Contracts, TwoPersonsSignInAnyOrderAndAllAreTold) {
  sign_both(*this);
}

TEST(ContractsOnPostgres, TwoPersonsSignInAnyOrderAndAllAreTold) {
  PostgresCluster* cluster = shared_postgres();
  if (cluster == nullptr)
    GTEST_SKIP() << "there is no PostgreSQL server program; ./dev packages test installs it";
  Deal deal(must(cluster->make_database()));
  sign_both(deal);
}

TEST(ContractsOnPostgres, ADeclineAndAWithdrawalEndThere) {
  PostgresCluster* cluster = shared_postgres();
  if (cluster == nullptr)
    GTEST_SKIP() << "there is no PostgreSQL server program; ./dev packages test installs it";
  Deal deal(must(cluster->make_database()));
  const std::string first = deal.begin();
  ASSERT_OK(deal.platform().decline(deal.link(kLi), "太贵"));
  EXPECT_EQ(deal.get(first).state, "declined");
  const std::string second = deal.begin();
  std::string reason;
  for (int i = 0; i < 100; ++i) reason += "撤";
  ASSERT_OK(deal.ask(kLi));
  ASSERT_OK(deal.platform().withdraw(deal.owner, second, reason));
  EXPECT_EQ(deal.get(second).state, "withdrawn");
  EXPECT_EQ(must(deal.li.poll()).kind, Step::Kind::idle);
}

TEST_F(Contracts, EarlierOctetsOfTheFileStayAsTheyAre) {
  const std::string id = begin();
  const base::Bytes prepared = must(platform().document(get(id)));
  sign(zhang, kZhang);
  const base::Bytes once = must(platform().document(get(id)));
  sign(li, kLi);
  const base::Bytes complete = must(platform().document(get(id)));
  ASSERT_GT(once.size(), prepared.size());
  ASSERT_GT(complete.size(), once.size());
  EXPECT_TRUE(base::same_bytes(base::ByteView(once).first(prepared.size()), prepared));
  EXPECT_TRUE(base::same_bytes(base::ByteView(complete).first(once.size()), once));
  const base::Bytes original = house.example();
  EXPECT_TRUE(base::same_bytes(base::ByteView(prepared).first(original.size()), original));
}

// shows: ECP-CON-6c
// shows-part: ECP-CON-6 (the rendered pages are the terminal's)
TEST_F(Contracts, TheDeviceSeesTheBytesThatItsSignatureCovers) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  const Step shown = must(zhang.poll());
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(shown.display->content_type, "application/pdf");
  EXPECT_EQ(shown.display->title, "房屋租赁合同");
  const base::Bytes seen = must(zhang.msd->displayed_data(shown.display->transaction_id));
  EXPECT_EQ(must(li.poll()).kind, Step::Kind::idle);
  ASSERT_OK(zhang.confirm(shown));
  house.settle();
  const auto found = signatures(get(id));
  ASSERT_EQ(found.size(), 1u);
  base::Bytes covered;
  for (std::size_t i : {0u, 2u})
    base::append(covered, base::ByteView(file).subspan(
                              static_cast<std::size_t>(found[0].byte_range[i]),
                              static_cast<std::size_t>(found[0].byte_range[i + 1])));
  EXPECT_EQ(seen, covered);
}

// shows-part: ECP-CON-3b (approval steps, reminders)
TEST_F(Contracts, InASequenceTheSecondIsInvitedAfterTheFirstHasSigned) {
  const std::string id = begin(Order::sequence);
  EXPECT_EQ(house.mails("invitation").size(), 1u);
  EXPECT_EQ(get(id).parties[1].state, "waiting");
  sign(zhang, kZhang);
  EXPECT_EQ(house.mails("invitation", kLi).size(), 1u);
  sign(li, kLi);
  EXPECT_EQ(get(id).state, "complete");
}

TEST_F(Contracts, ADeclineEndsTheContractForAll) {
  const std::string id = begin();
  sign(zhang, kZhang);
  const Contract contract = must(platform().decline(link(kLi), "租金太高"));
  EXPECT_EQ(contract.state, "declined");
  EXPECT_EQ(contract.parties[1].state, "declined");
  house.settle();
  const auto told = house.mails("declined");
  ASSERT_EQ(told.size(), 3u);
  for (const auto& mail : told) {
    EXPECT_NE(mail.body.find("李四"), std::string::npos);  // who declined
    EXPECT_NE(mail.body.find("租金太高"), std::string::npos);
  }
  EXPECT_ERROR(platform().decline(link(kLi), "again"), Code::conflict);
  EXPECT_ERROR(ask(kLi), Code::conflict);
  EXPECT_ERROR(platform().withdraw(owner, id, "late"), Code::conflict);
  house.settle();
  EXPECT_EQ(house.mails("declined").size(), 3u);
}

TEST_F(Contracts, WhoHasSignedCannotDecline) {
  begin();
  sign(zhang, kZhang);
  EXPECT_ERROR(platform().decline(link(kZhang), "changed my mind"), Code::conflict);
  EXPECT_ERROR(ask(kZhang), Code::conflict);
}

TEST_F(Contracts, AWithdrawalReachesTheDeviceThatIsSigning) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  const Step shown = must(zhang.poll());
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(must(platform().withdraw(owner, id, "错误")).state, "withdrawn");
  const auto late = zhang.confirm(shown);
  EXPECT_FALSE(late && late->outcome == "signed");
  house.settle();
  EXPECT_EQ(get(id).state, "withdrawn");
  EXPECT_EQ(house.mails("withdrawn").size(), 3u);
  EXPECT_EQ(house.mails("signing_failed").size(), 0u);
}

TEST_F(Contracts, ADraftIsWithdrawnQuietly) {
  const Contract draft = must(platform().create(wanted()));
  EXPECT_EQ(must(platform().withdraw(owner, draft.id, "no")).state, "withdrawn");
  EXPECT_ERROR(platform().start(owner, draft.id), Code::conflict);
  house.settle();
  EXPECT_TRUE(house.mail_folder.files.empty());
}

TEST_F(Contracts, AContractThatIsNotSignedInTimeExpiresAndAllAreTold) {
  const std::string id = begin();
  sign(zhang, kZhang);
  house.clock.advance(services::contract::kLifetimeDefault);
  EXPECT_ERROR(ask(kLi), Code::conflict);
  EXPECT_ERROR(platform().decline(link(kLi), "late"), Code::expired);
  house.settle();
  EXPECT_EQ(get(id).state, "expired");
  EXPECT_EQ(house.mails("expired").size(), 3u);
  house.settle();
  EXPECT_EQ(house.mails("expired").size(), 3u);
}

TEST_F(Contracts, WhileOnePartySignsTheOthersWait) {
  begin();
  ASSERT_OK(ask(kZhang));
  EXPECT_ERROR(ask(kLi), Code::contract_busy);
  EXPECT_EQ(must(li.poll()).kind, Step::Kind::idle);
  ASSERT_OK(zhang.sign());
  EXPECT_ERROR(ask(kLi), Code::contract_busy);  // not taken in yet
  house.settle();
  EXPECT_OK(ask(kLi));
}

TEST_F(Contracts, AskingAgainGoesOnWithTheSameTransaction) {
  begin();
  const std::string first = must(ask(kZhang));
  EXPECT_EQ(must(ask(kZhang)), first);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 1);
}

TEST_F(Contracts, ASignerWhoCancelsOnTheDeviceGivesTheTurnBack) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  ASSERT_OK(zhang.cancel(must(zhang.poll())));
  house.settle();
  EXPECT_EQ(get(id).parties[0].state, "invited");
  EXPECT_EQ(get(id).parties[0].failure, "cancelled");
  EXPECT_EQ(house.mails("signing_failed", kZhang).size(), 1u);
  sign(li, kLi);
  sign(zhang, kZhang);  // and may try again
  EXPECT_EQ(get(id).state, "complete");
}

TEST_F(Contracts, ASignerWhoDoesNothingLosesTheTurn) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  house.clock.advance(services::contract::kTurnTime);
  house.settle();
  EXPECT_EQ(get(id).parties[0].state, "invited");
  EXPECT_EQ(house.mails("signing_failed", kZhang).size(), 1u);
  sign(li, kLi);
  sign(zhang, kZhang);
  EXPECT_EQ(get(id).state, "complete");
}

// The result waits in the outbox until the turn is another party's: it must not go into the file
// that this party prepares, and its signer is told.
TEST_F(Contracts, ASignatureThatComesAfterTheTurnIsNotTaken) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  ASSERT_EQ(must(zhang.sign()).outcome, "signed");
  house.clock.advance(services::contract::kTurnTime);
  ASSERT_OK(ask(kLi));
  house.settle();
  EXPECT_EQ(get(id).parties[0].state, "invited");
  EXPECT_EQ(house.mails("signing_failed", kZhang).size(), 1u);
  ASSERT_OK(li.sign());
  house.settle();
  EXPECT_EQ(get(id).parties[1].state, "signed");
  EXPECT_EQ(signatures(get(id)).size(), 1u);
}

// shows: ECP-CON-8
TEST_F(Contracts, WithoutATrustedTimeTheSignatureIsNotCompletedAndTheSignerIsTold) {
  const std::string id = begin();
  house.weather.time_is_trusted = false;
  ASSERT_OK(ask(kZhang));
  ASSERT_EQ(must(zhang.sign()).outcome, "signed");
  for (int i = 0; i < 12; ++i) {
    house.settle();
    house.clock.advance(std::chrono::minutes(1));
  }
  EXPECT_EQ(get(id).parties[0].state, "invited");
  EXPECT_EQ(get(id).parties[0].failure, "time.untrusted");
  EXPECT_EQ(signatures(get(id)).size(), 0u);
  EXPECT_EQ(house.mails("signing_failed", kZhang).size(), 1u);
  house.weather.time_is_trusted = true;
  sign(zhang, kZhang);
  EXPECT_EQ(get(id).parties[0].state, "signed");
}

// shows: ECP-CON-8
TEST_F(Contracts, ATimeStampAuthorityThatComesBackInTimeIsWaitedFor) {
  const std::string id = begin();
  house.weather.time_is_trusted = false;
  ASSERT_OK(ask(kZhang));
  ASSERT_OK(zhang.sign());
  house.settle();
  EXPECT_EQ(get(id).parties[0].state, "signing");
  house.weather.time_is_trusted = true;
  house.clock.advance(std::chrono::minutes(1));
  house.settle();
  EXPECT_EQ(get(id).parties[0].state, "signed");
  EXPECT_EQ(house.mails("signing_failed").size(), 0u);
}

// shows: ECP-CON-7
TEST_F(Contracts, ARevokedCertificateRefusesTheSignatureWithTheReason) {
  const std::string id = begin();
  revoke(zhang);
  EXPECT_ERROR(ask(kZhang), Code::revoked);
  EXPECT_EQ(get(id).parties[0].state, "invited");
  EXPECT_EQ(get(id).parties[0].failure, base::error_text(Code::revoked).id);
  house.settle();
  EXPECT_EQ(house.mails("signing_failed", kZhang).size(), 1u);
  EXPECT_OK(ask(kLi));  // the other one need not wait
}

// shows: MSSP-6.1-j, ECP-CON-7
TEST_F(Contracts, ACertificateRevokedDuringTheSignatureIsNoticedBeforeItCounts) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  revoke(zhang);
  ASSERT_OK(zhang.sign());
  house.settle();
  EXPECT_EQ(get(id).parties[0].state, "invited");
  EXPECT_EQ(get(id).parties[0].failure, base::error_text(Code::revoked).id);
  EXPECT_EQ(signatures(get(id)).size(), 0u);
}

// shows: MSSP-8.1.2
TEST_F(Contracts, AResultThatIsPushedTwiceIsAppliedOnce) {
  const std::string id = begin();
  ASSERT_OK(ask(kZhang));
  ASSERT_OK(zhang.sign());
  house.weather.results_to_refuse = 2;
  for (int i = 0; i < 4; ++i) {
    house.settle();
    house.clock.advance(std::chrono::seconds(30));
  }
  ASSERT_EQ(get(id).parties[0].state, "signed");
  const std::string current = get(id).current;
  const auto status = must(house.services->transactions.query(
      std::string(program::kApplicationId),
      must(house.services->database->with_snapshot([&](sql::Transaction& tx) {
        return tx.get_row("SELECT id FROM mss_transactions");
      })).text(0)));
  ASSERT_OK(platform().take_outcome(
      {.transaction = status.ap_transaction_id,
       .signed_by =
           services::contract::Signed{status.result->signed_attributes, status.result->signature,
                                      status.result->certificate},
       .code = {},
       .detail = {}}));
  EXPECT_EQ(get(id).current, current);
  EXPECT_EQ(signatures(get(id)).size(), 1u);
}

// The signature service is not believed: whatever it says the device made is looked at first.
// shows: MSSP-6.1-j, ECP-CON-6c
TEST_F(Contracts, ASignatureThatIsNotThePartysOverThePreparedFileIsNotTaken) {
  const std::string id = begin();
  // True signatures of both persons, but over something else.
  services::contract::Signed by[2];
  for (int i = 0; i < 2; ++i) {
    const std::string& person = i == 0 ? zhang_id : li_id;
    const auto other = must(house.services->transactions.submit(
        "bank", house.request("bank", "t-" + std::to_string(i), person, "other words")));
    ASSERT_EQ(must((i == 0 ? zhang : li).sign()).outcome, "signed");
    const auto made = must(house.services->transactions.query("bank", other.id)).result;
    by[i] = {made->signed_attributes, made->signature, made->certificate};
  }
  const auto refused = [&](services::contract::Signed lie, Code code) {
    ASSERT_OK(ask(kZhang));
    const std::string transaction = *get(id).parties[0].transaction_id;
    ASSERT_OK(platform().take_outcome(
        {.transaction = transaction, .signed_by = std::move(lie), .code = {}, .detail = {}}));
    EXPECT_EQ(get(id).parties[0].state, "invited");
    EXPECT_EQ(get(id).parties[0].failure, base::error_text(code).id);
    EXPECT_EQ(signatures(get(id)).size(), 0u);
    ASSERT_OK(house.services->signatures.cancel(transaction, "over"));
  };
  refused(by[0], Code::invalid_signature);  // other data
  refused(by[1], Code::denied);             // another person
  // The right data, without the key.
  ASSERT_OK(ask(kZhang));
  const Step shown = must(zhang.poll());
  const base::Bytes content = must(zhang.msd->displayed_data(shown.display->transaction_id));
  auto attributes = must(x509::parse_signed_attributes(by[0].signed_attributes));
  const crypto::Digest digest = crypto::sm3(content);
  attributes.message_digest.assign(digest.begin(), digest.end());
  by[0].signed_attributes = must(x509::encode_signed_attributes(attributes));
  refused(by[0], Code::invalid_signature);
}

// What is not a signature of the person over the prepared file does not get into it.
TEST_F(Contracts, AResultForAnUnknownTransactionChangesNothing) {
  const std::string id = begin();
  const std::string before = get(id).current;
  ASSERT_OK(platform().take_outcome(
      {.transaction = id + ".0.1", .signed_by = {}, .code = "cancelled", .detail = {}}));
  EXPECT_EQ(get(id).current, before);
  EXPECT_EQ(get(id).parties[0].state, "invited");
}

TEST_F(Contracts, CompletionWaitsForStatusAnswersAndThenFinishes) {
  const std::string id = begin();
  sign(zhang, kZhang);
  ASSERT_OK(ask(kLi));
  ASSERT_OK(li.sign());
  // The signature is taken in, then the status answers go away.
  while (get(id).state == "signing") ASSERT_OK(house.services->outbox.drain());
  EXPECT_ERROR(platform().withdraw(owner, id, "too late"), Code::conflict);
  house.restart();
  house.settle();
  EXPECT_EQ(get(id).state, "complete");
  EXPECT_EQ(house.mails("completed").size(), 3u);
}

// shows-part: ECP-CON-1 (OFD, DOCX, templates)
TEST_F(Contracts, ABadUploadLeavesNothingBehind) {
  const auto refused = [&](base::Bytes upload, Code code) {
    ContractRequest bad = wanted();
    bad.document = std::move(upload);
    EXPECT_ERROR(platform().create(bad), code);
  };
  base::Bytes example = house.example();
  refused({}, Code::document_empty);
  refused(base::to_bytes("not a PDF at all"), Code::document_not_pdf);
  refused(base::Bytes(services::contract::kDocumentSizeMax + 1, ' '), Code::limit_exceeded);
  base::Bytes half(example.begin(), example.begin() + 2000);
  ContractRequest broken = wanted();
  broken.document = half;
  EXPECT_FALSE(platform().create(broken));
  const std::string id = begin();
  sign(zhang, kZhang);
  const base::Bytes signed_file = must(platform().document(get(id)));
  const auto rows = house.number("SELECT COUNT(*) FROM contract_contracts");
  const std::size_t blobs = house.blobs.files.size();
  refused(signed_file, Code::document_signed);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM contract_contracts"), rows);
  EXPECT_EQ(house.blobs.files.size(), blobs);
}

TEST_F(Contracts, ABadRequestLeavesNothingBehind) {
  const auto refused = [&](auto change, Code code) {
    ContractRequest bad = wanted();
    change(bad);
    EXPECT_ERROR(platform().create(bad), code);
  };
  refused([](auto& r) { r.title.clear(); }, Code::malformed);
  refused([](auto& r) { r.title.assign(151, 'x'); }, Code::malformed);
  refused([](auto& r) { r.parties.clear(); }, Code::malformed);
  refused([](auto& r) { r.parties.assign(21, r.parties[0]); }, Code::malformed);
  refused([](auto& r) { r.parties[1] = r.parties[0]; }, Code::malformed);
  refused([](auto& r) { r.parties[0].person_id = "nobody"; }, Code::not_found);
  refused([&](auto& r) { r.expires_at = house.clock.now(); }, Code::malformed);
  refused([&](auto& r) { r.expires_at = house.clock.now() + std::chrono::hours(24 * 366); },
          Code::malformed);
  refused([](auto& r) { r.parties[0].placement = documents::pdf::Placement{.page = 99}; },
          Code::malformed);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM contract_contracts"), 0);
  EXPECT_TRUE(house.blobs.files.empty());
}

TEST_F(Contracts, AnothersContractIsNotFound) {
  const std::string id = begin();
  EXPECT_ERROR(platform().get("user:other", id), Code::not_found);
  EXPECT_ERROR(platform().start("user:other", id), Code::not_found);
  EXPECT_ERROR(platform().withdraw("user:other", id, "mine now"), Code::not_found);
  EXPECT_ERROR(platform().history("user:other", id), Code::not_found);
  EXPECT_TRUE(must(platform().list("user:other", 10)).empty());
  EXPECT_ERROR(platform().open_link("AAAAAAAAAAAAAAAAAAAAAAAAAAA"), Code::not_found);
  EXPECT_ERROR(platform().open_link(""), Code::not_found);
}

// Down and up again between all steps: the contract is completed once.
TEST_F(Contracts, GoesOnAfterARestartAtEveryStep) {
  const std::string id = begin();
  for (const auto& [phone, address] : {std::pair{&zhang, kZhang}, {&li, kLi}}) {
    house.restart();
    ASSERT_OK(ask(address));
    house.restart();
    const Step shown = must(phone->poll());
    house.restart();
    ASSERT_OK(phone->confirm(shown));
    house.restart();
    house.settle();
  }
  EXPECT_EQ(get(id).state, "complete");
  EXPECT_EQ(house.mails("completed").size(), 3u);
  EXPECT_EQ(signatures(get(id)).size(), 3u);
}

}  // namespace
}  // namespace heqi::testing
