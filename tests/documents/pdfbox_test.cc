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

}  // namespace
}  // namespace heqi::documents
