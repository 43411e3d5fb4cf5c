// Hybrid files: tables that name a stream with more objects (ISO 32000-2 §7.5.8.4).
#include <algorithm>

#include "sections.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

base::Error bad(std::uint64_t offset, std::string_view problem) {
  return fail(Code::malformed,
              "/XRefStm at offset " + std::to_string(offset) + ": " + std::string(problem));
}

// in_use is what the tables of [from, end of chain) state of number; nullptr where it is free in
// the newest of them that has it, or in none.
const XrefEntry* in_use(std::span<const Section> from, std::uint32_t number) {
  for (const Section& section : from) {
    const auto found = section.entries.find(number);
    if (found == section.entries.end()) continue;
    return found->second.type == XrefEntry::Type::free ? nullptr : &found->second;
  }
  return nullptr;
}

// end_of is where the newest of sections ends, 0 where there is none.
std::uint64_t end_of(std::span<const Section> sections) {
  std::uint64_t end = 0;
  for (const Section& one : sections) end = std::max(end, one.end_of_marker);
  return end;
}

// check_place: the stream stands before its table, in the same save; word processors that write the
// table twice, the second time without objects and only to name the stream, have it in the save
// before.
base::Status check_place(std::span<const Section> from) {
  const Section& table = from[0];
  const std::uint64_t at = *table.hidden_offset;
  if (at >= table.offset) return bad(at, "does not stand before its table");
  const bool is_front = from.size() == 2 && from[1].offset > table.offset;  // linearised
  if (is_front || at >= end_of(from.subspan(1))) return {};
  if (!table.entries.empty() || at < end_of(from.subspan(std::min<std::size_t>(2, from.size()))))
    return bad(at, "stands inside an earlier revision");
  return {};
}

// check_trailer: who reads the stream's dictionary as a trailer must learn nothing else.
base::Status check_trailer(const Section& table, const Section& stream) {
  for (const std::string_view key : {"Root", "Encrypt", "Prev"}) {
    const Value *stated = stream.trailer.find(key), *due = table.trailer.find(key);
    if (stated && !(due && *stated == *due))
      return bad(stream.offset, "its /" + std::string(key) + " is not that of the trailer");
  }
  return {};
}

base::Status reveal_one(std::span<Section> from, SectionReader& reader) {
  Section& table = from[0];
  HEQI_TRY(check_place(from));
  HEQI_TRY(const Section stream, reader.read(*table.hidden_offset));
  if (stream.style != XrefStyle::stream) return bad(stream.offset, "is no cross-reference stream");
  HEQI_TRY(check_trailer(table, stream));
  for (const auto& [number, entry] : stream.entries) {
    const XrefEntry* known = in_use(from, number);
    XrefEntry added = entry;
    added.hidden = known == nullptr || known->hidden;
    if (known && !(*known == added))
      return bad(stream.offset, "the table states object " + std::to_string(number) + " otherwise");
    if (!known && added.type != XrefEntry::Type::free) table.entries[number] = added;
  }
  table.style = XrefStyle::hybrid;
  return {};
}

}  // namespace

base::Status reveal(std::vector<Section>& chain, SectionReader& reader) {
  for (std::size_t i = chain.size(); i-- > 0;)
    if (chain[i].hidden_offset) HEQI_TRY(reveal_one(std::span(chain).subspan(i), reader));
  return {};
}

}  // namespace heqi::documents::pdf
