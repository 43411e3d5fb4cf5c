// heqi/documents/verify/report_text.h: the report in plain words.
#pragma once
#include <string>

#include <heqi/documents/verify/report.h>

namespace heqi::documents::verify {

enum class Language : std::uint8_t { english, chinese, both };

// to_text is the report for people: the verdict first, then each signature with its reasons. Text
// that comes from the document is shown without control characters.
std::string to_text(const Report& report, Language language);

}  // namespace heqi::documents::verify
