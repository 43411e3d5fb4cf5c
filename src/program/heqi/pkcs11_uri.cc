#include "pkcs11_uri.h"

#include "key_uri.h"

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kScheme = "pkcs11:";

// set gives one attribute to its place.
base::Status set(Pkcs11Uri& uri, std::string_view name, std::string value) {
  if (name == "module-path") {
    uri.module_path = std::move(value);
  } else if (name == "token") {
    uri.token = std::move(value);
  } else if (name == "serial") {
    uri.serial = std::move(value);
  } else if (name == "object") {
    uri.object = std::move(value);
  } else if (name == "id") {
    uri.id = base::to_bytes(base::bytes_of(value));
  } else if (name != "type" || value != "private") {
    return fail(Code::malformed, "PKCS#11 URI: " + std::string(name) + "=" + value);
  }
  return {};
}

}  // namespace

bool is_pkcs11_uri(std::string_view text) {
  return text.starts_with(kScheme);
}

Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text) {
  HEQI_TRY(std::vector<UriAttribute> attributes, parse_key_uri(kScheme, text));
  Pkcs11Uri uri;
  for (UriAttribute& one : attributes) HEQI_TRY(set(uri, one.name, std::move(one.value)));
  if (!uri.module_path.starts_with('/'))
    return fail(Code::malformed, "PKCS#11 URI: ?module-path=/… names the token's library");
  if (uri.object.empty() && !uri.id)
    return fail(Code::malformed, "PKCS#11 URI: object= or id= names the key");
  return uri;
}

}  // namespace heqi::program
