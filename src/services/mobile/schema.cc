#include <heqi/services/mobile/schema.h>

namespace heqi::services::mobile {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "flows", R"(
CREATE TABLE mobile_connections (
  service {text} PRIMARY KEY,
  state {text} NOT NULL,
  suspended_by {text} NOT NULL,
  changed_by {text} NOT NULL,
  reason {text} NOT NULL,
  changed_at {int64} NOT NULL) {strict};
CREATE TABLE mobile_devices (
  service {text} NOT NULL,
  device {text} NOT NULL,
  person {text} NOT NULL,
  bound_at {int64} NOT NULL,
  PRIMARY KEY (service, device)) {strict};
CREATE TABLE mobile_acceptances (
  id {text} PRIMARY KEY,
  service {text} NOT NULL,
  person {text} NOT NULL,
  device {text} NOT NULL,
  subject {blob} NOT NULL,
  officer {text} NOT NULL,
  code_key {blob} NOT NULL,
  tries {int64} NOT NULL,
  code_state {text} NOT NULL,
  expires_at {int64} NOT NULL,
  accepted_at {int64} NOT NULL) {strict};
CREATE TABLE mobile_flows (
  id {text} PRIMARY KEY,
  kind {text} NOT NULL,
  service {text} NOT NULL,
  person {text} NOT NULL,
  device {text} NOT NULL,
  acceptance {text} NOT NULL,
  request {text} NOT NULL,
  subject {blob} NOT NULL,
  nonce {blob} NOT NULL,
  old_serial {blob} NOT NULL,
  serial {blob} NOT NULL,
  is_published {int64} NOT NULL,
  started_at {int64} NOT NULL) {strict};
CREATE UNIQUE INDEX mobile_flows_by_request ON mobile_flows (service, request);
CREATE INDEX mobile_flows_by_serial ON mobile_flows (serial);
CREATE INDEX mobile_flows_by_old_serial ON mobile_flows (old_serial);
CREATE TABLE mobile_revocations (
  id {sequence_key},
  serial {blob} NOT NULL,
  service {text} NOT NULL,
  origin {text} NOT NULL,
  asked_by {text} NOT NULL,
  reason {int64} NOT NULL,
  at {int64} NOT NULL) {strict};
)"},
    {2, "prompts to update", R"(
ALTER TABLE mobile_flows ADD COLUMN ends_at {int64};
CREATE INDEX mobile_flows_by_end ON mobile_flows (is_published, ends_at);
CREATE TABLE mobile_prompts (
  id {text} PRIMARY KEY,
  service {text} NOT NULL,
  person {text} NOT NULL,
  device {text} NOT NULL,
  serial {blob} NOT NULL UNIQUE,
  prompted_at {int64} NOT NULL,
  answer_until {int64} NOT NULL,
  answer {text} NOT NULL,
  answered_at {int64},
  flow {text} NOT NULL) {strict};
)"},
};

constexpr sql::Component kComponent{"mobile", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::mobile
