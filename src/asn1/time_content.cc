// UTCTime and GeneralizedTime (X.690 §11.7, §11.8; RFC 5280 §4.1.2.5; RFC 3161 §2.4.2).
#include <heqi/asn1/reader.h>
#include <heqi/base/text.h>

namespace heqi::asn1 {
namespace {

constexpr std::size_t kFractionDigitsMax = 9;

// take_number reads count digits at the front of text; false where they are not there.
bool take_number(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

// take_fraction reads ".ddd" without trailing zeros; what is finer than a microsecond is dropped.
bool take_fraction(std::string_view& text, int& micro) {
  if (text.empty() || text[0] != '.') return true;
  text.remove_prefix(1);
  std::size_t digits = 0;
  int scale = 100'000;
  char last = '0';
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (++digits > kFractionDigitsMax) return false;
    last = text[0];
    micro += (last - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return digits > 0 && last != '0';
}

base::Result<base::Time> parse_time(const Element& element, bool with_fraction) {
  std::string_view text = base::text_of(element.content);
  base::CivilTime civil{};
  if (element.tag == kUtcTime) {
    if (!take_number(text, 2, civil.year)) return malformed_element("bad UTCTime", element);
    civil.year += civil.year < 50 ? 2000 : 1900;
  } else if (element.tag == kGeneralizedTime) {
    if (!take_number(text, 4, civil.year)) return malformed_element("bad GeneralizedTime", element);
  } else {
    return malformed_element("not a time", element);
  }
  if (!take_number(text, 2, civil.month) || !take_number(text, 2, civil.day) ||
      !take_number(text, 2, civil.hour) || !take_number(text, 2, civil.minute) ||
      !take_number(text, 2, civil.second))
    return malformed_element("time without all of its digits", element);
  if (with_fraction && !take_fraction(text, civil.microsecond))
    return malformed_element("time with a bad fraction", element);
  if (text != "Z") return malformed_element("time does not end in Z", element);
  auto time = base::time_from_civil(civil);
  if (!time) return malformed_element("time that the calendar does not have", element);
  return time;
}

}  // namespace

base::Result<base::Time> time_content(const Element& element) {
  return parse_time(element, false);
}

base::Result<base::Time> Reader::time() {
  HEQI_TRY(const Element element, any());
  return time_content(element);
}

base::Result<base::Time> Reader::generalized_time() {
  HEQI_TRY(const Element element, expect(kGeneralizedTime));
  return parse_time(element, true);
}

}  // namespace heqi::asn1
