#include <heqi/services/identity/application.h>

#include <heqi/services/identity/signed_push.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kIdMax = 64;
constexpr std::string_view kIdAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::string_view kKeyIdAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";

Application application_of(const sql::Row& row) {
  Application application;
  application.id = row.text(0);
  application.name = row.text(1);
  application.state = ApplicationState::cancelled;
  for (ApplicationState state : {ApplicationState::active, ApplicationState::suspended})
    if (row.text(2) == to_text(state)) application.state = state;
  application.created_at = row.time(3);
  application.push_url = row.optional_text(4).value_or("");
  return application;
}

std::string select(std::string_view rest) {
  return "SELECT application_id, name, state, created_at, push_url FROM identity_applications " +
         std::string(rest);
}

Result<Application> get_application(sql::Transaction& transaction, const std::string& id) {
  HEQI_TRY(const auto row, transaction.find_row(select("WHERE application_id = ?1"), id));
  if (!row) return fail(Code::not_found, "application " + id);
  return application_of(*row);
}

base::Error nobody() {
  return fail(Code::unauthenticated, "unknown application or key, or a wrong signature");
}

}  // namespace

std::string_view to_text(ApplicationState state) {
  switch (state) {
    case ApplicationState::active:
      return "active";
    case ApplicationState::suspended:
      return "suspended";
    case ApplicationState::cancelled:
      return "cancelled";
  }
  return "";
}

Result<Application> Applications::add(const std::string& name, std::string id) {
  HEQI_TRY(check_name(name, 100, "name"));
  if (id.empty()) {
    HEQI_TRY(id, draw_id(random_));
  }
  if (id.size() > kIdMax || !is_of(id, kIdAlphabet))
    return fail(Code::malformed, "application id: expected [a-z0-9-]");
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Application> {
    HEQI_TRY(const std::int64_t added,
             transaction.execute("INSERT INTO identity_applications (application_id, name, state, "
                                 "created_at) VALUES (?1, ?2, 'active', ?3) ON CONFLICT DO NOTHING",
                                 id, name, clock_.now()));
    if (added == 0) return fail(Code::conflict, "application " + id + " exists");
    return get_application(transaction, id);
  });
}

Result<Application> Applications::get(const std::string& id) {
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) { return get_application(transaction, id); });
}

Result<std::vector<Application>> Applications::list(std::size_t limit) {
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) -> Result<std::vector<Application>> {
        HEQI_TRY(const auto rows,
                 transaction.query(select("ORDER BY created_at, application_id LIMIT ?1"), limit));
        std::vector<Application> applications;
        for (const sql::Row& row : rows) applications.push_back(application_of(row));
        return applications;
      });
}

Result<Application> Applications::set_state(const std::string& id, ApplicationState state) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Application> {
    HEQI_TRY(const Application application, get_application(transaction, id));
    if (application.state == ApplicationState::cancelled && state != ApplicationState::cancelled)
      return fail(Code::conflict, "application " + id + " was cancelled");
    HEQI_TRY(
        transaction.execute("UPDATE identity_applications SET state = ?2 WHERE application_id = ?1",
                            id, to_text(state)));
    if (state == ApplicationState::cancelled) {
      HEQI_TRY(transaction.execute(
          "DELETE FROM identity_application_keys WHERE application_id = ?1", id));
    }
    return get_application(transaction, id);
  });
}

Result<Application> Applications::set_push_url(const std::string& id, const std::string& url) {
  if (!url.empty()) HEQI_TRY(check_push_url(url));
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Application> {
    HEQI_TRY(const Application application, get_application(transaction, id));
    if (application.state == ApplicationState::cancelled)
      return fail(Code::conflict, "application " + id + " was cancelled");
    HEQI_TRY(transaction.execute(
        "UPDATE identity_applications SET push_url = ?2 WHERE application_id = ?1", id, url));
    return get_application(transaction, id);
  });
}

Status Applications::add_key(const std::string& id, const std::string& key_id,
                             base::ByteView public_key) {
  if (key_id.empty() || key_id.size() > kIdMax || !is_of(key_id, kKeyIdAlphabet))
    return fail(Code::malformed, "key id: expected [A-Za-z0-9._:-]");
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(public_key));
  const crypto::PointBytes encoded = key.encode();
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(const Application application, get_application(transaction, id));
    if (application.state == ApplicationState::cancelled)
      return fail(Code::conflict, "application " + id + " was cancelled");
    HEQI_TRY(const auto rows,
             transaction.query(
                 "SELECT key_id FROM identity_application_keys WHERE application_id = ?1", id));
    if (rows.size() >= kKeysPerApplicationMax)
      return fail(Code::limit_exceeded, "more keys than " + std::to_string(kKeysPerApplicationMax));
    HEQI_TRY(const std::int64_t added,
             transaction.execute("INSERT INTO identity_application_keys (application_id, key_id, "
                                 "public_key, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO "
                                 "NOTHING",
                                 id, key_id, base::ByteView(encoded), clock_.now()));
    if (added == 0) return fail(Code::conflict, "key " + key_id + " exists");
    return {};
  });
}

Status Applications::remove_key(const std::string& id, const std::string& key_id) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(const std::int64_t gone,
             transaction.execute("DELETE FROM identity_application_keys WHERE application_id = ?1 "
                                 "AND key_id = ?2",
                                 id, key_id));
    if (gone == 0) return fail(Code::not_found, "key " + key_id);
    return {};
  });
}

Result<Application> Applications::verify(const SignedRequest& request) {
  const base::Time now = clock_.now();
  const base::Time signed_at = base::time_from_micros(request.time * 1'000'000);
  if (signed_at > now + kClockSkew || signed_at < now - kClockSkew)
    return fail(Code::identity_clock_skew,
                "more than " + std::to_string(kClockSkew.count()) + " minutes");
  HEQI_TRY(const auto row, database_.with_snapshot([&](sql::Transaction& transaction) {
    return transaction.find_row(
        "SELECT a.application_id, a.name, a.state, a.created_at, a.push_url, k.public_key FROM "
        "identity_applications a JOIN identity_application_keys k ON k.application_id = "
        "a.application_id WHERE a.application_id = ?1 AND k.key_id = ?2",
        request.application, request.key);
  }));
  if (!row) return nobody();
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(row->bytes(5)));
  if (!crypto::verify(key, base::bytes_of(canonical_request(request)), request.signature))
    return nobody();
  const Application application = application_of(*row);
  if (application.state != ApplicationState::active)
    return fail(Code::denied, "application " + application.id + " is suspended");
  // The nonce is kept for as long as its request's time would pass.
  const auto written = database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(transaction.execute("DELETE FROM identity_nonces WHERE expires_at < ?1", now));
    HEQI_TRY(const std::int64_t added,
             transaction.execute("INSERT INTO identity_nonces (application_id, nonce, expires_at) "
                                 "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                                 request.application, request.nonce, signed_at + kClockSkew));
    if (added == 0) return fail(Code::identity_replayed, "nonce");
    return {};
  });
  if (!written) return written.error();
  return application;
}

}  // namespace heqi::services::identity
