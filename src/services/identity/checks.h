// checks.h: what names, addresses and ids may look like, and ids drawn at random.
#pragma once
#include <string>
#include <string_view>

#include <heqi/base/random.h>
#include <heqi/base/result.h>

namespace heqi::services::identity {

// lower_case changes ASCII letters only.
std::string lower_case(std::string_view text);
// check_name takes 1…max octets of UTF-8 without control characters; what names the field.
base::Status check_name(std::string_view text, std::size_t max, std::string_view what);
bool is_of(std::string_view text, std::string_view alphabet);

// draw_id is 128 random bits in lower-case base32 (26 characters).
base::Result<std::string> draw_id(base::Random& random);
// draw_text is count characters of the 32 that codes are written in.
base::Result<std::string> draw_code_text(base::Random& random, std::size_t count);
// code_text writes 5 bits of each byte in those characters.
std::string code_text(base::ByteView bytes);
inline constexpr std::string_view kCodeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

}  // namespace heqi::services::identity
