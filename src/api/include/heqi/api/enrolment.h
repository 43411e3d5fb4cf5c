// heqi/api/enrolment.h: how devices and servers come to certificates by themselves: EST (RFC 7030)
// and ACME (RFC 8555). Both stand on a TLS origin.
#pragma once
#include <vector>

#include <heqi/http/router.h>
#include <heqi/services/acme/server.h>
#include <heqi/services/ra/desk.h>
#include <heqi/x509/certificate.h>

namespace heqi::api {

// EstParts live longer than the router.
struct EstParts {
  services::ra::Desk& desk;
  std::vector<x509::Certificate> chain;  // issuing first, the root last
};
// add_est_routes adds /.well-known/est/…. A client enrols with HTTP Basic authentication: the id of
// its approved application and the authorisation code.
void add_est_routes(http::Router& router, EstParts& parts);

// add_acme_routes adds /acme/….
void add_acme_routes(http::Router& router, services::acme::Server& server);

}  // namespace heqi::api
