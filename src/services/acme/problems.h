// problems.h: errors as ACME clients know them (RFC 8555 §6.7).
#pragma once
#include <heqi/services/acme/server.h>

namespace heqi::services::acme {

Answer problem_of(const base::Error& error);

// make_token draws 128 random bits, in Base64url.
base::Result<std::string> make_token(base::Random& random);

}  // namespace heqi::services::acme
