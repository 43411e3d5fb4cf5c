// heqi/documents/ofd/xml.h: the parts of an OFD are XML (XML 1.0, GB/T 33190 §6.3); this reads
// them, strictly and without anything that reaches outside: no DTD, no entities but the five that
// are always there, UTF-8 only, bounded depth and size. Names are taken without their prefix, since
// the files in use have several namespaces and none.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/documents/ofd/limits.h>

namespace heqi::documents::ofd {

struct XmlTree;  // of the implementation

// XmlElement is one element of a tree that lives as long as any handle to it.
class XmlElement {
 public:
  std::string_view name() const;  // local
  std::size_t offset() const;     // of its "<"
  std::optional<std::string> attribute(std::string_view local_name) const;
  // text is all character data directly inside, trimmed.
  std::string text() const;
  std::vector<XmlElement> children() const;
  std::vector<XmlElement> children(std::string_view local_name) const;
  // child is the first of that name.
  std::optional<XmlElement> child(std::string_view local_name) const;
  // child_text is the text of the first child of that name, if any.
  std::optional<std::string> child_text(std::string_view local_name) const;

 private:
  friend base::Result<XmlElement> parse_xml(base::ByteView, const Limits&);
  XmlElement(std::shared_ptr<const XmlTree> tree, std::uint32_t index)
      : tree_(std::move(tree)), index_(index) {}
  std::shared_ptr<const XmlTree> tree_;
  std::uint32_t index_ = 0;
};

// parse_xml gives the root. Fails with malformed naming the offset, unsupported (a DTD, an entity,
// another encoding), limit_exceeded.
base::Result<XmlElement> parse_xml(base::ByteView octets, const Limits& limits = {});

// xml_escaped is text as character data or attribute value.
std::string xml_escaped(std::string_view text);

}  // namespace heqi::documents::ofd
