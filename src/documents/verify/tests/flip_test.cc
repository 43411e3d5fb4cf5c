#include "flips.h"

namespace heqi::documents::verify {
namespace {

pdf::SignatureDictionary last_signature(const Bytes& file) {
  const auto document = must(pdf::Document::parse(file));
  return must(pdf::find_signatures(document)).back();
}

// shows-part: ECP-CON-11 (a sample; every octet is the slow test)
TEST(OneFlippedBit, IsNeverPlainlyValidInASampleOfAllOctets) {
  SigningDesk desk;
  const Bytes file = desk.complete(seed_files()[1]);
  const VerifyOptions options = desk.options();
  ASSERT_EQ(must(verify_pdf(file, options)).verdict, Verdict::valid);
  testing::SeededRandom random(2026);
  for (int i = 0; i < 300; ++i)
    expect_told(file, random.below(file.size()), static_cast<unsigned>(random.below(8)), options);
}

// shows-part: ECP-CON-11 (the verifier; the public page and the program are with their layers)
TEST(OneFlippedBit, IsToldInEveryPartOfTheLastMessage) {
  SigningDesk desk;
  const Bytes file = desk.complete(seed_files()[0]);
  const VerifyOptions options = desk.options();
  const pdf::SignatureDictionary last = last_signature(file);
  const std::size_t digits = 2 * must(pki::der_prefix_of(last.contents)).size();
  testing::SeededRandom random(7);
  for (std::size_t i = 0; i < digits; i += 5)
    expect_told(file, last.contents_place.begin + 1 + i, static_cast<unsigned>(random.below(8)),
                options);
  for (unsigned bit = 0; bit < 8; ++bit) {
    for (const std::size_t at :
         {last.contents_place.begin, last.contents_place.begin + 1 + digits,
          last.contents_place.begin + 2 + digits, last.contents_place.end - 2,
          last.contents_place.end - 1, last.contents_place.end, file.size() - 1, std::size_t{0}})
      expect_told(file, at, bit, options);
  }
}

// shows-part: ECP-CON-11 (the verifier; the public page and the program are with their layers)
TEST(OneFlippedBit, InTheCaseOfADigitIsValidWithANoteOfItsOffset) {
  SigningDesk desk;
  Bytes file = desk.complete(seed_files()[0]);
  const pdf::SignatureDictionary last = last_signature(file);
  std::size_t at = last.contents_place.begin + 1;
  while (file[at] < 'a') ++at;
  file[at] = static_cast<std::uint8_t>(file[at] ^ 0x20);
  const auto report = verify_pdf(file, desk.options());
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::valid_with_notes) << words(*report);
  ASSERT_EQ(report->signatures.back().findings.size(), 1u);
  EXPECT_EQ(report->signatures.back().findings[0].offset, at);
  EXPECT_EQ(report->signatures.back().format, Format::deviating);
}

}  // namespace
}  // namespace heqi::documents::verify
