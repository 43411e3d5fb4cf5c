#include <heqi/http/basic_credentials.h>

#include <heqi/base/text.h>

namespace heqi::http {

base::Result<BasicCredentials> parse_basic_credentials(std::string_view header) {
  constexpr std::string_view scheme = "Basic ";
  if (!header.starts_with(scheme))
    return base::fail(base::Code::unauthenticated, "the application's id and its code are needed");
  HEQI_TRY(const base::Bytes decoded, base::parse_base64(header.substr(scheme.size())));
  const std::string_view text = base::text_of(decoded);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return base::fail(base::Code::malformed, "Authorization: Basic without a colon");
  return BasicCredentials{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

}  // namespace heqi::http
