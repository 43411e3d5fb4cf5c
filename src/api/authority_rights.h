// authority_rights.h: who may do what at the desk of the certificate authority.
#pragma once
#include <heqi/api/authority.h>

#include "caller.h"

namespace heqi::api {

// authenticate_officer takes operators and administrators; authenticate_reader auditors too. Fail
// with unauthenticated, denied.
base::Result<Caller> authenticate_officer(Services& services, const http::Request& request);
base::Result<Caller> authenticate_reader(Services& services, const http::Request& request);

void add_application_routes(http::Router& router, Services& services, AuthorityParts& parts);
void add_register_routes(http::Router& router, Services& services, AuthorityParts& parts);
void add_mobile_routes(http::Router& router, Services& services, AuthorityParts& parts);
void add_key_routes(http::Router& router, Services& services, AuthorityParts& parts);
void add_encryption_key_routes(http::Router& router, Services& services, AuthorityParts& parts);

// read_subject reads {"common_name", "organization"?} as a DER Name; read_reason a reason of RFC
// 5280 §5.3.1 by its name. malformed.
base::Result<base::Bytes> read_subject(http::JsonReader reader);
base::Result<pki::RevocationReason> read_reason(http::JsonReader& reader);

}  // namespace heqi::api
