#include "authority_rights.h"

namespace heqi::api {

using services::identity::Role;

base::Result<Caller> authenticate_officer(Services& services, const http::Request& request) {
  HEQI_TRY(Caller caller, authenticate(services, request));
  const bool may = caller.kind == Caller::Kind::user &&
                   (caller.role == Role::operator_of_desk || caller.role == Role::administrator);
  if (!may) return base::fail(base::Code::denied, "an operator or administrator may do this");
  return caller;
}

base::Result<Caller> authenticate_reader(Services& services, const http::Request& request) {
  HEQI_TRY(Caller caller, authenticate(services, request));
  if (caller.kind != Caller::Kind::user || caller.role == Role::member)
    return base::fail(base::Code::denied, "an operator, auditor or administrator may look at this");
  return caller;
}

void add_authority_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  add_application_routes(router, services, parts);
  add_register_routes(router, services, parts);
  add_key_routes(router, services, parts);
}

}  // namespace heqi::api
