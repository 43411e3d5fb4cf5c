// Object streams: any octets as one, with any /N and /First, in a file whose stream of
// cross-references says that ten objects are inside.
// uses: heqi_documents_pdf
#include <heqi/documents/pdf/document.h>

#include <string>

namespace {

using namespace heqi::documents::pdf;

constexpr int kPacked = 10;  // objects 4 to 13

void put(std::string& rows, std::size_t type, std::size_t second, std::size_t third) {
  rows += static_cast<char>(type);
  for (int shift = 16; shift >= 0; shift -= 8) rows += static_cast<char>(second >> shift & 0xFF);
  rows += static_cast<char>(third);
}

std::string stream(int number, const std::string& entries, const std::string& data) {
  return std::to_string(number) + " 0 obj\n<< " + entries + " /Length " +
         std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream\nendobj\n";
}

// packed is a file whose object 3 is an object stream of data.
std::string packed(unsigned count, unsigned first, const std::string& data) {
  std::string out = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n";
  const std::size_t second = out.size();
  out += "2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n";
  const std::size_t third = out.size();
  out += stream(3, "/Type /ObjStm /N " + std::to_string(count) + " /First " + std::to_string(first),
                data);
  const std::size_t xref = out.size();
  std::string rows;
  put(rows, 0, 0, 255), put(rows, 1, 9, 0), put(rows, 1, second, 0), put(rows, 1, third, 0);
  for (std::size_t i = 0; i < kPacked; ++i) put(rows, 2, 3, i);
  put(rows, 1, xref, 0);
  return out +
         stream(4 + kPacked,
                "/Type /XRef /W [1 3 1] /Root 1 0 R /Size " + std::to_string(5 + kPacked), rows) +
         "startxref\n" + std::to_string(xref) + "\n%%EOF\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string text =
      packed(data[0], data[1], std::string(reinterpret_cast<const char*>(data) + 2, size - 2));
  const auto document = Document::parse(heqi::base::bytes_of(text));
  HEQI_CHECK(document.has_value());
  for (std::uint32_t number = 4; number < 4 + kPacked; ++number) {
    const auto object = document->get({number, 0});
    if (!object) continue;
    HEQI_CHECK((*object)->container == 3U && (*object)->value.kind() != Kind::stream);
    HEQI_CHECK((*object)->place.end <= size);
  }
  static_cast<void>(document->load_all());
  return 0;
}
