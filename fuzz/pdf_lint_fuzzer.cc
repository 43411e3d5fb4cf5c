// The lint of PDF files: whatever is read can be inspected, at every revision.
// uses: heqi_documents_pdf
#include <heqi/documents/pdf/lint.h>

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::documents::pdf;
  Limits limits;
  limits.decoded_size = 1 << 20;
  limits.decoded_total = 4 << 20;
  limits.objects = 10'000;
  limits.xref_entries = 20'000;
  const auto document = Document::parse({data, size}, limits);
  if (!document) return 0;
  const std::size_t count = std::min<std::size_t>(document->revisions().size(), 4);
  for (std::size_t i = 0; i < count; ++i) static_cast<void>(lint(document->at_revision(i)));
  const auto first = lint(*document), second = lint(*document);
  HEQI_CHECK(first.has_value() == second.has_value());
  if (!first) return 0;
  HEQI_CHECK(first->size() == second->size());
  for (const LintFinding& one : *first) HEQI_CHECK(!text_of(one.lint).english.empty());
  return 0;
}
