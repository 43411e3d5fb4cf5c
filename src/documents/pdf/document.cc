#include <heqi/documents/pdf/document.h>

#include <algorithm>

#include "structure.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

std::shared_ptr<Document::State> make_state(std::shared_ptr<const Structure> structure,
                                            std::size_t revision) {
  auto state = std::make_shared<Document::State>();
  for (std::size_t i = 0; i <= revision; ++i) {
    const SectionEntries& entries = structure->entries[i];
    if (!entries.empty() && entries.rbegin()->first >= state->view.size())
      state->view.resize(entries.rbegin()->first + 1);
    for (const auto& [number, entry] : entries) state->view[number] = entry;
  }
  state->structure = std::move(structure);
  state->revision = revision;
  return state;
}

std::string label(Reference id) {
  return "object " + std::to_string(id.number) + " " + std::to_string(id.generation);
}

// Loading marks an object as being loaded as long as it lives.
class Loading {
 public:
  Loading(std::set<std::uint32_t>& set, std::uint32_t number)
      : set_(set), number_(number), fresh_(set.insert(number).second) {}
  ~Loading() {
    if (fresh_) set_.erase(number_);
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;
  bool is_fresh() const { return fresh_; }

 private:
  std::set<std::uint32_t>& set_;
  std::uint32_t number_;
  bool fresh_;
};

// ObjectReader loads one object for a Document.
class ObjectReader {
 public:
  ObjectReader(const Document& document, Document::State& state)
      : document_(document), state_(state), structure_(*state.structure) {}

  base::Result<Object> in_file(Reference id, const XrefEntry& entry) {
    const std::uint64_t end = structure_.revisions[entry.revision].end;
    if (entry.offset >= end || entry.offset < 8)
      return bad(id, entry.offset, "offset out of range");
    const base::ByteView octets = structure_.file.first(end);
    Lexer lexer(octets, entry.offset, structure_.limits, label(id));
    if (octets[entry.offset] < '0' || octets[entry.offset] > '9')
      return bad(id, entry.offset, "no object begins here");
    HEQI_TRY(const std::uint64_t number, lexer.unsigned_integer(0xFFFFFFFF));
    lexer.skip_space();
    HEQI_TRY(const std::uint64_t generation, lexer.unsigned_integer(65535));
    lexer.skip_space();
    HEQI_TRY(lexer.expect_keyword("obj"));
    if (number != id.number || generation != id.generation)
      return bad(
          id, entry.offset,
          "object " + std::to_string(number) + " " + std::to_string(generation) + " stands there");
    Object object;
    object.id = id;
    HEQI_TRY(object.value, lexer.value());
    lexer.skip_space();
    if (!lexer.take_keyword("endobj")) {
      const std::size_t here = lexer.at();
      if (object.value.kind() != Kind::dictionary || !lexer.take_keyword("stream"))
        return lexer.bad("expected \"endobj\"");
      lexer.move_to(here);
      HEQI_TRY(const std::uint64_t length, length_of(id, *object.value.dictionary()));
      HEQI_TRY(const Place data, data_place(lexer, octets, length));
      const Place place{object.value.place.begin, lexer.at()};
      object.value = Value(Stream{*object.value.dictionary(), data});
      object.value.place = place;
      lexer.skip_space();
      HEQI_TRY(lexer.expect_keyword("endobj"));
    }
    object.place = {entry.offset, lexer.at()};
    if (structure_.encryption) HEQI_TRY(open(object));
    return object;
  }

  base::Result<Object> in_object_stream(Reference id, const XrefEntry& entry) {
    const auto container = static_cast<std::uint32_t>(entry.offset);
    HEQI_TRY(const ObjectStream* const stream, object_stream(container));
    if (entry.index >= stream->index.size() || stream->index[entry.index].first != id.number)
      return bad(id, 0,
                 "object stream " + std::to_string(container) + " does not hold it at index " +
                     std::to_string(entry.index));
    const std::size_t offset = stream->index[entry.index].second;
    Lexer lexer(stream->octets, offset, structure_.limits,
                "object stream " + std::to_string(container));
    Object object;
    object.id = id;
    object.container = container;
    HEQI_TRY(object.value, lexer.value());
    if (object.value.kind() == Kind::reference)
      return bad(id, offset, "an object of an object stream that is only a reference");
    object.place = object.value.place;
    return object;
  }

