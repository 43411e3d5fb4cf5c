// heqi/api/api.h: the REST interface: what openapi.yaml says, over the services.
#pragma once
#include <functional>

#include <heqi/http/router.h>
#include <heqi/services/ca/authority.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/contract/genuineness.h>
#include <heqi/services/contract/handover.h>
#include <heqi/services/contract/platform.h>
#include <heqi/services/identity/account.h>
#include <heqi/services/identity/application.h>
#include <heqi/services/identity/link_session.h>
#include <heqi/services/identity/person.h>
#include <heqi/services/identity/verification.h>
#include <heqi/services/mss/device_desk.h>
#include <heqi/services/mss/enrolments.h>
#include <heqi/services/mss/key_endings.h>
#include <heqi/services/mss/revocations.h>
#include <heqi/services/notify/notifier.h>
#include <heqi/services/ocsp/responder.h>
#include <heqi/services/tsa/authority.h>

namespace heqi::api {

// DeskParts is what only the desk asks for.
struct DeskParts {
  std::function<base::Result<int>(base::ByteView file)> inspect;  // an upload → its pages
  std::function<base::Result<std::string>()> selfcheck;           // JSON, as heqi selfcheck --json
  std::string signing_url;                                        // of the links: https://…
  base::Random& random;
};

// Services is everything that requests reach. All outlive the router.
struct Services {
  sql::Database& database;
  services::identity::Accounts& accounts;
  services::identity::Applications& applications;
  services::identity::Persons& persons;
  services::identity::Verifications& verifications;
  services::identity::LinkSessions& link_sessions;
  std::string platform_url;  // of the desk and the verification page: https://…
  services::mss::Enrolments& enrolments;
  services::mss::DeviceDesk& device_desk;
  services::mss::Transactions& transactions;
  services::mss::KeyEndings& key_endings;
  services::mss::Revocations& revocations;
  services::contract::Platform& platform;
  services::contract::EvidencePackages& evidence_packages;
  services::contract::Handovers& handovers;
  services::contract::Genuineness& genuineness;
  services::notify::Notifier& notifier;
  std::function<base::Result<base::Bytes>(base::ByteView envelope)> key_centre;  // relays, unread
  std::function<base::Result<std::string>(base::ByteView file)> verify;  // → the report's JSON
  std::string default_ca;  // the id under which devices' certificates are kept
  DeskParts desk;
  std::string own_application;  // the contract platform's own id, which nobody else may register
  base::Bytes own_key;          // 04 || X || Y: what the platform signs with as an application
};

// add_routes adds the routes of the platform's own origin.
void add_routes(http::Router& router, Services& services);
// add_signing_routes adds those of the signing origin: links of notices, devices, health. Together
// they are openapi.yaml.
void add_signing_routes(http::Router& router, Services& services);

// signature_json is the status of a signing transaction (GB/T 38646 §8.1.3), an object without its
// end.
base::JsonWriter signature_json(const services::mss::TransactionStatus& status);

// PkiServices are public, and served without TLS: what they say is signed.
struct PkiServices {
  services::ca::Authority& authority;
  const services::ca::Hierarchy& hierarchy;
  services::ocsp::Responder& responder;
  services::tsa::Authority& time_stamps;
};
// add_pki_routes adds /ocsp, /tsa, /crl/… and /certificates/….
void add_pki_routes(http::Router& router, PkiServices& services);

}  // namespace heqi::api
