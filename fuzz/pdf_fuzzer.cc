// PDF: whatever is read can be walked at every revision; what can be appended to keeps its octets
// and is read again.
// uses: heqi_documents_pdf
// covers: src/documents/pdf/form.cc src/documents/pdf/pages.cc src/documents/pdf/document.cc
// covers: src/documents/pdf/xref.cc src/documents/pdf/hybrid.cc
// covers: src/documents/pdf/encryption.cc
#include <heqi/documents/pdf/sign.h>

#include <algorithm>

namespace {

using namespace heqi::documents::pdf;
using heqi::base::Bytes;
using heqi::base::ByteView;

void walk(const Document& document) {
  static_cast<void>(document.load_all());
  if (const auto pages = document.pages()) {
    for (const Page& page : *pages) static_cast<void>(document.content(page));
  }
  if (const auto signatures = find_signatures(document)) {
    for (const SignatureDictionary& one : *signatures)
      HEQI_CHECK(one.container || one.contents_place.end <= document.file().size());
  }
}

void append(ByteView file) {
  SignatureRequest request;
  request.field = "fuzzed";
  const auto ready = prepare_fields(file, {{"fuzzed", "", {0, 1, 1, 1, 1}}});
  if (!ready) return;
  HEQI_CHECK(std::equal(file.begin(), file.end(), ready->begin()));
  const auto prepared = prepare_signature(*ready, request);
  if (!prepared) return;
  const auto done = finish_signature(*prepared, Bytes{0x30, 0x00});
  HEQI_CHECK(done && std::equal(ready->begin(), ready->end(), done->begin()));
  const auto document = Document::parse(*done);
  HEQI_CHECK(document.has_value());
  const auto signatures = find_signatures(*document);
  HEQI_CHECK(signatures && signatures->size() == 1 && signatures->at(0).problems.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file(data, size);
  Limits limits;
  limits.decoded_size = 1 << 20;
  limits.decoded_total = 4 << 20;
  limits.objects = 10'000;
  limits.xref_entries = 20'000;
  const auto document = Document::parse(file, limits);
  if (!document) return 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(document->revisions().size(), 4); ++i)
    walk(document->at_revision(i));
  walk(*document);
  append(file);
  return 0;
}
