// PAdES levels with RSA, ECDSA and SM2, and GM/T 0010: our verifier and strangers agree on every
// signature, also after the fifth.
#include <optional>

#include "pades_desk.h"
#include "strangers.h"

namespace heqi::documents {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Pades : public ::testing::TestWithParam<const testing::Suite*> {
 protected:
  PadesDesk desk_{*GetParam()};
  bool is_foreign() const { return GetParam()->name() != "sm2"; }
};
INSTANTIATE_TEST_SUITE_P(Keys, Pades,
                         ::testing::Values(&testing::sm2_suite(), &testing::rsa_suite(),
                                           &testing::ecdsa_suite()),
                         [](const auto& one) { return std::string(one.param->name()); });

std::string summary_of(const verify::Report& report) {
  std::string out(verify::name_of(report.verdict));
  const auto add = [&](const std::string& who, const std::vector<verify::Finding>& findings) {
    for (const verify::Finding& one : findings)
      out +=
          "\n  " + who + ": " + std::string(verify::text_of(one.reason).name) + " " + one.evidence;
  };
  add("document", report.findings);
  for (const verify::SignatureReport& one : report.signatures) add(one.field, one.findings);
  return out;
}

// shows: ECP-DOC-1
TEST_P(Pades, EachLevelIsWhatItSaysItIs) {
  const Credential alice = desk_.make_person("Alice");
  const Bytes ready = with_fields(1);
  const base::Time now = kSignedAt + hours(1);

  const auto basic = desk_.verify(desk_.sign(ready, "party1", alice, Level::b), now);
  ASSERT_EQ(basic.signatures.size(), 1u);
  EXPECT_EQ(basic.signatures[0].time, verify::TimeProof::claimed) << summary_of(basic);
  EXPECT_EQ(basic.signatures[0].signature, verify::SignatureValue::valid);
  EXPECT_EQ(basic.signatures[0].certificate, verify::CertificateState::unknown_revocation);

  const auto stamped = desk_.verify(desk_.sign(ready, "party1", alice, Level::t), now);
  EXPECT_EQ(stamped.signatures.at(0).time, verify::TimeProof::time_stamped) << summary_of(stamped);
  EXPECT_EQ(stamped.signatures.at(0).ltv, verify::LongTerm::none);

  const auto longer = desk_.verify(desk_.sign(ready, "party1", alice, Level::lt), now);
  // The data itself is signed by nobody until a document time-stamp covers it: told, not held
  // against it.
  EXPECT_EQ(longer.verdict, verify::Verdict::valid_with_notes) << summary_of(longer);
  EXPECT_EQ(longer.signatures.at(0).ltv, verify::LongTerm::embedded);

  const auto archived = desk_.verify(desk_.sign(ready, "party1", alice, Level::lta), now);
  EXPECT_EQ(archived.verdict, verify::Verdict::valid) << summary_of(archived);
  ASSERT_EQ(archived.signatures.size(), 2u);
  EXPECT_EQ(archived.signatures[0].ltv, verify::LongTerm::archived);
  EXPECT_EQ(archived.signatures[1].kind, verify::SignatureKind::document_time_stamp);
}

// strangers_agree asks other readers about a file of several signatures; SM2 is not known to all.
void strangers_agree(const Bytes& file, std::size_t signatures, bool is_foreign) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/signed.pdf";
  ASSERT_OK(base::write_file(path, file));
  if (is_installed("qpdf")) {
    const Ran ran = run("qpdf --check " + path);
    EXPECT_EQ(ran.status, 0) << ran.output;
  }
  if (is_foreign && is_installed("pdfsig")) {
    const Ran ran = run("pdfsig -nocert " + path);
    EXPECT_EQ(count(ran.output, "Signature is Valid."), signatures) << ran.output;
  }
  if (is_foreign && is_installed("mutool")) {
    const Ran ran = run("mutool sign -v " + path);
    EXPECT_EQ(count(ran.output, "is valid but there have been edits"), signatures - 1)
        << ran.output;
    EXPECT_EQ(count(ran.output, "document is unchanged since signing"), 1u) << ran.output;
  }
}

