#include <heqi/documents/pdf/update.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include <heqi/crypto/sm3.h>

#include "structure.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

// whole_file is the file with the white space after its last %%EOF.
base::ByteView whole_file(const Document& document) {
  const base::ByteView file = document.file();
  return {file.data(), file.size() + document.trailing_size()};
}

// relabel replaces local references by the given ones.
Value relabel(const Value& value, const std::vector<Reference>& given) {
  if (const Reference* reference = value.reference()) {
    if (reference->generation != kLocalGeneration) return value;
    HEQI_CHECK(reference->number < given.size());
    return given[reference->number];
  }
  if (const Array* array = value.array()) {
    Array out;
    for (const Value& item : array->items) out.items.push_back(relabel(item, given));
    return out;
  }
  if (const Dictionary* dictionary = value.dictionary()) {
    Dictionary out;
    for (const Entry& entry : dictionary->entries)
      out.entries.push_back({entry.key, relabel(entry.value, given), {}});
    return out;
  }
  return value;
}

constexpr std::size_t kIdentifiedSize = 8'192;

struct Row {
  std::uint32_t number;
  std::uint16_t generation;
  std::uint64_t offset;
};

// for_runs calls each with the runs of rows whose numbers follow each other.
template <class Each>
void for_runs(const std::vector<Row>& rows, Each each) {
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i + 1;
    while (end < rows.size() && rows[end].number == rows[end - 1].number + 1) ++end;
    each(std::span(rows).subspan(i, end - i));
    i = end;
  }
}

std::string table_of(const std::vector<Row>& rows) {
  std::string out = "xref\n";
  for_runs(rows, [&](std::span<const Row> run) {
    out += std::to_string(run[0].number) + ' ' + std::to_string(run.size()) + '\n';
    for (const Row& row : run) {
      char line[32];
      std::snprintf(line, sizeof line, "%010llu %05u n \n",
                    static_cast<unsigned long long>(row.offset), unsigned{row.generation});
      out += line;
    }
  });
  return out;
}

// rows_of encodes rows for a cross-reference stream, with its /W and /Index.
base::Bytes rows_of(const std::vector<Row>& rows, Dictionary& dictionary) {
  const int width = rows.back().offset > 0xFFFFFFFF ? 8 : 4;
  base::Bytes out;
  Array index;
  for_runs(rows, [&](std::span<const Row> run) {
    index.items.push_back(std::int64_t{run[0].number});
    index.items.push_back(static_cast<std::int64_t>(run.size()));
    for (const Row& row : run) {
      out.push_back(1);
      for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(row.offset >> shift));
      out.push_back(static_cast<std::uint8_t>(row.generation >> 8));
      out.push_back(static_cast<std::uint8_t>(row.generation & 0xFF));
    }
  });
  dictionary.set("W", Array{{std::int64_t{1}, std::int64_t{width}, std::int64_t{2}}});
  dictionary.set("Index", std::move(index));
  return out;
}

// next_identifier keeps the first half of /ID and makes the second one anew (§14.4). Beginning and
// end tell updates apart; between them lie the zeros of a signature's hole.
Value next_identifier(const Value& id, std::size_t file_size, base::ByteView update) {
  crypto::Sm3 hash;
  hash.update(base::bytes_of(encode_value(id) + std::to_string(file_size)));
  hash.update(update.first(std::min(update.size(), kIdentifiedSize)));
  hash.update(update.last(std::min(update.size(), kIdentifiedSize)));
  const crypto::Digest digest = hash.finish();
  return Array{{id.array()->items[0], String{{digest.begin(), digest.begin() + 16}, true}}};
}

// closed is object as an encrypted file holds it.
NewObject closed(const std::optional<Encryption>& encryption, NewObject object, Reference id) {
  if (!encryption) return object;
  if (object.data && object.value.dictionary())
    object.data = encryption->encrypt_stream(*object.value.dictionary(), id, *object.data);
  object.value = encryption->encrypted(object.value, id);
  return object;
}

}  // namespace

Update::Update(const Document& document) : document_(document), next_(document.size()) {
  // /Size may be larger than the highest number stated.
  for (const Revision& revision : document.revisions()) {
    const Value* size = revision.trailer.find("Size");
    if (size && size->integer())
      next_ = std::max(next_, static_cast<std::uint32_t>(*size->integer()));
  }
}

Reference Update::reserve() {
  return {next_++, 0};
}

