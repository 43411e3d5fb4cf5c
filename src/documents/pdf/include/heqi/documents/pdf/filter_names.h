// heqi/documents/pdf/filter_names.h: the names under which readers know signatures (ISO 32000-2
// §12.8.3, ETSI EN 319 142-1 §5.3, what Chinese readers use), as data.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace heqi::documents::pdf {

// Message is what stands in /Contents.
enum class Message : std::uint8_t {
  cms,               // RFC 5652, detached, signed attributes
  gm_signed_data,    // GM/T 0010 (GB/T 35275), detached, signed attributes
  gm_signed_digest,  // GM/T 0010, the content is SM3 of the signed octets, no attributes
  seal,              // SES_Signature, GB/T 38540
};

// FilterNames is one reader's way.
struct FilterNames {
  std::string_view reader;  // "adobe": what a user chooses by
  std::string_view filter, sub_filter;
  Message message = Message::cms;
};

std::span<const FilterNames> filter_names();
// find_filter_names is the row of reader; nullptr where there is none.
const FilterNames* find_filter_names(std::string_view reader);
// announces tells whether any reader knows message under sub_filter. The two GM/T 0010 kinds count
// as one: which of them it is, only the message shows.
bool announces(std::string_view sub_filter, Message message);

}  // namespace heqi::documents::pdf
