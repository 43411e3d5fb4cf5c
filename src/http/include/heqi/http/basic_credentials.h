// heqi/http/basic_credentials.h: name and password as a client sends them (RFC 7617).
#pragma once
#include <string>
#include <string_view>

#include <heqi/base/result.h>

namespace heqi::http {

struct BasicCredentials {
  std::string name, password;
};

// parse_basic_credentials reads the value of the header Authorization. Fails with unauthenticated
// where it is of another scheme or missing (empty); malformed.
base::Result<BasicCredentials> parse_basic_credentials(std::string_view header);

}  // namespace heqi::http
