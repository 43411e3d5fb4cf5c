// orders.cc: orders, their authorizations and challenges, and the certificate in the end.
#include <heqi/services/acme/server.h>

#include <set>

#include <heqi/base/json.h>
#include <heqi/base/text.h>

#include "problems.h"
#include "rows.h"

namespace heqi::services::acme {

using base::Code;
using base::Result;

namespace {

Answer json_answer(const base::JsonWriter& json, std::string location = {}) {
  return {.status = 200,
          .content_type = "application/json",
          .body = json.str(),
          .location = std::move(location)};
}

}  // namespace

Result<Server::Order> Server::get_order(const Account& account, const std::string& id) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> Result<Order> {
    HEQI_TRY(const sql::Row row,
             tx.get_row("SELECT account, status, serial, expires_at FROM acme_orders "
                        "WHERE id = ?1 AND account = ?2",
                        id, account.id));
    Order order{.id = id,
                .account = row.text(0),
                .status = row.text(1),
                .serial = row.optional_bytes(2).value_or(base::Bytes()),
                .expires_at = row.time(3),
                .names = {},
                .authorizations = {}};
    HEQI_TRY(const std::vector<sql::Row> rows,
             tx.query("SELECT id, name, status FROM acme_authorizations WHERE order_id = ?1 "
                      "ORDER BY name",
                      id));
    bool all_valid = true, one_invalid = clock_.now() >= order.expires_at;
    for (const sql::Row& one : rows) {
      order.authorizations.push_back(one.text(0));
      order.names.push_back(one.text(1));
      all_valid = all_valid && one.text(2) == kValid;
      one_invalid = one_invalid || one.text(2) == kInvalid;
    }
    // The status follows from the authorizations until the certificate is there.
    if (order.status == kPending)
      order.status = one_invalid ? kInvalid : all_valid ? kReady : kPending;
    return order;
  });
}

Answer Server::show(const Order& order) const {
  base::JsonWriter json;
  json.begin_object()
      .field("status", order.status)
      .field("expires", base::to_rfc3339(order.expires_at))
      .key("identifiers")
      .begin_array();
  for (const std::string& name : order.names)
    json.begin_object().field("type", "dns").field("value", name).end_object();
  json.end_array().key("authorizations").begin_array();
  for (const std::string& id : order.authorizations)
    json.text(options_.base_url + "/authorization/" + id);
  json.end_array().field("finalize", options_.base_url + "/finalize/" + order.id);
  if (!order.serial.empty())
    json.field("certificate", options_.base_url + "/certificate/" + order.id);
  json.end_object();
  return json_answer(json, options_.base_url + "/order/" + order.id);
}

Result<Answer> Server::new_order(const Account& account, const Jws& jws) {
  HEQI_TRY(const std::vector<std::string> names, parse_order(jws.payload));
  HEQI_TRY(const std::string id, make_token(random_));
  std::vector<std::pair<std::string, std::string>> ids_and_tokens;
  for (std::size_t i = 0; i < names.size(); ++i) {
    HEQI_TRY(std::string authorization, make_token(random_));
    HEQI_TRY(std::string token, make_token(random_));
    ids_and_tokens.emplace_back(std::move(authorization), std::move(token));
  }
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("INSERT INTO acme_orders (id, account, status, expires_at) "
                   "VALUES (?1, ?2, ?3, ?4)",
                   id, account.id, kPending, clock_.now() + kOrderLifetime));
    for (std::size_t i = 0; i < names.size(); ++i) {
      HEQI_TRY(
          tx.execute("INSERT INTO acme_authorizations (id, order_id, name, token, status, "
                     "problem) VALUES (?1, ?2, ?3, ?4, ?5, '')",
                     ids_and_tokens[i].first, id, names[i], ids_and_tokens[i].second, kPending));
    }
    return {};
  });
  HEQI_TRY(kept);
  HEQI_TRY(const Order order, get_order(account, id));
  Answer answer = show(order);
  answer.status = 201;
  return answer;
}

Result<Server::Authorization> Server::get_authorization(const Account& account,
                                                        const std::string& id) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row(
        "SELECT a.order_id, a.name, a.token, a.status, a.problem, a.validated_at, o.expires_at "
        "FROM acme_authorizations a JOIN acme_orders o ON o.id = a.order_id "
        "WHERE a.id = ?1 AND o.account = ?2",
        id, account.id);
  }));
  return Authorization{.id = id,
                       .order = row.text(0),
                       .name = row.text(1),
                       .token = row.text(2),
                       .status = row.text(3),
                       .problem = row.text(4),
                       .validated_at = row.optional_time(5),
                       .expires_at = row.time(6)};
}

std::string Server::challenge_json(const Authorization& authorization) const {
  base::JsonWriter json;
  json.begin_object()
      .field("type", "http-01")
      .field("url", options_.base_url + "/challenge/" + authorization.id)
      .field("status", authorization.status)
      .field("token", authorization.token);
  if (authorization.validated_at)
    json.field("validated", base::to_rfc3339(*authorization.validated_at));
  if (!authorization.problem.empty())
    json.key("error")
        .begin_object()
        .field("type", "urn:ietf:params:acme:error:unauthorized")
        .field("detail", authorization.problem)
        .end_object();
  json.end_object();
  return json.str();
}

