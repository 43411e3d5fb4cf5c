// An application asks the platform for a seal (T/ZSA 37): it prepares the document, the person's
// device shows what is sealed and signs it with the key centre, the application finishes the
// document, and whoever gets it verifies the seal.
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/documents/sign/pending.h>
#include <verification.h>

#include <heqi/base/text.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/sm2_encoding.h>

#include "phone.h"
#include "shell.h"

namespace heqi::testing {
namespace {

using base::Bytes;
using base::Code;
using device::SignatureForm;
using device::Step;
using services::mss::SignatureRequest;
using services::mss::TransactionStatus;
namespace seal = documents::seal;

constexpr std::string_view kSealId = "11010800000001", kSealName = "合契科技有限公司合同专用章";

struct Sealing : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  Phone phone{house};
  pki::Sm3Digester digests;
  x509::Sm2SignatureVerifier verifier;

  Sealing() { EXPECT_OK(phone.enrol(house.code_for(zhang))); }

  services::mss::Transactions& transactions() { return house.services->transactions; }
  x509::Certificate certificate() {
    return must(x509::parse_certificate(phone.msd->information().certificate));
  }
  // seal_for is a seal that the maker, here the installation itself, gave to holder.
  Bytes seal_for(const x509::Certificate& holder, base::Duration begins = -std::chrono::hours(1),
                 base::Duration ends = std::chrono::hours(24 * 30)) {
    seal::SealRequest wish;
    wish.info.vendor = "Heqi", wish.info.id = kSealId, wish.info.name = kSealName;
    wish.info.created = house.clock.now() + begins;
    wish.info.valid_from = wish.info.created, wish.info.valid_until = house.clock.now() + ends;
    wish.info.picture = {"PNG",
                         hex("89504e470d0a1a0a0000000d4948445200000001000000010806000000"
                             "1f15c4890000000d49444154789c63f8cfc0d00000048101802c55ceb0"
                             "0000000049454e44ae426082"),
                         40, 40};
    wish.info.extensions = {seal::make_certificate_values({house.hierarchy().issuing})};
    wish.signers = {holder};
    return must(seal::make_seal(wish, house.hierarchy().application, house.services->application));
  }
  Bytes to_sign(base::ByteView octets_of_seal, std::string_view document = "a document") {
    const crypto::Digest digest = crypto::sm3(base::bytes_of(document));
    return must(seal::encode_to_sign({base::to_bytes(octets_of_seal),
                                      house.clock.now(),
                                      Bytes(digest.begin(), digest.end()),
                                      "/Doc_0/Signs/Sign_0/Signature.xml",
                                      {}}));
  }
  Bytes to_sign() { return to_sign(seal_for(certificate())); }
  SignatureRequest request(const std::string& id, base::ByteView octets) {
    return house.seal_request("erp", id, zhang, octets);
  }
  base::Result<TransactionStatus> submit(const std::string& id, base::ByteView octets) {
    return transactions().submit("erp", request(id, octets));
  }
  void expect_nothing_happened() {
    EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions"), 0);
    EXPECT_TRUE(house.blobs.files.empty());
    EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  }
};

// shows: ZSA37-C-f
TEST_F(Sealing, AnApplicationsDocumentIsSealedAtThePersonsDeviceAndVerifiesAnywhere) {
  const Bytes file = must(documents::pdf::prepare_fields(
      house.example(), {{.name = "seal", .label = "", .placement = {0, 20, 20, 40, 40}}}));
  documents::sign::Wish wish;
  wish.place.field = "seal";
  wish.place.time = house.clock.now();
  wish.names = *documents::pdf::find_filter_names("gomain");
  wish.signer = certificate();
  wish.chain = {house.hierarchy().issuing};
  wish.seal = seal_for(wish.signer);
  const documents::sign::Pending pending = must(documents::sign::prepare(file, wish, digests));

  const TransactionStatus asked = must(submit("t-1", pending.to_sign));
  EXPECT_EQ(asked.form, SignatureForm::seal);
  const Step shown = must(phone.poll());
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(shown.display->kind, device::Display::Kind::seal);
  EXPECT_EQ(shown.display->title, "SM3 " + base::to_hex(pending.content_digest) + "; " +
                                      base::to_rfc3339(house.clock.now()) + "; " +
                                      std::string(kSealName) + " (" + std::string(kSealId) +
                                      "); 采购合同");
  ASSERT_EQ(must(phone.confirm(shown)).outcome, "signed");
  const TransactionStatus done = must(transactions().query("erp", asked.id));
  ASSERT_EQ(done.state, "DONE");
  EXPECT_TRUE(done.result->signed_attributes.empty());
  EXPECT_EQ(done.result->certificate, base::to_bytes(certificate().der()));

  const documents::sign::Value value{x509::sm2_with_sm3_algorithm(), done.result->signature};
  const Bytes token = must(house.services->trust.stamp(value.octets));
  Bytes sealed = file;
  base::append(sealed, must(documents::sign::finish(pending, value, token, {verifier, digests})));
  sealed = must(documents::pdf::add_validation_data(
      sealed, must(house.services->trust.validation_data(sealed))));
  const auto report = must(program::verify_document(sealed, house.services->trust.anchors(),
                                                    {verifier, digests}, house.clock.now()));
  ASSERT_EQ(report.signatures.size(), 1u);
  EXPECT_EQ(report.signatures[0].verdict, documents::verify::Verdict::valid);
  EXPECT_EQ(report.signatures[0].seal, documents::verify::Seal::valid);
  EXPECT_EQ(report.signatures[0].time, documents::verify::TimeProof::time_stamped);
  // Valid, with a note about the revocation data behind the last signature.
  EXPECT_EQ(report.verdict, documents::verify::Verdict::valid_with_notes);
  ASSERT_TRUE(report.signatures[0].seal_used);
  EXPECT_EQ(report.signatures[0].seal_used->name, kSealName);

  // What is left are a file, a root and a program.
  const TemporaryFolder folder;
  ASSERT_OK(base::write_file(folder.path() + "/sealed.pdf", sealed));
  ASSERT_OK(base::write_file(folder.path() + "/root.pem",
                             base::bytes_of(x509::to_pem(house.hierarchy().root))));
  const demo::Ran ran = demo::shell("cd " + folder.path() +
                                    " && " HEQI_PROGRAM " verify --json --trust root.pem --at " +
                                    base::to_rfc3339(house.clock.now()) + " sealed.pdf");
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_NE(ran.output.find(std::string(kSealName)), std::string::npos) << ran.output;
}

// shows: ZSA37-C-f   mutant: tests/mutants/ZSA37-C-f.form
TEST_F(Sealing, WhatIsNoSealOfTheSignersIsRefusedBeforeAnythingReachesTheDevice) {
  const Bytes whole = to_sign();
  Bytes twice = whole, longer = whole, cut = whole;
  base::append(twice, whole);
  longer.push_back(0);
  cut.pop_back();
  for (const Bytes& other : {twice, longer, cut, base::to_bytes("%PDF-1.7"),
                             base::to_bytes(certificate().der()), seal_for(certificate())})
    EXPECT_ERROR(submit("t-1", other), Code::unsupported);
  EXPECT_ERROR(submit("t-1", Bytes(std::size_t{9} << 20, 1)), Code::unsupported);
  EXPECT_ERROR(submit("t-1", Bytes()), Code::malformed);

  const std::string li = house.add_person("李四", "li@example.cn");
  Phone other(house);
  ASSERT_OK(other.enrol(house.code_for(li)));
  EXPECT_ERROR(transactions().submit("erp", house.seal_request("erp", "t-1", li, whole)),
               Code::seal_unusable);  // Zhang's seal
  const base::Duration hour = std::chrono::hours(1);
  EXPECT_ERROR(submit("t-1", to_sign(seal_for(certificate(), -2 * hour, -hour))),
               Code::seal_unusable);
  EXPECT_ERROR(submit("t-1", to_sign(seal_for(certificate(), hour, 2 * hour))),
               Code::seal_unusable);

  SignatureRequest unsaid = request("t-1", whole);  // the statement is about a signature
  unsaid.statement =
      house.statement("erp", "t-1", unsaid.title, unsaid.data, house.clock.now() + unsaid.timeout);
  EXPECT_ERROR(transactions().submit("erp", unsaid), Code::malformed);
  SignatureRequest said = request("t-1", whole);  // the statement is about a seal
  said.form = SignatureForm::cms_attributes;
  EXPECT_ERROR(transactions().submit("erp", said), Code::malformed);
  SignatureRequest theirs = house.seal_request("shop", "t-1", zhang, whole);
  EXPECT_ERROR(transactions().submit("erp", theirs), Code::denied);
  expect_nothing_happened();
}

// shows: ZSA37-C-f
TEST_F(Sealing, AnApplicationNeitherSeesNorContinuesAnothersSeal) {
  const TransactionStatus asked = must(submit("t-1", to_sign()));
  EXPECT_ERROR(transactions().query("shop", asked.id), Code::not_found);
  EXPECT_ERROR(transactions().cancel("shop", asked.id, "no"), Code::not_found);
  EXPECT_ERROR(transactions().cancel_by_application_id("shop", "t-1", "no"), Code::not_found);
  // Under the same id another application has a transaction of its own, once the signer is free.
  EXPECT_ERROR(transactions().submit("shop", house.seal_request("shop", "t-1", zhang, to_sign())),
               Code::signer_busy);
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  EXPECT_ERROR(transactions().query("shop", asked.id), Code::not_found);
  const auto theirs =
      must(transactions().submit("shop", house.seal_request("shop", "t-1", zhang, to_sign())));
  EXPECT_NE(theirs.id, asked.id);
  EXPECT_EQ(theirs.state, "OPEN");
  EXPECT_FALSE(theirs.result);
  house.settle();
  ASSERT_EQ(house.results.size(), 1u);
  EXPECT_EQ(house.results[0].recipient, "ap:erp");
}

// shows: ZSA37-C-f   mutant: tests/mutants/ZSA37-C-f.repeat
TEST_F(Sealing, ARepeatIsTheSameSealAndNothingElseUnderItsId) {
  const Bytes octets = to_sign();
  const TransactionStatus first = must(submit("t-1", octets));
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  const TransactionStatus again = must(submit("t-1", octets));
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.state, "DONE");
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  EXPECT_ERROR(submit("t-1", to_sign(seal_for(certificate()), "another")), Code::conflict);
  SignatureRequest as_signature = request("t-1", octets);
  as_signature.form = SignatureForm::cms_attributes;
  as_signature.statement = house.statement("erp", "t-1", as_signature.title, as_signature.data,
                                           house.clock.now() + as_signature.timeout);
  EXPECT_ERROR(transactions().submit("erp", as_signature), Code::conflict);
}

