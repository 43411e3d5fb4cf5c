#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>

#include "signing_desk.h"

namespace heqi::documents::verify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// shows-part: ECP-DOC-1 (SM2 only; RSA is with the signing layer)
// shows-part: ECP-CON-11 (the verifier; the public page and the program are with their layers)
TEST(VerifyPdf, AContractOfTwoPartiesWithLongTermDataIsValid) {
  for (const Bytes& seed : seed_files()) {
    SigningDesk desk;
    const Bytes file = desk.complete(seed);
    const auto report = verify_pdf(file, desk.options());
    ASSERT_OK(report);
    EXPECT_EQ(report->verdict, Verdict::valid) << words(*report);
    ASSERT_EQ(report->signatures.size(), 3u);
    const SignatureReport& first = report->signatures[0];
    EXPECT_EQ(first.format, Format::ok);
    EXPECT_EQ(first.integrity, Integrity::intact);
    EXPECT_EQ(first.signature, SignatureValue::valid);
    EXPECT_EQ(first.coverage, Coverage::whole_revision);
    EXPECT_EQ(first.later_changes, LaterChanges::form_fill_or_signature);
    EXPECT_EQ(first.permissions, Permissions::not_stated);
    EXPECT_EQ(first.certificate, CertificateState::trusted);
    EXPECT_EQ(first.time, TimeProof::time_stamped);
    EXPECT_EQ(first.ltv, LongTerm::archived);
    EXPECT_EQ(first.policy, Policy::strong);
    EXPECT_EQ(first.signer->common_name, "Alice");
    EXPECT_EQ(first.best_time, kSignedAt);
    EXPECT_EQ(first.best_time_source, "signature_time_stamp");
    EXPECT_EQ(report->signatures[1].later_changes, LaterChanges::lta_only);
    const SignatureReport& last = report->signatures[2];
    EXPECT_EQ(last.kind, SignatureKind::document_time_stamp);
    EXPECT_EQ(last.coverage, Coverage::whole_document);
    EXPECT_EQ(last.later_changes, LaterChanges::none);
    EXPECT_EQ(exit_code_of(report->verdict), 0);
  }
}

TEST(VerifyPdf, ReportsAreJsonAndWordsInBothLanguages) {
  SigningDesk desk;
  const auto report = verify_pdf(desk.complete(seed_files()[0]), desk.options());
  ASSERT_OK(report);
  const std::string json = to_json(*report);
  EXPECT_EQ(json.find("{\"verdict\":\"VALID\""), 0u) << json;
  EXPECT_NE(json.find("\"ltv\":\"archived\""), std::string::npos);
  EXPECT_NE(to_text(*report, Language::english).find("Alice"), std::string::npos);
  EXPECT_NE(to_text(*report, Language::chinese).find("有效"), std::string::npos);
  EXPECT_NE(to_text(*report, Language::both).find(" / "), std::string::npos);
}

}  // namespace
}  // namespace heqi::documents::verify
