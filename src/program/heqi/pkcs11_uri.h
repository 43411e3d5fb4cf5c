// pkcs11_uri.h: a key in a token, as a PKCS#11 URI names it (RFC 7512).
#pragma once
#include <optional>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::program {

// Pkcs11Uri is what a URI says of a private key. At least one of object and id is given.
struct Pkcs11Uri {
  std::string module_path;        // of the token's library, absolute
  std::string token;              // label; empty: the only token that is present
  std::string serial;             // of the token; empty: any
  std::string object;             // label of the key; empty: any
  std::optional<base::Bytes> id;  // CKA_ID of the key
};

// is_pkcs11_uri tells whether text begins as such a URI does.
bool is_pkcs11_uri(std::string_view text);

// parse_pkcs11_uri reads pkcs11:token=…;object=…;id=%01?module-path=/…/library.so with the
// attributes above and type=private. Fails with malformed (also for an attribute that is not known
// or given twice, since the key would be another than the one that is meant) and with denied where
// a PIN stands in it.
base::Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text);

}  // namespace heqi::program