Reference Update::add(NewObject object) {
  const Reference id = reserve();
  put(id, std::move(object));
  return id;
}

void Update::put(Reference id, NewObject object) {
  objects_[id.number] = {id.generation, std::move(object)};
}

void Update::put_encoded(Reference id, std::string text) {
  objects_[id.number] = {id.generation, std::move(text)};
}

Reference Update::add_graph(const Graph& graph) {
  HEQI_CHECK(!graph.objects.empty());
  std::vector<Reference> given;
  for (std::size_t i = 0; i < graph.objects.size(); ++i) given.push_back(reserve());
  for (std::size_t i = 0; i < graph.objects.size(); ++i)
    put(given[i], {relabel(graph.objects[i].value, given), graph.objects[i].data});
  return given[0];
}

base::Result<Value> Update::current(Reference id) const {
  if (const auto pending = objects_.find(id.number); pending != objects_.end()) {
    const auto* object = std::get_if<NewObject>(&pending->second.content);
    HEQI_CHECK(object != nullptr);
    return object->value;
  }
  HEQI_TRY(const Object* const object, document_.get(id));
  return object->value;
}

base::Result<Update::Written> Update::finish() const {
  const base::ByteView file = whole_file(document_);
  HEQI_TRY(const std::optional<Encryption> encryption, encryption_of(document_));
  Written written;
  base::Bytes& out = written.octets;
  const auto put_text = [&](std::string_view text) { base::append(out, base::bytes_of(text)); };
  const auto offset = [&] { return std::uint64_t{file.size()} + out.size(); };
  if (file.back() != '\n' && file.back() != '\r') put_text("\n");

  std::vector<Row> rows;
  for (const auto& [number, pending] : objects_) {
    rows.push_back({number, pending.generation, offset()});
    put_text(std::to_string(number) + ' ' + std::to_string(pending.generation) + " obj\n");
    written.value_offsets[number] = offset();
    if (const auto* text = std::get_if<std::string>(&pending.content)) {
      put_text(*text);
    } else {
      const NewObject object =
          closed(encryption, std::get<NewObject>(pending.content), {number, pending.generation});
      HEQI_CHECK(object.value.kind() != Kind::stream);  // data of the old file is not copied
      if (object.data) {
        HEQI_CHECK(object.value.dictionary() != nullptr);
        Dictionary dictionary = *object.value.dictionary();
        dictionary.set("Length", static_cast<std::int64_t>(object.data->size()));
        put_text(encode_value(dictionary) + "\nstream\n");
        base::append(out, *object.data);
        put_text("\nendstream");
      } else {
        put_text(encode_value(object.value));
      }
    }
    put_text("\nendobj\n");
  }

  const Revision& last = document_.revisions().back();
  const std::uint64_t xref = offset();
  const bool as_stream = last.style == XrefStyle::stream;
  const std::uint32_t size = next_ + (as_stream ? 1 : 0);
  if (size > document_.limits().objects)
    return fail(Code::limit_exceeded, "the update needs object number " + std::to_string(size));
  Dictionary trailer;
  if (as_stream) trailer.set("Type", Name{"XRef"});
  trailer.set("Size", std::int64_t{size});
  trailer.set("Prev", static_cast<std::int64_t>(last.xref_offset));
  trailer.set("Root", *last.trailer.find("Root"));
  for (const std::string_view key : {"Info", "Encrypt"})
    if (const Value* value = last.trailer.find(key)) trailer.set(key, *value);
  HEQI_TRY(const Value* const id, document_.find(last.trailer, "ID"));
  if (id && id->array() && id->array()->items.size() == 2 && id->array()->items[0].string())
    trailer.set("ID", next_identifier(*id, file.size(), out));
  if (as_stream) {
    rows.push_back({next_, 0, xref});
    const base::Bytes data = rows_of(rows, trailer);
    trailer.set("Length", static_cast<std::int64_t>(data.size()));
    put_text(std::to_string(next_) + " 0 obj\n" + encode_value(trailer) + "\nstream\n");
    base::append(out, data);
    put_text("\nendstream\nendobj\n");
  } else {
    if (xref > 9'999'999'999)
      return fail(Code::limit_exceeded, "the file is too large for a cross-reference table");
    put_text(table_of(rows) + "trailer\n" + encode_value(trailer) + "\n");
  }
  put_text("startxref\n" + std::to_string(xref) + "\n%%EOF\n");
  return written;
}

}  // namespace heqi::documents::pdf
