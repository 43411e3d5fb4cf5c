#include "inspection.h"

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace heqi::program {

namespace pdf = documents::pdf;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::string_view kByteRange = "/ByteRange";

// read_range reads "[ 0 a b c ]" at the beginning of text.
std::optional<std::array<std::size_t, 4>> read_range(std::string_view text) {
  const auto skip_spaces = [&] {
    while (!text.empty() && (text[0] == ' ' || text[0] == '\n' || text[0] == '\r'))
      text.remove_prefix(1);
  };
  skip_spaces();
  if (!text.starts_with('[')) return std::nullopt;
  text.remove_prefix(1);
  std::array<std::size_t, 4> out{};
  for (std::size_t& one : out) {
    skip_spaces();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), one);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return out;
}

}  // namespace

base::Result<std::vector<pdf::Lint>> parse_lints(const std::string& text) {
  std::vector<pdf::Lint> out;
  if (text.empty()) return out;
  for (const std::string_view name : base::split(text, ',')) {
    const auto lint = pdf::find_lint(name);
    if (!lint)
      return fail(Code::malformed,
                  "--despite: heqi pdf lint has no finding named \"" + std::string(name) + "\"");
    out.push_back(*lint);
  }
  return out;
}

base::Status check_whole(const pdf::Document& document, std::span<const pdf::Lint> despite) {
  HEQI_TRY(const auto findings, pdf::lint(document));
  for (const pdf::LintFinding& one : findings) {
    const pdf::LintText& text = pdf::text_of(one.lint);
    if (text.weight == pdf::LintWeight::tell) continue;
    if (std::find(despite.begin(), despite.end(), one.lint) != despite.end()) continue;
    const std::string name(text.name);
    return fail(Code::unsupported,
                name + ", object " + std::to_string(one.object) + ": " + std::string(text.english) +
                    " / " + std::string(text.chinese) +
                    "; heqi pdf lint tells all of it, --despite " + name + " signs all the same");
  }
  return {};
}

Bytes with_gap(ByteView data) {
  const std::string_view text = base::text_of(data);
  for (std::size_t at = text.rfind(kByteRange); at != std::string_view::npos && at > 0;
       at = text.rfind(kByteRange, at - 1)) {
    const auto range = read_range(text.substr(at + kByteRange.size()));
    if (!range) continue;
    const auto& [start, before, after, rest] = *range;
    const bool fits = start == 0 && before <= data.size() && rest == data.size() - before &&
                      after > before + 2 && after - before <= kGapMax;
    if (!fits) continue;
    Bytes out(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(before));
    out.push_back('<');
    out.insert(out.end(), after - before - 2, '0');
    out.push_back('>');
    base::append(out, data.subspan(before));
    return out;
  }
  return Bytes(data.begin(), data.end());
}

base::Status check_displayed(const device::Display& display, ByteView data,
                             std::span<const pdf::Lint> despite) {
  if (display.size != data.size() || display.digest != crypto::sm3(data))
    return fail(Code::device_display_differs, "the device gives other octets than it displays");
  if (display.content_type != "application/pdf") return {};
  const Bytes file = with_gap(data);
  const auto document = pdf::Document::parse(file);
  if (!document)
    return fail(Code::unsupported,
                "the document cannot be inspected: " + std::string(document.error().detail));
  return check_whole(*document, despite);
}

}  // namespace heqi::program
