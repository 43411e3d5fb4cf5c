// The same over many signatures: a few with the real number of rounds of the PIN and a look after
// each, and a thousand with fewer rounds.
#include <heqi/testing/expect.h>
#include <heqi/testing/process_memory.h>

#include "origin.h"
#include "watch.h"

namespace heqi::faults {
namespace {

struct Work {
  std::uint32_t pin_rounds;
  int contracts;   // of two signatures each
  int look_every;  // contracts
  Stops stops = Stops::inside;
};

class MemoryScanSlow : public ::testing::Test {
 protected:
  // look searches the memory of all programs.
  void look(Subject& subject) {
    for (std::size_t party = 0; party < 2; ++party) {
      const auto device = subject.look_at_device(party);
      ASSERT_OK(device);
      EXPECT_EQ(as_lines(*device), "");
    }
    const auto module = subject.look_at_module();
    ASSERT_OK(module);
    EXPECT_EQ(as_lines(*module), "");
    const auto server = subject.look_at_server();
    ASSERT_OK(server);
    EXPECT_EQ(as_lines(*server), "");
  }

  void sign_and_look(const Work& work) {
    const auto opened =
        Subject::open(origin(), {.pin_rounds = work.pin_rounds, .stops = work.stops});
    ASSERT_OK(opened);
    Subject& subject = **opened;
    World& world = subject.world();
    for (std::size_t party = 0; party < 2; ++party) ASSERT_OK(world.enrol(party));
    if (const auto first = subject.look_at_device(0);
        !first && first.error().code == base::Code::denied)
      GTEST_SKIP() << testing::kMemoryIsClosed;
    for (int contract = 1; contract <= work.contracts; ++contract) {
      SCOPED_TRACE(contract);
      ASSERT_OK(world.make_contract());
      for (std::size_t party = 0; party < 2; ++party) ASSERT_OK(world.sign(party));
      ASSERT_OK(world.finish());
      if (contract % work.look_every == 0) {
        ASSERT_NO_FATAL_FAILURE(look(subject));
      }
    }
    const auto needles = subject.needles();
    ASSERT_OK(needles);
    std::printf("%d signatures, %zu forms of secrets\n", 2 * work.contracts, needles->size());
    EXPECT_EQ(as_lines(find_in_files(world.folder(), *needles)), "");
  }
};

// shows-part: MSSP-7.2-d (memory, over many signatures)
TEST_F(MemoryScanSlow, ManySignaturesWithFullRoundsLeaveNothing) {
  sign_and_look({.pin_rounds = 600'000, .contracts = 5, .look_every = 1});
}

// Root on the server, after the fact: disk, databases, logs and memory of a thousand signatures.
// Nothing stops inside here; that the search finds what is there is shown by the other tests.
// shows-part: MSSP-7.2-d (memory and disk, over a thousand signatures)
TEST_F(MemoryScanSlow, AThousandSignaturesLeaveNothingOnTheServer) {
  sign_and_look({.pin_rounds = 1'000, .contracts = 500, .look_every = 50, .stops = Stops::none});
}

}  // namespace
}  // namespace heqi::faults
