#include <heqi/services/ra/schema.h>

namespace heqi::services::ra {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "applications", R"(
CREATE TABLE ra_applications (
  id {text} PRIMARY KEY,
  applicant {text} NOT NULL,
  holder {text} NOT NULL,
  profile {text} NOT NULL,
  subject {blob} NOT NULL,
  names {text} NOT NULL,
  state {text} NOT NULL,
  submitted_at {int64} NOT NULL) {strict};
CREATE INDEX ra_applications_by_state ON ra_applications (state, submitted_at);
CREATE TABLE ra_evidence (
  application {text} NOT NULL,
  position {int64} NOT NULL,
  kind {text} NOT NULL,
  digest {blob} NOT NULL,
  PRIMARY KEY (application, position)) {strict};
CREATE TABLE ra_reviews (
  application {text} NOT NULL,
  reviewer {text} NOT NULL,
  decision {text} NOT NULL,
  reason {text} NOT NULL,
  at {int64} NOT NULL,
  PRIMARY KEY (application, reviewer)) {strict};
CREATE TABLE ra_codes (
  application {text} PRIMARY KEY,
  digest {blob} NOT NULL,
  tries {int64} NOT NULL,
  expires_at {int64} NOT NULL,
  state {text} NOT NULL) {strict};
)"},
    {2, "external certificates", R"(
CREATE TABLE ra_external_certificates (
  application {text} PRIMARY KEY,
  authority {text} NOT NULL,
  request_digest {blob} NOT NULL,
  certificate {blob} NOT NULL,
  recorded_at {int64} NOT NULL) {strict};
)"},
};

constexpr sql::Component kComponent{"ra", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::ra
