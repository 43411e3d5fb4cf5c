#include "authority_rights.h"

#include <heqi/x509/name.h>
#include <heqi/x509/oids.h>

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

base::Result<base::Bytes> read_subject(http::JsonReader reader) {
  std::vector<x509::Name::Wanted> wanted{{x509::oids::country(), "CN"}};
  HEQI_TRY(const auto organization, reader.optional_text("organization", {.size_max = 128}));
  if (organization) wanted.push_back({x509::oids::organization(), *organization});
  HEQI_TRY(const std::string name, reader.required_text("common_name", {.size_max = 128}));
  wanted.push_back({x509::oids::common_name(), name});
  HEQI_TRY(reader.finish());
  HEQI_TRY(const x509::Name subject, x509::Name::make(wanted));
  return base::to_bytes(subject.der());
}

base::Result<pki::RevocationReason> read_reason(http::JsonReader& reader) {
  HEQI_TRY(const std::string text, reader.required_text("reason", {.size_max = 32}));
  for (std::int64_t number = 0; number <= 10; ++number) {
    const auto reason = pki::parse_reason(number);
    if (reason && pki::name_of(*reason) == text) return *reason;
  }
  return reader.refuse("reason", "is none of RFC 5280 §5.3.1");
}

void add_authority_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  add_application_routes(router, services, parts);
  add_register_routes(router, services, parts);
  add_mobile_routes(router, services, parts);
  add_key_routes(router, services, parts);
  add_encryption_key_routes(router, services, parts);
}

}  // namespace heqi::api
