#include <heqi/services/ca/schema.h>

namespace heqi::services::ca {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "certificates", R"(
CREATE TABLE ca_certificates (
  serial {blob} PRIMARY KEY,
  request_id {text} NOT NULL UNIQUE,
  holder {text} NOT NULL,
  key_digest {blob} NOT NULL,
  body {blob} NOT NULL,
  der {blob},
  state {text} NOT NULL,
  not_before {int64} NOT NULL,
  not_after {int64} NOT NULL,
  recorded_at {int64} NOT NULL,
  published_at {int64},
  revoked_at {int64},
  reason {int64}) {strict};
CREATE INDEX ca_certificates_by_key ON ca_certificates (key_digest);
CREATE INDEX ca_certificates_by_state ON ca_certificates (state);
CREATE TABLE ca_crls (
  number {int64} PRIMARY KEY,
  der {blob} NOT NULL,
  this_update {int64} NOT NULL,
  next_update {int64} NOT NULL) {strict};
)"},
};

constexpr sql::Component kComponent{"ca", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::ca
