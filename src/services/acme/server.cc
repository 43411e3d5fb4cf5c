// server.cc: directory, nonces, accounts, and which request goes where. Orders are in orders.cc.
#include <heqi/services/acme/server.h>

#include <heqi/base/json.h>
#include <heqi/base/text.h>

#include "problems.h"
#include "rows.h"

namespace heqi::services::acme {

using base::Code;
using base::Result;

namespace {

// after returns what stands behind prefix, or nothing.
std::optional<std::string> after(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::string rest(path.substr(prefix.size()));
  if (rest.empty() || rest.find('/') != std::string::npos) return std::nullopt;
  return rest;
}

}  // namespace

Server::Server(sql::Database& database, Issuer& issuer, base::Fetch& fetch, ServerOptions options,
               const base::Clock& clock, base::Random& random, base::Log& log)
    : database_(database),
      issuer_(issuer),
      fetch_(fetch),
      options_(std::move(options)),
      clock_(clock),
      random_(random),
      log_(log) {}

Answer Server::directory() const {
  base::JsonWriter json;
  json.begin_object();
  for (const auto& [name, path] :
       {std::pair<std::string_view, std::string_view>{"newNonce", "/new-nonce"},
        {"newAccount", "/new-account"},
        {"newOrder", "/new-order"},
        {"revokeCert", "/revoke-cert"},
        {"keyChange", "/key-change"}})
    json.field(name, options_.base_url + std::string(path));
  json.key("meta").begin_object().field("externalAccountRequired", false).end_object();
  json.end_object();
  return {.status = 200, .content_type = "application/json", .body = json.str(), .location = {}};
}

Result<std::string> Server::make_nonce() {
  HEQI_TRY(std::string nonce, make_token(random_));
  const base::Time now = clock_.now();
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute("DELETE FROM acme_nonces WHERE expires_at < ?1", now));
    HEQI_TRY(tx.execute("INSERT INTO acme_nonces (nonce, expires_at) VALUES (?1, ?2)", nonce,
                        now + kNonceLifetime));
    // Anybody may ask for nonces, so they are bounded.
    HEQI_TRY(
        tx.execute("DELETE FROM acme_nonces WHERE expires_at < (SELECT expires_at FROM "
                   "acme_nonces ORDER BY expires_at DESC LIMIT 1 OFFSET ?1)",
                   static_cast<std::int64_t>(kNoncesMax) - 1));
    return {};
  });
  HEQI_TRY(kept);
  return nonce;
}

base::Status Server::spend_nonce(const std::string& nonce) {
  HEQI_TRY(const std::int64_t spent, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("DELETE FROM acme_nonces WHERE nonce = ?1 AND expires_at >= ?2", nonce,
                      clock_.now());
  }));
  if (spent == 1) return {};
  return base::fail(Code::identity_replayed, "the nonce is not one that was given out, or is used");
}

Result<Server::Account> Server::find_account(const std::string& url) {
  const auto id = after(url, options_.base_url + "/account/");
  if (!id) return base::fail(Code::signer_unknown, "kid is no account of this server");
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT public_key, thumbprint, status FROM acme_accounts WHERE id = ?1",
                       *id);
  }));
  if (!row) return base::fail(Code::signer_unknown, "kid is no account of this server");
  if (row->text(2) != kValid) return base::fail(Code::denied, "the account was deactivated");
  HEQI_TRY(x509::PublicKeyInfo key, x509::parse_public_key_info(row->bytes(0)));
  return Account{*id, std::move(key), row->text(1), row->text(2)};
}

Answer Server::post(std::string_view path, base::ByteView body) {
  const Result<Answer> answer = act(path, body);
  if (answer) return *answer;
  log_.warning("acme.refused", {{"path", std::string(path)},
                                {"code", base::error_text(answer.error().code).id},
                                {"detail", answer.error().detail}});
  return problem_of(answer.error());
}

