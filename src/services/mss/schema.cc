#include <heqi/services/mss/schema.h>

namespace heqi::services::mss {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "devices_and_transactions", R"(
CREATE TABLE mss_devices (
  device_id {text} PRIMARY KEY,
  person_id {text} NOT NULL,
  channel_public_key {blob} NOT NULL,
  channel_state {blob} NOT NULL,
  state {text} NOT NULL,
  registered_at {int64} NOT NULL,
  retired_at {int64}) {strict};
CREATE INDEX mss_devices_of_person ON mss_devices (person_id, state);
CREATE TABLE mss_enrolments (
  reference {text} PRIMARY KEY,
  code_id {text} NOT NULL UNIQUE,
  person_id {text} NOT NULL,
  state {text} NOT NULL,
  wrong_tries {int64} NOT NULL,
  created_at {int64} NOT NULL,
  expires_at {int64} NOT NULL,
  device_id {text},
  register_digest {blob},
  registered {blob}) {strict};
CREATE TABLE mss_applications (
  device_id {text} PRIMARY KEY REFERENCES mss_devices (device_id),
  request_id {text} NOT NULL,
  ca_id {text} NOT NULL,
  certificate {blob} NOT NULL,
  chain {blob} NOT NULL,
  state {text} NOT NULL,
  issued_at {int64} NOT NULL) {strict};
CREATE TABLE mss_certificates (
  ca_id {text} NOT NULL,
  serial {blob} NOT NULL,
  device_id {text} NOT NULL REFERENCES mss_devices (device_id),
  der {blob} NOT NULL,
  not_before {int64} NOT NULL,
  not_after {int64} NOT NULL,
  state {text} NOT NULL,
  stored_at {int64} NOT NULL,
  PRIMARY KEY (ca_id, serial)) {strict};
CREATE INDEX mss_certificates_of_device ON mss_certificates (device_id, state);
CREATE TABLE mss_transactions (
  id {text} PRIMARY KEY,
  ap_id {text} NOT NULL,
  ap_transaction_id {text} NOT NULL,
  person_id {text} NOT NULL,
  device_id {text} NOT NULL,
  ca_id {text} NOT NULL,
  serial {blob} NOT NULL,
  title {text} NOT NULL,
  data_digest {blob} NOT NULL,
  data_size {int64} NOT NULL,
  statement {blob} NOT NULL,
  statement_certificate {blob} NOT NULL,
  open {int64} NOT NULL,
  result {blob},
  created_at {int64} NOT NULL,
  deadline {int64} NOT NULL,
  UNIQUE (ap_id, ap_transaction_id)) {strict};
CREATE INDEX mss_transactions_of_device ON mss_transactions (device_id, open);
)"},
    {2, "replaced devices are wiped", R"(
CREATE INDEX mss_devices_retired ON mss_devices (device_id) WHERE state = 'retired';
)"},
    {3, "revocations", R"(
CREATE INDEX mss_certificates_in_use ON mss_certificates (state, serial);
CREATE INDEX mss_transactions_of_person ON mss_transactions (ap_id, person_id);
CREATE TABLE mss_revocations (
  id {text} PRIMARY KEY,
  origin {text} NOT NULL,
  asked_by {text} NOT NULL,
  request_id {text} NOT NULL,
  person_id {text} NOT NULL,
  device_id {text} NOT NULL,
  ca_id {text} NOT NULL,
  serial {blob} NOT NULL,
  certificate {blob} NOT NULL,
  reason {int64} NOT NULL,
  signature {blob} NOT NULL,
  is_open {int64} NOT NULL,
  until {int64} NOT NULL,
  asked_at {int64} NOT NULL,
  clear_ordered_at {int64},
  cleared_at {int64}) {strict};
CREATE INDEX mss_revocations_of_device ON mss_revocations (device_id, is_open);
CREATE INDEX mss_revocations_to_clear ON mss_revocations (device_id)
  WHERE clear_ordered_at IS NOT NULL AND cleared_at IS NULL;
)"},
    {4, "updates", R"(
CREATE INDEX mss_certificates_by_end ON mss_certificates (state, not_after);
CREATE TABLE mss_updates (
  id {text} PRIMARY KEY,
  person_id {text} NOT NULL,
  device_id {text} NOT NULL,
  ca_id {text} NOT NULL,
  old_serial {blob} NOT NULL,
  old_certificate {blob} NOT NULL,
  prompt {text} NOT NULL,
  flow {text} NOT NULL,
  nonce {blob} NOT NULL,
  serial {blob} NOT NULL,
  certificate {blob} NOT NULL,
  is_open {int64} NOT NULL,
  until {int64} NOT NULL,
  asked_at {int64} NOT NULL) {strict};
CREATE INDEX mss_updates_of_device ON mss_updates (device_id, is_open);
CREATE INDEX mss_updates_by_serial ON mss_updates (old_serial);
CREATE INDEX mss_updates_by_flow ON mss_updates (flow);
)"},
    {5, "seals", R"(
ALTER TABLE mss_transactions ADD COLUMN form {int64} NOT NULL DEFAULT 1;
)"},
    {6, "lists", R"(
ALTER TABLE mss_devices ADD COLUMN takes_lists {int64} NOT NULL DEFAULT 0;
)"},
};

constexpr sql::Component kComponent{"mss", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::mss
