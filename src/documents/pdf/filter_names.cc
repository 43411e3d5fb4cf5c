#include <heqi/documents/pdf/filter_names.h>

#include <algorithm>

namespace heqi::documents::pdf {
namespace {

constexpr FilterNames kNames[] = {
#define HEQI_FILTER(reader, filter, sub_filter, message) \
  {reader, filter, sub_filter, Message::message},
#include <heqi/documents/pdf/filter_names.def>
#undef HEQI_FILTER
};

Message kind_of(Message message) {
  return message == Message::gm_signed_digest ? Message::gm_signed_data : message;
}

}  // namespace

std::span<const FilterNames> filter_names() {
  return kNames;
}

const FilterNames* find_filter_names(std::string_view reader) {
  const auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const FilterNames& one) { return one.reader == reader; });
  return found == std::end(kNames) ? nullptr : found;
}

bool announces(std::string_view sub_filter, Message message) {
  return std::any_of(std::begin(kNames), std::end(kNames), [&](const FilterNames& one) {
    return one.sub_filter == sub_filter && kind_of(one.message) == kind_of(message);
  });
}

}  // namespace heqi::documents::pdf
