// Header, end marker and the chain of cross-reference sections (ISO 32000-2 §7.5.2, §7.5.5).
#include <algorithm>

#include "sections.h"

namespace heqi::documents::pdf {
namespace {

using base::Code;
using base::fail;

constexpr std::string_view kMarker = "%%EOF";
constexpr std::uint64_t kOffsetMax = std::uint64_t{1} << 62;

class StructureReader {
 public:
  StructureReader(base::ByteView file, const Limits& limits)
      : file_(file), limits_(limits), sections_(file, limits) {}

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
      HEQI_TRY(Section section, sections_.read(*next));
      next = section.previous;
      chain.push_back(std::move(section));
    }
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (is_front(chain, i)) continue;  // what follows it says nothing (Annex F.3.3)
      HEQI_TRY(read_marker(chain[i]));
    }
    HEQI_TRY(reveal(chain, sections_));
    return chain;
  }

  // is_front tells whether a section of the chain, newest first, is the one in front of a
  // linearised file: its /Prev stands behind it and is the oldest.
  static bool is_front(const std::vector<Section>& chain, std::size_t index) {
    return index + 2 == chain.size() && chain[index].offset < chain[index + 1].offset;
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
      if (section.offset < begin)
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
  SectionReader sections_;
};

}  // namespace

base::Result<Structure> parse_structure(base::ByteView file, const Limits& limits) {
  return StructureReader(file, limits).read();
}

}  // namespace heqi::documents::pdf