// shows: ZSA37-C-f   mutant: tests/mutants/ZSA37-C-f.value
TEST_F(Sealing, AnAnswerCountsOnlyWhereItIsTheSignersOverWhatWasAsked) {
  const Bytes octets = to_sign();
  const TransactionStatus asked = must(submit("t-1", octets));
  const std::string device = must(house.services->database->with_snapshot([&](auto& tx) {
                               return tx.get_row("SELECT device_id FROM mss_devices");
                             })).text(0);
  const Bytes foreign = must(house.services->application.sign(octets));
  const auto complete = [&](base::ByteView attributes, base::ByteView value) {
    return transactions().complete(device, asked.id, attributes, value);
  };
  EXPECT_ERROR(complete({}, foreign), Code::invalid_signature);
  EXPECT_FALSE(complete({}, base::bytes_of("no signature")));
  EXPECT_ERROR(transactions().complete("other", asked.id, {}, foreign), Code::not_found);
  EXPECT_EQ(must(transactions().query("erp", asked.id)).state, "OPEN");
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  const Bytes value = must(transactions().query("erp", asked.id)).result->signature;
  EXPECT_OK(complete({}, value));  // the same again
  EXPECT_ERROR(complete(octets, value), Code::malformed);
  // The value of one seal is none of another.
  const TransactionStatus next = must(submit("t-2", to_sign(seal_for(certificate()), "another")));
  EXPECT_ERROR(transactions().complete(device, next.id, {}, value), Code::invalid_signature);
}

TEST_F(Sealing, WhatTheServiceChangedIsNoticedByTheDevice) {
  const TransactionStatus asked = must(submit("t-1", to_sign()));
  ASSERT_EQ(house.blobs.files.size(), 1u);
  house.blobs.files.begin()->second = to_sign(seal_for(certificate()), "another");
  EXPECT_EQ(must(phone.poll()).refusal, Code::device_display_differs);
  EXPECT_EQ(must(transactions().query("erp", asked.id)).code, "device.display_differs");
}

TEST_F(Sealing, ACancelReachesTheApplicationAndOnePinReleasesOneSeal) {
  const TransactionStatus asked = must(submit("t-1", to_sign()));
  EXPECT_EQ(must(phone.cancel(must(phone.poll()))).outcome, "cancelled");
  EXPECT_EQ(must(transactions().query("erp", asked.id)).state, "CANCELLED");
  ASSERT_OK(submit("t-2", to_sign()));
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  ASSERT_OK(submit("t-3", to_sign(seal_for(certificate()), "another")));
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::confirm);  // asks again
}

}  // namespace
}  // namespace heqi::testing
