#include <heqi/services/contract/schema.h>

namespace heqi::services::contract {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "contracts", R"(
CREATE TABLE contract_contracts (
  id {text} PRIMARY KEY,
  owner {text} NOT NULL,
  title {text} NOT NULL,
  signing_order {text} NOT NULL,
  state {text} NOT NULL,
  original {text} NOT NULL,
  current {text} NOT NULL,
  turn_party {int64},
  turn_until {int64},
  reason {text} NOT NULL,
  created_at {int64} NOT NULL,
  expires_at {int64} NOT NULL,
  ended_at {int64}) {strict};
CREATE INDEX contract_contracts_of_owner ON contract_contracts (owner, created_at);
CREATE TABLE contract_parties (
  contract_id {text} NOT NULL REFERENCES contract_contracts (id),
  position {int64} NOT NULL,
  person_id {text} NOT NULL,
  name {text} NOT NULL,
  field {text} NOT NULL,
  link_digest {blob} NOT NULL UNIQUE,
  state {text} NOT NULL,
  attempt {int64} NOT NULL,
  transaction_id {text},
  prepared {text},
  failure {text} NOT NULL,
  signed_at {int64},
  PRIMARY KEY (contract_id, position)) {strict};
CREATE INDEX contract_parties_of_transaction ON contract_parties (transaction_id);
CREATE TABLE contract_events (
  sequence {sequence_key},
  contract_id {text} NOT NULL REFERENCES contract_contracts (id),
  at {int64} NOT NULL,
  act {text} NOT NULL,
  actor {text} NOT NULL,
  detail {text} NOT NULL) {strict};
CREATE INDEX contract_events_of_contract ON contract_events (contract_id, sequence);
)"},
    {2, "links and boxes", R"(
CREATE TABLE contract_links (
  link_digest {blob} PRIMARY KEY,
  contract_id {text} NOT NULL REFERENCES contract_contracts (id),
  position {int64} NOT NULL,
  made_at {int64} NOT NULL) {strict};
CREATE INDEX contract_links_of_party ON contract_links (contract_id, position);
ALTER TABLE contract_parties ADD COLUMN reminded_at {int64};
ALTER TABLE contract_parties ADD COLUMN box_width_tenth_mm {int64};
ALTER TABLE contract_parties ADD COLUMN box_height_tenth_mm {int64};
)"},
    {3, "keys of repetition", R"(
ALTER TABLE contract_contracts ADD COLUMN request_key {text};
ALTER TABLE contract_contracts ADD COLUMN request_digest {blob};
CREATE UNIQUE INDEX contract_contracts_of_request ON contract_contracts (owner, request_key);
)"},
    {4, "formats of signatures", R"(
ALTER TABLE contract_contracts ADD COLUMN signature_format {text};
)"},
    {5, "moments of key operations", R"(
CREATE TABLE contract_moments (
  sequence {sequence_key},
  name {text} NOT NULL UNIQUE,
  contract_id {text} NOT NULL REFERENCES contract_contracts (id),
  operation {text} NOT NULL,
  position {int64} NOT NULL,
  attempt {int64} NOT NULL,
  person_id {text} NOT NULL,
  subject {blob} NOT NULL,
  earlier {blob} NOT NULL,
  token {blob}) {strict};
CREATE INDEX contract_moments_of_contract ON contract_moments (contract_id, sequence);
)"},
    {6, "evidence packages", R"(
CREATE TABLE contract_evidence (
  contract_id {text} PRIMARY KEY REFERENCES contract_contracts (id),
  file {text} NOT NULL,
  made_at {int64} NOT NULL) {strict};
)"},
    {7, "handovers to legal services", R"(
CREATE TABLE contract_handovers (
  id {text} PRIMARY KEY,
  contract_id {text} NOT NULL REFERENCES contract_contracts (id),
  service {text} NOT NULL,
  address {text} NOT NULL,
  consented_by {text} NOT NULL,
  consented_at {int64} NOT NULL,
  statement {text} NOT NULL,
  package_sm3 {blob} NOT NULL,
  token {blob},
  state {text} NOT NULL,
  failure {text} NOT NULL,
  ended_at {int64}) {strict};
CREATE INDEX contract_handovers_of_contract ON contract_handovers (contract_id, consented_at);
)"},
};

constexpr sql::Component kComponent{"contract", kMigrations};

}  // namespace

const sql::Component& schema() {
  return kComponent;
}

}  // namespace heqi::services::contract
