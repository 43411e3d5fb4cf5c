// Every octet of the demo's file with one bit flipped. Of the zeros that fill an inner /Contents,
// which a later signature covers like any other octet and which are all alike, one in sixteen.
#include <heqi/testing/expect.h>

#include <atomic>
#include <thread>

#include <heqi/pki/cms.h>

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
  const auto document = documents::pdf::Document::parse(run.file());
  ASSERT_OK(document);
  const auto signatures = documents::pdf::find_signatures(*document);
  ASSERT_OK(signatures);
  const auto is_left_out = [&](std::size_t at) {
    for (std::size_t i = 0; i + 1 < signatures->size(); ++i) {
      const documents::pdf::Place place = (*signatures)[i].contents_place;
      const auto der = pki::der_prefix_of((*signatures)[i].contents);
      const std::size_t filled = place.begin + 1 + 2 * der->size();
      if (filled + 16 <= at && at + 16 < place.end) return at % 16 != 0;
    }
    return false;
  };
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t at; (at = next++) < run.file().size();)
      if (!is_left_out(at))
        verifier.expect_told(run.file(), at, static_cast<unsigned>(at * 2654435761U >> 7) % 8);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace heqi::demo
