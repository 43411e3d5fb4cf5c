#include <heqi/services/contract/platform.h>

#include <algorithm>
#include <set>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include "layout.h"
#include "links.h"

namespace heqi::services::contract {
namespace {

constexpr std::string_view kDeclined = "contract.declined", kWithdrawn = "contract.withdrawn";

std::int64_t tenths(double mm) {
  return static_cast<std::int64_t>(mm * 10 + 0.5);
}

// last_actor is who did an act last; empty where nobody did.
base::Result<std::string> last_actor(sql::Transaction& tx, const std::string& id,
                                     std::string_view act) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT actor FROM contract_events WHERE contract_id = ?1 AND act = ?2 "
                       "ORDER BY sequence DESC LIMIT 1",
                       id, act));
  return row ? row->text(0) : std::string();
}

base::Status check_request(const ContractRequest& request, base::Time now) {
  if (request.title.empty() || request.title.size() > kTitleSizeMax)
    return base::fail(base::Code::malformed, "title has 1…150 octets");
  if (request.parties.empty() || request.parties.size() > kPartiesMax)
    return base::fail(base::Code::malformed, "a contract has 1…20 parties");
  if (request.document.empty()) return base::fail(base::Code::document_empty, "the file is empty");
  if (request.document.size() > kDocumentSizeMax)
    return base::fail(base::Code::limit_exceeded, "a document has at most 50 MiB");
  if (request.expires_at &&
      (*request.expires_at <= now || *request.expires_at > now + kLifetimeMax))
    return base::fail(base::Code::malformed, "expires_at is in the coming year");
  std::set<std::string> persons;
  for (const PartyRequest& party : request.parties)
    if (!persons.insert(party.person_id).second)
      return base::fail(base::Code::malformed, "a person is a party twice");
  return {};
}

}  // namespace

Platform::Platform(PlatformParts parts)
    : p_(parts), moments_(parts.database, parts.outbox, parts.time_stamps) {
  p_.engine.define(std::string(kFlowKind),
                   {.on_end = [this](sql::Transaction& tx, const flow::Flow& flow) {
                     return on_flow_end(tx, flow);
                   }});
  p_.outbox.handle(std::string(kCompleteTopic),
                   [this](const flow::Message& message) { return complete(message.recipient); });
}

base::Result<std::string> Platform::store(base::ByteView file) {
  const std::string hex = base::to_hex(crypto::sm3(file));
  std::string name = hex.substr(0, 2) + "/" + hex;
  HEQI_TRY(p_.blobs.write(name, file));
  return name;
}

base::Result<base::Bytes> Platform::fetch(const std::string& name) const {
  return p_.blobs.read(name, 2 * kDocumentSizeMax);
}

base::Result<Contract> Platform::load_owned(sql::Transaction& tx, const std::string& owner,
                                            const std::string& id) {
  HEQI_TRY(Contract contract, load_contract(tx, id));
  if (contract.owner != owner && owner != kEveryOwner)
    return base::fail(base::Code::not_found, "no such contract");
  return contract;
}

