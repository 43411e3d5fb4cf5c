// heqi/services/contract/contract.h: a contract and its parties, as they are stored and shown.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/crypto/sm3.h>
#include <heqi/documents/pdf/filter_names.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/sql/database.h>

namespace heqi::services::contract {

// Limits; docs/limits.md.
inline constexpr std::size_t kPartiesMax = 20, kTitleSizeMax = 150;
inline constexpr std::size_t kDocumentSizeMax = std::size_t{50} << 20;
inline constexpr base::Duration kLifetimeDefault = std::chrono::hours(24 * 14),
                                kLifetimeMax = std::chrono::hours(24 * 365);

// kEveryOwner in place of an owner asks for every owner's contracts; for administrators.
inline constexpr std::string_view kEveryOwner = "*";
// kRemindPause is the least time between two reminders of one party; kLinksMax bounds what is made
// for a party to be handed over.
inline constexpr base::Duration kRemindPause = std::chrono::minutes(10);
inline constexpr std::size_t kLinksMax = 50;

// Order is how the parties sign.
enum class Order { any, sequence };
std::string_view to_text(Order order);
base::Result<Order> parse_order(std::string_view text);

// SignatureFormat is how the parties' signatures are written into the file: PAdES; or GM/T 0010
// (GB/T 35275) under the names of Adobe's readers or of GM.PKILite.
enum class SignatureFormat { pades, gm, gm_pkilite };
std::string_view to_text(SignatureFormat format);  // pades, gm, gm-pkilite
base::Result<SignatureFormat> parse_signature_format(std::string_view text);
const documents::pdf::FilterNames& names_of(SignatureFormat format);

// PartyRequest is one party of a new contract.
struct PartyRequest {
  std::string person_id;
  std::optional<documents::pdf::Placement>
      placement;  // default: lower half of the last page, side by side
};

// Repetition names a request, so that its repeat makes nothing new: the owner's own key for it, and
// a digest of all that it asks for.
struct Repetition {
  std::string key;
  crypto::Digest digest{};
};

struct ContractRequest {
  std::string owner;  // who sends it: "user:…" or "application:…"
  std::string title;
  Order order = Order::any;
  std::vector<PartyRequest> parties;
  base::Bytes document;
  std::optional<base::Time> expires_at;
  std::optional<Repetition> repetition = {};
  SignatureFormat format = SignatureFormat::pades;
};

// Party and Contract are what is stored. States of a contract: draft, signing, completing,
// complete, declined, withdrawn, expired, failed. States of a party: waiting, invited, signing,
// signed, declined.
struct Party {
  int position = 0;
  std::string person_id, name, field, state, failure;
  int attempt = 0;
  std::optional<std::string> transaction_id, prepared;
  std::optional<base::Time> signed_at, reminded_at;
  double box_width_mm = 70, box_height_mm = 26;  // of the visible signature

  // may_sign: invited, and has not signed yet.
  bool may_sign() const { return state == "invited" || state == "signing"; }
};

struct Contract {
  std::string id, owner, title, state, reason;
  Order order = Order::any;
  SignatureFormat format = SignatureFormat::pades;
  std::string original, current;  // names of the files in the blob store
  std::optional<int> turn_party;
  std::optional<base::Time> turn_until;
  base::Time created_at, expires_at;
  std::optional<base::Time> ended_at;
  std::vector<Party> parties;

  bool is_open() const { return state == "draft" || state == "signing" || state == "completing"; }
};

// HistoryEntry is one act on a contract.
struct HistoryEntry {
  base::Time at;
  std::string act, actor, detail;
};

// load_contract reads a contract with its parties. Fails with not_found.
base::Result<Contract> load_contract(sql::Transaction& tx, const std::string& id);
base::Status add_history(sql::Transaction& tx, const std::string& id, base::Time at,
                         std::string_view act, std::string_view actor,
                         std::string_view detail = {});

}  // namespace heqi::services::contract
