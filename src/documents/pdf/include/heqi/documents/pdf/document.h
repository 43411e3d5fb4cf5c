// heqi/documents/pdf/document.h: reads a PDF strictly (ISO 32000-2 §7.5). No repair: what is not as
// the standard says is refused, with the offset and the object.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include <heqi/documents/pdf/limits.h>
#include <heqi/documents/pdf/object.h>

namespace heqi::documents::pdf {

// XrefEntry says where the object of one number is, as one section of the file states it.
struct XrefEntry {
  enum class Type : std::uint8_t { free, in_file, in_object_stream };
  Type type = Type::free;
  bool hidden = false;  // stated by /XRefStm only: readers of old versions see null (§7.5.8.4)
  std::uint16_t generation = 0;  // 0 for in_object_stream
  std::uint16_t revision = 0;    // index of the revision whose section states it
  std::uint32_t index = 0;       // in the object stream
  std::uint64_t offset = 0;      // in the file, or the number of the object stream
  bool operator==(const XrefEntry&) const = default;
};

// XrefStyle is how a section is written.
enum class XrefStyle { table, stream, hybrid };

// Revision is what one save has left: the file up to its %%EOF is octets [0, end).
struct Revision {
  std::uint64_t begin = 0;          // end of the one before; 0 for the first
  std::uint64_t end = 0;            // after %%EOF and its end-of-line, if any
  std::uint64_t end_of_marker = 0;  // after %%EOF itself
  std::uint64_t xref_offset = 0;    // what its startxref says
  XrefStyle style = XrefStyle::table;
  Dictionary trailer;
  std::vector<std::uint32_t> numbers;  // of the objects that its section states, ascending
};

// Page is one leaf of the page tree with what it inherits.
struct Page {
  Reference id;
  const Dictionary* dictionary = nullptr;  // lives as long as the Document
  Rectangle media_box, crop_box;           // crop_box inside media_box
  int rotate = 0;                          // 0, 90, 180, 270 clockwise
  const Value* resources = nullptr;        // resolved, inherited; nullptr where there are none
};

// Decoded is a stream's octets after its filters. Filters for pictures (DCT, JPX, CCITT, JBIG2) are
// not undone: left names the first of them and octets are as they were before it.
struct Decoded {
  base::Bytes octets;
  std::optional<std::string> left;
};

// Document is a file, or a file as it was at an earlier revision. It views the octets, which must
// outlive it and every copy. Objects are loaded when asked for and kept; pointers to them live as
// long as any copy of the Document, so that none is had of a temporary one (at_revision). Not for
// several threads at once.
class Document {
 public:
  // parse checks header, startxref, %%EOF and every cross-reference section of the chain.
  // Fails with document_not_pdf (no %PDF- at offset 0), document_encrypted, limit_exceeded,
  // malformed. Trailing white space after the last %%EOF is the only thing tolerated there.
  static base::Result<Document> parse(base::ByteView file, const Limits& limits = {});

  // at_revision is the document as octets [0, revisions()[index].end) show it.
  Document at_revision(std::size_t index) const;

  base::ByteView file() const;                  // octets up to the end of this revision
  std::string_view version() const;             // of the header: "1.7"
  std::span<const Revision> revisions() const;  // oldest first, up to this one
  std::uint64_t trailing_size() const;          // white space after the last %%EOF of the file
  bool is_linearized() const;
  bool is_hybrid() const;              // any section with /XRefStm
  const Dictionary& trailer() const&;  // of the newest section
  const Dictionary& trailer() const&& = delete;

  // size is one more than the highest object number; entry is free for a number never stated.
  std::uint32_t size() const;
  XrefEntry entry(std::uint32_t number) const;

  // get loads an object; a free or unknown number is null (§7.3.10). Fails with malformed if what
  // stands at its offset is not that object, or does not end inside its revision.
  base::Result<const Object*> get(Reference reference) const&;
  base::Result<const Object*> get(Reference reference) const&& = delete;
  // resolve follows references until a direct value.
  base::Result<const Value*> resolve(const Value& value) const&;
  base::Result<const Value*> resolve(const Value& value) const&& = delete;
  // find is the resolved value of key, nullptr if absent or null.
  base::Result<const Value*> find(const Dictionary& dictionary, std::string_view key) const&;
  base::Result<const Value*> find(const Dictionary& dictionary,
                                  std::string_view key) const&& = delete;
  // load_all loads every object in use, so that each xref entry is checked.
  base::Status load_all() const;

  // raw is a stream's octets as they stand in the file.
  base::ByteView raw(const Stream& stream) const;
  // decode undoes the filters of a stream.
  base::Result<Decoded> decode(const Stream& stream) const;

  base::Result<const Dictionary*> catalog() const&;
  base::Result<const Dictionary*> catalog() const&& = delete;
  Reference catalog_reference() const;
  // pages walks the page tree: types, /Count, /Parent and cycles are checked.
  base::Result<std::vector<Page>> pages() const;
  // content is the decoded content streams of page, one by one.
  base::Result<std::vector<base::Bytes>> content(const Page& page) const;

  const Limits& limits() const;

  struct State;  // of the implementation

 private:
  explicit Document(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// to_rectangle reads an array of four numbers and normalises it. Fails with malformed.
base::Result<Rectangle> to_rectangle(const Document& document, const Value& value);

}  // namespace heqi::documents::pdf
