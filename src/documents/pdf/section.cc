// One cross-reference section: a table or a stream, as it is written (ISO 32000-2 §7.5.4, §7.5.8).
#include <algorithm>

#include "sections.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

base::Error SectionReader::bad(std::uint64_t offset, std::string_view problem) const {
  return fail(Code::malformed,
              "file at offset " + std::to_string(offset) + ": " + std::string(problem));
}

base::Result<Section> SectionReader::read(std::uint64_t offset) {
  if (offset >= file_.size()) return bad(offset, "a cross-reference section beyond the file");
  Lexer lexer(file_, offset, limits_);
  Section section;
  section.offset = offset;
  if (lexer.take_keyword("xref")) {
    HEQI_TRY(read_table(lexer, section));
  } else {
    if (file_[offset] < '0' || file_[offset] > '9')
      return bad(offset, "no cross-reference section here");
    HEQI_TRY(read_stream(lexer, section));
  }
  HEQI_TRY(section.previous, offset_of(section, "Prev"));
  if (section.style == XrefStyle::table) {
    HEQI_TRY(section.hidden_offset, offset_of(section, "XRefStm"));
  }
  return section;
}

base::Result<std::optional<std::uint64_t>> SectionReader::offset_of(const Section& section,
                                                                    std::string_view key) const {
  const Value* value = section.trailer.find(key);
  if (!value) return std::optional<std::uint64_t>{};
  if (!value->integer() || *value->integer() < 0)
    return bad(value->place.begin, "/" + std::string(key) + " is not an offset");
  return std::optional<std::uint64_t>{static_cast<std::uint64_t>(*value->integer())};
}

base::Result<std::uint32_t> SectionReader::size_of(const Section& section) const {
  const Value* size = section.trailer.find("Size");
  if (!size || !size->integer() || *size->integer() < 1)
    return bad(section.offset, "cross-reference section without a valid /Size");
  if (static_cast<std::uint64_t>(*size->integer()) > limits_.objects)
    return fail(Code::limit_exceeded, "/Size " + std::to_string(*size->integer()));
  return static_cast<std::uint32_t>(*size->integer());
}

base::Status SectionReader::count_entries(std::uint64_t more) {
  if (more > limits_.xref_entries - entries_)
    return fail(Code::limit_exceeded,
                "more than " + std::to_string(limits_.xref_entries) + " cross-reference entries");
  entries_ += more;
  return {};
}

base::Status SectionReader::read_table(Lexer& lexer, Section& section) {
  lexer.skip_space();
  while (!lexer.take_keyword("trailer")) {
    const std::size_t at = lexer.at();
    HEQI_TRY(const std::uint64_t first, lexer.unsigned_integer(limits_.objects));
    lexer.skip_space();
    HEQI_TRY(const std::uint64_t count, lexer.unsigned_integer(limits_.objects));
    HEQI_TRY(count_entries(count));
    lexer.skip_space();
    std::size_t line = lexer.at();
    if (count > (file_.size() - line) / 20) return bad(at, "subsection longer than the file");
    for (std::uint64_t i = 0; i < count; ++i, line += 20) {
      HEQI_TRY(const XrefEntry entry, table_line(line));
      if (!section.entries.emplace(static_cast<std::uint32_t>(first + i), entry).second)
        return bad(line, "object " + std::to_string(first + i) + " is listed twice");
    }
    lexer.move_to(line);
    lexer.skip_space();
  }
  HEQI_TRY(Value trailer, lexer.value());
  if (trailer.kind() != Kind::dictionary)
    return bad(trailer.place.begin, "the trailer is not a dictionary");
  section.trailer = *trailer.dictionary();
  section.end = trailer.place.end;
  HEQI_TRY(const std::uint32_t size, size_of(section));
  if (!section.entries.empty() && section.entries.rbegin()->first >= size)
    return bad(section.offset, "object " + std::to_string(section.entries.rbegin()->first) +
                                   " is listed, but /Size is " + std::to_string(size));
  return {};
}

// table_line reads "nnnnnnnnnn ggggg n" and its two-octet end of line.
base::Result<XrefEntry> SectionReader::table_line(std::size_t at) const {
  const auto digits = [&](std::size_t from, std::size_t count) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    for (std::size_t i = from; i < from + count; ++i) {
      if (file_[i] < '0' || file_[i] > '9') return std::nullopt;
      value = value * 10 + (file_[i] - '0');
    }
    return value;
  };
  const auto offset = digits(at, 10), generation = digits(at + 11, 5);
  const std::uint8_t kind = file_[at + 17], end1 = file_[at + 18], end2 = file_[at + 19];
  const bool ended =
      (end1 == ' ' && (end2 == '\r' || end2 == '\n')) || (end1 == '\r' && end2 == '\n');
  if (!offset || !generation || *generation > 65535 || file_[at + 10] != ' ' ||
      file_[at + 16] != ' ' || (kind != 'n' && kind != 'f') || !ended)
    return bad(at, "malformed cross-reference entry");
  XrefEntry entry;
  entry.generation = static_cast<std::uint16_t>(*generation);
  if (kind == 'n') {
    entry.type = XrefEntry::Type::in_file;
    entry.offset = *offset;
  }
  return entry;
}

