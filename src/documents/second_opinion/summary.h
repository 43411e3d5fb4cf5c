// The lines that both summaries have in common. Private.
#pragma once
#include <string>
#include <vector>

#include <heqi/documents/pdf/object.h>

namespace heqi::documents::second_opinion {

std::string hash_of(base::ByteView octets);  // SM3, hexadecimal

// page_line takes the page's number from 0.
std::string page_line(std::size_t number, const pdf::Rectangle& media, int rotate,
                      const std::vector<std::string>& content);

}  // namespace heqi::documents::second_opinion
