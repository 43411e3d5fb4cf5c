// flips.h: what one flipped bit of the demo's file may lead to.
#pragma once
#include <gtest/gtest.h>
#include <heqi/base/clock.h>
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/verify/verify.h>
#include <heqi/pki/trust_store.h>

namespace heqi::demo {

// Verifier verifies as `heqi verify` does, in this process. Safe for several threads.
class Verifier {
 public:
  explicit Verifier(base::ByteView root) {
    EXPECT_TRUE(options_.trust.add_encoded(root));
    options_.now = base::SystemClock().now();
  }

  documents::verify::Verdict verdict(base::ByteView file) const {
    const auto report = documents::verify::verify_pdf(file, options_);
    return report ? report->verdict : documents::verify::Verdict::no_signature;
  }

  // expect_told: never plain VALID; good at all only where no decoded octet of the outermost
  // /Contents differs, and then with a finding that names the offset.
  void expect_told(base::Bytes file, std::size_t at, unsigned bit) const {
    const base::Bytes before = outermost(file);
    file[at] = static_cast<std::uint8_t>(file[at] ^ (1U << bit));
    const auto report = documents::verify::verify_pdf(file, options_);
    if (!report) return;
    EXPECT_NE(report->verdict, documents::verify::Verdict::valid) << at << " bit " << bit;
    if (documents::verify::exit_code_of(report->verdict) != 0) return;
    EXPECT_EQ(outermost(file), before) << at << " bit " << bit;
    bool named = false;
    for (const auto& one : report->signatures)
      for (const auto& finding : one.findings) named = named || finding.offset == at;
    EXPECT_TRUE(named) << at << " bit " << bit;
  }

 private:
  static base::Bytes outermost(base::ByteView file) {
    const auto document = documents::pdf::Document::parse(file);
    if (!document) return {};
    const auto signatures = documents::pdf::find_signatures(*document);
    return signatures && !signatures->empty() ? signatures->back().contents : base::Bytes();
  }

  documents::verify::VerifyOptions options_;
};

}  // namespace heqi::demo
