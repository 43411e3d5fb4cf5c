// Writes small PDFs for the tests, with every place open to a lie.
#pragma once
#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include <heqi/base/bytes.h>

namespace heqi::documents::pdf {

// PdfText lays out objects and computes offsets; the functions that finish return the file.
class PdfText {
 public:
  std::string header = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  std::map<int, std::string> objects;  // bodies between "obj" and "endobj"
  std::string trailer = "/Root 1 0 R /ID [<00112233445566778899aabbccddeeff> <01>]";

  // one_page is a document with one page and some text.
  static PdfText one_page() {
    PdfText text;
    text.objects[1] = "<< /Type /Catalog /Pages 2 0 R >>";
    text.objects[2] = "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>";
    text.objects[3] =
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>";
    text.objects[4] = stream("", "BT /F1 24 Tf 72 700 Td (Lease) Tj ET");
    text.objects[5] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
    return text;
  }

  static std::string stream(const std::string& entries, const std::string& data) {
    return "<< " + entries + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data +
           "\nendstream";
  }

  std::string body() {
    std::string out = header;
    for (const auto& [number, object] : objects) {
      offsets[number] = out.size();
      out += std::to_string(number) + " 0 obj\n" + object + "\nendobj\n";
    }
    return out;
  }

  static std::string line(std::size_t offset, int generation, char kind) {
    char text[32];
    std::snprintf(text, sizeof text, "%010zu %05d %c \n", offset, generation, kind);
    return text;
  }

  // with_table ends the file with a classic table.
  std::string with_table() {
    std::string out = body();
    xref = out.size();
    const int size = objects.rbegin()->first + 1;
    out += "xref\n0 " + std::to_string(size) + "\n";
    for (int number = 0; number < size; ++number)
      out += offsets.count(number) ? line(offsets[number], 0, 'n')
                                   : line(0, number == 0 ? 65535 : 0, 'f');
    out += "trailer\n<< /Size " + std::to_string(size) + " " + trailer + " >>\n";
    return out + "startxref\n" + std::to_string(xref) + "\n%%EOF\n";
  }

  static void put(std::string& rows, std::size_t value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
      rows += static_cast<char>(value >> shift & 0xFF);
  }

  // with_stream ends it with a cross-reference stream; packed are put into an object stream.
  std::string with_stream(const std::map<int, std::string>& packed = {}) {
    int next = objects.rbegin()->first + 1;
    if (!packed.empty()) next = std::max(next, packed.rbegin()->first + 1);
    const int container = next;
    if (!packed.empty()) {
      std::string index, data;
      for (const auto& [number, object] : packed) {
        index += std::to_string(number) + " " + std::to_string(data.size()) + " ";
        data += object + " ";
      }
      objects[container] = stream("/Type /ObjStm /N " + std::to_string(packed.size()) + " /First " +
                                      std::to_string(index.size()),
                                  index + data);
      ++next;
    }
    std::string out = body();
    xref = out.size();
    std::string rows;
    int position = 0;
    for (int number = 0; number <= next; ++number) {
      const bool is_packed = packed.count(number) != 0;
      const bool is_known = offsets.count(number) != 0 || number == next;
      put(rows, is_packed ? 2 : is_known ? 1 : 0, 1);
      put(rows,
          is_packed        ? static_cast<std::size_t>(container)
          : number == next ? xref
          : is_known       ? offsets[number]
                           : 0,
          3);
      put(rows, is_packed ? static_cast<std::size_t>(position++) : 0, 2);
    }
    out +=
        std::to_string(next) + " 0 obj\n" +
        stream("/Type /XRef /W [1 3 2] /Size " + std::to_string(next + 1) + " " + trailer, rows) +
        "\nendobj\n";
    return out + "startxref\n" + std::to_string(xref) + "\n%%EOF\n";
  }

  // Row is what a cross-reference stream says of one object: type and its two fields.
  struct Row {
    std::size_t type = 0, second = 0, third = 0;
  };

  // with_hidden ends the file as word processors do: hidden goes into an object stream, the table
  // calls it free, and a second, empty table names a stream with all objects. lies replaces or adds
  // rows of that stream; more goes into its dictionary.
  std::string with_hidden(const std::map<int, std::string>& hidden,
                          const std::map<int, Row>& lies = {}, const std::string& more = {}) {
    const int container = std::max(objects.rbegin()->first, hidden.rbegin()->first) + 1;
    std::string index, data;
    std::map<int, Row> rows{{0, {0, 0, 65535}}};
    std::size_t position = 0;
    for (const auto& [number, object] : hidden) {
      rows[number] = {2, static_cast<std::size_t>(container), position++};
      index += std::to_string(number) + " " + std::to_string(data.size()) + " ";
      data += object + " ";
    }
    objects[container] = stream("/Type /ObjStm /N " + std::to_string(hidden.size()) + " /First " +
                                    std::to_string(index.size()),
                                index + data);
    static_cast<void>(body());
    for (const auto& [number, object] : objects) rows[number] = {1, offsets[number], 0};
    for (const auto& [number, row] : lies) rows[number] = row;
    std::string octets, parts;
    for (const auto& [number, row] : rows) {
      put(octets, row.type, 1), put(octets, row.second, 4), put(octets, row.third, 2);
      parts += std::to_string(number) + " 1 ";
    }
    const int size = container + 2;
    objects[size - 1] = stream(
        "/Type /XRef /Size " + std::to_string(size) + " /W [1 4 2] /Index [" + parts + "] " + more,
        octets);
    const std::string first = with_table();
    const std::size_t second = first.size();
    return first + "xref\n0 0\ntrailer\n<< /Size " + std::to_string(size) + " " + trailer +
           " /Prev " + std::to_string(xref) + " /XRefStm " + std::to_string(offsets[size - 1]) +
           " >>\nstartxref\n" + std::to_string(second) + "\n%%EOF\n";
  }

  std::map<int, std::size_t> offsets;
  std::size_t xref = 0;
};

// replaced puts to in place of the only occurrence of from.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) return "the text to replace is not there: " + from;
  return text.replace(at, from.size(), to);
}

}  // namespace heqi::documents::pdf
