// Names of entries: one spelling each.
#include <heqi/base/text.h>
#include <heqi/documents/ofd/package.h>

namespace heqi::documents::ofd {

using base::Code;
using base::fail;

base::Status check_name(std::string_view name) {
  if (name.empty() || name.size() > kEntryNameMax)
    return fail(Code::malformed, "a name without octets, or too long");
  if (!base::is_utf8(name)) return fail(Code::malformed, "a name that is not UTF-8");
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == ':' || c == 0x7F)
      return fail(Code::malformed, "a name with a control character, '\\' or ':'");
  const bool folder = name.back() == '/';
  const std::string_view path = folder ? name.substr(0, name.size() - 1) : name;
  for (const std::string_view segment : base::split(path, '/'))
    if (segment.empty() || segment == "." || segment == "..")
      return fail(Code::malformed, "a name with an empty segment, \".\" or \"..\"");
  return {};
}

base::Result<std::string> resolve(std::string_view from, std::string_view reference) {
  const std::string_view wanted = base::trim(reference);
  if (wanted.empty()) return fail(Code::malformed, "an empty reference");
  std::vector<std::string_view> segments;
  if (wanted.front() != '/') {
    const std::size_t slash = from.rfind('/');
    if (slash != std::string_view::npos) segments = base::split(from.substr(0, slash), '/');
  }
  for (const std::string_view segment : base::split(wanted, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (segments.empty()) {
      return fail(Code::malformed, "a reference that leads out of the package");
    } else {
      segments.pop_back();
    }
  }
  std::string out;
  for (const std::string_view segment : segments) {
    if (!out.empty()) out += '/';
    out += segment;
  }
  HEQI_TRY(check_name(out));
  return out;
}

}  // namespace heqi::documents::ofd
