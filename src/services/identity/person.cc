#include <heqi/services/identity/person.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/http/smtp.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kPurpose = "id-number";
constexpr std::string_view kColumns =
    "person_id, name, email, phone, id_number_masked, state, verified_by, verified_at, created_at, "
    "claimed_at";
constexpr std::string_view kDigits = "0123456789";

std::optional<PersonState> find_state(std::string_view text) {
  for (PersonState state : {PersonState::unverified, PersonState::verified, PersonState::suspended,
                            PersonState::cancelled})
    if (to_text(state) == text) return state;
  return std::nullopt;
}

Person person_of(const sql::Row& row) {
  Person person;
  person.id = row.text(0);
  person.name = row.text(1);
  person.email = row.text(2);
  person.phone = row.text(3);
  person.id_number_masked = row.text(4);
  person.state = find_state(row.text(5)).value_or(PersonState::cancelled);
  person.verified_by = row.text(6);
  person.verified_at = row.optional_time(7);
  person.created_at = row.time(8);
  person.has_claimed_number = row.optional_time(9).has_value();
  return person;
}

std::string normalised(std::string_view id_number) {
  std::string out(base::trim(id_number));
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

std::string select(std::string_view rest) {
  return "SELECT " + std::string(kColumns) + " FROM identity_persons " + std::string(rest);
}

// GB 11643: the last character makes the weighted sum 1 modulo 11 (ISO 7064 MOD 11-2).
bool has_right_check_digit(std::string_view number) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < 18; ++i) {
    const unsigned value = number[i] == 'X' ? 10 : static_cast<unsigned>(number[i] - '0');
    sum = (sum * 2 + value) % 11;
  }
  return sum == 1;
}

}  // namespace

std::string_view to_text(PersonState state) {
  switch (state) {
    case PersonState::unverified:
      return "unverified";
    case PersonState::verified:
      return "verified";
    case PersonState::suspended:
      return "suspended";
    case PersonState::cancelled:
      return "cancelled";
  }
  return "";
}

