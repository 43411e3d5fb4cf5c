// The device process: a person enrols and signs through its socket alone, also after it was killed.
#include <sys/stat.h>

#include "device_process.h"

namespace heqi::device {
namespace {

using base::Code;
using terminal::TerminalClient;

TEST(DeviceProcess, APersonEnrolsAndSignsThroughTheSocketAlsoAfterAKill) {
  issuing_time() = base::SystemClock().now();
  World world;
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  auto device = must(TerminalClient::connect(process.socket()));
  EXPECT_EQ(must(device.information()).stage, Stage::empty);
  ASSERT_OK(device.initialise());
  auto step = follow(world, device, device.enrol(world.code));
  ASSERT_OK(step);
  ASSERT_EQ(step->kind, Step::Kind::choose_pin);
  step = follow(world, device, device.choose_pin(pin_of(kRightPin)));
  ASSERT_OK(step);
  ASSERT_EQ(step->kind, Step::Kind::confirm);
  step = follow(world, device, device.confirm(*step->display, pin_of(kRightPin)));
  ASSERT_OK(step);
  EXPECT_EQ(step->outcome, "certificate_installed");

  process.end(SIGKILL);
  process.start();
  device = must(TerminalClient::connect(process.socket()));
  const Information information = must(device.information());
  ASSERT_EQ(information.stage, Stage::enrolled);
  world.service.requests.push_back(world.request("%PDF-1.7"));
  step = follow(world, device, device.poll());
  ASSERT_OK(step);
  ASSERT_EQ(step->kind, Step::Kind::confirm);
  EXPECT_EQ(must(device.data("tx-1")), base::to_bytes("%PDF-1.7"));
  EXPECT_ERROR(device.data("tx-2"), Code::not_found);
  step = follow(world, device, device.confirm(*step->display, pin_of(kRightPin)));
  ASSERT_OK(step);
  EXPECT_EQ(step->outcome, "signed");
  const auto certificate = must(x509::parse_certificate(information.certificate));
  const SignAnswer& answer = world.service.answers.at(0);
  EXPECT_OK(crypto::verify(must(certificate.public_key().sm2_key()), answer.signed_attributes,
                           must(x509::parse_signature(answer.signature))));
  EXPECT_EQ(process.end(SIGTERM), 0);  // ends by itself, in order
}

TEST(DeviceProcess, ItsFilesAndSocketAreItsUsersOnly) {
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  auto device = must(TerminalClient::connect(process.socket()));
  ASSERT_OK(device.initialise());
  for (const char* name : {"/socket", "/state/msd.state", "/keys/wrap.key"}) {
    struct stat status {};
    ASSERT_EQ(::stat((folder.path() + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0077, 0u) << name;
  }
}

// shows: KEP-11-b
// shows-part: ZSA37-MK-a (files, databases, logs; that it wraps nothing else)
TEST(DeviceProcess, ItLeavesNoCoreAndLocksItsMemory) {
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  const std::string place = "/proc/" + std::to_string(process.id());
  const auto limits = base::read_file(place + "/limits", 1 << 16);
  ASSERT_OK(limits);
  const std::string text(base::text_of(*limits));
  const auto line = text.substr(text.find("Max core file size"), 60);
  EXPECT_NE(line.find(" 0 "), std::string::npos) << line;
}

// shows: KEP-11-b
TEST(DeviceProcess, ItIsConfinedAndNotDumpable) {
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  const std::string place = "/proc/" + std::to_string(process.id());
  const auto status = base::read_file(place + "/status", 1 << 16);
  ASSERT_OK(status);
  const std::string text(base::text_of(*status));
  EXPECT_NE(text.find("NoNewPrivs:\t1"), std::string::npos);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_NE(text.find("Seccomp:\t2"), std::string::npos);
#endif
  struct stat owner {};
  ASSERT_EQ(::stat((place + "/mem").c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0u) << "what is not dumpable belongs to root below /proc";
}

// shows: KEP-12-a
TEST(DeviceProcess, TheApplicationReachesItByItsSocketAloneAndSeesItsStatus) {
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  EXPECT_NE(process.id(), ::getpid());
  auto device = must(TerminalClient::connect(process.socket()));
  const ModuleStatus status = must(device.status());
  EXPECT_EQ(status.state, LifeState::factory);
  EXPECT_EQ(status.version, kModuleVersion);
  EXPECT_EQ(must(device.self_test()).state, LifeState::factory);
  EXPECT_EQ(status.approved_mode, status.environment.empty());
  ASSERT_OK(device.initialise());
  EXPECT_EQ(must(device.self_test()).state, LifeState::initialising);
}

TEST(DeviceProcess, WhatIsNotACommandDoesNotStopIt) {
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  auto raw = must(base::LocalConnection::connect(process.socket(), std::chrono::seconds(10)));
  ASSERT_OK(raw.send(base::bytes_of("not DER")));
  EXPECT_TRUE(must(parse_reply(must(raw.receive(kCommandSizeMax)))).failure.has_value());
  auto device = must(TerminalClient::connect(process.socket()));
  EXPECT_OK(device.information());
}

}  // namespace
}  // namespace heqi::device
