// links.cc: the links with which parties come to a contract: made, sent again, opened.
#include "links.h"

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/services/contract/platform.h>

namespace heqi::services::contract {

base::Bytes link_digest(std::string_view link) {
  const crypto::Digest digest = crypto::sm3(base::bytes_of(link));
  return {digest.begin(), digest.end()};
}

std::string party_id(const std::string& contract, int position) {
  return contract + "." + std::to_string(position);
}

base::Result<Platform::Invitation> Platform::find_by_link(sql::Transaction& tx,
                                                          std::string_view link) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT contract_id, position FROM contract_parties WHERE link_digest = ?1 "
                       "UNION ALL SELECT contract_id, position FROM contract_links "
                       "WHERE link_digest = ?1",
                       link_digest(link)));
  if (!row) return base::fail(base::Code::not_found, "the link is not valid");
  HEQI_TRY(Contract contract, load_contract(tx, row->text(0)));
  const Party party = contract.parties.at(static_cast<std::size_t>(row->int64(1)));
  return Invitation{std::move(contract), party};
}

base::Result<std::string> Platform::add_link(sql::Transaction& tx, const Contract& contract,
                                             const Party& party) {
  HEQI_TRY(const sql::Row made,
           tx.get_row("SELECT COUNT(*) FROM contract_links WHERE contract_id = ?1 AND "
                      "position = ?2",
                      contract.id, party.position));
  if (made.int64(0) >= static_cast<std::int64_t>(kLinksMax))
    return base::fail(base::Code::limit_exceeded, "too many links of this party");
  return store_link(tx, contract, party);
}

base::Result<std::string> Platform::store_link(sql::Transaction& tx, const Contract& contract,
                                               const Party& party) {
  HEQI_TRY(const base::Bytes secret, base::random_bytes(p_.random, 20));
  std::string link = base::to_base64url(secret);
  HEQI_TRY(
      tx.execute("INSERT INTO contract_links (link_digest, contract_id, position, made_at) "
                 "VALUES (?1, ?2, ?3, ?4)",
                 link_digest(link), contract.id, party.position, p_.clock.now()));
  return "/s/" + link;
}

base::Result<Contract> Platform::load_signing(sql::Transaction& tx, const std::string& owner,
                                              const std::string& id) {
  HEQI_TRY(Contract contract, load_owned(tx, owner, id));
  if (contract.state != "signing")
    return base::fail(base::Code::conflict, "the contract is " + contract.state);
  if (contract.expires_at <= p_.clock.now())
    return base::fail(base::Code::expired, "the contract has expired");
  return contract;
}

base::Result<Contract> Platform::remind(const std::string& owner, const std::string& id) {
  const base::Time now = p_.clock.now();
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Result<Contract> {
    HEQI_TRY(const Contract contract, load_signing(tx, owner, id));
    int told = 0;
    for (const Party& party : contract.parties) {
      if (!party.may_sign()) continue;
      if (party.reminded_at && now - *party.reminded_at < kRemindPause) continue;
      HEQI_TRY(const std::string link, add_link(tx, contract, party));
      HEQI_TRY(
          tx.execute("UPDATE contract_parties SET reminded_at = ?3 "
                     "WHERE contract_id = ?1 AND position = ?2",
                     id, party.position, now));
      HEQI_TRY(add_history(tx, id, now, "reminded", owner, party.name));
      // The link's digest makes the notice's id: each reminder is told once.
      HEQI_TRY(p_.notices.tell_person(tx, party.person_id,
                                      {.kind = News::Kind::reminder,
                                       .id = party_id(id, party.position) + ".reminder." +
                                             base::to_hex(link_digest(link)).substr(0, 16),
                                       .contract_id = id,
                                       .title = contract.title,
                                       .by = contract.owner,
                                       .reason = {},
                                       .link = link,
                                       .until = contract.expires_at}));
      ++told;
    }
    if (told == 0)
      return base::fail(base::Code::rate_limited, "everybody was reminded a short while ago");
    return load_contract(tx, id);
  });
}

base::Result<std::string> Platform::make_link(const std::string& owner, const std::string& id,
                                              int position) {
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Result<std::string> {
    HEQI_TRY(const Contract contract, load_signing(tx, owner, id));
    if (position < 0 || static_cast<std::size_t>(position) >= contract.parties.size())
      return base::fail(base::Code::not_found, "no such party");
    const Party& party = contract.parties[static_cast<std::size_t>(position)];
    if (!party.may_sign()) return base::fail(base::Code::conflict, "the party is " + party.state);
    HEQI_TRY(std::string link, add_link(tx, contract, party));
    HEQI_TRY(add_history(tx, id, p_.clock.now(), "link_made", owner, party.name));
    return link;
  });
}

base::Result<Platform::Invitation> Platform::open_link(std::string_view link) {
  return p_.database.with_snapshot([&](sql::Transaction& tx) { return find_by_link(tx, link); });
}

base::Result<base::Bytes> Platform::open_document(std::string_view link) {
  HEQI_TRY(const Invitation guest, open_link(link));
  HEQI_TRY(base::Bytes file, fetch(guest.contract.current));
  if (guest.contract.state != "signing" || !guest.party.may_sign()) return file;
  const base::Status noted = p_.database.with_transaction([&](sql::Transaction& tx) {
    return moments_.note(tx, {.contract = guest.contract.id,
                              .operation = Operation::open,
                              .position = guest.party.position,
                              .person = guest.party.person_id,
                              .subject = crypto::sm3(file)});
  });
  HEQI_TRY(noted);
  return file;
}

}  // namespace heqi::services::contract
