// Strangers judge the demo's file: what is signed is cut out, and openssl, qpdf and poppler say
// what they think of it.
#include <heqi/documents/pdf/document.h>
#include <heqi/testing/expect.h>

#include "demo_run.h"
#include "evidence.h"

namespace heqi::demo {
namespace {

class Demo : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run_.status(), 0) << run_.output(); }

  // openssl_agrees hands key, octets and signature to openssl as files.
  ::testing::AssertionResult openssl_agrees(const Signed& one) const {
    const std::string at = scratch_.path() + "/";
    write(at + "key.der", one.by.public_key().der);
    write(at + "octets", one.octets);
    write(at + "signature", one.signature);
    const Ran ran =
        shell("cd " + at + " && openssl pkey -pubin -inform DER -in key.der -out key.pem" +
              " && openssl dgst -sm3 -verify key.pem -sigopt distid:1234567812345678" +
              " -signature signature octets");
    if (ran.status == 0 && ran.output.find("Verified OK") != std::string::npos)
      return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << one.name << ": " << ran.output;
  }
  std::vector<Signed> signed_things() const {
    const auto root = x509::parse_certificate(run_.root());
    EXPECT_OK(root);
    auto all = collect_signed(run_.file(), *root);
    EXPECT_OK(all);
    return all ? *std::move(all) : std::vector<Signed>();
  }

  const DemoRun& run_ = DemoRun::get();
  testing::TemporaryFolder scratch_;
};

TEST_F(Demo, LeavesTheFileTheReportAndTheTimings) {
  for (const char* name : {"contract.pdf", "report.json", "report.txt", "timings.txt", "root.cer"})
    EXPECT_FALSE(read(run_.path(name)).empty()) << name;
  EXPECT_NE(base::text_of(read(run_.path("report.json"))).find("\"verdict\":\"VALID\""),
            std::string_view::npos);
}

// shows: ZSA37-C-e
// shows-part: ECP-DOC-1 (RSA with SHA-256)
TEST_F(Demo, OpensslAgreesWithEverySignatureThatIsInTheFile) {
  HEQI_NEEDS_PROGRAM("openssl");
  std::map<What, int> counted;
  for (const Signed& one : signed_things()) {
    ++counted[one.what];
    EXPECT_TRUE(openssl_agrees(one));
  }
  EXPECT_EQ(counted[What::signature], 2);
  EXPECT_EQ(counted[What::time_stamp], 3);   // one for each signature, one for the document
  EXPECT_GE(counted[What::certificate], 6);  // root, issuing, two persons, TSA, OCSP
  EXPECT_GE(counted[What::ocsp_answer], 2);
  EXPECT_GE(counted[What::crl], 1);
}

TEST_F(Demo, OpensslRefusesEachSignatureWhenOneBitOfWhatIsSignedDiffers) {
  HEQI_NEEDS_PROGRAM("openssl");
  for (Signed one : signed_things()) {
    if (one.what == What::certificate) continue;  // the same code path, and many of them
    one.octets[one.octets.size() / 2] ^= 1;
    EXPECT_FALSE(openssl_agrees(one)) << one.name;
  }
}

TEST_F(Demo, OpensslFindsTheDigestThatEachSignatureStatesOverTheOctetsOfItsByteRange) {
  HEQI_NEEDS_PROGRAM("openssl");
  const auto digests = collect_digests(run_.file());
  ASSERT_OK(digests);
  ASSERT_EQ(digests->size(), 3u);
  for (const BoundDigest& one : *digests) {
    write(scratch_.path() + "/covered", one.covered);
    const Ran ran = shell("openssl dgst -sm3 -r " + scratch_.path() + "/covered");
    EXPECT_EQ(ran.output.substr(0, 64), base::to_hex(one.message_digest)) << one.field;
  }
}

TEST_F(Demo, EachEarlierRevisionIsABytewisePrefixAndReadableOnItsOwn) {
  const auto document = documents::pdf::Document::parse(run_.file());
  ASSERT_OK(document);
  const auto revisions = document->revisions();
  ASSERT_GE(revisions.size(), 5u);
  const base::Bytes original = read(std::string(HEQI_EXAMPLES) + "/lease.pdf");
  ASSERT_LT(original.size(), run_.file().size());
  EXPECT_TRUE(std::equal(original.begin(), original.end(), run_.file().begin()));
  EXPECT_EQ(revisions.front().end, original.size());
  for (const auto& revision : revisions) {
    const base::ByteView prefix = base::ByteView(run_.file()).first(revision.end);
    EXPECT_OK(documents::pdf::Document::parse(prefix));
  }
  EXPECT_EQ(revisions.back().end, run_.file().size());
}

TEST_F(Demo, QpdfFindsNothingToComplainOfInAnyRevision) {
  HEQI_NEEDS_PROGRAM("qpdf");
  const auto document = documents::pdf::Document::parse(run_.file());
  ASSERT_OK(document);
  for (const auto& revision : document->revisions()) {
    const std::string path = scratch_.path() + "/revision.pdf";
    write(path, base::ByteView(run_.file()).first(revision.end));
    const Ran ran = shell("qpdf --check " + path);
    EXPECT_EQ(ran.status, 0) << ran.output;  // 3 would be: with warnings
    EXPECT_NE(ran.output.find("No syntax or stream encoding errors found"), std::string::npos)
        << ran.output;
  }
}

TEST_F(Demo, PopplerRendersEveryPageWithoutAWord) {
  HEQI_NEEDS_PROGRAM("pdftoppm");
  const auto document = documents::pdf::Document::parse(run_.file());
  ASSERT_OK(document);
  const auto pages = document->pages();
  ASSERT_OK(pages);
  const Ran ran = shell("cd " + scratch_.path() + " && pdftoppm -r 40 -png " +
                        run_.path("contract.pdf") + " page && ls page*.png | wc -l");
  EXPECT_EQ(ran.output, std::to_string(pages->size()) + "\n");
}

TEST_F(Demo, PopplerShowsTheNamesOfThoseWhoSigned) {
  HEQI_NEEDS_PROGRAM("pdftotext");
  const Ran ran = shell("pdftotext " + run_.path("contract.pdf") + " - | tr -d ' \\n'");
  for (const char* name : {"张三", "李四"})
    EXPECT_NE(ran.output.find(name), std::string::npos) << name << " in " << ran.output;
}

TEST_F(Demo, PopplerSeesTwoSignaturesAndADocumentTimeStampOverTheWholeFile) {
  HEQI_NEEDS_PROGRAM("pdfsig");
  // It knows no SM2 and says so; what it says about fields and ranges is its own reading.
  const Ran ran = shell("pdfsig -nocert " + run_.path("contract.pdf"));
  for (const char* field : {"Party1", "Party2", "DocumentTimeStamp1"})
    EXPECT_NE(ran.output.find(field), std::string::npos) << ran.output;
  EXPECT_NE(ran.output.find("Total document signed"), std::string::npos) << ran.output;
}

TEST_F(Demo, MupdfRendersTheLastPage) {
  HEQI_NEEDS_PROGRAM("mutool");
  const Ran ran =
      shell("mutool draw -q -r 40 -o " + scratch_.path() + "/m%d.png " + run_.path("contract.pdf"));
  EXPECT_EQ(ran.status, 0) << ran.output;
  for (const char* complaint : {"error", "repair", "broken"})
    EXPECT_EQ(ran.output.find(complaint), std::string::npos) << ran.output;
}

}  // namespace
}  // namespace heqi::demo