Result<Answer> Server::act(std::string_view path, base::ByteView body) {
  HEQI_TRY(const Jws jws, parse_jws(body));
  if (jws.url != options_.base_url + std::string(path))
    return base::fail(Code::denied, "url in the header is not that of the request");
  HEQI_TRY(spend_nonce(jws.nonce));
  if (path == "/new-account") return new_account(jws);
  if (path == "/revoke-cert") return revoke(jws);
  if (jws.account_url.empty())
    return base::fail(Code::malformed, "this request is signed by an account: kid is missing");
  HEQI_TRY(const Account account, find_account(jws.account_url));
  HEQI_TRY(verify_jws(jws, account.public_key));
  if (path == "/new-order") return new_order(account, jws);
  if (path == "/key-change") return change_key(account, jws);
  if (const auto id = after(path, "/account/")) return update_account(account, *id, jws);
  if (const auto id = after(path, "/finalize/")) return finalize(account, *id, jws);
  if (const auto id = after(path, "/challenge/")) return answer_challenge(account, *id);
  if (const auto id = after(path, "/certificate/")) return certificate(account, *id);
  if (const auto id = after(path, "/order/")) {
    HEQI_TRY(const Order order, get_order(account, *id));
    return show(order);
  }
  if (const auto id = after(path, "/authorization/")) {
    HEQI_TRY(const Authorization authorization, get_authorization(account, *id));
    return show(authorization);
  }
  return base::fail(Code::not_found, "no such resource");
}

Answer Server::show(const Account& account, std::string_view contact) const {
  base::JsonWriter json;
  json.begin_object().field("status", account.status).key("contact").begin_array();
  for (const std::string_view one : base::split(contact, '\n'))
    if (!one.empty()) json.text(one);
  json.end_array();
  json.field("orders", options_.base_url + "/account/" + account.id + "/orders").end_object();
  return {.status = 200,
          .content_type = "application/json",
          .body = json.str(),
          .location = options_.base_url + "/account/" + account.id};
}

Result<Answer> Server::new_account(const Jws& jws) {
  if (!jws.key) return base::fail(Code::malformed, "a new account states its key: jwk is missing");
  HEQI_TRY(verify_jws(jws, jws.key->public_key));
  HEQI_TRY(const AccountWish wish, parse_account_wish(jws.payload));
  HEQI_TRY(std::string id, make_token(random_));
  struct Made {
    std::string id, status, contact;
    bool is_new;
  };
  HEQI_TRY(const Made made, database_.with_transaction([&](sql::Transaction& tx) -> Result<Made> {
    HEQI_TRY(const std::optional<sql::Row> known,
             tx.find_row("SELECT id, status, contact FROM acme_accounts "
                         "WHERE thumbprint = ?1",
                         jws.key->thumbprint));
    if (known) return Made{known->text(0), known->text(1), known->text(2), false};
    if (wish.only_existing) return base::fail(Code::signer_unknown, "no account has this key");
    HEQI_TRY(tx.execute(
        "INSERT INTO acme_accounts (id, thumbprint, public_key, status, contact, "
        "created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        id, jws.key->thumbprint, jws.key->public_key.der, kValid, wish.contact, clock_.now()));
    return Made{id, std::string(kValid), wish.contact, true};
  }));
  if (made.status != kValid) return base::fail(Code::denied, "the account was deactivated");
  Answer answer =
      show(Account{made.id, jws.key->public_key, jws.key->thumbprint, made.status}, made.contact);
  if (made.is_new) answer.status = 201;
  return answer;
}

Result<Answer> Server::update_account(const Account& account, const std::string& id,
                                      const Jws& jws) {
  if (id != account.id) return base::fail(Code::denied, "another account");
  std::string status = account.status;
  if (!jws.payload.empty()) {
    HEQI_TRY(const bool deactivate, parse_account_update(jws.payload));
    if (deactivate) {
      HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
        return tx.execute("UPDATE acme_accounts SET status = ?2 WHERE id = ?1", id, kDeactivated);
      }));
      status = kDeactivated;
    }
  }
  return show(Account{account.id, account.public_key, account.thumbprint, status}, "");
}

}  // namespace heqi::services::acme
