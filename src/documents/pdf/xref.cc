// Header, end marker and cross-reference sections (ISO 32000-2 §7.5.2, §7.5.4, §7.5.5, §7.5.8).
#include <algorithm>

#include "structure.h"

namespace heqi::documents::pdf {
namespace {

using base::Code;
using base::fail;

constexpr std::string_view kMarker = "%%EOF";
constexpr std::uint64_t kOffsetMax = std::uint64_t{1} << 62;

struct Section {
  std::uint64_t offset = 0, end = 0;  // end: after the trailer or the stream's endobj
  XrefStyle style = XrefStyle::table;
  Dictionary trailer;
  SectionEntries entries;
  std::optional<std::uint64_t> previous, hybrid_stream;
  // What stands after it: startxref, a number, %%EOF.
  std::uint64_t stated = 0, end_of_marker = 0;
};

class StructureReader {
 public:
  StructureReader(base::ByteView file, const Limits& limits) : file_(file), limits_(limits) {}

  base::Result<Structure> read() {
    Structure structure;
    structure.file = file_;
    structure.limits = limits_;
    if (file_.size() > limits_.file_size)
      return fail(Code::limit_exceeded, "file of " + std::to_string(file_.size()) + " octets");
    HEQI_TRY(structure.version, header());
    std::uint64_t newest = 0;
    HEQI_TRY(const std::uint64_t marker_end, final_marker(newest));
    HEQI_TRY(std::vector<Section> chain, read_chain(newest));
    HEQI_TRY(arrange(std::move(chain), structure));
    if (structure.revisions.back().end_of_marker != marker_end)
      return bad(marker_end, "the last %%EOF does not follow the newest cross-reference section");
    structure.trailing = file_.size() - structure.revisions.back().end;
    return structure;
  }

 private:
  base::Error bad(std::uint64_t offset, std::string_view problem) const {
    return fail(Code::malformed,
                "file at offset " + std::to_string(offset) + ": " + std::string(problem));
  }

  base::Result<std::string> header() const {
    const std::string_view text =
        base::text_of(file_.first(std::min<std::size_t>(file_.size(), 9)));
    if (text.substr(0, 5) != "%PDF-") return fail(Code::document_not_pdf, "no %PDF- at offset 0");
    if (text.size() < 9 || file_[5] < '1' || file_[5] > '2' || file_[6] != '.' || file_[7] < '0' ||
        file_[7] > '9' || !is_space(file_[8]))
      return bad(5, "malformed version in the header");
    return std::string(text.substr(5, 3));
  }

  // final_marker finds the last startxref; returns the end of its %%EOF.
  base::Result<std::uint64_t> final_marker(std::uint64_t& newest) const {
    std::size_t end = file_.size();
    while (end > 0 && is_space(file_[end - 1])) --end;
    const std::uint64_t marker_end = end;
    const auto ends_with = [&](std::string_view text) {
      return end >= text.size() &&
             base::text_of(file_.subspan(end - text.size(), text.size())) == text;
    };
    if (!ends_with(kMarker)) return bad(end, "the file does not end with %%EOF");
    end -= kMarker.size();
    while (end > 0 && is_space(file_[end - 1])) --end;
    while (end > 0 && file_[end - 1] >= '0' && file_[end - 1] <= '9') --end;
    const std::size_t number = end;
    while (end > 0 && is_space(file_[end - 1])) --end;
    if (end == number || !ends_with("startxref"))
      return bad(number, "no startxref before the last %%EOF");
    Lexer lexer(file_, number, limits_);
    HEQI_TRY(newest, lexer.unsigned_integer(kOffsetMax));
    return marker_end;
  }

  base::Result<std::vector<Section>> read_chain(std::uint64_t newest) {
    std::vector<Section> chain;
    std::set<std::uint64_t> seen;
    for (std::optional<std::uint64_t> next = newest; next;) {
      if (chain.size() >= limits_.revisions)
        return fail(Code::limit_exceeded,
                    "more than " + std::to_string(limits_.revisions) + " cross-reference sections");
      if (!seen.insert(*next).second)
        return bad(*next, "the chain of cross-reference sections is a cycle");
      HEQI_TRY(Section section, read_section(*next));
      if (section.hybrid_stream) {
        HEQI_TRY(merge_hybrid(section));
      }
      next = section.previous;
      chain.push_back(std::move(section));
    }
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (is_front(chain, i)) continue;  // what follows it says nothing (Annex F.3.3)
      HEQI_TRY(read_marker(chain[i]));
    }
    return chain;
  }