Status check_id_number(std::string_view number) {
  const std::string text = normalised(number);
  const bool resident = text.size() == 18 && is_of(std::string_view(text).substr(0, 17), kDigits) &&
                        is_of(std::string_view(text).substr(17), "0123456789X");
  if (!resident) {
    // A passport or another document: letters and digits, at least one letter in front.
    if (text.size() >= 6 && text.size() <= 20 && text[0] >= 'A' && text[0] <= 'Z' &&
        is_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
      return {};
    return fail(Code::malformed, "ID number: neither a resident's card nor a passport");
  }
  const auto number_at = [&](std::size_t at, std::size_t size) {
    return std::stoi(text.substr(at, size));
  };
  if (!base::time_from_civil({number_at(6, 4), number_at(10, 2), number_at(12, 2), 0, 0, 0, 0}))
    return fail(Code::malformed, "ID number: no such date of birth");
  if (!has_right_check_digit(text)) return fail(Code::malformed, "ID number: wrong check digit");
  return {};
}

std::string mask_id_number(std::string_view number) {
  const std::string text = normalised(number);
  if (text.size() < 6) return std::string(text.size(), '*');
  return text.substr(0, 3) + std::string(text.size() - 5, '*') + text.substr(text.size() - 2);
}

std::string mask_phone(std::string_view phone) {
  if (phone.size() < 7) return std::string(phone.size(), '*');
  return std::string(phone.substr(0, 3)) + std::string(phone.size() - 7, '*') +
         std::string(phone.substr(phone.size() - 4));
}

std::string mask_email(std::string_view email) {
  const std::size_t at = email.find('@');
  if (at == std::string_view::npos || at == 0) return "***";
  return std::string(email.substr(0, 1)) + "***" + std::string(email.substr(at));
}

Result<crypto::Digest> Persons::mac_of(std::string_view id_number) const {
  return key_.mac(kPurpose, normalised(id_number));
}

// Who has no number is told apart by the id.
Result<crypto::Digest> Persons::mac_of_nothing(std::string_view person_id) const {
  return key_.mac("no-id-number", person_id);
}

Result<std::optional<Person>> Persons::find_same(sql::Transaction& transaction,
                                                 const NewPerson& person, base::ByteView mac) {
  if (person.keeper.empty()) return std::optional<Person>();
  std::optional<sql::Row> row;
  if (person.id_number.empty()) {
    HEQI_TRY(row, transaction.find_row(
                      select("WHERE name = ?1 AND email = ?2 AND state != 'cancelled' AND EXISTS "
                             "(SELECT 1 FROM identity_keepers k WHERE k.person_id = "
                             "identity_persons.person_id AND k.keeper = ?3) ORDER BY created_at "
                             "LIMIT 1"),
                      base::trim(person.name), lower_case(person.email), person.keeper));
  } else {
    HEQI_TRY(row, transaction.find_row(
                      select("WHERE name = ?1 AND email = ?2 AND id_number_mac = ?3 AND state != "
                             "'cancelled'"),
                      base::trim(person.name), lower_case(person.email), mac));
  }
  return row ? std::optional(person_of(*row)) : std::nullopt;
}

Result<Person> Persons::add(const NewPerson& person) {
  HEQI_TRY(check_name(person.name, 100, "name"));
  if (!http::is_mail_address(person.email))
    return fail(Code::malformed, "email: not an e-mail address");
  if (person.phone.size() > 20 || !is_of(person.phone, "+0123456789 -"))
    return fail(Code::malformed, "phone: expected digits");
  if (!person.id_number.empty()) HEQI_TRY(check_id_number(person.id_number));
  HEQI_TRY(const std::string drawn, draw_id(random_));
  HEQI_TRY(const crypto::Digest mac,
           person.id_number.empty() ? mac_of_nothing(drawn) : mac_of(person.id_number));
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Person> {
    HEQI_TRY(const auto repeated, find_repeated(transaction, person));
    if (repeated) return get_in(transaction, *repeated);
    HEQI_TRY(const auto same, find_same(transaction, person, mac));
    const std::string& id = same ? same->id : drawn;
    if (!same) {
      HEQI_TRY(release_old_claim(transaction, mac));
      HEQI_TRY(const std::int64_t added,
               transaction.execute(
                   "INSERT INTO identity_persons (person_id, name, email, phone, id_number_mac, "
                   "id_number_masked, state, verified_by, created_at) VALUES "
                   "(?1, ?2, ?3, ?4, ?5, ?6, 'unverified', '', ?7) ON CONFLICT DO NOTHING",
                   id, base::trim(person.name), lower_case(person.email), person.phone,
                   base::ByteView(mac), mask_id_number(person.id_number), clock_.now()));
      if (added == 0) return fail(Code::conflict, "a person with this ID number is registered");
    }
    if (!person.keeper.empty()) {
      HEQI_TRY(
          transaction.execute("INSERT INTO identity_keepers (person_id, keeper) VALUES (?1, ?2) "
                              "ON CONFLICT DO NOTHING",
                              id, person.keeper));
    }
    if (person.repetition) {
      HEQI_TRY(transaction.execute(
          "INSERT INTO identity_person_requests (keeper, request_key, request_digest, person_id) "
          "VALUES (?1, ?2, ?3, ?4)",
          person.keeper, person.repetition->key, base::ByteView(person.repetition->digest), id));
    }
    return get_in(transaction, id);
  });
}

// find_repeated finds the person whom this very request has added before.
Result<std::optional<std::string>> Persons::find_repeated(sql::Transaction& transaction,
                                                          const NewPerson& person) {
  if (!person.repetition) return std::optional<std::string>{};
  HEQI_TRY(const auto row, transaction.find_row("SELECT person_id, request_digest FROM "
                                                "identity_person_requests WHERE keeper = ?1 AND "
                                                "request_key = ?2",
                                                person.keeper, person.repetition->key));
  if (!row) return std::optional<std::string>{};
  if (!base::same_bytes(row->bytes(1), person.repetition->digest))
    return fail(Code::conflict, "the key of repetition names another request");
  return std::optional<std::string>(row->text(0));
}

base::Status Persons::keep_check(const NewPerson& person, const std::string& verification_id) {
  if (!person.repetition) return {};
  return database_.with_transaction([&](sql::Transaction& transaction) -> base::Status {
    HEQI_TRY(
        transaction.execute("UPDATE identity_person_requests SET verification_id = ?3 "
                            "WHERE keeper = ?1 AND request_key = ?2",
                            person.keeper, person.repetition->key, verification_id));
    return {};
  });
}

