#include "ofd_world.h"

#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>

namespace heqi::documents::ofd {
namespace {

using verify::Coverage;

// shows-part: ECP-DOC-2 (a stranger's reader: only where Maven's ofdrw can be had)
TEST(Signing, OneSealIsValidOnEveryAxis) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract());
  const Report report = desk.verify(file);
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  ASSERT_EQ(report.signatures.size(), 1U);
  const verify::SignatureReport& one = report.signatures[0];
  EXPECT_EQ(one.format, verify::Format::ok);
  EXPECT_EQ(one.integrity, verify::Integrity::intact);
  EXPECT_EQ(one.signature, verify::SignatureValue::valid);
  EXPECT_EQ(one.coverage, Coverage::whole_document);
  EXPECT_EQ(one.later_changes, verify::LaterChanges::none);
  EXPECT_EQ(one.certificate, verify::CertificateState::trusted);
  EXPECT_EQ(one.time, verify::TimeProof::time_stamped);
  EXPECT_EQ(one.seal, verify::Seal::valid);
  EXPECT_EQ(one.policy, verify::Policy::strong);
  EXPECT_EQ(one.signer->common_name, "Alice");
  EXPECT_EQ(one.seal_used->name, "合契科技有限公司");
  ASSERT_EQ(one.stamps.size(), 1U);
  EXPECT_EQ(one.stamps[0].page, 1U);
  EXPECT_EQ(one.stamps[0].width, 40);
  const std::string json = verify::to_json(report);
  EXPECT_NE(json.find("\"document_format\":\"ofd\""), std::string::npos);
  EXPECT_NE(json.find("\"seal\":\"valid\""), std::string::npos);
  EXPECT_NE(verify::to_text(report, verify::Language::both).find("合契科技有限公司"),
            std::string::npos);
}

// shows: ZSA37-7.4-f
TEST(Signing, APersonsSignatureIsValidToo) {
  SealingDesk desk;
  const Report report = desk.verify(desk.signed_by(contract(), desk.alice));
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  EXPECT_EQ(report.signatures[0].sub_filter, "GB/T 35275 SignedData");
  EXPECT_EQ(report.signatures[0].seal, verify::Seal::not_applicable);
}

TEST(Signing, WithoutATimeStampTheTimeIsTheSignersWord) {
  SealingDesk desk;
  const Signing plain{.time_stamp = false};
  for (const Bytes& file :
       {desk.sealed(contract(), plain), desk.signed_by(contract(), desk.alice, plain)}) {
    const Report report = desk.verify(file);
    EXPECT_EQ(report.verdict, Verdict::valid_with_notes) << words(report);
    EXPECT_TRUE(has(report, Reason::time_claimed));
  }
}

// shows: ZSA37-7.4-a
TEST(Signing, LaterSignaturesKeepEarlierOnesValid) {
  SealingDesk desk;
  Bytes file = contract();
  const std::vector<NewEntry> original = parts_of(file);
  std::vector<Bytes> earlier;
  for (int i = 0; i < 5; ++i) {
    const Credential party = desk.authority.make_person("Party " + std::to_string(i));
    const Signing how{.time = kSealedAt + std::chrono::minutes(i)};
    file = i % 2 == 0 ? desk.perform(file, desk.sealing(party, how), party, how)
                      : desk.signed_by(file, party, how);
    const Report report = desk.verify(file);
    EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
    ASSERT_EQ(report.signatures.size(), static_cast<std::size_t>(i) + 1);
    for (const auto& one : report.signatures) {
      EXPECT_EQ(one.integrity, verify::Integrity::intact);
      EXPECT_EQ(one.coverage, &one == &report.signatures.back() ? Coverage::whole_document
                                                                : Coverage::whole_revision);
    }
  }
  for (const NewEntry& one : original) {
    if (one.name != kRootPart) {
      EXPECT_EQ(part(file, one.name), base::text_of(one.content)) << one.name;
    }
  }
}

TEST(Signing, KeepsEveryOctetOfWhatWasThere) {
  SealingDesk desk;
  const Bytes first = desk.sealed(contract());
  const Bytes second = desk.signed_by(first, desk.mallory);
  const Package before = must(Package::open(first)), after = must(Package::open(second));
  for (const Entry& one : before.entries()) {
    if (one.name.ends_with("Signatures.xml")) continue;
    const Entry* kept = after.find(one.name);
    ASSERT_NE(kept, nullptr) << one.name;
    EXPECT_TRUE(base::same_bytes(kept->record, one.record)) << one.name;
  }
}

TEST(Signing, AClosingSignatureEndsIt) {
  SealingDesk desk;
  const Signing closing{.closing = Closing::close};
  const Bytes file = desk.sealed(desk.signed_by(contract(), desk.mallory), closing);
  const Report report = desk.verify(file);
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  EXPECT_ERROR(prepare_signature(file, desk.signing(desk.mallory)), Code::conflict);
}

TEST(Signing, SaysNoToWhatCannotBeSigned) {
  SealingDesk desk;
  const Bytes file = contract();
  SignatureRequest request = desk.sealing(desk.alice);
  request.stamps[0].page = 3;
  EXPECT_ERROR(prepare_signature(file, request), Code::malformed);
  request.stamps.clear();
  EXPECT_ERROR(prepare_signature(file, request), Code::malformed);
  request = desk.signing(desk.alice);
  request.stamps = {{0, {0, 0, 1, 1}, std::nullopt}};
  EXPECT_ERROR(prepare_signature(file, request), Code::malformed);
  request = desk.sealing(desk.alice);
  request.signer = desk.mallory.certificate;
  EXPECT_ERROR(prepare_signature(file, request), Code::seal_unusable);
  request = desk.sealing(desk.alice);
  request.time = at("2028-01-01T00:00:00Z");
  EXPECT_ERROR(prepare_signature(file, request), Code::seal_unusable);
  request = desk.signing(desk.alice);
  request.body = 1;
  EXPECT_ERROR(prepare_signature(file, request), Code::malformed);
  request.body = 0;
  EXPECT_ERROR(prepare_signature(base::concat({base::to_bytes("x"), file}), request),
               Code::malformed);
  EXPECT_ERROR(prepare_signature(base::to_bytes("%PDF-1.7"), request), Code::document_not_ofd);
  EXPECT_ERROR(prepare_signature(without(file, "OFD.xml"), request), Code::document_not_ofd);
}

TEST(Signing, IsTheSameEachTimeForTheSameRequest) {
  SealingDesk desk;
  const Bytes file = contract();
  const SignatureRequest request = desk.sealing(desk.alice);
  const Prepared once = must(prepare_signature(file, request));
  const Prepared twice = must(prepare_signature(file, request));
  EXPECT_EQ(once.package, twice.package);
  EXPECT_EQ(once.to_sign, twice.to_sign);
}

TEST(Signing, AnUnsignedDocumentHasNoSignature) {
  SealingDesk desk;
  EXPECT_EQ(desk.verify(contract()).verdict, Verdict::no_signature);
}

TEST(Signing, NeedsATrustedRootToBeValid) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract());
  VerifyOptions options = desk.options();
  options.trust = pki::TrustStore();
  const Report report = must(verify_ofd(file, options));
  EXPECT_EQ(report.verdict, Verdict::indeterminate) << words(report);
  EXPECT_TRUE(has(report, Reason::certificate_untrusted));
  EXPECT_TRUE(has(report, Reason::seal_maker_untrusted));
}

}  // namespace
}  // namespace heqi::documents::ofd