base::Status SectionReader::read_stream(Lexer& lexer, Section& section) {
  section.style = XrefStyle::stream;
  HEQI_TRY(lexer.unsigned_integer(limits_.objects));
  lexer.skip_space();
  HEQI_TRY(lexer.unsigned_integer(65535));
  lexer.skip_space();
  HEQI_TRY(lexer.expect_keyword("obj"));
  HEQI_TRY(Value value, lexer.value());
  if (value.kind() != Kind::dictionary || !value.dictionary()->find("Type") ||
      !value.dictionary()->find("Type")->is_name("XRef"))
    return bad(section.offset, "the object here is no cross-reference stream");
  section.trailer = *value.dictionary();
  const Value* length = section.trailer.find("Length");
  if (!length || !length->integer() || *length->integer() < 0)
    return bad(section.offset, "cross-reference stream without a direct /Length");
  HEQI_TRY(const Place data,
           data_place(lexer, file_, static_cast<std::uint64_t>(*length->integer())));
  lexer.skip_space();
  HEQI_TRY(lexer.expect_keyword("endobj"));
  section.end = lexer.at();
  HEQI_TRY(const auto filters, direct_filters(section.trailer));
  HEQI_TRY(const Decoded decoded,
           undo_filters(file_.subspan(data.begin, data.end - data.begin), filters, limits_));
  if (decoded.left) return bad(section.offset, "cross-reference stream with a picture filter");
  decoded_ += decoded.octets.size();
  if (decoded_ > limits_.decoded_total)
    return fail(Code::limit_exceeded, "cross-reference streams decode to too many octets");
  return stream_entries(section, decoded.octets);
}

base::Status SectionReader::stream_entries(Section& section, base::ByteView rows) {
  HEQI_TRY(const std::uint32_t size, size_of(section));
  HEQI_TRY(const auto widths, integers(section, "W", {}));
  if (widths.size() != 3 || *std::max_element(widths.begin(), widths.end()) > 8)
    return bad(section.offset, "cross-reference stream with a wrong /W");
  const std::uint64_t width = widths[0] + widths[1] + widths[2];
  if (width == 0) return bad(section.offset, "cross-reference stream with empty rows");
  HEQI_TRY(const auto index, integers(section, "Index", {0, size}));
  if (index.size() % 2 != 0) return bad(section.offset, "/Index without pairs");
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < index.size(); i += 2) {
    if (index[i] > size || index[i + 1] > size - index[i])
      return bad(section.offset, "/Index beyond /Size");
    total += index[i + 1];
  }
  HEQI_TRY(count_entries(total));
  if (rows.size() != total * width)
    return bad(section.offset, "cross-reference stream of " + std::to_string(rows.size()) +
                                   " octets where its rows need " + std::to_string(total * width));
  std::size_t at = 0;
  const auto field = [&](std::uint64_t octets, std::uint64_t otherwise) {
    if (octets == 0) return otherwise;
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < octets; ++i) value = value << 8 | rows[at++];
    return value;
  };
  for (std::size_t i = 0; i < index.size(); i += 2) {
    for (std::uint64_t k = 0; k < index[i + 1]; ++k) {
      const std::uint64_t number = index[i] + k;
      const std::uint64_t type = field(widths[0], 1);
      const std::uint64_t second = field(widths[1], 0), third = field(widths[2], 0);
      HEQI_TRY(const XrefEntry entry, stream_entry(section, number, type, second, third));
      if (!section.entries.emplace(static_cast<std::uint32_t>(number), entry).second)
        return bad(section.offset, "object " + std::to_string(number) + " is listed twice");
    }
  }
  return {};
}

base::Result<XrefEntry> SectionReader::stream_entry(const Section& section, std::uint64_t number,
                                                    std::uint64_t type, std::uint64_t second,
                                                    std::uint64_t third) const {
  XrefEntry entry;
  const std::string what = "entry of object " + std::to_string(number);
  if (type > 2) return bad(section.offset, what + " is of an unknown type");
  if (type == 2) {
    if (second >= limits_.objects || third >= limits_.objects)
      return bad(section.offset, what + " is out of range");
    entry.type = XrefEntry::Type::in_object_stream;
    entry.offset = second;
    entry.index = static_cast<std::uint32_t>(third);
    return entry;
  }
  if (third > 65535) return bad(section.offset, what + " has a generation out of range");
  entry.generation = static_cast<std::uint16_t>(third);
  if (type == 1) {
    entry.type = XrefEntry::Type::in_file;
    entry.offset = second;
  }
  return entry;
}

base::Result<std::vector<std::uint64_t>> SectionReader::integers(
    const Section& section, std::string_view key, std::vector<std::uint64_t> otherwise) const {
  const Value* value = section.trailer.find(key);
  if (!value) return otherwise;
  const Array* array = value->array();
  if (!array) return bad(value->place.begin, "/" + std::string(key) + " is not an array");
  std::vector<std::uint64_t> out;
  for (const Value& item : array->items) {
    if (!item.integer() || *item.integer() < 0)
      return bad(item.place.begin, "/" + std::string(key) + " holds no unsigned integer here");
    out.push_back(static_cast<std::uint64_t>(*item.integer()));
  }
  return out;
}

base::Result<Place> data_place(Lexer& lexer, base::ByteView file, std::uint64_t length) {
  lexer.skip_space();
  HEQI_TRY(lexer.expect_keyword("stream"));
  std::size_t at = lexer.at();
  if (at + 1 < file.size() && file[at] == '\r' && file[at + 1] == '\n')
    at += 2;
  else if (at < file.size() && file[at] == '\n')
    at += 1;
  else
    return lexer.bad("\"stream\" is not followed by CR LF or LF");
  if (length > file.size() - at) return lexer.bad("stream longer than what is there");
  const Place data{at, at + length};
  at = data.end;
  if (at < file.size() && file[at] == '\r') ++at;
  if (at < file.size() && file[at] == '\n') ++at;
  lexer.move_to(at);
  if (!lexer.take_keyword("endstream"))
    return lexer.bad("no endstream where /Length says that the stream ends");
  return data;
}

}  // namespace heqi::documents::pdf
