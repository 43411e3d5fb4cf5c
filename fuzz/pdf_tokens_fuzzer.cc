// Tokens of PDF: any octets as the body of an object, in a file that is good otherwise. What is
// read can be written and is then read as the same value.
// uses: heqi_documents_pdf
// covers: src/documents/pdf/lexer.cc
#include <heqi/documents/pdf/document.h>

#include <string>

namespace {

using namespace heqi::documents::pdf;

std::string row(std::size_t offset) {
  std::string digits = std::to_string(offset);
  return std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
}

// with_object is a file whose object 3 is body.
std::string with_object(const std::string& body) {
  std::string out = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n";
  const std::size_t second = out.size();
  out += "2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n";
  const std::size_t third = out.size();
  out += "3 0 obj\n" + body + "\nendobj\n";
  const std::size_t xref = out.size();
  return out + "xref\n0 4\n0000000000 65535 f \n" + row(9) + row(second) + row(third) +
         "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n" + std::to_string(xref) + "\n%%EOF\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = with_object(std::string(reinterpret_cast<const char*>(data), size));
  const auto document = Document::parse(heqi::base::bytes_of(text));
  HEQI_CHECK(document.has_value());
  const auto object = document->get({3, 0});
  if (!object || (*object)->value.kind() == Kind::stream) return 0;
  const std::string written = encode_value((*object)->value);
  const std::string once_more = with_object(written);
  const auto again = Document::parse(heqi::base::bytes_of(once_more));
  HEQI_CHECK(again.has_value());
  const auto same = again->get({3, 0});
  HEQI_CHECK(same.has_value() && encode_value((*same)->value) == written);
  return 0;
}
