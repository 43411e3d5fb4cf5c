// Cross-references: any octets as a table with its trailer, or as the rows of a stream with any
// widths, before objects that are good; and, when asked, behind a good revision. A document that
// parses has its objects where its entries say, in every revision.
// uses: heqi_documents_pdf
// covers: src/documents/pdf/section.cc
#include <heqi/documents/pdf/document.h>

#include <string>

namespace {

using namespace heqi::documents::pdf;

std::string row(std::size_t offset) {
  std::string digits = std::to_string(offset);
  return std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
}

// good is a file of two objects with a table; xref is where the table is.
std::string good(std::size_t& xref) {
  std::string out = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n";
  const std::size_t second = out.size();
  out += "2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n";
  xref = out.size();
  return out + "xref\n0 3\n0000000000 65535 f \n" + row(9) + row(second) +
         "trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n" + std::to_string(xref) + "\n%%EOF\n";
}

std::string section(const std::string& previous, std::uint8_t shape, const std::string& data) {
  if ((shape & 1) == 0) return "xref\n" + data;  // with a trailer, if data has one
  const std::string widths = std::to_string(shape >> 1 & 3) + " " + std::to_string(shape >> 3 & 7) +
                             " " + std::to_string(shape >> 6);
  return "9 0 obj\n<< /Type /XRef /Root 1 0 R " + previous + " /W [" + widths +
         "] /Size 12 /Length " + std::to_string(data.size()) + " >>\nstream\n" + data +
         "\nendstream\nendobj\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string octets(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::size_t first = 0;
  std::string text = good(first);
  const bool behind = (data[0] & 1) != 0;
  if (!behind) text.resize(first);
  const std::size_t xref = text.size();
  text += section(behind ? "/Prev " + std::to_string(first) : "", data[1], octets);
  text += "\nstartxref\n" + std::to_string(xref) + "\n%%EOF\n";
  Limits limits;
  limits.objects = 10'000;
  limits.xref_entries = 20'000;
  const auto document = Document::parse(heqi::base::bytes_of(text), limits);
  if (!document) return 0;
  for (std::size_t i = 0; i < document->revisions().size(); ++i) {
    const Document then = document->at_revision(i);
    for (std::uint32_t number = 0; number < then.size(); ++number) {
      const XrefEntry entry = then.entry(number);
      if (entry.type == XrefEntry::Type::free) continue;
      const auto object = then.get({number, entry.generation});
      if (object && entry.type == XrefEntry::Type::in_file)
        HEQI_CHECK((*object)->place.begin == entry.offset);
    }
  }
  return 0;
}
