// XML of parts: what is read can be walked; what is escaped is read back as it was; path data and
// distances of texts never run away.
// uses: heqi_documents_ofd
// covers: src/documents/ofd/xml.cc
#include <heqi/base/text.h>
#include <heqi/documents/ofd/document.h>

namespace {

using namespace heqi::documents::ofd;

void walk(const XmlElement& element) {
  static_cast<void>(element.text());
  static_cast<void>(parse_box(element.attribute("Boundary").value_or("")));
  const auto deltas = expand_deltas(element.attribute("DeltaX").value_or(""), 1000);
  HEQI_CHECK(!deltas || deltas->size() <= 1000);
  const std::vector<XmlElement> children = element.children();
  for (const XmlElement& child : children) {
    const std::string name(child.name());
    HEQI_CHECK(!element.children(name).empty() && element.child(name).has_value());
    HEQI_CHECK(child.offset() > element.offset());
    walk(child);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.xml_nodes = 10'000;
  const heqi::base::ByteView octets(data, size);
  if (const auto root = parse_xml(octets, limits)) walk(*root);
  const std::string_view text = heqi::base::text_of(octets);
  if (const auto name = resolve("Doc_0/Document.xml", text))
    HEQI_CHECK(check_name(*name).has_value());
  const std::string wrapped = "<x>" + xml_escaped(text) + "</x>";
  if (const auto read = parse_xml(heqi::base::bytes_of(wrapped), limits))
    HEQI_CHECK(read->text() == heqi::base::trim(text));
  return 0;
}