 private:
  // open decrypts the strings of an object; its data is decrypted when it is decoded. A stream of
  // cross-references is not encrypted at all (§7.5.8.2).
  base::Status open(Object& object) {
    if (const Stream* stream = object.value.stream()) {
      const Value* type = stream->dictionary.find("Type");
      if (type && type->is_name("XRef")) return {};
      state_.streams[stream->data.begin] = object.id;
    }
    const Value* encrypt = structure_.revisions.back().trailer.find("Encrypt");
    if (encrypt && encrypt->reference() && *encrypt->reference() == object.id) return {};
    HEQI_TRY(object.value, structure_.encryption->decrypted(object.value, object.id));
    return {};
  }

  base::Error bad(Reference id, std::uint64_t offset, std::string_view problem) const {
    return fail(Code::malformed,
                label(id) + " at offset " + std::to_string(offset) + ": " + std::string(problem));
  }

  base::Result<std::uint64_t> length_of(Reference id, const Dictionary& dictionary) {
    const Value* length = dictionary.find("Length");
    if (!length) return bad(id, 0, "stream without /Length");
    HEQI_TRY(const Value* const value, document_.resolve(*length));
    if (!value->integer() || *value->integer() < 0)
      return bad(id, length->place.begin, "/Length is no unsigned integer");
    return static_cast<std::uint64_t>(*value->integer());
  }

  base::Result<const ObjectStream*> object_stream(std::uint32_t number) {
    if (const auto known = state_.object_streams.find(number); known != state_.object_streams.end())
      return static_cast<const ObjectStream*>(known->second.get());
    const Reference id{number, 0};
    if (document_.entry(number).type != XrefEntry::Type::in_file)
      return bad(id, 0, "an object stream that is not an object of the file itself");
    HEQI_TRY(const Object* const object, document_.get(id));
    const Stream* stream = object->value.stream();
    if (!stream || !stream->dictionary.find("Type") ||
        !stream->dictionary.find("Type")->is_name("ObjStm"))
      return bad(id, object->place.begin, "is no object stream");
    HEQI_TRY(Decoded decoded, document_.decode(*stream));
    if (decoded.left) return bad(id, object->place.begin, "object stream with a picture filter");
    state_.decoded_total += decoded.octets.size();
    if (state_.decoded_total > structure_.limits.decoded_total)
      return fail(Code::limit_exceeded, "object streams decode to too many octets");
    auto out = std::make_unique<ObjectStream>();
    out->octets = std::move(decoded.octets);
    HEQI_TRY(read_index(id, stream->dictionary, *out));
    return static_cast<const ObjectStream*>(
        state_.object_streams.emplace(number, std::move(out)).first->second.get());
  }

  base::Status read_index(Reference id, const Dictionary& dictionary, ObjectStream& out) {
    HEQI_TRY(const Value* const count, document_.find(dictionary, "N"));
    HEQI_TRY(const Value* const first, document_.find(dictionary, "First"));
    if (!count || !count->integer() || *count->integer() < 0 || !first || !first->integer() ||
        *first->integer() < 0 || static_cast<std::uint64_t>(*first->integer()) > out.octets.size())
      return bad(id, 0, "object stream with a wrong /N or /First");
    if (static_cast<std::uint64_t>(*count->integer()) > structure_.limits.objects)
      return fail(Code::limit_exceeded, label(id) + ": too many objects in one stream");
    const auto start = static_cast<std::size_t>(*first->integer());
    Lexer lexer(base::ByteView(out.octets).first(start), 0, structure_.limits,
                "index of object stream " + std::to_string(id.number));
    for (std::int64_t i = 0; i < *count->integer(); ++i) {
      lexer.skip_space();
      HEQI_TRY(const std::uint64_t number, lexer.unsigned_integer(structure_.limits.objects));
      lexer.skip_space();
      HEQI_TRY(const std::uint64_t offset, lexer.unsigned_integer(out.octets.size() - start));
      out.index.emplace_back(static_cast<std::uint32_t>(number), start + offset);
    }
    return {};
  }

  const Document& document_;
  Document::State& state_;
  const Structure& structure_;
};

}  // namespace

namespace {

// check_same_encryption: every revision names the encryption of the first one, and none changes it.
base::Status check_same_encryption(const Structure& structure) {
  const Value* first = structure.revisions.front().trailer.find("Encrypt");
  for (const Revision& one : structure.revisions) {
    const Value* here = one.trailer.find("Encrypt");
    if ((here == nullptr) != (first == nullptr) || (here && !(*here == *first)))
      return fail(Code::malformed, "the revisions of the file are not encrypted alike");
  }
  if (first == nullptr || !first->reference()) return {};
  std::size_t stated = 0;
  for (const SectionEntries& entries : structure.entries)
    stated += entries.count(first->reference()->number);
  if (stated != 1) return fail(Code::malformed, "/Encrypt was changed by a later revision");
  return {};
}

}  // namespace

