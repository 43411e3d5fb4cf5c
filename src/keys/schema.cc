#include <heqi/keys/schema.h>

namespace heqi::keys {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "keys", R"(
CREATE TABLE module_keys (
  name {text} PRIMARY KEY,
  purpose {int64} NOT NULL,
  protection {int64} NOT NULL,
  public_key {blob} NOT NULL,
  sealed {blob} NOT NULL,
  created_at {int64} NOT NULL) {strict};
CREATE TABLE module_macs (
  name {text} PRIMARY KEY,
  sealed {blob} NOT NULL,
  created_at {int64} NOT NULL) {strict};
CREATE TABLE module_masters (
  version {int64} PRIMARY KEY,
  sealed {blob} NOT NULL,
  created_at {int64} NOT NULL) {strict};
CREATE TABLE module_boots (
  epoch {int64} PRIMARY KEY,
  started_at {int64} NOT NULL) {strict};
CREATE TABLE module_devices (
  device_id {text} PRIMARY KEY,
  channel_public_key {blob} NOT NULL,
  channel_id {blob} NOT NULL UNIQUE,
  position {blob} NOT NULL,
  bound_at {int64} NOT NULL) {strict};
CREATE TABLE module_joint_keys (
  key_id {text} PRIMARY KEY,
  device_id {text} NOT NULL REFERENCES module_devices (device_id),
  app_id {text} NOT NULL,
  platform_id {text} NOT NULL,
  epoch {int64} NOT NULL,
  master_version {int64} NOT NULL REFERENCES module_masters (version),
  state {text} NOT NULL,
  public_key {blob},
  p1_sealed {blob},
  answer {blob},
  failures {int64} NOT NULL,
  not_before {int64} NOT NULL,
  counter {int64} NOT NULL,
  created_at {int64} NOT NULL,
  revoked_at {int64}) {strict};
CREATE TABLE module_signatures (
  key_id {text} NOT NULL REFERENCES module_joint_keys (key_id),
  counter {int64} NOT NULL,
  position {int64} NOT NULL,
  digest {blob} NOT NULL,
  r {blob} NOT NULL,
  s {blob},
  answered_at {int64} NOT NULL,
  confirmed_at {int64},
  PRIMARY KEY (key_id, counter, position)) {strict};
)"},
    {2, "administrator", R"(
CREATE TABLE module_administrator (
  id {int64} PRIMARY KEY,
  kind {int64} NOT NULL,
  sealed {blob} NOT NULL,
  tries {int64} NOT NULL,
  window_at {int64} NOT NULL) {strict};
CREATE TABLE module_acts (
  number {int64} PRIMARY KEY,
  at {int64} NOT NULL,
  role {int64} NOT NULL,
  act {text} NOT NULL,
  subject {text} NOT NULL,
  outcome {text} NOT NULL) {strict};
CREATE TABLE module_attestation (
  id {int64} PRIMARY KEY,
  at {int64} NOT NULL,
  statement {text} NOT NULL) {strict};
)"},
    {3, "share refresh and wipe", R"(
ALTER TABLE module_joint_keys ADD COLUMN next_epoch {int64};
ALTER TABLE module_joint_keys ADD COLUMN next_master_version {int64};
ALTER TABLE module_joint_keys ADD COLUMN next_p1_sealed {blob};
ALTER TABLE module_devices ADD COLUMN wipe_ordered_at {int64};
ALTER TABLE module_devices ADD COLUMN wiped_at {int64};
)"},
    {4, "secrets of local keys", R"(
ALTER TABLE module_joint_keys ADD COLUMN released_sealed {blob};
)"},
    {5, "ended keys are told", R"(
ALTER TABLE module_joint_keys ADD COLUMN told_at {int64};
CREATE INDEX module_joint_keys_untold ON module_joint_keys (key_id)
  WHERE state = 'revoked' AND told_at IS NULL;
)"},
    {6, "points of joint answers", R"(
ALTER TABLE module_signatures ADD COLUMN r_point {blob};
)"},
    {7, "erased keys stay known", R"(
CREATE TABLE module_erased_keys (
  key_id {text} PRIMARY KEY,
  erased_at {int64} NOT NULL) {strict};
)"},
    {8, "tenants", R"(
ALTER TABLE module_masters ADD COLUMN tenant {text} NOT NULL DEFAULT 'default';
ALTER TABLE module_devices ADD COLUMN tenant {text} NOT NULL DEFAULT 'default';
ALTER TABLE module_joint_keys ADD COLUMN tenant {text} NOT NULL DEFAULT 'default';
)"},
};

constexpr sql::Component kComponent{"module", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::keys