Answer Server::show(const Authorization& authorization) const {
  base::JsonWriter json;
  json.begin_object()
      .field("status", authorization.status)
      .field("expires", base::to_rfc3339(authorization.expires_at))
      .key("identifier")
      .begin_object()
      .field("type", "dns")
      .field("value", authorization.name)
      .end_object()
      .key("challenges")
      .begin_array()
      .raw(challenge_json(authorization))
      .end_array()
      .end_object();
  return json_answer(json);
}

// look_at asks the server of the name for what only the account's holder could put there.
base::Status Server::look_at(const Authorization& authorization, const Account& account) {
  base::FetchRequest request;
  request.url =
      "http://" + authorization.name +
      (options_.challenge_port == 80 ? "" : ":" + std::to_string(options_.challenge_port)) +
      "/.well-known/acme-challenge/" + authorization.token;
  request.timeout = std::chrono::seconds(5);
  request.answer_size_max = 8'192;
  const Result<base::FetchAnswer> answer = fetch_.fetch(request);
  if (!answer)
    return base::fail(Code::denied, request.url + " cannot be fetched: " + answer.error().detail);
  const std::string_view body = base::trim(base::text_of(answer->body));
  if (answer->status != 200)
    return base::fail(Code::denied, request.url + " answers " + std::to_string(answer->status));
  if (body != authorization.token + "." + account.thumbprint)
    return base::fail(Code::denied, request.url + " does not hold the key authorization");
  return {};
}

Result<Answer> Server::answer_challenge(const Account& account, const std::string& id) {
  HEQI_TRY(Authorization authorization, get_authorization(account, id));
  if (authorization.status == kPending && clock_.now() < authorization.expires_at) {
    const base::Status found = look_at(authorization, account);
    authorization.status = found ? kValid : kInvalid;
    authorization.problem = found ? "" : found.error().detail;
    if (found) authorization.validated_at = clock_.now();
    // Of two answers to one challenge the first one counts.
    HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
      return tx.execute(
          "UPDATE acme_authorizations SET status = ?2, problem = ?3, validated_at = ?4 "
          "WHERE id = ?1 AND status = ?5",
          id, authorization.status, authorization.problem, authorization.validated_at, kPending);
    }));
    HEQI_TRY(authorization, get_authorization(account, id));
    log_.info("acme.challenge", {{"name", authorization.name}, {"status", authorization.status}});
  }
  return Answer{.status = 200,
                .content_type = "application/json",
                .body = challenge_json(authorization),
                .location = {},
                .up = options_.base_url + "/authorization/" + authorization.id};
}

Result<Answer> Server::finalize(const Account& account, const std::string& id, const Jws& jws) {
  HEQI_TRY(Order order, get_order(account, id));
  HEQI_TRY(const Finalization wish, parse_finalization(jws.payload));
  if (order.status == kValid) return show(order);
  if (order.status != kReady)
    return base::fail(Code::conflict, "the order is " + order.status + ", not ready");
  if (wish.names != std::set<std::string>(order.names.begin(), order.names.end()))
    return base::fail(Code::ca_lint, "the CSR does not ask for the names of the order");
  if (wish.csr.body.public_key == account.public_key)
    return base::fail(Code::ca_lint, "the account's key is not a server's key");
  auto issued = issuer_.issue(id, account.id, order.names, wish.der);
  if (!issued && issued.error().code == Code::invalid_signature)
    return base::fail(Code::ca_lint, "the CSR is not signed by its key");
  if (!issued) return std::move(issued).error();
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("UPDATE acme_orders SET status = ?2, serial = ?3 WHERE id = ?1", id, kValid,
                      issued->serial);
  }));
  log_.info("acme.issued", {{"order", id}, {"serial", base::to_hex(issued->serial)}});
  HEQI_TRY(order, get_order(account, id));
  return show(order);
}

Result<Answer> Server::certificate(const Account& account, const std::string& id) {
  HEQI_TRY(const Order order, get_order(account, id));
  if (order.serial.empty()) return base::fail(Code::not_found, "there is no certificate yet");
  HEQI_TRY(std::string chain, issuer_.chain_of(order.serial));
  return Answer{.status = 200,
                .content_type = "application/pem-certificate-chain",
                .body = std::move(chain),
                .location = {}};
}

Result<Answer> Server::revoke(const Jws& jws) {
  HEQI_TRY(const Revocation wish, parse_revocation(jws.payload));
  if (jws.key) {  // by the certificate's own key
    if (!(jws.key->public_key == wish.certificate.public_key()))
      return base::fail(Code::denied, "the request is not signed by the certificate's key");
    HEQI_TRY(verify_jws(jws, jws.key->public_key));
  } else {
    HEQI_TRY(const Account account, find_account(jws.account_url));
    HEQI_TRY(verify_jws(jws, account.public_key));
    HEQI_TRY(const std::optional<sql::Row> own, database_.with_snapshot([&](sql::Transaction& tx) {
      return tx.find_row("SELECT id FROM acme_orders WHERE serial = ?1 AND account = ?2",
                         wish.certificate.serial(), account.id);
    }));
    if (!own) return base::fail(Code::denied, "the certificate is not of this account");
  }
  // The serial number alone is not the certificate: the octets must be those that were issued.
  HEQI_TRY(const std::string chain, issuer_.chain_of(wish.certificate.serial()));
  if (!chain.starts_with(base::to_pem("CERTIFICATE", wish.der)))
    return base::fail(Code::not_found, "no such certificate was issued here");
  HEQI_TRY(issuer_.revoke(wish.certificate.serial(), wish.reason));
  return Answer{};
}

}  // namespace heqi::services::acme