base::Result<Contract> Platform::create(const ContractRequest& request) {
  const base::Time now = p_.clock.now();
  HEQI_TRY(std::optional<Contract> repeated, p_.database.with_snapshot([&](sql::Transaction& tx) {
    return find_repeated(tx, request);
  }));
  if (repeated) return *std::move(repeated);
  HEQI_TRY(check_request(request, now));
  std::vector<std::string> names;
  for (const PartyRequest& party : request.parties) {
    HEQI_TRY(const Person person, p_.people.find(party.person_id));
    names.push_back(person.name);
  }
  HEQI_TRY(p_.uploads.inspect(request.document));
  HEQI_TRY(const auto fields, field_requests(request.document, request.parties, names));
  HEQI_TRY(const base::Bytes prepared, documents::pdf::prepare_fields(request.document, fields));
  HEQI_TRY(const std::string original, store(request.document));
  HEQI_TRY(const std::string current, store(prepared));
  HEQI_TRY(const std::string id, flow::make_id(p_.random));
  std::vector<base::Bytes> links;
  for (std::size_t i = 0; i < names.size(); ++i) {
    HEQI_TRY(base::Bytes link, base::random_bytes(p_.random, 32));
    links.push_back(std::move(link));
  }
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Result<Contract> {
    HEQI_TRY(std::optional<Contract> meanwhile, find_repeated(tx, request));
    if (meanwhile) return *std::move(meanwhile);
    HEQI_TRY(tx.execute(
        "INSERT INTO contract_contracts (id, owner, title, signing_order, state, original, "
        "current, reason, created_at, expires_at, signature_format) "
        "VALUES (?1, ?2, ?3, ?4, 'draft', ?5, ?6, '', ?7, ?8, ?9)",
        id, request.owner, request.title, to_text(request.order), original, current, now,
        request.expires_at.value_or(now + kLifetimeDefault), to_text(request.format)));
    if (request.repetition) {
      HEQI_TRY(
          tx.execute("UPDATE contract_contracts SET request_key = ?2, request_digest = ?3 "
                     "WHERE id = ?1",
                     id, request.repetition->key, base::ByteView(request.repetition->digest)));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      HEQI_TRY(
          tx.execute("INSERT INTO contract_parties (contract_id, position, person_id, name, "
                     "field, link_digest, state, attempt, failure, box_width_tenth_mm, "
                     "box_height_tenth_mm) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, '', ?7, "
                     "?8)",
                     id, i, request.parties[i].person_id, names[i], fields[i].name, links[i],
                     tenths(fields[i].placement.width_mm), tenths(fields[i].placement.height_mm)));
    }
    HEQI_TRY(add_history(tx, id, now, "created", request.owner));
    return load_contract(tx, id);
  });
}

// find_repeated finds the contract that this very request has made before.
base::Result<std::optional<Contract>> Platform::find_repeated(sql::Transaction& tx,
                                                              const ContractRequest& request) {
  if (!request.repetition) return std::optional<Contract>{};
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT id, request_digest FROM contract_contracts "
                       "WHERE owner = ?1 AND request_key = ?2",
                       request.owner, request.repetition->key));
  if (!row) return std::optional<Contract>{};
  if (!base::same_bytes(row->bytes(1), request.repetition->digest))
    return base::fail(base::Code::conflict, "the key of repetition names another request");
  HEQI_TRY(Contract contract, load_contract(tx, row->text(0)));
  return std::optional<Contract>(std::move(contract));
}

base::Status Platform::invite(sql::Transaction& tx, const Contract& contract, const Party& party) {
  HEQI_TRY(const base::Bytes secret, base::random_bytes(p_.random, 20));
  const std::string link = base::to_base64url(secret);
  HEQI_TRY(
      tx.execute("UPDATE contract_parties SET state = 'invited', link_digest = ?3 "
                 "WHERE contract_id = ?1 AND position = ?2",
                 contract.id, party.position, link_digest(link)));
  return p_.notices.tell_person(tx, party.person_id,
                                {.kind = News::Kind::invitation,
                                 .id = party_id(contract.id, party.position) + ".invitation",
                                 .contract_id = contract.id,
                                 .title = contract.title,
                                 .by = contract.owner,
                                 .reason = {},
                                 .link = "/s/" + link,
                                 .until = contract.expires_at});
}

