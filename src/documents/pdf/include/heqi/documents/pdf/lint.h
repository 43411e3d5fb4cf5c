// heqi/documents/pdf/lint.h: what a file should not have before it is signed, since a signer could
// see one thing and sign another (shadow attacks; GB/T 25065: the whole data can be inspected).
#pragma once
#include <heqi/documents/pdf/document.h>

namespace heqi::documents::pdf {

// Lint is one rule; its words are in lint_rules.def.
enum class Lint : std::uint8_t {
#define HEQI_LINT(symbol, weight, english, chinese) symbol,
#include <heqi/documents/pdf/lint_rules.def>
#undef HEQI_LINT
};

enum class LintWeight : std::uint8_t { tell, refuse };

struct LintText {
  std::string_view name;  // the symbol
  LintWeight weight;
  std::string_view english, chinese;
};
const LintText& text_of(Lint lint);
// find_lint is the rule of this name; nothing where there is none.
std::optional<Lint> find_lint(std::string_view name);

// LintFinding is one place; object 0 is the trailer.
struct LintFinding {
  Lint lint;
  std::uint32_t object = 0;
  std::string evidence;  // in English
};

inline constexpr std::size_t kLintFindingsMax = 1'000;  // docs/limits.md

// lint inspects every object of the document. Fails as the reader does where an object cannot be
// read; limit_exceeded beyond kLintFindingsMax findings.
base::Result<std::vector<LintFinding>> lint(const Document& document);

}  // namespace heqi::documents::pdf
