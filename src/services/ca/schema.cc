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
    {2, "status", R"(
ALTER TABLE ca_certificates ADD COLUMN authority {text} NOT NULL DEFAULT 'issuing';
ALTER TABLE ca_certificates ADD COLUMN profile {text} NOT NULL DEFAULT 'person';
ALTER TABLE ca_certificates ADD COLUMN subject {text} NOT NULL DEFAULT '';
ALTER TABLE ca_certificates ADD COLUMN pair {blob};
ALTER TABLE ca_certificates ADD COLUMN changed_after {int64} NOT NULL DEFAULT 0;
ALTER TABLE ca_certificates ADD COLUMN before_hold {text};
CREATE INDEX ca_certificates_by_pair ON ca_certificates (pair);
CREATE INDEX ca_certificates_by_change ON ca_certificates (authority, changed_after);
CREATE INDEX ca_certificates_by_holder ON ca_certificates (holder);
CREATE INDEX ca_certificates_by_time ON ca_certificates (recorded_at);
DROP INDEX ca_certificates_by_state;
CREATE INDEX ca_certificates_by_standing ON ca_certificates (authority, state, serial);
CREATE TABLE ca_lists (
  authority {text} NOT NULL,
  number {int64} NOT NULL,
  base {int64} NOT NULL,
  der {blob} NOT NULL,
  this_update {int64} NOT NULL,
  next_update {int64} NOT NULL,
  PRIMARY KEY (authority, number)) {strict};
INSERT INTO ca_lists (authority, number, base, der, this_update, next_update)
  SELECT 'issuing', number, 0, der, this_update, next_update FROM ca_crls;
DROP TABLE ca_crls;
CREATE TABLE ca_switches (
  id {sequence_key},
  authority {text} NOT NULL,
  halted {int64} NOT NULL,
  who {text} NOT NULL,
  reason {text} NOT NULL,
  at {int64} NOT NULL) {strict};
)"},
    // An issuance changes its state twice; only what lists ask for is worth an index.
    {3, "fewer_indices", R"(
DROP INDEX ca_certificates_by_standing;
CREATE INDEX ca_certificates_revoked ON ca_certificates (authority, serial) WHERE state = 'revoked';
CREATE INDEX ca_certificates_held ON ca_certificates (authority, serial) WHERE state = 'held';
DROP INDEX ca_certificates_by_pair;
CREATE INDEX ca_certificates_by_pair ON ca_certificates (pair) WHERE pair IS NOT NULL;
)"},
};

constexpr sql::Component kComponent{"ca", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::ca
