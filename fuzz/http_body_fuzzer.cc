// Bodies of requests: the first octet chooses JSON, a form, or a request target; the rest is read.
// uses: heqi_http
#include <heqi/http/json.h>
#include <heqi/http/multipart.h>

namespace {

using heqi::base::ByteView;
using namespace heqi::http;

void look_at_json(ByteView text) {
  const auto json = parse_json(text);
  if (!json) return;
  auto reader = JsonReader::open(*json);
  if (!reader) return;
  static_cast<void>(reader->required_text("title"));
  static_cast<void>(reader->optional_integer("count"));
  static_cast<void>(reader->optional_boolean("open"));
  static_cast<void>(reader->optional_base64("file", 64));
  static_cast<void>(reader->optional_time("until"));
  static_cast<void>(reader->optional_texts("tags", 4));
  if (auto party = reader->optional_object("party"); party && *party)
    static_cast<void>((*party)->finish());
  if (auto parties = reader->optional_objects("parties", 4))
    for (JsonReader& party : *parties) {
      static_cast<void>(party.required_text("name"));
      static_cast<void>(party.finish());
    }
  static_cast<void>(reader->finish());
}

void look_at_request(Request& request) {
  static_cast<void>(request.query_text("x"));
  static_cast<void>(request.query_number("y", 1000));
  static_cast<void>(request.refuse_unknown_query({"x", "y"}));
  request.headers.emplace_back("cookie", request.target);
  request.headers.emplace_back("cookie", "x=1");
  static_cast<void>(request.cookie("x"));
  static_cast<void>(request.content_type());
  HEQI_CHECK(find_method(method_name(request.method)) == request.method);
  request.path_parameters.emplace_back("n", request.path.substr(1));
  static_cast<void>(request.path_number("n", 1000));
}

// look_at_form takes the first line as the content type.
void look_at_form(ByteView input) {
  const std::string_view all = heqi::base::text_of(input);
  const std::size_t end = all.find('\n');
  if (end == std::string_view::npos) return;
  Request request;
  request.headers.emplace_back("content-type", std::string(all.substr(0, end)));
  request.body = heqi::base::to_bytes(all.substr(end + 1));
  static_cast<void>(get_upload(request, "application/pdf"));
  const auto parts = parse_multipart(all.substr(0, end), request.body);
  if (!parts) return;
  for (const Part& part : *parts) {
    HEQI_CHECK(!part.name.empty());
    HEQI_CHECK(part.file_name.find_first_of("/\\") == std::string::npos);
  }
}

void look_at_target(ByteView input) {
  Request request;
  if (!parse_target(heqi::base::text_of(input), request)) return;
  const auto segments = path_segments(request.path);
  HEQI_CHECK(segments.has_value());
  for (const std::string& segment : *segments) {
    // Of an escaped slash the router decides.
    HEQI_CHECK(segment != ".." && segment.find('\\') == std::string::npos);
    Request again;
    HEQI_CHECK(parse_target("/" + percent_encoded(segment).substr(0, kTargetSizeMax - 1), again)
                   .has_value() ||
               segment.size() > kTargetSizeMax / 3);
  }
  look_at_request(request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0]) {
    case 'j':
      look_at_json(rest);
      break;
    case 'f':
      look_at_form(rest);
      break;
    default:
      look_at_target(rest);
  }
  return 0;
}