base::Result<Contract> Platform::start(const std::string& owner, const std::string& id) {
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Result<Contract> {
    HEQI_TRY(const Contract contract, load_owned(tx, owner, id));
    if (contract.state != "draft")
      return base::fail(base::Code::conflict, "the contract is " + contract.state);
    HEQI_TRY(tx.execute("UPDATE contract_contracts SET state = 'signing' WHERE id = ?1", id));
    for (const Party& party : contract.parties) {
      if (contract.order == Order::sequence && party.position > 0) break;
      HEQI_TRY(invite(tx, contract, party));
    }
    HEQI_TRY(add_history(tx, id, p_.clock.now(), "started", owner));
    const flow::NewFlow flow{.kind = std::string(kFlowKind),
                             .step = "signing",
                             .state = {},
                             .deadline = contract.expires_at,
                             .parties = {},
                             .sender = owner,
                             .message_id = id + ".start",
                             .fingerprint = {},
                             .id = id};
    HEQI_TRY(p_.engine.start_in(
        tx, flow, [](flow::Move&) { return base::Result<base::Bytes>(base::Bytes()); }));
    return load_contract(tx, id);
  });
}

base::Result<Contract> Platform::get(const std::string& owner, const std::string& id) {
  return p_.database.with_snapshot([&](sql::Transaction& tx) { return load_owned(tx, owner, id); });
}

base::Result<std::vector<Contract>> Platform::list(const std::string& owner, std::size_t limit) {
  return p_.database.with_snapshot(
      [&](sql::Transaction& tx) -> base::Result<std::vector<Contract>> {
        HEQI_TRY(const std::vector<sql::Row> rows,
                 tx.query("SELECT id FROM contract_contracts WHERE owner = ?1 OR ?1 = ?3 "
                          "ORDER BY created_at DESC, id LIMIT ?2",
                          owner, limit, kEveryOwner));
        std::vector<Contract> contracts;
        for (const sql::Row& row : rows) {
          HEQI_TRY(Contract contract, load_contract(tx, row.text(0)));
          contracts.push_back(std::move(contract));
        }
        return contracts;
      });
}

base::Result<std::vector<HistoryEntry>> Platform::history(const std::string& owner,
                                                          const std::string& id) {
  return p_.database.with_snapshot(
      [&](sql::Transaction& tx) -> base::Result<std::vector<HistoryEntry>> {
        HEQI_TRY(load_owned(tx, owner, id));
        HEQI_TRY(const std::vector<sql::Row> rows,
                 tx.query("SELECT at, act, actor, detail FROM contract_events "
                          "WHERE contract_id = ?1 ORDER BY sequence",
                          id));
        std::vector<HistoryEntry> entries;
        for (const sql::Row& row : rows)
          entries.push_back({row.time(0), row.text(1), row.text(2), row.text(3)});
        return entries;
      });
}

base::Result<std::vector<Moment>> Platform::moments(const std::string& owner,
                                                    const std::string& id) {
  HEQI_TRY(get(owner, id));
  return moments_.list(id);
}

base::Result<base::Bytes> Platform::document(const Contract& contract) {
  return fetch(contract.current);
}

base::Result<base::Bytes> Platform::original(const Contract& contract) {
  return fetch(contract.original);
}

base::Status Platform::tell_all(sql::Transaction& tx, const Contract& contract, const News& news) {
  for (const Party& party : contract.parties) {
    if (party.state == "waiting") continue;  // never invited, so nothing to be told
    News own = news;
    if (news.kind == News::Kind::completed) {
      // Of earlier links only digests are kept; a party has no other way to the finished file.
      HEQI_TRY(own.link, store_link(tx, contract, party));
    }
    HEQI_TRY(p_.notices.tell_person(tx, party.person_id, own));
  }
  return p_.notices.tell_owner(tx, contract.owner, news);
}

