// PDFBox 2 with BouncyCastle (Debian: libpdfbox2-java, libbcpkix-java) reads and verifies what we
// sign.
#include <filesystem>

#include "pades_desk.h"
#include "strangers.h"

namespace heqi::documents {
namespace {

constexpr const char* kJars =
    "/usr/share/java/pdfbox2.jar:/usr/share/java/fontbox2.jar:/usr/share/java/commons-logging.jar:"
    "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar";

Ran judge(const std::string& path) {
  return run(std::string("java -cp ") + kJars + " " HEQI_PDFBOX_JUDGE " " + path);
}

// shows: ECP-DOC-1
TEST(PdfBox, AgreesOnFiveSignaturesOfEachKindOfKeyAndOnTheDocumentTimeStamp) {
  if (!std::filesystem::exists("/usr/share/java/pdfbox2.jar") ||
      !std::filesystem::exists("/usr/share/java/bcpkix.jar") || run("java -version").status != 0)
    GTEST_SKIP() << "PDFBox (libpdfbox2-java), BouncyCastle (libbcpkix-java) or java is not "
                    "installed; ./dev packages slow installs them";
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/signed.pdf";
  for (const testing::Suite* suite :
       {&testing::sm2_suite(), &testing::rsa_suite(), &testing::ecdsa_suite()}) {
    SCOPED_TRACE(suite->name());
    PadesDesk desk(*suite);
    Bytes file = with_fields(5);
    for (std::size_t i = 1; i <= 5; ++i) {
      const Credential person = desk.make_person("Party " + std::to_string(i));
      file = desk.sign(file, "party" + std::to_string(i), person, Level::t);
    }
    file = desk.with_stamp(desk.with_data(file, kSignedAt), kSignedAt);
    ASSERT_OK(base::write_file(path, file));
    const Ran ran = judge(path);
    EXPECT_EQ(count(ran.output, ": ok\n"), 6u) << ran.output;

    Bytes changed = file;
    changed[200] ^= 1;  // inside the first revision
    ASSERT_OK(base::write_file(path, changed));
    const Ran other = judge(path);
    EXPECT_EQ(count(other.output, ": ok\n"), 1u) << other.output;  // the token's own signature
  }
}

// The other way round: what PDFBox signs, alone and after one of ours, we verify.
// shows-part: ECP-DOC-6 (PDFBox's PDF signatures)
TEST(PdfBox, SignaturesOfItsOwnAreVerifiedHere) {
  if (!std::filesystem::exists("/usr/share/java/pdfbox2.jar") ||
      !std::filesystem::exists("/usr/share/java/bcpkix.jar") || run("java -version").status != 0)
    GTEST_SKIP() << "PDFBox (libpdfbox2-java), BouncyCastle (libbcpkix-java) or java is not "
                    "installed; ./dev packages slow installs them";
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/";
  ASSERT_EQ(run("openssl req -x509 -nodes -newkey rsa:2048 -sha256 -days 3650 -keyout " + at +
                "key.pem -outform DER -out " + at +
                "cert.der -subj /CN=Carol -addext keyUsage=critical,digitalSignature")
                .status,
            0);
  ASSERT_EQ(
      run("openssl pkcs8 -topk8 -nocrypt -in " + at + "key.pem -outform DER -out " + at + "key.der")
          .status,
      0);
  PadesDesk desk(testing::rsa_suite());
  const Credential alice = desk.make_person("Alice");
  const Bytes ours = desk.sign(with_fields(1), "party1", alice, Level::t);
  for (const Bytes& file : {with_fields(1), ours}) {
    ASSERT_OK(base::write_file(at + "in.pdf", file));
    const Ran ran = run(std::string("java -cp ") + kJars + " " HEQI_PDFBOX_SIGN " " + at +
                        "in.pdf " + at + "key.der " + at + "cert.der " + at + "out.pdf");
    ASSERT_EQ(ran.status, 0) << ran.output;
    const Bytes done = must(base::read_file(at + "out.pdf", 1 << 22));
    const auto report = desk.verify(done, kSignedAt + std::chrono::hours(1));
    const verify::SignatureReport& theirs = report.signatures.back();
    EXPECT_EQ(theirs.integrity, verify::Integrity::intact);
    EXPECT_EQ(theirs.signature, verify::SignatureValue::valid);
    EXPECT_EQ(theirs.coverage, verify::Coverage::whole_document);
    EXPECT_EQ(theirs.certificate, verify::CertificateState::untrusted);  // nobody vouches for Carol
    ASSERT_EQ(report.signatures.size(), file == ours ? 2u : 1u);
    if (file == ours) {
      EXPECT_EQ(report.signatures[0].signature, verify::SignatureValue::valid);
    }

    std::string text(base::text_of(done));
    text.replace(text.rfind("(Bench)"), 7, "(Bemch)");
    const Bytes changed = base::to_bytes(text);
    const auto other = desk.verify(changed, kSignedAt + std::chrono::hours(1));
    EXPECT_EQ(other.verdict, verify::Verdict::invalid);
    EXPECT_EQ(other.signatures.back().integrity, verify::Integrity::digest_mismatch);
  }
}

}  // namespace
}  // namespace heqi::documents
