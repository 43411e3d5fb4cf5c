// heqi ca on a disk that is full, or may only be read: nothing is signed that is not recorded, the
// error says what to do, and once the disk is mended the same request gets its one certificate.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "shell.h"

namespace heqi::program {
namespace {

struct CaDisk : public ::testing::Test {
  static void SetUpTestSuite() {
    folder = std::make_unique<testing::TemporaryFolder>();
    write(at("pass"), "correct horse battery\n");
    ASSERT_EQ(
        heqi("ca init " + at("ca") + " --organization Disk --url http://127.0.0.1:1" + pass()).code,
        0);
  }
  static void TearDownTestSuite() { folder.reset(); }
  static std::string at(const std::string& name) { return folder->path() + "/" + name; }
  static std::string pass() { return " --passphrase-file " + at("pass"); }
  // heqi runs the program itself, after what the shell does before, and with its words in `out`.
  static Ran heqi(const std::string& words, const std::string& before = "") {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    Ran ran;
    FILE* const pipe = ::popen((before + program + "/heqi " + words + " 2>&1").c_str(), "r");
    char room[4096];
    while (const std::size_t got = std::fread(room, 1, sizeof room, pipe))
      ran.out.append(room, got);
    const int status = ::pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
  }
  static std::string issue_words(const std::string& name) {
    EXPECT_EQ(shell("test -f " + at(name + ".csr") + " || (openssl genpkey -algorithm SM2 -out " +
                    at("k.pem") + " && openssl req -new -utf8 -key " + at("k.pem") +
                    " -sm3 -sigopt distid:1234567812345678 -subj '/C=CN/CN=" + name + "' -out " +
                    at(name + ".csr") + ")"),
              0);
    return "ca issue " + at("ca") + " --csr " + at(name + ".csr") + " --name " + name +
           " --holder " + name + " --out " + at(name + ".pem") + pass();
  }
  static void expect_one_certificate(const std::string& name) {
    const Ran issued = heqi(issue_words(name));
    ASSERT_EQ(issued.code, 0) << issued.out;
    EXPECT_EQ(shell("openssl x509 -in " + at(name + ".pem") + " -noout"), 0);
    const Ran found = heqi("ca find " + at("ca") + " --holder " + name);
    EXPECT_EQ(std::count(found.out.begin(), found.out.end(), '\n'), 1) << found.out;
    EXPECT_NE(found.out.find(name), std::string::npos) << found.out;
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder;
};

TEST_F(CaDisk, WhereTheDiskIsFullNothingIsIssuedUntilThereIsRoom) {
  // Of 512 octets for each file: none; less than the index of the journal; less than one entry in
  // it.
  for (const int blocks : {0, 8, 72}) {
    const Ran full =
        heqi(issue_words("anna"), "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; exec ");
    EXPECT_EQ(full.code, 1) << blocks << full.out;
    EXPECT_NE(full.out.find("[storage]"), std::string::npos) << blocks << full.out;
    EXPECT_NE(full.out.find("disk"), std::string::npos) << blocks << full.out;
    EXPECT_FALSE(std::filesystem::exists(at("anna.pem"))) << blocks;
  }
  expect_one_certificate("anna");
}

TEST_F(CaDisk, WhereTheFolderMayOnlyBeReadNothingIsIssued) {
  const std::string words = issue_words("bert");
  ASSERT_EQ(shell("chmod a+rx " + folder->path() + " && chmod -R a+rX,a-w " + at("ca") +
                  " && chmod a+r " + at("pass") + " " + at("bert.csr")),
            0);
  // Root may write everywhere: somebody else runs it then.
  const std::string somebody =
      ::geteuid() == 0 ? "exec setpriv --reuid=65534 --regid=65534 --clear-groups " : "exec ";
  const Ran refused = heqi(words, somebody);
  EXPECT_EQ(refused.code, 1) << refused.out;
  EXPECT_NE(refused.out.find("[storage]"), std::string::npos) << refused.out;
  ASSERT_EQ(shell("chmod -R u+w " + at("ca")), 0);
  expect_one_certificate("bert");
}

}  // namespace
}  // namespace heqi::program
