// What Document keeps: the file's sections, shared by all revisions, and one revision's view.
// Private to the reader.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include <heqi/documents/pdf/document.h>

#include "encryption.h"
#include "lexer.h"

namespace heqi::documents::pdf {

using SectionEntries = std::map<std::uint32_t, XrefEntry>;

// Structure is the file as its cross-reference sections describe it.
struct Structure {
  base::ByteView file;
  Limits limits;
  std::string version;
  std::vector<Revision> revisions;      // oldest first
  std::vector<SectionEntries> entries;  // beside revisions
  std::uint64_t trailing = 0;
  bool linearized = false, hybrid = false;
  std::optional<Encryption> encryption;
};

// parse_structure reads header, end marker and the chain of sections.
base::Result<Structure> parse_structure(base::ByteView file, const Limits& limits);

// encryption_of is how an encrypted file is closed; nullopt where it is not. Fails as
// Encryption::open.
base::Result<std::optional<Encryption>> encryption_of(const Document& document);

struct ObjectStream {
  base::Bytes octets;
  std::vector<std::pair<std::uint32_t, std::size_t>> index;  // number, offset in octets
};

struct Document::State {
  std::shared_ptr<const Structure> structure;
  std::size_t revision = 0;
  std::vector<XrefEntry> view;  // by object number
  std::unordered_map<std::uint32_t, std::shared_ptr<const Object>> objects;
  std::shared_ptr<const State> later;  // whose revision this one was had of; shares its objects
  std::unordered_map<std::uint32_t, std::unique_ptr<ObjectStream>> object_streams;
  std::set<std::uint32_t> loading;  // to find cycles
  std::unordered_map<std::uint64_t, Reference>
      streams;  // of an encrypted file, by where data begins
  std::uint64_t decoded_total = 0;
  Object null_object;
};

// undo_filters decodes raw by the /Filter and /DecodeParms of dictionary, both already direct:
// parameters beside filters, nullptr where there are none.
struct FilterStep {
  std::string name;
  const Dictionary* parameters = nullptr;
};
base::Result<Decoded> undo_filters(base::ByteView raw, const std::vector<FilterStep>& steps,
                                   const Limits& limits);

// direct_filters reads the filter chain of a dictionary that must hold no references.
base::Result<std::vector<FilterStep>> direct_filters(const Dictionary& dictionary);

// data_place finds a stream's data of length octets after its dictionary, where lexer stands before
// the keyword "stream"; leaves lexer after "endstream".
base::Result<Place> data_place(Lexer& lexer, base::ByteView file, std::uint64_t length);

}  // namespace heqi::documents::pdf
