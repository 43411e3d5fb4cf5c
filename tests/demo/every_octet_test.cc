// Every octet of the demo's file with one bit flipped.
#include <heqi/testing/expect.h>

#include <atomic>
#include <thread>

#include "demo_run.h"
#include "flips.h"

namespace heqi::demo {
namespace {

// shows-part: ECP-CON-11 (the program; the public page is not there yet)
TEST(OneFlippedBit, OfAnyOctetOfTheDemosFileIsNeverPlainlyValid) {
  const DemoRun& run = DemoRun::get();
  ASSERT_EQ(run.status(), 0) << run.output();
  const Verifier verifier(run.root());
  ASSERT_EQ(verifier.verdict(run.file()), documents::verify::Verdict::valid);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t at; (at = next++) < run.file().size();)
      verifier.expect_told(run.file(), at, static_cast<unsigned>(at * 2654435761U >> 7) % 8);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace heqi::demo
