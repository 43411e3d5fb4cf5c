#include <heqi/services/identity/schema.h>

namespace heqi::services::identity {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "persons", R"(
CREATE TABLE identity_persons (
  person_id {text} PRIMARY KEY,
  name {text} NOT NULL,
  email {text} NOT NULL,
  phone {text} NOT NULL,
  id_number_mac {blob} NOT NULL UNIQUE,
  id_number_masked {text} NOT NULL,
  state {text} NOT NULL,
  verified_by {text} NOT NULL,
  verified_at {int64},
  created_at {int64} NOT NULL
) {strict};
CREATE INDEX identity_persons_email ON identity_persons (email);
CREATE TABLE identity_verifications (
  verification_id {text} PRIMARY KEY,
  person_id {text} NOT NULL REFERENCES identity_persons (person_id),
  provider {text} NOT NULL,
  reference {text} NOT NULL,
  challenge {text} NOT NULL,
  state {text} NOT NULL,
  tries {int64} NOT NULL,
  evidence_digest {blob},
  created_at {int64} NOT NULL,
  expires_at {int64} NOT NULL
) {strict};
)"},
    {2, "users", R"(
CREATE TABLE identity_users (
  user_id {text} PRIMARY KEY,
  email {text} NOT NULL UNIQUE,
  role {text} NOT NULL,
  person_id {text} REFERENCES identity_persons (person_id),
  password_hash {text} NOT NULL,
  active {int64} NOT NULL,
  tries {int64} NOT NULL,
  waits_until {int64} NOT NULL,
  created_at {int64} NOT NULL
) {strict};
CREATE TABLE identity_sessions (
  token_digest {blob} PRIMARY KEY,
  user_id {text} NOT NULL REFERENCES identity_users (user_id),
  created_at {int64} NOT NULL,
  used_at {int64} NOT NULL,
  expires_at {int64} NOT NULL
) {strict};
CREATE INDEX identity_sessions_user ON identity_sessions (user_id);
)"},
    {3, "applications", R"(
CREATE TABLE identity_applications (
  application_id {text} PRIMARY KEY,
  name {text} NOT NULL,
  state {text} NOT NULL,
  created_at {int64} NOT NULL
) {strict};
CREATE TABLE identity_application_keys (
  application_id {text} NOT NULL REFERENCES identity_applications (application_id),
  key_id {text} NOT NULL,
  public_key {blob} NOT NULL,
  created_at {int64} NOT NULL,
  PRIMARY KEY (application_id, key_id)
) {strict};
CREATE TABLE identity_nonces (
  application_id {text} NOT NULL,
  nonce {text} NOT NULL,
  expires_at {int64} NOT NULL,
  PRIMARY KEY (application_id, nonce)
) {strict};
CREATE INDEX identity_nonces_expiry ON identity_nonces (expires_at);
)"},
    {4, "set-up tokens and keepers", R"(
CREATE TABLE identity_setup_tokens (
  token_digest {blob} PRIMARY KEY,
  expires_at {int64} NOT NULL
) {strict};
CREATE TABLE identity_keepers (
  person_id {text} NOT NULL REFERENCES identity_persons (person_id),
  keeper {text} NOT NULL,
  PRIMARY KEY (person_id, keeper)
) {strict};
CREATE INDEX identity_keepers_keeper ON identity_keepers (keeper);
)"},
    {5, "codes and sessions of links", R"(
CREATE TABLE identity_link_codes (
  code_id {text} PRIMARY KEY,
  subject {text} NOT NULL,
  person_id {text} NOT NULL REFERENCES identity_persons (person_id),
  state {text} NOT NULL,
  tries {int64} NOT NULL,
  created_at {int64} NOT NULL,
  expires_at {int64} NOT NULL
) {strict};
CREATE INDEX identity_link_codes_subject ON identity_link_codes (subject, created_at);
CREATE TABLE identity_link_sessions (
  token_digest {blob} PRIMARY KEY,
  subject {text} NOT NULL,
  person_id {text} NOT NULL REFERENCES identity_persons (person_id),
  identified {int64} NOT NULL,
  wrong_identities {int64} NOT NULL,
  created_at {int64} NOT NULL,
  expires_at {int64} NOT NULL
) {strict};
CREATE INDEX identity_link_sessions_subject ON identity_link_sessions (subject, created_at);
)"},
    {6, "claimed ID numbers", R"(
ALTER TABLE identity_persons ADD COLUMN claimed_at {int64};
)"},
    {7, "where applications are told results", R"(
ALTER TABLE identity_applications ADD COLUMN push_url {text};
)"},
    {8, "requests that add persons", R"(
CREATE TABLE identity_person_requests (
  keeper {text} NOT NULL,
  request_key {text} NOT NULL,
  request_digest {blob} NOT NULL,
  person_id {text} NOT NULL REFERENCES identity_persons (person_id),
  verification_id {text},
  PRIMARY KEY (keeper, request_key)
) {strict};
)"},
    {9, "certificates of other authorities", R"(
CREATE TABLE identity_challenges (
  digest {blob} PRIMARY KEY,
  expires_at {int64} NOT NULL
) {strict};
CREATE INDEX identity_challenges_expiry ON identity_challenges (expires_at);
CREATE TABLE identity_certificates (
  fingerprint {blob} PRIMARY KEY,
  user_id {text} NOT NULL,
  certificate {blob} NOT NULL,
  bound_at {int64} NOT NULL
) {strict};
CREATE INDEX identity_certificates_user ON identity_certificates (user_id);
)"},
};

}  // namespace

const sql::Component& schema() {
  static const sql::Component component{"identity", kMigrations};
  return component;
}

}  // namespace heqi::services::identity
