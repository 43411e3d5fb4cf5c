// The ID number that a person states for themselves: it is theirs once the provider has confirmed
// it, and until then it stands in nobody's way for long.
#include <heqi/services/identity/person.h>

#include <heqi/services/identity/verification.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Status;

// end_checks ends what the provider was asked about an earlier number: its answer is not about the
// next one.
Status end_checks(sql::Transaction& transaction, const std::string& person_id) {
  HEQI_TRY(
      transaction.execute("UPDATE identity_verifications SET state = 'expired' "
                          "WHERE person_id = ?1 AND state = 'started'",
                          person_id));
  return {};
}

}  // namespace

Status Persons::release_old_claim(sql::Transaction& transaction, base::ByteView mac) {
  HEQI_TRY(const auto row,
           transaction.find_row("SELECT person_id FROM identity_persons WHERE id_number_mac = ?1 "
                                "AND claimed_at <= ?2",
                                mac, clock_.now() - kVerificationTime));
  return row ? release_claim(transaction, row->text(0)) : Status();
}

Status Persons::claim_id_number(const std::string& id, std::string_view id_number) {
  HEQI_TRY(check_id_number(id_number));
  HEQI_TRY(const crypto::Digest mac, mac_of(id_number));
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(const Person person, get_in(transaction, id));
    if (!person.id_number_masked.empty() && !person.has_claimed_number)
      return fail(Code::conflict, "the person has an ID number");
    HEQI_TRY(release_old_claim(transaction, mac));
    HEQI_TRY(const auto taken, transaction.find_row("SELECT person_id FROM identity_persons "
                                                    "WHERE id_number_mac = ?1 AND person_id != ?2",
                                                    base::ByteView(mac), id));
    if (taken) return fail(Code::conflict, "the ID number is another person's");
    HEQI_TRY(end_checks(transaction, id));
    HEQI_TRY(
        transaction.execute("UPDATE identity_persons SET id_number_mac = ?2, id_number_masked = "
                            "?3, claimed_at = ?4 WHERE person_id = ?1",
                            id, base::ByteView(mac), mask_id_number(id_number), clock_.now()));
    return {};
  });
}

Status Persons::release_claim(sql::Transaction& transaction, const std::string& id) {
  HEQI_TRY(const crypto::Digest none, mac_of_nothing(id));
  HEQI_TRY(const std::int64_t released,
           transaction.execute(
               "UPDATE identity_persons SET id_number_mac = ?2, id_number_masked = '', claimed_at "
               "= NULL WHERE person_id = ?1 AND claimed_at IS NOT NULL",
               id, base::ByteView(none)));
  return released == 0 ? Status() : end_checks(transaction, id);
}

Status Persons::release_claim(const std::string& id) {
  return database_.with_transaction(
      [&](sql::Transaction& transaction) { return release_claim(transaction, id); });
}

}  // namespace heqi::services::identity