base::Result<std::optional<Encryption>> encryption_of(const Document& document) {
  const Value* stated = document.trailer().find("Encrypt");
  if (!stated) return std::optional<Encryption>();
  if (const Reference* id = stated->reference())
    if (document.entry(id->number).type != XrefEntry::Type::in_file)
      return fail(Code::malformed, "/Encrypt is no object of the file itself");
  HEQI_TRY(const Value* const encrypt, document.resolve(*stated));
  if (!encrypt->dictionary()) return fail(Code::malformed, "/Encrypt is no dictionary");
  HEQI_TRY(const Value* const id, document.find(document.trailer(), "ID"));
  const bool named =
      id && id->array() && !id->array()->items.empty() && id->array()->items[0].string();
  HEQI_TRY(Encryption out,
           Encryption::open(
               *encrypt->dictionary(),
               named ? base::ByteView(id->array()->items[0].string()->bytes) : base::ByteView()));
  return std::optional(std::move(out));
}

base::Result<Document> Document::parse(base::ByteView file, const Limits& limits) {
  HEQI_TRY(Structure structure, parse_structure(file, limits));
  HEQI_TRY(check_same_encryption(structure));
  const std::size_t last = structure.revisions.size() - 1;
  if (structure.revisions[last].trailer.find("Encrypt")) {
    const Document closed(make_state(std::make_shared<const Structure>(structure), last));
    HEQI_TRY(structure.encryption, encryption_of(closed));
  }
  Document document(make_state(std::make_shared<const Structure>(std::move(structure)), last));
  HEQI_TRY(document.catalog());
  return document;
}

Document Document::at_revision(std::size_t index) const {
  HEQI_CHECK(index <= state_->revision);
  const auto state = make_state(state_->structure, index);
  state->later = state_;
  return Document(state);
}

base::ByteView Document::file() const {
  const Structure& structure = *state_->structure;
  return structure.file.first(structure.revisions[state_->revision].end);
}

std::string_view Document::version() const {
  return state_->structure->version;
}
std::span<const Revision> Document::revisions() const {
  return std::span(state_->structure->revisions).first(state_->revision + 1);
}
std::uint64_t Document::trailing_size() const {
  return state_->structure->trailing;
}
bool Document::is_linearized() const {
  return state_->structure->linearized;
}
bool Document::is_hybrid() const {
  return state_->structure->hybrid;
}
const Dictionary& Document::trailer() const& {
  return state_->structure->revisions[state_->revision].trailer;
}
std::uint32_t Document::size() const {
  return static_cast<std::uint32_t>(state_->view.size());
}
XrefEntry Document::entry(std::uint32_t number) const {
  return number < state_->view.size() ? state_->view[number] : XrefEntry{};
}
const Limits& Document::limits() const {
  return state_->structure->limits;
}

namespace {

// shared_with is what a later revision has read at the same place of the file; nullptr where it has
// not, or where more than that place decides: a stream's /Length may have changed since.
std::shared_ptr<const Object> shared_with(const Document::State& later, Reference reference,
                                          const XrefEntry& where) {
  if (where.type != XrefEntry::Type::in_file || reference.number >= later.view.size() ||
      !(later.view[reference.number] == where))
    return nullptr;
  const auto known = later.objects.find(reference.number);
  if (known == later.objects.end() || known->second->id != reference ||
      known->second->value.stream())
    return nullptr;
  return known->second;
}

}  // namespace

base::Result<const Object*> Document::get(Reference reference) const& {
  if (const auto known = state_->objects.find(reference.number); known != state_->objects.end()) {
    if (known->second->id == reference) return static_cast<const Object*>(known->second.get());
  }
  const XrefEntry where = entry(reference.number);
  if (where.type == XrefEntry::Type::free) return static_cast<const Object*>(&state_->null_object);
  if (where.generation != reference.generation)
    return fail(Code::malformed,
                label(reference) + ": the file has generation " + std::to_string(where.generation));
  if (state_->later) {
    if (auto shared = shared_with(*state_->later, reference, where))
      return state_->objects.insert_or_assign(reference.number, std::move(shared))
          .first->second.get();
  }
  const Loading loading(state_->loading, reference.number);
  if (!loading.is_fresh()) return fail(Code::malformed, label(reference) + " needs itself");
  if (state_->loading.size() > limits().tree_depth)
    return fail(Code::limit_exceeded, label(reference) + ": too long a chain of objects");
  ObjectReader reader(*this, *state_);
  HEQI_TRY(Object object, where.type == XrefEntry::Type::in_file
                              ? reader.in_file(reference, where)
                              : reader.in_object_stream(reference, where));
  const Object* const kept =
      state_->objects
          .insert_or_assign(reference.number, std::make_shared<const Object>(std::move(object)))
          .first->second.get();
  return kept;
}

