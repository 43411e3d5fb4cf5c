// uses: heqi_asn1
// What the DER reader accepts, the writer writes again octet by octet: DER has one form of each
// value, so an accepted second form is a fault.
#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace {

using heqi::asn1::Element;
using heqi::asn1::Reader;
using heqi::asn1::Writer;
using heqi::base::same_bytes;

// read_as reads element alone with one of the typed calls of Reader.
template <class T>
auto read_as(const Element& element, heqi::base::Result<T> (Reader::*read)()) {
  auto reader = Reader::over(element.whole);
  return ((*reader).*read)();
}

void try_numbers(const Element& element) {
  if (const auto value = read_as(element, &Reader::small_integer))
    HEQI_CHECK(same_bytes(Writer().integer(*value).bytes(), element.whole));
  if (const auto value = read_as(element, &Reader::enumerated))
    HEQI_CHECK(same_bytes(Writer().enumerated(*value).bytes(), element.whole));
  if (const auto value = read_as(element, &Reader::unsigned_integer))
    HEQI_CHECK(same_bytes(Writer().unsigned_integer(*value).bytes(), element.whole));
  if (const auto value = read_as(element, &Reader::boolean))
    HEQI_CHECK(same_bytes(Writer().boolean(*value).bytes(), element.whole));
  if (const auto value = read_as(element, &Reader::bit_string))
    HEQI_CHECK(same_bytes(Writer().bit_string(*value).bytes(), element.whole));
  (void)read_as(element, &Reader::integer);
  (void)read_as(element, &Reader::named_bits);
}

void try_texts(const Element& element) {
  (void)heqi::asn1::text_content(element);
  (void)heqi::asn1::time_content(element);
  if (const auto value = read_as(element, &Reader::utf8_string))
    HEQI_CHECK(same_bytes(Writer().utf8_string(*value).bytes(), element.whole));
  if (const auto value = read_as(element, &Reader::oid)) {
    HEQI_CHECK(same_bytes(Writer().oid(*value).bytes(), element.whole));
    if (const auto again = heqi::asn1::Oid::parse_dotted(value->dotted()))
      HEQI_CHECK(*again == *value);
  }
  if (const auto value = read_as(element, &Reader::generalized_time))
    (void)Writer().generalized_time(*value);
}

void walk(Reader reader) {
  while (!reader.at_end()) {
    const auto element = reader.any();
    if (!element) return;
    HEQI_CHECK(
        same_bytes(Writer().element(element->tag, element->content).bytes(), element->whole));
    if (element->tag.form == heqi::asn1::Form::constructed) {
      if (const auto inner = reader.enter(*element)) walk(*inner);
    } else {
      try_numbers(*element);
      try_texts(*element);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const heqi::base::ByteView input(data, size);
  (void)heqi::asn1::verify_der(input);
  if (const auto reader = Reader::over(input)) walk(*reader);
  return 0;
}
