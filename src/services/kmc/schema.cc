#include <heqi/services/kmc/schema.h>

namespace heqi::services::kmc {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "keys", R"(
CREATE TABLE kmc_keys (
  id {text} PRIMARY KEY,
  holder {text} NOT NULL,
  public_key {blob} NOT NULL UNIQUE,
  sealed {blob} NOT NULL,
  made_at {int64} NOT NULL) {strict};
CREATE INDEX kmc_keys_by_holder ON kmc_keys (holder);
CREATE TABLE kmc_recoveries (
  id {text} PRIMARY KEY,
  key_id {text} NOT NULL,
  asked_by {text} NOT NULL,
  reason {text} NOT NULL,
  receiver {blob} NOT NULL,
  asked_at {int64} NOT NULL,
  expires_at {int64} NOT NULL,
  delivered_at {int64}) {strict};
CREATE TABLE kmc_approvals (
  recovery {text} NOT NULL,
  officer {text} NOT NULL,
  at {int64} NOT NULL,
  PRIMARY KEY (recovery, officer)) {strict};
CREATE TABLE kmc_transcript (
  number {int64} PRIMARY KEY,
  at {int64} NOT NULL,
  event {text} NOT NULL,
  subject {text} NOT NULL,
  who {text} NOT NULL,
  detail {text} NOT NULL,
  digest {blob} NOT NULL) {strict};
)"},
    {2, "authorities of others", R"(
ALTER TABLE kmc_keys ADD COLUMN authority {text} NOT NULL DEFAULT '';
CREATE TABLE kmc_authorities (
  id {text} PRIMARY KEY,
  served {int64} NOT NULL,
  keys_max {int64} NOT NULL,
  keys_made {int64} NOT NULL,
  changed_by {text} NOT NULL,
  reason {text} NOT NULL,
  changed_at {int64} NOT NULL) {strict};
)"},
};

constexpr sql::Component kComponent{"kmc", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::kmc
