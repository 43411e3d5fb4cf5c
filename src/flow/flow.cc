#include <heqi/flow/flow.h>

#include <heqi/base/error.h>

#include <array>

#include "check_input.h"

namespace heqi::flow {
namespace {

constexpr std::array<std::string_view, 4> kOutcomes{"DONE", "FAILED", "EXPIRED", "CANCELLED"};

constexpr std::string_view kStart = R"(
CREATE TABLE flow_flows (
  id {text} PRIMARY KEY,
  kind {text} NOT NULL,
  step {text} NOT NULL,
  state {blob} NOT NULL,
  deadline {int64},
  attempts {int64} NOT NULL,
  outcome {text},
  outcome_code {text},
  outcome_detail {text},
  version {int64} NOT NULL,
  created_at {int64} NOT NULL,
  changed_at {int64} NOT NULL,
  CONSTRAINT flow_outcome CHECK (outcome IN ('DONE', 'FAILED', 'EXPIRED', 'CANCELLED')),
  CONSTRAINT flow_failure_has_code CHECK (outcome <> 'FAILED' OR outcome_code <> '')
) {strict};
CREATE INDEX flow_flows_by_deadline ON flow_flows (deadline) WHERE outcome IS NULL;
CREATE INDEX flow_flows_open ON flow_flows (kind, created_at) WHERE outcome IS NULL;

CREATE TABLE flow_parties (
  flow_id {text} NOT NULL REFERENCES flow_flows (id),
  recipient {text} NOT NULL,
  topic {text} NOT NULL,
  PRIMARY KEY (flow_id, recipient, topic)
) {strict};

CREATE TABLE flow_received (
  sender {text} NOT NULL,
  message_id {text} NOT NULL,
  flow_id {text} NOT NULL,
  fingerprint {blob} NOT NULL,
  answer {blob} NOT NULL,
  received_at {int64} NOT NULL,
  PRIMARY KEY (sender, message_id)
) {strict};

CREATE TABLE flow_history (
  sequence {sequence_key},
  flow_id {text} NOT NULL,
  at {int64} NOT NULL,
  sender {text} NOT NULL,
  message_id {text} NOT NULL,
  from_step {text} NOT NULL,
  to_step {text} NOT NULL,
  note {text} NOT NULL
) {strict};
CREATE INDEX flow_history_by_flow ON flow_history (flow_id, sequence);

CREATE TABLE flow_outbox (
  sequence {sequence_key},
  message_id {text} NOT NULL UNIQUE,
  topic {text} NOT NULL,
  recipient {text} NOT NULL,
  flow_id {text} NOT NULL,
  payload {blob} NOT NULL,
  outcome {text},
  outcome_code {text},
  outcome_detail {text},
  created_at {int64} NOT NULL,
  due_at {int64} NOT NULL,
  attempts {int64} NOT NULL,
  claimed_by {text},
  delivered_at {int64},
  dead_at {int64},
  last_error {text} NOT NULL
) {strict};
CREATE INDEX flow_outbox_due ON flow_outbox (due_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX flow_outbox_dead ON flow_outbox (dead_at) WHERE dead_at IS NOT NULL)";

const sql::Migration kMigrations[] = {{1, "start", kStart}};

}  // namespace

std::string_view to_text(Outcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

base::Result<Outcome> parse_outcome(std::string_view text) {
  for (std::size_t i = 0; i < kOutcomes.size(); ++i)
    if (kOutcomes[i] == text) return static_cast<Outcome>(i);
  return base::fail(base::Code::malformed, "not an outcome of a flow");
}

Ending Ending::failed(const base::Error& error) {
  return {Outcome::failed, std::string(base::error_text(error.code).id), shortened(error.detail)};
}

base::Result<std::string> make_id(base::Random& random) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648 §6
  HEQI_TRY(const base::Bytes octets, base::random_bytes(random, 16));
  std::string id;
  unsigned held = 0, bits = 0;
  for (const std::uint8_t octet : octets) {
    held = (held << 8 | octet) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) id += kAlphabet[held >> (bits - 5) & 31];
  }
  id += kAlphabet[held << (5 - bits) & 31];
  return id;
}

const sql::Component& schema() {
  static const sql::Component kComponent{"flow", kMigrations};
  return kComponent;
}

}  // namespace heqi::flow
