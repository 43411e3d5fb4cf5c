#include <heqi/services/mobile/acceptances.h>

#include <heqi/base/constant_time.h>
#include <heqi/base/text.h>
#include <heqi/x509/name.h>

namespace heqi::services::mobile {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kOpen = "open", kUsed = "used", kVoid = "void";
// Without 0, 1, I, L, O and U: codes are read aloud and typed.
constexpr std::string_view kAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCodeSize = 16;  // 78 bits: HMAC under it cannot be searched off-line

Result<std::string> draw_code(base::Random& random) {
  std::string code;
  while (code.size() < kCodeSize) {
    HEQI_TRY(const base::Bytes octet, base::random_bytes(random, 1));
    // 240 is eight times the alphabet: beyond it, the first characters would be more likely.
    if (octet[0] < 240) code.push_back(kAlphabet[octet[0] % kAlphabet.size()]);
  }
  return code;
}

// bind_device binds the MSD to the person, for good: whoever has it afterwards is no one else.
base::Status bind_device(sql::Transaction& tx, const Acceptance& acceptance, base::Time now) {
  HEQI_TRY(
      tx.execute("INSERT INTO mobile_devices (service, device, person, bound_at) "
                 "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (service, device) DO NOTHING",
                 acceptance.service, acceptance.device, acceptance.user, now));
  HEQI_TRY(const sql::Row row,
           tx.get_row("SELECT person FROM mobile_devices WHERE service = ?1 AND device = ?2",
                      acceptance.service, acceptance.device));
  if (row.text(0) != acceptance.user)
    return base::fail(Code::conflict, "this MSD is bound to somebody else");
  return {};
}

}  // namespace

Result<std::string> Acceptances::accept(const Acceptance& a) {
  if (a.id.empty() || a.user.empty() || a.device.empty() || a.officer.empty())
    return base::fail(Code::malformed, "id, user, device and officer have to be stated");
  HEQI_TRY(x509::Name::parse(a.subject));
  HEQI_TRY(std::string code, draw_code(random_));
  const crypto::Digest key = code_key(a.id, code);
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(connections_.check_active(tx, a.service));
    HEQI_TRY(bind_device(tx, a, clock_.now()));
    HEQI_TRY(
        const std::int64_t added,
        tx.execute("INSERT INTO mobile_acceptances (id, service, person, device, subject, "
                   "officer, code_key, tries, code_state, expires_at, accepted_at) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10) "
                   "ON CONFLICT (id) DO NOTHING",
                   a.id, a.service, a.user, a.device, a.subject, a.officer, base::ByteView(key),
                   kOpen, clock_.now() + kAcceptanceLifetime, clock_.now()));
    if (added == 0) return base::fail(Code::conflict, "this acceptance is there already");
    return {};
  });
  HEQI_TRY(kept);
  log_.info("mobile.accepted",
            {{"acceptance", a.id}, {"service", a.service}, {"officer", a.officer}});
  return code;
}

Result<Acceptance> Acceptances::get(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const sql::Row row,
           tx.get_row("SELECT service, person, device, subject, officer FROM mobile_acceptances "
                      "WHERE id = ?1",
                      id));
  return Acceptance{.id = id,
                    .service = row.text(0),
                    .user = row.text(1),
                    .device = row.text(2),
                    .subject = row.bytes(3),
                    .officer = row.text(4)};
}

Result<Acceptances::Verdict> Acceptances::judge(sql::Transaction& tx, const std::string& id,
                                                std::string_view flow, base::ByteView csr,
                                                base::ByteView proof) {
  HEQI_TRY(const sql::Row row,
           tx.get_row("SELECT code_key, tries, code_state, expires_at FROM mobile_acceptances "
                      "WHERE id = ?1 {for_update}",
                      id));
  if (row.text(2) != kOpen || clock_.now() >= row.time(3)) return Verdict::code_void;
  if (base::ct::declassified(base::ct::equal_bytes(proof, proof_of_code(row.bytes(0), flow, csr))))
    return Verdict::right;
  const std::int64_t tries = row.int64(1) + 1;
  const bool over = tries >= kProofTriesMax;
  HEQI_TRY(tx.execute("UPDATE mobile_acceptances SET tries = ?2, code_state = ?3 WHERE id = ?1", id,
                      tries, over ? kVoid : kOpen));
  log_.warning("mobile.code_refused", {{"acceptance", id}, {"tries", tries}});
  return over ? Verdict::code_void : Verdict::wrong;
}

base::Status Acceptances::spend(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(tx.execute("UPDATE mobile_acceptances SET code_state = ?2 WHERE id = ?1", id, kUsed));
  return {};
}

}  // namespace heqi::services::mobile
