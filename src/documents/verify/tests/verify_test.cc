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

// A page turned as /Rotate says: the box is told where a reader sees it, not where the page has it.
TEST(VerifyPdf, ASignatureSaysWhereItShowsOnPagesOfEveryTurn) {
  for (const int turn : {0, 90, 180, 270}) {
    pdf::PdfText page = pdf::PdfText::one_page();
    page.objects[3].insert(3, "/Rotate " + std::to_string(turn) + " /CropBox [20 30 500 800] ");
    SigningDesk desk;
    const auto report = verify_pdf(desk.complete(seed_files(page)[0]), desk.options());
    ASSERT_OK(report);
    ASSERT_EQ(report->signatures.size(), 3u);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto& place = report->signatures[i].place;
      ASSERT_TRUE(place) << turn;
      EXPECT_EQ(place->page, 1u);
      EXPECT_NEAR(place->x, 10 * 72 / 25.4, 0.02) << turn;
      EXPECT_NEAR(place->y, (10 + 30 * static_cast<double>(i)) * 72 / 25.4, 0.02) << turn;
      EXPECT_NEAR(place->width, 60 * 72 / 25.4, 0.02) << turn;
      EXPECT_NEAR(place->height, 25 * 72 / 25.4, 0.02) << turn;
    }
    EXPECT_FALSE(report->signatures[2].place);  // the document time-stamp has no box
    EXPECT_NE(to_json(*report).find(R"("place":{"page":1,"x":28.3)"), std::string::npos);
    EXPECT_NE(to_json(*report).find(R"("place":null)"), std::string::npos);
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
