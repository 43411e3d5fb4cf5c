// What one flipped bit of a complete file may lead to.
#pragma once
#include "signing_desk.h"

namespace heqi::documents::verify {

// Flipped tells what verification says of file with one bit of one octet flipped.
struct Flipped {
  bool valid = false, with_notes = false, names_offset = false;
};
inline Flipped flip(const Bytes& file, std::size_t at, unsigned bit, const VerifyOptions& options) {
  Bytes other = file;
  other[at] = static_cast<std::uint8_t>(other[at] ^ (1U << bit));
  Flipped out;
  const auto report = verify_pdf(other, options);
  if (!report) return out;
  out.valid = report->verdict == Verdict::valid;
  out.with_notes = report->verdict == Verdict::valid_with_notes;
  if (out.with_notes)
    for (const SignatureReport& one : report->signatures)
      for (const Finding& finding : one.findings)
        out.names_offset = out.names_offset || finding.offset == at;
  return out;
}

// decoded is the octets of the last /Contents.
inline Bytes decoded(const Bytes& file) {
  const auto document = pdf::Document::parse(file);
  if (!document) return {};
  const auto signatures = pdf::find_signatures(*document);
  if (!signatures || signatures->empty()) return {};
  return signatures->back().contents;
}

// expect_told checks the rule of one flip: never plain VALID; good only where no decoded octet of
// the outermost /Contents differs, and then with the offset.
inline void expect_told(const Bytes& file, std::size_t at, unsigned bit,
                        const VerifyOptions& options) {
  const Flipped result = flip(file, at, bit, options);
  EXPECT_FALSE(result.valid) << "octet " << at << " bit " << bit;
  if (!result.with_notes) return;
  Bytes other = file;
  other[at] = static_cast<std::uint8_t>(other[at] ^ (1U << bit));
  EXPECT_EQ(decoded(other), decoded(file)) << "octet " << at << " bit " << bit;
  EXPECT_TRUE(result.names_offset) << "octet " << at << " bit " << bit;
}

}  // namespace heqi::documents::verify
