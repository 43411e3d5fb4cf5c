// heqi/documents/pdf/update.h: incremental updates (ISO 32000-2 §7.5.6): appends, never rewrites.
#pragma once
#include <map>
#include <string>
#include <variant>

#include <heqi/documents/pdf/document.h>

namespace heqi::documents::pdf {

// NewObject is an object to be written; with data it is a stream, whose /Length is set for it.
struct NewObject {
  Value value;
  std::optional<base::Bytes> data;
};

// Graph is a set of new objects that refer to each other by local_reference(index); the first is
// the one to refer to from outside.
struct Graph {
  std::vector<NewObject> objects;
};
inline constexpr std::uint16_t kLocalGeneration = 65535;
inline Reference local_reference(std::size_t index) {
  return {static_cast<std::uint32_t>(index), kLocalGeneration};
}

// Update collects the objects that one incremental update adds or replaces.
class Update {
 public:
  // document is the newest revision of the whole file, without trailing garbage.
  explicit Update(const Document& document);

  // reserve takes the next free object number.
  Reference reserve();
  Reference add(NewObject object);
  void put(Reference id, NewObject object);
  // put_encoded writes text as the object's value; for what needs fixed places.
  void put_encoded(Reference id, std::string text);
  // add_graph adds all objects of graph and returns the reference of its first.
  Reference add_graph(const Graph& graph);
  // current is the object's value as this update leaves it. Fails as Document::get.
  base::Result<Value> current(Reference id) const;

  // Written is the update: octets to append after the file and where each object's value begins
  // (an offset in the whole new file).
  struct Written {
    base::Bytes octets;
    std::map<std::uint32_t, std::uint64_t> value_offsets;
  };
  // finish writes objects, a section in the style of the file's last section, and the trailer with
  // /Root, /Info and the first half of /ID kept. Fails with limit_exceeded.
  base::Result<Written> finish() const;

 private:
  struct Pending {
    std::uint16_t generation = 0;
    std::variant<NewObject, std::string> content;
  };
  Document document_;
  std::uint32_t next_;
  std::map<std::uint32_t, Pending> objects_;
};

}  // namespace heqi::documents::pdf
