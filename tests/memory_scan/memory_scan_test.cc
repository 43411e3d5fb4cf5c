// Nothing secret stays: the programs are stopped inside their operations on secrets, where the
// search finds them, and after them, where it must not.
#include <heqi/testing/expect.h>
#include <heqi/testing/process_memory.h>

#include "origin.h"
#include "watch.h"

namespace heqi::faults {
namespace {

// Done is the main job, done once, and what was found on the way and after it.
struct Done {
  std::string failure;
  std::map<std::string, std::set<std::string>> inside_device, inside_module;
  std::set<std::string> device_enrolled, module_enrolled, device_after, module_after, server_after,
      files;
  std::size_t needles = 0;
};

base::Status do_the_main_job(Done& done) {
  HEQI_TRY(const auto subject, Subject::open(origin(), {.pin_rounds = 1'000}));
  World& world = subject->world();
  HEQI_TRY(world.enrol(0));
  HEQI_TRY(done.device_enrolled, subject->look_at_device(0));
  HEQI_TRY(done.module_enrolled, subject->look_at_module());
  HEQI_TRY(world.enrol(1));
  HEQI_TRY(world.make_contract());
  HEQI_TRY(world.sign(0));
  HEQI_TRY(done.device_after, subject->look_at_device(0));
  HEQI_TRY(done.module_after, subject->look_at_module());
  HEQI_TRY(world.sign(1));
  HEQI_TRY(world.finish());
  HEQI_TRY(done.server_after, subject->look_at_server());
  HEQI_TRY(const Needles needles, subject->needles());
  done.needles = needles.size();
  // With the programs running: the logs of the databases (WAL) are still there.
  done.files = find_in_files(world.folder(), needles);
  subject->device_watch().finish();
  subject->module_watch().finish();
  done.inside_device = subject->device_watch().found();
  done.inside_module = subject->module_watch().found();
  return {};
}

const Done& done() {
  static const Done result = [] {
    Done out;
    if (const base::Status status = do_the_main_job(out); !status)
      out.failure = base::to_line(status.error());
    return out;
  }();
  return result;
}

// MemoryScan leaves its tests out, and says why, where the memory of other processes is closed to
// this user.
class MemoryScan : public ::testing::Test {
 protected:
  void SetUp() override {
    if (done().failure.find(testing::kMemoryIsClosed) != std::string::npos)
      GTEST_SKIP() << testing::kMemoryIsClosed;
    ASSERT_EQ(done().failure, "");
  }
};

bool holds(const std::map<std::string, std::set<std::string>>& inside, const char* place,
           const char* name) {
  const auto at = inside.find(place);
  return at != inside.end() && at->second.contains(name);
}

std::string what_is_inside(const std::map<std::string, std::set<std::string>>& inside) {
  std::string out;
  for (const auto& [place, names] : inside) out += place + ":\n" + as_lines(names);
  return out;
}

// The positive control: the same search finds what stands in memory inside the operation.
TEST_F(MemoryScan, InsideTheOperationTheSearchFindsTheSecretsOfTheDevice) {
  const auto& inside = done().inside_device;
  EXPECT_TRUE(holds(inside, "at pin", "PIN")) << what_is_inside(inside);
  EXPECT_TRUE(holds(inside, "at pin", "TK")) << what_is_inside(inside);
  EXPECT_TRUE(holds(inside, "at share", "d1")) << what_is_inside(inside);
  EXPECT_TRUE(holds(inside, "at share", "first half of d1")) << what_is_inside(inside);
  EXPECT_TRUE(holds(inside, "at joint_open", "d1 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_open", "1/d1 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_open", "k3 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_open", "k4 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_finish", "d1 in Montgomery's form"));
}

TEST_F(MemoryScan, InsideTheOperationTheSearchFindsTheSecretsOfTheKeyCentre) {
  const auto& inside = done().inside_module;
  EXPECT_TRUE(holds(inside, "at derive_server_share", "stream of d2")) << what_is_inside(inside);
  EXPECT_TRUE(holds(inside, "at joint_answer", "d2 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_answer", "1/d2 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_answer", "k1 in Montgomery's form"));
  EXPECT_TRUE(holds(inside, "at joint_answer", "k2 in Montgomery's form"));
  EXPECT_GT(done().needles, 200u);
}

// shows: MSSP-7.2-d, ZSA37-C-a, KEP-15.4-c
// shows-part: ECP-KEY-10 (the memory of the device)
// shows-part: ZSA37-DEP-d (all applications but mobile signatures and seals)
TEST_F(MemoryScan, AfterEnrolmentAndSignatureTheDeviceHoldsNoShareNonceKeyOrPin) {
  const auto& inside = done().inside_device;
  ASSERT_TRUE(inside.contains("at boundary") && inside.contains("at open boundary"));
  EXPECT_EQ(as_lines(inside.at("at boundary")), "");
  for (const std::string& name : inside.at("at open boundary"))
    EXPECT_TRUE(name.find("PIN") == std::string::npos && name.find("TK") == std::string::npos)
        << name << " while the device waits for the key centre";
  EXPECT_EQ(as_lines(done().device_enrolled), "");
  EXPECT_EQ(as_lines(done().device_after), "");
}

// shows: COS-d2-3, COS-pub-2, ZSA37-C-a, ECP-KEY-11
// shows-part: ZSA37-DEP-d (all applications but mobile signatures and seals)
TEST_F(MemoryScan, AfterKeyAndSignatureTheKeyCentreHoldsNoShareAndNoNonce) {
  ASSERT_TRUE(done().inside_module.contains("at boundary"));
  EXPECT_EQ(as_lines(done().inside_module.at("at boundary")), "");
  ASSERT_TRUE(done().inside_module.contains("at answered"));
  EXPECT_EQ(as_lines(done().inside_module.at("at answered")), "");
  EXPECT_EQ(as_lines(done().module_enrolled), "");
  EXPECT_EQ(as_lines(done().module_after), "");
}

// The search is for d1, d2, the whole key, nonces, TK and PIN, in all their forms.
// shows: COS-C-3, COS-pub-2, ECP-KEY-1, COS-d2-4, COS-d1-5, ZSA37-C-a, KEP-15.4-c
// shows-part: ZSA37-MK-a (that it wraps nothing else; core files)
// shows: COS-C-1, ZSA37-C-d
// shows-part: ECP-5.1.3.1-a (key data; business data in storage)
// shows-part: ZSA37-DEP-d (all applications but mobile signatures and seals)
TEST_F(MemoryScan, TheServerItsFilesDatabasesAndLogsNeverHoldAnyOfThem) {
  EXPECT_EQ(as_lines(done().server_after), "");
  EXPECT_EQ(as_lines(done().files), "");
}

}  // namespace
}  // namespace heqi::faults
