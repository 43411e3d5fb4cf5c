// key_uri.h: the attributes of a URI that names a key: scheme:name=value;name=value?name=value&…
// (the form of RFC 7512).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/result.h>

namespace heqi::program {

struct UriAttribute {
  std::string name, value;  // value with its %xx decoded
};

// parse_key_uri reads what follows scheme (with its colon). Fails with malformed: another scheme,
// an attribute without "=" or given twice, a broken %xx; and with denied where one begins with
// "pin": secrets do not belong into arguments, which every process can read.
base::Result<std::vector<UriAttribute>> parse_key_uri(std::string_view scheme,
                                                      std::string_view text);

}  // namespace heqi::program