// all_sign lets each party sign in turn: after each signature all are valid, and strangers agree
// where others have signed before.
void all_sign(PadesDesk& desk, Bytes file, const std::optional<pdf::Appearance>& look,
              bool is_foreign) {
  for (std::size_t i = 1; i <= 5; ++i) {
    const std::string number = std::to_string(i);
    const Credential person = desk.make_person("Party " + number);
    sign::Wish wish = desk.wish_of("party" + number, person, kSignedAt + minutes(i));
    wish.place.appearance = look;
    file = desk.sign(file, wish, person, Level::t);
    const Bytes lasting =
        desk.with_stamp(desk.with_data(file, kSignedAt + minutes(9)), kSignedAt + minutes(10));
    const auto report = desk.verify(lasting, kSignedAt + hours(1));
    EXPECT_EQ(report.verdict, verify::Verdict::valid) << summary_of(report);
    ASSERT_EQ(report.signatures.size(), i + 1);
    if (i == 2 || i == 5) strangers_agree(file, i, is_foreign);
  }
}

// shows: ECP-DOC-1
// shows-part: ECP-DOC-1b (PDF)
TEST_P(Pades, EveryLaterSignatureKeepsTheEarlierOnesValidWithEveryReader) {
  all_sign(desk_, with_fields(5), std::nullopt, is_foreign());
}

// shows-part: ECP-SEAL-4 (PDF: across page edges, with every reader)
TEST_P(Pades, SealsAcrossPagesKeepTheEarlierOnesValidWithEveryReader) {
  all_sign(desk_, with_seams(5), square(), is_foreign());
}

// gm_wish is a GM/T 0010 message under the names of one reader.
sign::Wish gm_wish(const PadesDesk& desk, std::string_view reader, const std::string& field,
                   const Credential& signer) {
  sign::Wish wish = desk.wish_of(field, signer);
  wish.names = *pdf::find_filter_names(reader);
  return wish;
}

// shows-part: ECP-DOC-6 (messages as Chinese readers' makers write them; PDF)
TEST(GmMessages, OfEveryReaderAreSignedInTurnAndAllStayValid) {
  PadesDesk desk(testing::sm2_suite());
  const Credential alice = desk.make_person("Alice");
  Bytes file = with_fields(4);
  std::size_t i = 0;
  const char* readers[] = {"adobe", "adobe-gm", "gm-pkilite", "dianju"};
  for (const char* reader : readers) {
    const std::string field = "party" + std::to_string(++i);
    const sign::Wish wish = gm_wish(desk, reader, field, alice);
    file = desk.sign(file, wish, alice, Level::t);
  }
  file = desk.with_stamp(desk.with_data(file, kSignedAt + minutes(2)), kSignedAt + minutes(3));
  const auto report = desk.verify(file, kSignedAt + hours(1));
  ASSERT_EQ(report.signatures.size(), 5u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(report.signatures[k].binding, "message_digest");
    EXPECT_EQ(report.signatures[k].verdict, verify::Verdict::valid) << summary_of(report);
  }
  EXPECT_EQ(report.signatures[3].binding, "digest_as_content");
  EXPECT_EQ(report.signatures[3].sub_filter, "GM.sm2cms.detached");
  EXPECT_EQ(report.signatures[3].signature, verify::SignatureValue::valid) << summary_of(report);
  EXPECT_EQ(report.signatures[1].ltv, verify::LongTerm::archived);
}

TEST(GmMessages, NeedAnSm2KeyAndASealNeedsMore) {
  PadesDesk desk(testing::ecdsa_suite());
  const Credential alice = desk.make_person("Alice");
  for (const char* reader : {"adobe-gm", "gm-pkilite", "dianju", "gomain"})
    EXPECT_ERROR(sign::prepare(with_fields(1), gm_wish(desk, reader, "party1", alice),
                               desk.algorithms().digests),
                 base::Code::unsupported);
}

// A message that is not what its /SubFilter announces is told, and judged by what it is.
TEST(GmMessages, UnderAForeignSubFilterAreToldAndJudged) {
  PadesDesk desk(testing::sm2_suite());
  const Credential alice = desk.make_person("Alice");
  sign::Wish wish = gm_wish(desk, "adobe-gm", "party1", alice);
  wish.names.sub_filter = "ETSI.CAdES.detached";
  const auto report =
      desk.verify(desk.sign(with_fields(1), wish, alice, Level::lta), kSignedAt + hours(1));
  EXPECT_EQ(report.verdict, verify::Verdict::valid_with_notes) << summary_of(report);
  EXPECT_EQ(report.signatures.at(0).findings.at(0).reason, verify::Reason::sub_filter_differs);
}

}  // namespace
}  // namespace heqi::documents
