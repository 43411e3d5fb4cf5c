#include <heqi/services/acme/schema.h>

namespace heqi::services::acme {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "orders", R"(
CREATE TABLE acme_nonces (
  nonce {text} PRIMARY KEY,
  expires_at {int64} NOT NULL) {strict};
CREATE INDEX acme_nonces_by_time ON acme_nonces (expires_at);
CREATE TABLE acme_accounts (
  id {text} PRIMARY KEY,
  thumbprint {text} NOT NULL UNIQUE,
  public_key {blob} NOT NULL,
  status {text} NOT NULL,
  contact {text} NOT NULL,
  created_at {int64} NOT NULL) {strict};
CREATE TABLE acme_orders (
  id {text} PRIMARY KEY,
  account {text} NOT NULL,
  status {text} NOT NULL,
  serial {blob},
  expires_at {int64} NOT NULL) {strict};
CREATE TABLE acme_authorizations (
  id {text} PRIMARY KEY,
  order_id {text} NOT NULL,
  name {text} NOT NULL,
  token {text} NOT NULL,
  status {text} NOT NULL,
  problem {text} NOT NULL,
  validated_at {int64}) {strict};
CREATE INDEX acme_authorizations_by_order ON acme_authorizations (order_id);
)"},
};

constexpr sql::Component kComponent{"acme", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::acme
