// revocation.cc: revocation requests of the three origins (GB/T 38646 §6.2.4, §8.3.3).
#include <heqi/base/text.h>

#include "flow_rows.h"

namespace heqi::services::mobile {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kOrigins[] = {"user", "application", "service"};

// check_user verifies that the certificate's own key asks for its end: the MSD made it so after the
// PIN.
base::Status check_user(const x509::Certificate& certificate, const RevocationRequest& request) {
  const base::Bytes statement =
      revocation_statement(request.serial, static_cast<std::int64_t>(request.reason));
  return x509::Sm2SignatureVerifier().verify(
      x509::sm2_with_sm3_algorithm(), certificate.public_key(), statement, request.signature);
}

}  // namespace

std::string_view name_of(Origin origin) {
  return kOrigins[static_cast<std::size_t>(origin)];
}

Result<Origin> parse_origin(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kOrigins); ++i)
    if (kOrigins[i] == text) return static_cast<Origin>(i);
  return base::fail(Code::malformed, "the origin of a revocation is user, application or service");
}

base::Status CertificateFlows::revoke(const std::string& service,
                                      const RevocationRequest& request) {
  HEQI_TRY(const std::optional<sql::Row> own, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT id FROM mobile_flows WHERE serial = ?1 AND service = ?2",
                       request.serial, service);
  }));
  if (!own || request.serial.empty())
    return base::fail(Code::not_found, "no certificate of this service");
  HEQI_TRY(const base::Bytes der, issuer_.certificate(request.serial));
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  if (request.origin == Origin::user) {
    HEQI_TRY(check_user(certificate, request));
  }
  if (request.origin == Origin::application && request.asked_by.empty())
    return base::fail(Code::malformed, "which application asks is not stated");
  HEQI_TRY(issuer_.revoke(request.serial, request.reason));
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO mobile_revocations (serial, service, origin, asked_by, reason, "
        "at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        request.serial, service, name_of(request.origin), request.asked_by,
        static_cast<std::int64_t>(request.reason), clock_.now());
  }));
  log_.info("mobile.revoked", {{"serial", base::to_hex(request.serial)},
                               {"service", service},
                               {"origin", name_of(request.origin)}});
  return {};
}

}  // namespace heqi::services::mobile
