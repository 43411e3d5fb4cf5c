#include <algorithm>

#include <heqi/crypto/dispatch.h>

#include "platform.h"
#include "shell.h"

namespace heqi::program {
namespace {

const std::string kLease = std::string(HEQI_EXAMPLES) + "/lease.pdf";

TEST(VerifyCommand, ExitCodesTellVerdictsFromUnreadableFiles) {
  const testing::TemporaryFolder folder;
  const std::string text = folder.path() + "/text.pdf";
  write(text, "not a PDF");
  EXPECT_EQ(run(run_verify, {kLease}).code, 1);  // NO_SIGNATURE
  EXPECT_EQ(run(run_verify, {text}).code, 2);
  EXPECT_EQ(run(run_verify, {folder.path() + "/none.pdf"}).code, 2);
  EXPECT_EQ(run(run_verify, {kLease, text}).code, 2);  // the worst of all
  EXPECT_EQ(run(run_verify, {}).code, 2);
  EXPECT_EQ(run(run_verify, {"--help"}).code, 0);
  EXPECT_EQ(run(run_verify, {"--lang", "fr", kLease}).code, 2);
}

TEST(VerifyCommand, SpeaksTheLanguageThatIsAskedFor) {
  const std::string english = run(run_verify, {"--lang", "en", kLease}).out;
  const std::string chinese = run(run_verify, {"--lang", "zh", kLease}).out;
  EXPECT_NE(english.find("NO SIGNATURE"), std::string::npos) << english;
  EXPECT_NE(english, chinese);
}

TEST(VerifyCommand, JsonIsOneObjectForEachFile) {
  const Ran ran = run(run_verify, {"--json", kLease, "/nowhere.pdf"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2);
  EXPECT_NE(ran.out.find("\"report\":{"), std::string::npos);
  EXPECT_NE(ran.out.find("\"error\":{\"id\":\"not_found\""), std::string::npos) << ran.out;
}

TEST(VerifyCommand, TrustThatCannotBeReadIsAnErrorAndNotAnEmptyTrust) {
  const testing::TemporaryFolder folder;
  write(folder.path() + "/broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
  EXPECT_EQ(run(run_verify, {"--trust", folder.path() + "/none", kLease}).code, 2);
  EXPECT_EQ(run(run_verify, {"--trust", folder.path() + "/broken.pem", kLease}).code, 2);
  EXPECT_EQ(run(run_verify, {"--trust", folder.path(), kLease}).code, 2);
  const testing::TemporaryFolder empty;
  EXPECT_EQ(run(run_verify, {"--trust", empty.path(), kLease}).code, 2);
}

TEST(DeviceCommand, ShowsTheStageOfADeviceOnItsSocket) {
  device::World world;
  const DeviceProcess process(world);
  const Ran ran = run(run_device, {"status", "--socket", process.socket(), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.out.find("{\"stage\":\"empty\""), 0U) << ran.out;
  ASSERT_EQ(run(run_device, {"--socket", process.socket(), "retire", "--erase-for-ever"}).code, 0);
  const Ran none = run(run_device, {"status", "--socket", process.socket(), "--certificate", "x"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.error.find("no certificate"), std::string::npos) << none.error;
  EXPECT_NE(run(run_device, {"status", "--socket", process.socket()}).out.find("retired"),
            std::string::npos);
}

TEST(DeviceCommand, RefusesWrongArgumentsAndDevicesThatAreNotThere) {
  EXPECT_EQ(run(run_device, {}).code, 2);
  EXPECT_EQ(run(run_device, {"--help"}).code, 0);
  EXPECT_EQ(run(run_device, {"sign", "--help"}).code, 0);
  EXPECT_EQ(run(run_device, {"status"}).code, 2);  // no socket
  EXPECT_EQ(run(run_device, {"retire", "--socket", "/nowhere"}).code, 2);
  EXPECT_EQ(run(run_device, {"status", "--socket", "/nowhere"}).code, 1);
  const Ran near = run(run_device, {"enroll", "--socket", "/nowhere"});
  EXPECT_EQ(near.code, 2);
  EXPECT_NE(near.error.find("did you mean enrol?"), std::string::npos) << near.error;
}

TEST(DeviceCommand, NeverTakesAPinAsAnArgument) {
  const Ran ran = run(run_device, {"enrol", "--socket", "/x", "--server", "https://h", "--code",
                                   "C", "--pin", "482913"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.error.find("482913"), std::string::npos) << ran.error;
}

// shows-part: ZSA37-DEP-c (a certified product in the module's place is not there)
TEST(SelfcheckCommand, ListsTheCodePathsAndNamesWhatIsRed) {
  const Ran ran = run(run_selfcheck, {"--json", "--config", "/nowhere"});
  EXPECT_EQ(ran.code, 1);  // the configuration is red
  for (const crypto::PrimitivePath& path : crypto::primitive_paths()) {
    const std::string said =
        "\"" + std::string(path.primitive) + "\":\"" + std::string(path.chosen) + "\"";
    EXPECT_NE(ran.out.find(said), std::string::npos) << said << ran.out;
  }
  EXPECT_NE(ran.out.find("\"untested\":["), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("{\"name\":\"algorithms\",\"state\":\"green\""), std::string::npos);
  EXPECT_NE(ran.out.find("Uncertified software module"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("{\"name\":\"configuration\",\"state\":\"red\""), std::string::npos);
  EXPECT_EQ(run(run_selfcheck, {"extra"}).code, 2);
}

}  // namespace
}  // namespace heqi::program