  // is_front tells whether a section of the chain, newest first, is the one in front of a
  // linearised file: its /Prev stands behind it and is the oldest.
  static bool is_front(const std::vector<Section>& chain, std::size_t index) {
    return index + 2 == chain.size() && chain[index].offset < chain[index + 1].offset;
  }

  base::Result<Section> read_section(std::uint64_t offset) {
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
      HEQI_TRY(section.hybrid_stream, offset_of(section, "XRefStm"));
    }
    return section;
  }

  base::Result<std::optional<std::uint64_t>> offset_of(const Section& section,
                                                       std::string_view key) const {
    const Value* value = section.trailer.find(key);
    if (!value) return std::optional<std::uint64_t>{};
    if (!value->integer() || *value->integer() < 0)
      return bad(value->place.begin, "/" + std::string(key) + " is not an offset");
    return std::optional<std::uint64_t>{static_cast<std::uint64_t>(*value->integer())};
  }

  base::Result<std::uint32_t> size_of(const Section& section) const {
    const Value* size = section.trailer.find("Size");
    if (!size || !size->integer() || *size->integer() < 1)
      return bad(section.offset, "cross-reference section without a valid /Size");
    if (static_cast<std::uint64_t>(*size->integer()) > limits_.objects)
      return fail(Code::limit_exceeded, "/Size " + std::to_string(*size->integer()));
    return static_cast<std::uint32_t>(*size->integer());
  }

  base::Status count_entries(std::uint64_t more) {
    if (more > limits_.xref_entries - entries_)
      return fail(Code::limit_exceeded,
                  "more than " + std::to_string(limits_.xref_entries) + " cross-reference entries");
    entries_ += more;
    return {};
  }

