// Every octet of a complete file with one bit flipped, and every bit of what no signature covers.
#include "../flips.h"

namespace heqi::documents::verify {
namespace {

// shows-part: ECP-CON-11 (the verifier; the public page and the program are with their layers)
TEST(OneFlippedBit, IsNeverPlainlyValidInAnyOctet) {
  SigningDesk desk;
  const Bytes file = desk.complete(seed_files()[1]);
  const VerifyOptions options = desk.options();
  const auto document = must(pdf::Document::parse(file));
  const auto signatures = must(pdf::find_signatures(document));
  testing::SeededRandom random(1);
  std::size_t done = 0;
  for (std::size_t at = 0; at < file.size(); ++at, ++done) {
    // Long runs of zeros are all alike: of each, one octet in 64.
    const bool zeros = at >= 8 && std::all_of(file.begin() + static_cast<std::ptrdiff_t>(at) - 8,
                                              file.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                              [](std::uint8_t octet) { return octet == '0'; });
    if (zeros && at % 64 != 0) continue;
    const pdf::Place last = signatures.back().contents_place;
    const bool outermost = last.begin <= at && at < last.end;
    if (!outermost) {
      expect_told(file, at, static_cast<unsigned>(random.below(8)), options);
      continue;
    }
    for (unsigned bit = 0; bit < 8; ++bit) expect_told(file, at, bit, options);
  }
}

}  // namespace
}  // namespace heqi::documents::verify
