#include <heqi/services/identity/code.h>

#include <heqi/base/constant_time.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kLocatorSize = 6, kSecretSize = 10;
constexpr std::size_t kDeviceNameMax = 128;

// normalised drops spaces and dashes and makes letters upper case; nullopt where something else is
// in it.
std::optional<std::string> normalised(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (kCodeAlphabet.find(c) == std::string_view::npos) return std::nullopt;
    if (out.size() == kLocatorSize + kSecretSize) return std::nullopt;
    out.push_back(c);
  }
  if (out.size() != kLocatorSize + kSecretSize) return std::nullopt;
  return out;
}

std::string written(const std::string& locator, const std::string& secret) {
  return locator + "-" + secret.substr(0, 5) + "-" + secret.substr(5);
}

struct Stored {
  std::string id, person_id, state, device;
  std::int64_t tries = 0;
  base::Time expires_at;
};

Result<std::optional<Stored>> find_code(sql::Transaction& transaction, std::string_view locator) {
  HEQI_TRY(const auto row,
           transaction.find_row("SELECT code_id, person_id, state, device, tries, expires_at FROM "
                                "identity_codes WHERE locator = ?1 {for_update}",
                                locator));
  if (!row) return std::optional<Stored>();
  return std::optional(
      Stored{row->text(0), row->text(1), row->text(2), row->text(3), row->int64(4), row->time(5)});
}

base::Error wrong_code(std::int64_t tries_left) {
  return fail(Code::identity_code_wrong, "tries left: " + std::to_string(tries_left));
}

Result<std::optional<std::string>> device_person(sql::Transaction& transaction,
                                                 const std::string& device) {
  HEQI_TRY(const auto row, transaction.find_row(
                               "SELECT person_id FROM identity_devices WHERE device = ?1", device));
  return row ? std::optional(row->text(0)) : std::nullopt;
}

}  // namespace

std::string Codes::secret_of(const std::string& code_id) const {
  return code_text(key_.mac("authorisation-code", code_id)).substr(0, kSecretSize);
}

Result<IssuedCode> Codes::issue(const std::string& person_id) {
  return database_.with_transaction(
      [&](sql::Transaction& transaction) { return issue_in(transaction, person_id); });
}

Result<IssuedCode> Codes::issue_in(sql::Transaction& transaction, const std::string& person_id) {
  HEQI_TRY(const Person person, persons_.get_in(transaction, person_id));
  if (!person.is_verified()) return fail(Code::identity_unverified, "person " + person_id);
  HEQI_TRY(transaction.execute(
      "UPDATE identity_codes SET state = 'void' WHERE person_id = ?1 AND state = 'open'",
      person_id));
  HEQI_TRY(const std::string id, draw_id(random_));
  HEQI_TRY(const std::string locator, draw_code_text(random_, kLocatorSize));
  const base::Time expires_at = clock_.now() + kCodeTime;
  HEQI_TRY(const std::int64_t added,
           transaction.execute("INSERT INTO identity_codes (code_id, locator, person_id, state, "
                               "tries, device, created_at, expires_at) VALUES (?1, ?2, ?3, 'open', "
                               "0, '', ?4, ?5) ON CONFLICT DO NOTHING",
                               id, locator, person_id, clock_.now(), expires_at));
  if (added == 0) return fail(Code::unavailable, "the code's locator is taken; try again");
  HEQI_TRY(listener_.code_issued(transaction, person, id, expires_at));
  return IssuedCode{id, person_id, expires_at};
}

Result<std::string> Codes::text_of(const std::string& code_id) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<std::string> {
    HEQI_TRY(
        const auto row,
        transaction.find_row(
            "SELECT locator, state, expires_at FROM identity_codes WHERE code_id = ?1", code_id));
    if (!row) return fail(Code::not_found, "code " + code_id);
    if (row->text(1) != "open" || row->time(2) <= clock_.now())
      return fail(Code::identity_code_void, "code " + code_id);
    return written(row->text(0), secret_of(code_id));
  });
}

Result<Person> Codes::redeem(std::string_view code, const std::string& device) {
  HEQI_TRY(Redeemed redeemed, database_.with_transaction([&](sql::Transaction& transaction) {
    return redeem_in(transaction, code, device);
  }));
  if (redeemed.refusal) return std::move(*redeemed.refusal);
  return std::move(*redeemed.person);
}

Result<Codes::Redeemed> Codes::redeem_in(sql::Transaction& transaction, std::string_view code,
                                         const std::string& device) {
  const auto refused = [](base::Error error) { return Redeemed{std::nullopt, std::move(error)}; };
  if (device.empty() || device.size() > kDeviceNameMax)
    return fail(Code::malformed, "device: expected 1 to " + std::to_string(kDeviceNameMax));
  const auto text = normalised(code);
  if (!text) return refused(fail(Code::identity_code_wrong, "not the form of a code"));
  HEQI_TRY(const auto stored, find_code(transaction, text->substr(0, kLocatorSize)));
  if (!stored) return refused(fail(Code::identity_code_wrong, "no such code"));
  const bool repeats = stored->state == "used" && stored->device == device;
  if (stored->state != "open" && !repeats)
    return refused(fail(Code::identity_code_void, "the code is " + stored->state));
  if (stored->expires_at <= clock_.now()) return refused(fail(Code::expired, "the code"));

  // The try is charged before the comparison; a right code takes it back below.
  HEQI_TRY(transaction.execute("UPDATE identity_codes SET tries = tries + 1 WHERE code_id = ?1",
                               stored->id));
  const std::string secret = secret_of(stored->id);
  const bool right = base::ct::declassified(base::ct::equal_bytes(
      base::bytes_of(secret), base::bytes_of(std::string_view(*text).substr(kLocatorSize))));
  HEQI_TRY(const Person person, persons_.get_in(transaction, stored->person_id));
  if (!right) {
    const std::int64_t left = kCodeTries - stored->tries - 1;
    if (left > 0) return refused(wrong_code(left));
    HEQI_TRY(transaction.execute("UPDATE identity_codes SET state = 'void' WHERE code_id = ?1",
                                 stored->id));
    HEQI_TRY(listener_.code_voided(transaction, person, stored->id));
    return refused(fail(Code::identity_code_void, "too many wrong tries"));
  }
  if (!person.is_verified()) return refused(fail(Code::identity_unverified, "person"));
  HEQI_TRY(const auto bound, device_person(transaction, device));
  if (bound && *bound != person.id)
    return refused(fail(Code::denied, "the device is bound to somebody else"));
  HEQI_TRY(
      transaction.execute("INSERT INTO identity_devices (device, person_id, bound_at) VALUES "
                          "(?1, ?2, ?3) ON CONFLICT DO NOTHING",
                          device, person.id, clock_.now()));
  HEQI_TRY(
      transaction.execute("UPDATE identity_codes SET state = 'used', device = ?2, tries = ?3 "
                          "WHERE code_id = ?1",
                          stored->id, device, stored->tries));
  return Redeemed{person, std::nullopt};
}

Result<std::optional<std::string>> Codes::find_device_person(const std::string& device) {
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) { return device_person(transaction, device); });
}

Status Codes::release_device(const std::string& device) {
  const auto gone = database_.with_transaction([&](sql::Transaction& transaction) {
    return transaction.execute("DELETE FROM identity_devices WHERE device = ?1", device);
  });
  return gone ? Status() : gone.error();
}

}  // namespace heqi::services::identity