base::Result<const Value*> Document::resolve(const Value& value) const& {
  const Value* now = &value;
  for (std::size_t steps = 0; now->reference(); ++steps) {
    if (steps > limits().reference_chain)
      return fail(Code::malformed,
                  label(*value.reference()) + ": a chain of references without end");
    HEQI_TRY(const Object* const object, get(*now->reference()));
    now = &object->value;
  }
  return now;
}

base::Result<const Value*> Document::find(const Dictionary& dictionary,
                                          std::string_view key) const& {
  const Value* direct = dictionary.find(key);
  if (!direct) return direct;
  HEQI_TRY(const Value* const value, resolve(*direct));
  return value->is_null() ? nullptr : value;
}

base::Status Document::load_all() const {
  for (std::uint32_t number = 0; number < size(); ++number) {
    const XrefEntry where = entry(number);
    if (where.type != XrefEntry::Type::free) {
      HEQI_TRY(resolve(Value(Reference{number, where.generation})));
    }
  }
  return {};
}

base::ByteView Document::raw(const Stream& stream) const {
  return state_->structure->file.subspan(stream.data.begin, stream.data.end - stream.data.begin);
}

base::Result<Decoded> Document::decode(const Stream& stream) const {
  if (stream.dictionary.find("F"))
    return fail(Code::unsupported,
                "stream at offset " + std::to_string(stream.data.begin) + " in another file");
  // Filters and parameters may be given by reference; make them direct.
  Dictionary direct;
  for (const std::string_view key : {"Filter", "DecodeParms"}) {
    HEQI_TRY(const Value* const value, find(stream.dictionary, key));
    if (!value) continue;
    if (const Array* array = value->array()) {
      Array items;
      for (const Value& item : array->items) {
        HEQI_TRY(const Value* const resolved, resolve(item));
        items.items.push_back(*resolved);
      }
      direct.set(key, std::move(items));
    } else {
      direct.set(key, *value);
    }
  }
  HEQI_TRY(const auto steps, direct_filters(direct));
  base::Bytes opened;
  base::ByteView octets = raw(stream);
  if (const auto known = state_->streams.find(stream.data.begin); known != state_->streams.end()) {
    HEQI_TRY(opened, state_->structure->encryption->decrypt_stream(stream.dictionary, known->second,
                                                                   octets));
    octets = opened;
  }
  auto decoded = undo_filters(octets, steps, limits());
  if (!decoded) {
    base::Error error = std::move(decoded).error();
    error.detail = "stream at offset " + std::to_string(stream.data.begin) + ": " + error.detail;
    return error;
  }
  return decoded;
}

Reference Document::catalog_reference() const {
  return *trailer().find("Root")->reference();
}

base::Result<const Dictionary*> Document::catalog() const& {
  HEQI_TRY(const Object* const object, get(catalog_reference()));
  const Dictionary* dictionary = object->value.dictionary();
  if (!dictionary || !dictionary->find("Type") || !dictionary->find("Type")->is_name("Catalog"))
    return fail(Code::malformed, label(catalog_reference()) + ": /Root is no catalog");
  return dictionary;
}

base::Result<Rectangle> to_rectangle(const Document& document, const Value& value) {
  HEQI_TRY(const Value* const resolved, document.resolve(value));
  const Array* array = resolved->array();
  double number[4] = {};
  bool good = array && array->items.size() == 4;
  for (std::size_t i = 0; good && i < 4; ++i) {
    HEQI_TRY(const Value* const item, document.resolve(array->items[i]));
    const auto one = item->number();
    good = one.has_value() && *one > -1e7 && *one < 1e7;
    if (good) number[i] = *one;
  }
  if (!good)
    return fail(Code::malformed, "no rectangle at offset " + std::to_string(resolved->place.begin));
  return Rectangle{std::min(number[0], number[2]), std::min(number[1], number[3]),
                   std::max(number[0], number[2]), std::max(number[1], number[3])};
}

}  // namespace heqi::documents::pdf
