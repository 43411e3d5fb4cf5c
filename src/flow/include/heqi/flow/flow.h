// heqi/flow/flow.h: what a persisted state machine is. Engine (engine.h) moves it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/base/result.h>
#include <heqi/sql/migrations.h>

namespace heqi::flow {

inline constexpr std::size_t kNameMax = 200;      // octets of an id, step, topic, party, code
inline constexpr std::size_t kDataMax = 1 << 20;  // octets of state data, payload, answer
inline constexpr std::size_t kDetailMax = 500;    // octets of the detail of an outcome or error
inline constexpr std::size_t kLateMax = 100;      // late events kept in one flow's history
inline constexpr std::size_t kPartiesMax = 64;    // parties of one flow

// Outcome is how a flow ended. A flow that has one never moves again.
enum class Outcome { done, failed, expired, cancelled };
std::string_view to_text(Outcome outcome);  // "DONE", "FAILED", "EXPIRED", "CANCELLED"
base::Result<Outcome> parse_outcome(std::string_view text);

// Ending is an Outcome with its reason: code is a stable name ("signer.declined", an error id;
// required for failed), detail is for people. Neither holds a secret.
struct Ending {
  Outcome outcome = Outcome::done;
  std::string code{};
  std::string detail{};

  static Ending done() { return {Outcome::done, {}, {}}; }
  static Ending failed(const base::Error& error);
  static Ending failed(std::string code, std::string detail) {
    return {Outcome::failed, std::move(code), std::move(detail)};
  }
  static Ending expired() { return {Outcome::expired, {}, {}}; }
  static Ending cancelled(std::string code, std::string detail = {}) {
    return {Outcome::cancelled, std::move(code), std::move(detail)};
  }
};

// Party is someone who is told how the flow ended: a message to recipient on topic.
struct Party {
  std::string recipient{};  // "ap:bank-7", "person:…"
  std::string topic{};      // whose handler delivers it: "mss.callback"
};

// Flow is one row.
struct Flow {
  std::string id{};
  std::string kind{};   // "mss.sign"
  std::string step{};   // of the kind's own list; the last one stays after the end
  base::Bytes state{};  // the kind's own data
  std::optional<base::Time> deadline{};
  std::int64_t attempts = 0;  // of the present step, counted by Move::count_attempt
  std::optional<Ending> ending{};
  std::int64_t version = 0;  // grows with each write
  base::Time created_at{}, changed_at{};

  bool is_open() const { return !ending.has_value(); }
};

// Event is one inbound message (or internal cause) for a flow. (sender, message_id) is the
// idempotency key: the same pair is handled once, and gets the same answer for ever.
struct Event {
  std::string flow_id{};
  std::string sender{};      // "ap:bank-7", "device:…", "internal"
  std::string message_id{};  // unique with sender
  // Digest of the message; a repeat with another one is a conflict. May be empty.
  base::Bytes fingerprint{};
  // Where the flow must stand; empty: anywhere while open.
  std::vector<std::string> expected_steps{};
};

// NewFlow starts a flow. (sender, message_id) is its idempotency key: the repeat of a start gets
// the first flow.
struct NewFlow {
  std::string kind{};
  std::string step{};
  base::Bytes state{};
  std::optional<base::Time> deadline{};
  std::vector<Party> parties{};
  std::string sender{};
  std::string message_id{};
  base::Bytes fingerprint{};
  std::string id{};  // empty: drawn at random
};

// HistoryEntry is one thing that happened to a flow, kept for questions after its end. An event
// that came after the end is here too, as "late".
struct HistoryEntry {
  base::Time at{};
  std::string sender{}, message_id{};
  std::string from_step{}, to_step{};
  std::string note{};  // "", "start", "end:DONE" …, "late"
};

// make_id draws a 128-bit identifier: 26 characters of lower-case base32.
base::Result<std::string> make_id(base::Random& random);

// schema is this layer's component for sql::apply_migrations: flows, their parties, received
// messages, history, and the outbox.
const sql::Component& schema();

}  // namespace heqi::flow