  base::Status read_table(Lexer& lexer, Section& section) {
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
  base::Result<XrefEntry> table_line(std::size_t at) const {
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

  base::Status read_stream(Lexer& lexer, Section& section) {
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

  base::Status stream_entries(Section& section, base::ByteView rows) {
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
                                     " octets where its rows need " +
                                     std::to_string(total * width));
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

  base::Result<XrefEntry> stream_entry(const Section& section, std::uint64_t number,
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

  base::Result<std::vector<std::uint64_t>> integers(const Section& section, std::string_view key,
                                                    std::vector<std::uint64_t> otherwise) const {
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

  // merge_hybrid adds what /XRefStm states of objects that the table calls free or leaves out.
  base::Status merge_hybrid(Section& section) {
    if (*section.hybrid_stream >= section.offset)
      return bad(*section.hybrid_stream, "/XRefStm does not stand before its table");
    HEQI_TRY(const Section hidden, read_section(*section.hybrid_stream));
    if (hidden.style != XrefStyle::stream)
      return bad(*section.hybrid_stream, "/XRefStm is no cross-reference stream");
    section.style = XrefStyle::hybrid;
    for (const auto& [number, entry] : hidden.entries) {
      XrefEntry& known = section.entries[number];
      if (known.type == XrefEntry::Type::free) known = entry;
    }
    return {};
  }

  base::Status read_marker(Section& section) const {
    std::size_t at = section.end;
    const auto skip = [&] {
      while (at < file_.size() && is_space(file_[at])) ++at;
    };
    // Producers leave their name in a remark here (iText does); nothing in it may look like the
    // end.
    Lexer lexer(file_, at, limits_);
    lexer.skip_space();
    const std::string_view remarks = base::text_of(file_.subspan(at, lexer.at() - at));
    for (const std::string_view word : {std::string_view("startxref"), kMarker})
      if (const std::size_t found = remarks.find(word); found != std::string_view::npos)
        return bad(at + found, "a remark that looks like the end of the file");
    HEQI_TRY(lexer.expect_keyword("startxref"));
    at = lexer.at();
    skip();
    lexer.move_to(at);
    HEQI_TRY(section.stated, lexer.unsigned_integer(kOffsetMax));
    at = lexer.at();
    skip();
    if (file_.size() - at < kMarker.size() ||
        base::text_of(file_.subspan(at, kMarker.size())) != kMarker)
      return bad(at, "expected %%EOF after startxref");
    section.end_of_marker = at + kMarker.size();
    return {};
  }

  std::uint64_t after_line_end(std::uint64_t at) const {
    if (at < file_.size() && file_[at] == '\r') ++at;
    if (at < file_.size() && file_[at] == '\n') ++at;
    return at;
  }

  // arrange turns the chain, newest first, into revisions, oldest first.
  base::Status arrange(std::vector<Section> chain, Structure& structure) const {
    if (chain.size() >= 2 && is_front(chain, chain.size() - 2)) {
      // Linearised (Annex F): the first page's section stands in front and its /Prev behind it.
      HEQI_TRY(check_linearized());
      Section main = std::move(chain.back());
      chain.pop_back();
      Section& first = chain.back();
      if (main.stated != first.offset)
        return bad(main.end, "startxref of a linearised file that does not point to its front");
      for (const auto& [number, entry] : main.entries) first.entries.emplace(number, entry);
      first.stated = first.offset;
      first.end_of_marker = main.end_of_marker;
      structure.linearized = true;
    }
    std::reverse(chain.begin(), chain.end());
    std::uint64_t begin = 0;
    for (Section& section : chain) {
      if (section.offset < begin || (section.hybrid_stream && *section.hybrid_stream < begin))
        return bad(section.offset, "a cross-reference section inside an earlier revision");
      if (section.stated != section.offset)
        return bad(section.end, "startxref does not point to the section before it");
      const auto index = static_cast<std::uint16_t>(structure.revisions.size());
      Revision revision;
      revision.begin = begin;
      revision.end_of_marker = section.end_of_marker;
      revision.end = after_line_end(section.end_of_marker);
      revision.xref_offset = section.offset;
      revision.style = section.style;
      revision.trailer = std::move(section.trailer);
      for (auto& [number, entry] : section.entries) {
        entry.revision = index;
        revision.numbers.push_back(number);
        if (entry.type == XrefEntry::Type::in_file && entry.offset >= revision.end)
          return bad(section.offset, "object " + std::to_string(number) +
                                         " is said to stand behind its own revision");
      }
      structure.hybrid = structure.hybrid || section.style == XrefStyle::hybrid;
      begin = revision.end;
      structure.revisions.push_back(std::move(revision));
      structure.entries.push_back(std::move(section.entries));
    }
    return check_root(structure);
  }

  base::Status check_root(const Structure& structure) const {
    const Value* root = structure.revisions.back().trailer.find("Root");
    if (!root || !root->reference())
      return bad(structure.revisions.back().xref_offset, "the trailer has no reference /Root");
    for (const Revision& revision : structure.revisions) {
      const Value* earlier = revision.trailer.find("Root");
      if (!earlier || !earlier->reference())
        return bad(revision.xref_offset, "the trailer has no reference /Root");
    }
    return {};
  }

  base::Status check_linearized() const {
    Lexer lexer(file_, 8, limits_);
    lexer.skip_space();
    const std::size_t at = lexer.at();
    HEQI_TRY(lexer.unsigned_integer(limits_.objects));
    lexer.skip_space();
    HEQI_TRY(lexer.unsigned_integer(65535));
    lexer.skip_space();
    HEQI_TRY(lexer.expect_keyword("obj"));
    HEQI_TRY(const Value value, lexer.value());
    if (!value.dictionary() || !value.dictionary()->find("Linearized"))
      return bad(at, "the chain of sections goes forward, but the file is not linearised");
    return {};
  }

  base::ByteView file_;
  const Limits& limits_;
  std::uint64_t entries_ = 0, decoded_ = 0;
};

}  // namespace

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

base::Result<Structure> parse_structure(base::ByteView file, const Limits& limits) {
  return StructureReader(file, limits).read();
}

}  // namespace heqi::documents::pdf
