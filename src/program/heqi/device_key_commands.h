// device_key_commands.h: the commands of heqi device for keys with the protection *local*.
#pragma once
#include <heqi/base/result.h>

#include "arguments.h"

namespace heqi::program {

extern const Syntax kMakeKeySyntax, kKeysSyntax, kRequestSyntax, kEndKeySyntax;

// make_key, request and end_key ask for the PIN; keys does not.
base::Result<int> make_key(const Arguments& arguments);
base::Result<int> list_keys(const Arguments& arguments);
// request_certificate has the key sign a request (PKCS#10) and writes it as PEM.
base::Result<int> request_certificate(const Arguments& arguments);
base::Result<int> end_key(const Arguments& arguments);

}  // namespace heqi::program
