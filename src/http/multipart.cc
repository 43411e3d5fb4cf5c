#include <heqi/http/multipart.h>

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::http {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
}

base::Error bad(std::string_view what, std::size_t offset) {
  return fail(Code::malformed,
              "multipart: " + std::string(what) + " at offset " + std::to_string(offset));
}

// Parameters is a header value: what stands before the first ';', then name=value pairs.
struct Parameters {
  std::string value;
  Fields fields;

  const std::string* find(std::string_view name) const {
    for (const auto& [key, text] : fields)
      if (key == name) return &text;
    return nullptr;
  }
};

// quoted reads "…" with \" and \\ at the front of text and removes it.
std::optional<std::string> quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    // Browsers send a lone backslash in a file name as it is.
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    out.push_back(text[i]);
  }
  return std::nullopt;
}

Result<Parameters> parse_parameters(std::string_view text, std::size_t offset) {
  Parameters out;
  const std::size_t first = text.find(';');
  out.value = lower(base::trim(text.substr(0, first)));
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
  while (!text.empty()) {
    if (text.front() != ';') return bad("expected ';'", offset);
    text = base::trim(text.substr(1));
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return bad("parameter without '='", offset);
    const std::string name = lower(text.substr(0, equals));
    if (!is_token(name)) return bad("bad parameter name", offset);
    if (out.find(name) != nullptr) return bad("parameter " + name + " is there twice", offset);
    text.remove_prefix(equals + 1);
    std::string value;
    if (!text.empty() && text.front() == '"') {
      auto read = quoted(text);
      if (!read) return bad("quoted text without an end", offset);
      value = std::move(*read);
    } else {
      const std::size_t end = std::min(text.find(';'), text.size());
      value = base::trim(text.substr(0, end));
      if (!is_token(value)) return bad("bad parameter value", offset);
      text.remove_prefix(end);
    }
    text = base::trim(text);
    out.fields.emplace_back(name, std::move(value));
  }
  return out;
}

Result<std::string> boundary_of(std::string_view content_type) {
  HEQI_TRY(const Parameters type, parse_parameters(content_type, 0));
  if (type.value != "multipart/form-data")
    return fail(Code::unsupported, "expected multipart/form-data");
  const std::string* boundary = type.find("boundary");
  constexpr std::string_view others = "'()+_,-./:=? ";  // RFC 2046 §5.1.1
  const bool right = boundary != nullptr && !boundary->empty() &&
                     boundary->size() <= kBoundarySizeMax && boundary->back() != ' ' &&
                     std::all_of(boundary->begin(), boundary->end(), [&](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') || others.find(c) != std::string_view::npos;
                     });
  if (!right) return fail(Code::malformed, "multipart: no boundary, or a bad one");
  return *boundary;
}

Status take_disposition(std::string_view value, std::size_t offset, Part& part) {
  HEQI_TRY(const Parameters read, parse_parameters(value, offset));
  const std::string* name = read.find("name");
  if (read.value != "form-data" || name == nullptr || name->empty())
    return bad("expected form-data with a name", offset);
  if (read.find("filename*") != nullptr) return bad("filename* is not for forms", offset);
  part.name = *name;
  if (const std::string* file = read.find("filename")) {
    // Only the last component: a path of the sender's machine has no meaning here.
    const std::size_t slash = file->find_last_of("/\\");
    part.file_name = slash == std::string::npos ? *file : file->substr(slash + 1);
  }
  for (const std::string& text : {part.name, part.file_name})
    if (!base::is_utf8(text) || text.size() > 255 ||
        std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
      return bad("bad name", offset);
  return {};
}

Result<Part> parse_head(std::string_view head, std::size_t offset) {
  Part part;
  part.content_type = "text/plain";
  bool has_disposition = false, has_type = false;
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return bad("bad header line", offset + at);
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = base::trim(line.substr(colon + 1));
    if (name == "content-disposition" && !has_disposition) {
      HEQI_TRY(take_disposition(value, offset + at, part));
      has_disposition = true;
    } else if (name == "content-type" && !has_type) {
      HEQI_TRY(const Parameters type, parse_parameters(value, offset + at));
      if (type.value.starts_with("multipart/")) return bad("nested multipart", offset + at);
      part.content_type = type.value;
      has_type = true;
    } else {
      return bad("header field " + name + " is not for a form part", offset + at);
    }
    at = end + 2;
  }
  if (!has_disposition) return bad("part without Content-Disposition", offset);
  return part;
}

}  // namespace

Result<std::vector<Part>> parse_multipart(std::string_view content_type, base::ByteView body,
                                          MultipartLimits limits) {
  HEQI_TRY(const std::string boundary, boundary_of(content_type));
  const std::string_view all = base::text_of(body);
  const std::string delimiter = "\r\n--" + boundary;
  if (!all.starts_with(std::string_view(delimiter).substr(2)))
    return bad("expected the first boundary", 0);

  std::vector<Part> parts;
  std::size_t at = delimiter.size() - 2;
  while (all.substr(at, 2) == "\r\n") {
    if (parts.size() == limits.parts_max)
      return fail(Code::limit_exceeded,
                  "multipart: more parts than " + std::to_string(limits.parts_max));
    at += 2;
    const std::size_t head_end = all.substr(at, kPartHeaderSizeMax + 4).find("\r\n\r\n");
    if (head_end == std::string_view::npos) return bad("part head without an end", at);
    HEQI_TRY(Part part, parse_head(all.substr(at, head_end), at));
    for (const Part& other : parts)
      if (other.name == part.name) return bad("a second part of this name", at);
    at += head_end + 4;
    const std::size_t end = all.find(delimiter, at);
    if (end == std::string_view::npos) return bad("part without a closing boundary", at);
    const std::size_t body_size = end - at;
    if (body_size > limits.part_size_max)
      return fail(Code::limit_exceeded,
                  "multipart: a part is larger than " + std::to_string(limits.part_size_max));
    part.body = body.subspan(at, body_size);
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
  if (all.substr(at, 2) != "--") return bad("expected the last boundary's end", at);
  const std::string_view rest = all.substr(at + 2);
  if (!rest.empty() && rest != "\r\n") return bad("data after the last boundary", at + 2);
  return parts;
}

Result<Upload> get_upload(const Request& request, std::string_view media_type) {
  const std::string type = request.content_type();
  Upload upload;
  if (type == media_type) {
    HEQI_TRY(const auto name, request.query_text("name"));
    if (name && (name->size() > 255 || name->find_first_of("/\\") != std::string::npos))
      return fail(Code::malformed, "query parameter name: expected a file name");
    upload.file_name = name.value_or("");
    upload.content = request.body;
    return upload;
  }
  if (type != "multipart/form-data")
    return fail(Code::unsupported,
                "expected " + std::string(media_type) + " or multipart/form-data");
  HEQI_TRY(const std::vector<Part> parts,
           parse_multipart(*request.header("content-type"), request.body));
  for (const Part& part : parts) {
    if (part.name != "file") continue;
    if (part.content_type != media_type)
      return fail(Code::unsupported, "part file: expected " + std::string(media_type));
    upload.file_name = part.file_name;
    upload.content = part.body;
    return upload;
  }
  return fail(Code::malformed, "multipart: no part of the name file");
}

}  // namespace heqi::http