base::Status Platform::on_flow_end(sql::Transaction& tx, const flow::Flow& flow) {
  HEQI_TRY(const Contract contract, load_contract(tx, flow.id));
  News news{.kind = News::Kind::completed,
            .id = flow.id + ".end",
            .contract_id = flow.id,
            .title = contract.title,
            .by = contract.owner,
            .reason = flow.ending->detail,
            .link = {},
            .until = {}};
  for (const Party& party : contract.parties)
    if (party.state == "declined") news.by = party.name;
  std::string state = "complete";
  if (flow.ending->outcome == flow::Outcome::expired) {
    state = "expired";
    news.kind = News::Kind::expired;
  } else if (flow.ending->code == kDeclined) {
    state = "declined";
    news.kind = News::Kind::declined;
  } else if (flow.ending->outcome == flow::Outcome::cancelled) {
    state = "withdrawn";
    news.kind = News::Kind::withdrawn;
    HEQI_TRY(const std::string actor, last_actor(tx, flow.id, kWithdrawn));
    if (!actor.empty()) news.by = actor;
  } else if (flow.ending->outcome == flow::Outcome::failed) {
    state = "failed";
    news.kind = News::Kind::signing_failed;
  }
  HEQI_TRY(
      tx.execute("UPDATE contract_contracts SET state = ?2, reason = ?3, ended_at = ?4, "
                 "turn_party = NULL, turn_until = NULL WHERE id = ?1",
                 flow.id, state, flow.ending->detail, p_.clock.now()));
  HEQI_TRY(add_history(tx, flow.id, p_.clock.now(), state, "platform", flow.ending->detail));
  return tell_all(tx, contract, news);
}

base::Result<Contract> Platform::end(const std::string& id, const flow::Ending& ending,
                                     const std::string& actor, std::optional<int> decliner) {
  HEQI_TRY(const Contract before,
           p_.database.with_transaction([&](sql::Transaction& tx) -> base::Result<Contract> {
             HEQI_TRY(Contract contract, load_contract(tx, id));
             if (!contract.is_open())
               return base::fail(base::Code::conflict, "the contract is " + contract.state);
             if (contract.state == "completing")
               return base::fail(base::Code::conflict, "everybody has signed");
             if (contract.state == "signing" && contract.expires_at <= p_.clock.now())
               return base::fail(base::Code::expired, "the contract has expired");
             HEQI_TRY(add_history(tx, id, p_.clock.now(), ending.code, actor, ending.detail));
             if (decliner) {
               HEQI_TRY(
                   tx.execute("UPDATE contract_parties SET state = 'declined' "
                              "WHERE contract_id = ?1 AND position = ?2",
                              id, *decliner));
             }
             if (contract.state == "draft") {
               HEQI_TRY(
                   tx.execute("UPDATE contract_contracts SET state = 'withdrawn', reason = ?2, "
                              "ended_at = ?3 WHERE id = ?1",
                              id, ending.detail, p_.clock.now()));
             } else {
               HEQI_TRY(p_.engine.finish_in(tx, id, ending));
             }
             return contract;
           }));
  for (const Party& party : before.parties) {
    if (party.state != "signing" || !party.transaction_id) continue;
    // The signer's device hears of it at its next poll; a signature that comes later is not taken.
    if (const base::Status cancelled = p_.signatures.cancel(*party.transaction_id, ending.detail);
        !cancelled)
      p_.log.warning("contract.cancel_failed",
                     {{"contract", id}, {"code", base::error_text(cancelled.error().code).id}});
  }
  return p_.database.with_snapshot([&](sql::Transaction& tx) { return load_contract(tx, id); });
}

base::Result<Contract> Platform::withdraw(const std::string& owner, const std::string& id,
                                          const std::string& reason) {
  HEQI_TRY(get(owner, id));
  return end(id, flow::Ending::cancelled(std::string(kWithdrawn), reason), owner, {});
}

base::Result<Contract> Platform::withdraw_for_owner(const std::string& actor, const std::string& id,
                                                    const std::string& reason) {
  return end(id, flow::Ending::cancelled(std::string(kWithdrawn), reason), actor, {});
}

base::Result<Contract> Platform::decline(std::string_view link, const std::string& reason) {
  HEQI_TRY(const Invitation invitation, open_link(link));
  if (invitation.party.state == "signed")
    return base::fail(base::Code::conflict, "you have signed already");
  return end(invitation.contract.id, flow::Ending::failed(std::string(kDeclined), reason),
             "person:" + invitation.party.person_id, invitation.party.position);
}

}  // namespace heqi::services::contract