Result<std::optional<std::string>> Persons::find_check(const NewPerson& person) {
  using Found = std::optional<std::string>;
  if (!person.repetition) return Found{};
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<Found> {
    HEQI_TRY(const auto row,
             transaction.find_row("SELECT verification_id FROM identity_person_requests "
                                  "WHERE keeper = ?1 AND request_key = ?2",
                                  person.keeper, person.repetition->key));
    return row && !row->is_null(0) ? Found(row->text(0)) : Found{};
  });
}

Result<bool> Persons::is_kept_by(const std::string& id, std::string_view keeper) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<bool> {
    HEQI_TRY(const auto row,
             transaction.find_row(
                 "SELECT person_id FROM identity_keepers WHERE person_id = ?1 AND keeper = ?2", id,
                 keeper));
    return row.has_value();
  });
}

Result<std::vector<Person>> Persons::list_kept_by(std::string_view keeper, std::size_t limit) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<std::vector<Person>> {
    HEQI_TRY(const auto rows,
             transaction.query(select("WHERE person_id IN (SELECT person_id FROM identity_keepers "
                                      "WHERE keeper = ?1) ORDER BY created_at, person_id LIMIT ?2"),
                               keeper, limit));
    std::vector<Person> persons;
    for (const sql::Row& row : rows) persons.push_back(person_of(row));
    return persons;
  });
}

Result<Person> Persons::get(const std::string& id) {
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) { return get_in(transaction, id); });
}

Result<Person> Persons::get_in(sql::Transaction& transaction, const std::string& id) {
  HEQI_TRY(const auto row, transaction.find_row(select("WHERE person_id = ?1"), id));
  if (!row) return fail(Code::not_found, "person " + id);
  return person_of(*row);
}

Result<std::optional<Person>> Persons::find_by_id_number(std::string_view id_number) {
  HEQI_TRY(const crypto::Digest mac, mac_of(id_number));
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) -> Result<std::optional<Person>> {
        HEQI_TRY(const auto row,
                 transaction.find_row(select("WHERE id_number_mac = ?1"), base::ByteView(mac)));
        return row ? std::optional(person_of(*row)) : std::nullopt;
      });
}

Result<std::vector<Person>> Persons::find_by_email(std::string_view email) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<std::vector<Person>> {
    HEQI_TRY(const auto rows, transaction.query(select("WHERE email = ?1 ORDER BY created_at, "
                                                       "person_id LIMIT 100"),
                                                lower_case(email)));
    std::vector<Person> persons;
    for (const sql::Row& row : rows) persons.push_back(person_of(row));
    return persons;
  });
}

Result<std::vector<Person>> Persons::list(std::size_t limit) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<std::vector<Person>> {
    HEQI_TRY(const auto rows,
             transaction.query(select("ORDER BY created_at, person_id LIMIT ?1"), limit));
    std::vector<Person> persons;
    for (const sql::Row& row : rows) persons.push_back(person_of(row));
    return persons;
  });
}

Result<bool> Persons::matches(const std::string& id, std::string_view id_number) {
  if (id_number.empty()) {
    HEQI_TRY(const Person person, get(id));
    return person.id_number_masked.empty();
  }
  HEQI_TRY(const auto found, find_by_id_number(id_number));
  return found && found->id == id;
}

Result<Person> Persons::set_state(const std::string& id, PersonState state) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Person> {
    HEQI_TRY(const Person person, get_in(transaction, id));
    const bool allowed =
        person.state == state ||
        (person.state == PersonState::verified && state == PersonState::suspended) ||
        (person.state == PersonState::suspended && state == PersonState::verified) ||
        (person.state != PersonState::cancelled && state == PersonState::cancelled);
    if (!allowed)
      return fail(Code::conflict, "a person that is " + std::string(to_text(person.state)) +
                                      " cannot become " + std::string(to_text(state)));
    HEQI_TRY(transaction.execute("UPDATE identity_persons SET state = ?2 WHERE person_id = ?1", id,
                                 to_text(state)));
    return get_in(transaction, id);
  });
}

}  // namespace heqi::services::identity
