// Filters of PDF streams, alone and in chains: what decodes stays within its limit.
// uses: heqi_documents_pdf
// covers: src/documents/pdf/filters.cc
#include <heqi/documents/pdf/document.h>

#include <string>

namespace {

using namespace heqi::documents::pdf;
using heqi::base::Bytes;

constexpr const char* kFilters[] = {"/FlateDecode", "/LZWDecode", "/ASCIIHexDecode",
                                    "/ASCII85Decode", "/RunLengthDecode"};

// parameters_of makes /DecodeParms of three octets: predictor, colours and bits, columns.
std::string parameters_of(std::uint8_t predictor, std::uint8_t shape, std::uint8_t columns) {
  return "<< /Predictor " + std::to_string(predictor % 17) + " /Colors " +
         std::to_string(1 + shape % 4) + " /BitsPerComponent " + std::to_string(1 << shape % 5) +
         " /Columns " + std::to_string(columns) + " >>";
}

std::string offset_of(std::size_t offset) {
  std::string digits = std::to_string(offset);
  return std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
}

// wrapped is a file whose object 3 is a stream of data.
std::string wrapped(const std::string& filters, const std::string& parameters,
                    const std::string& data) {
  std::string out = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n";
  const std::size_t second = out.size();
  out += "2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n";
  const std::size_t third = out.size();
  out += "3 0 obj\n<< /Filter [" + filters + "] /DecodeParms [" + parameters + "] /Length " +
         std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream\nendobj\n";
  const std::size_t xref = out.size();
  return out + "xref\n0 4\n0000000000 65535 f \n" + offset_of(9) + offset_of(second) +
         offset_of(third) + "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n" +
         std::to_string(xref) + "\n%%EOF\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  std::string filters, parameters;
  for (std::size_t i = 0; i <= data[0] % 3U; ++i) {
    filters += kFilters[(data[1] >> (i * 2)) % 5];
    filters += ' ';
    parameters += (data[2] >> i & 1) != 0 ? parameters_of(data[2], data[3], data[4]) : "null";
    parameters += ' ';
  }
  const std::string text(reinterpret_cast<const char*>(data) + 5, size - 5);
  const Bytes file = heqi::base::to_bytes(wrapped(filters, parameters, text));
  Limits limits;
  limits.decoded_size = 1 << 20;
  const auto document = Document::parse(file, limits);
  HEQI_CHECK(document.has_value());
  const auto object = document->get({3, 0});
  HEQI_CHECK(object.has_value() && (*object)->value.stream() != nullptr);
  const auto decoded = document->decode(*(*object)->value.stream());
  if (!decoded) return 0;
  HEQI_CHECK(decoded->octets.size() <= limits.decoded_size);
  const auto again = document->decode(*(*object)->value.stream());
  HEQI_CHECK(again.has_value() && again->octets == decoded->octets);
  return 0;
}
