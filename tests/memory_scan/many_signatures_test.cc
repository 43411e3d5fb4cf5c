// The same with the real number of rounds of the PIN, several contracts, and a look after each.
#include <heqi/testing/expect.h>

#include "origin.h"
#include "watch.h"

namespace heqi::faults {
namespace {

constexpr int kContracts = 5;

// shows-part: MSSP-7.2-d (memory, over many signatures)
TEST(MemoryScanSlow, ManySignaturesWithFullRoundsLeaveNothing) {
  const auto opened = Subject::open(origin(), 600'000);
  ASSERT_OK(opened);
  Subject& subject = **opened;
  World& world = subject.world();
  for (std::size_t party = 0; party < 2; ++party) ASSERT_OK(world.enrol(party));
  for (int contract = 0; contract < kContracts; ++contract) {
    SCOPED_TRACE(contract);
    ASSERT_OK(world.make_contract());
    for (std::size_t party = 0; party < 2; ++party) {
      ASSERT_OK(world.sign(party));
      const auto device = subject.look_at_device(party);
      if (!device && device.error().code == base::Code::denied)
        GTEST_SKIP() << "this user may not read the memory of other processes: run as root, or set "
                        "kernel.yama.ptrace_scope to 0";
      ASSERT_OK(device);
      EXPECT_EQ(as_lines(*device), "");
      const auto module = subject.look_at_module();
      ASSERT_OK(module);
      EXPECT_EQ(as_lines(*module), "");
    }
    ASSERT_OK(world.finish());
    const auto server = subject.look_at_server();
    ASSERT_OK(server);
    EXPECT_EQ(as_lines(*server), "");
  }
  const auto needles = subject.needles();
  ASSERT_OK(needles);
  EXPECT_EQ(as_lines(find_in_files(world.folder(), *needles)), "");
}

}  // namespace
}  // namespace heqi::faults
