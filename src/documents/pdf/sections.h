// sections.h: the cross-reference sections of a file, before they are put in order. Private to the
// reader.
#pragma once
#include "structure.h"

namespace heqi::documents::pdf {

// Section is a table or a stream, and the stream that /XRefStm of a table names.
struct Section {
  std::uint64_t offset = 0, end = 0;  // end: after the trailer or the stream's endobj
  XrefStyle style = XrefStyle::table;
  Dictionary trailer;
  SectionEntries entries;
  std::optional<std::uint64_t> previous, hidden_offset;  // /Prev, /XRefStm
  std::uint64_t stated = 0, end_of_marker = 0;           // of the startxref and the %%EOF after it
};

// SectionReader reads sections of one file and counts what all of them together cost.
class SectionReader {
 public:
  SectionReader(base::ByteView file, const Limits& limits) : file_(file), limits_(limits) {}

  // read reads the section at offset, up to its trailer; not the one that its /XRefStm names.
  // Fails with malformed, limit_exceeded.
  base::Result<Section> read(std::uint64_t offset);

 private:
  base::Error bad(std::uint64_t offset, std::string_view problem) const;
  base::Result<std::optional<std::uint64_t>> offset_of(const Section& section,
                                                       std::string_view key) const;
  base::Result<std::uint32_t> size_of(const Section& section) const;
  base::Status count_entries(std::uint64_t more);
  base::Status read_table(Lexer& lexer, Section& section);
  base::Result<XrefEntry> table_line(std::size_t at) const;
  base::Status read_stream(Lexer& lexer, Section& section);
  base::Status stream_entries(Section& section, base::ByteView rows);
  base::Result<XrefEntry> stream_entry(const Section& section, std::uint64_t number,
                                       std::uint64_t type, std::uint64_t second,
                                       std::uint64_t third) const;
  base::Result<std::vector<std::uint64_t>> integers(const Section& section, std::string_view key,
                                                    std::vector<std::uint64_t> otherwise) const;

  base::ByteView file_;
  const Limits& limits_;
  std::uint64_t entries_ = 0, decoded_ = 0;
};

// reveal gives the tables of a chain, newest first, the objects that their /XRefStm adds for
// readers that know cross-reference streams (§7.5.8.4). A stream may only add: what a table of the
// chain up to there has in use it must state alike or not at all, since readers differ in whom they
// ask first. Fails with malformed where table and stream disagree, or the stream says other things
// about the document than the trailer.
base::Status reveal(std::vector<Section>& chain, SectionReader& reader);

}  // namespace heqi::documents::pdf
