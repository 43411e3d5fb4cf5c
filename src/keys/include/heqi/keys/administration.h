// heqi/keys/administration.h: what the administrator asks of the key centre and what it answers, in
// DER, as the body of Operation::administer. No act has a key in the clear as argument or answer.
#pragma once
#include <heqi/keys/act_record.h>
#include <heqi/keys/administrator.h>
#include <heqi/keys/module_protocol.h>

namespace heqi::keys {

enum class Act : int {
  sign_in = 1,          // secret: the password → token
  sign_out = 2,         // token
  change_password = 3,  // token, secret: old, new_secret
  attest_host = 4,      // token, subject: who vouches for the host's physical protection (§12 c)
  list_keys = 5,        // token → KeyLine list
  disable_key = 6,      // token, subject: key id
  unlock_key = 7,       // token, subject: key id, reason: the fresh proof of identity
  list_acts = 8,        // token → RecordedAct list
  renew_master = 9,     // token: keys come under the new version with their next refresh
  wipe_device = 10,     // token, subject: device id; for one that is lost
  delete_key = 11,      // token, subject: key id; disabled before, and its end told
  back_up = 12,         // token, subject: cursor, empty at the beginning → BackupPage
  restore = 13,         // token, content: a page of a backup → Restored
};
inline constexpr Act kLastAct = Act::restore;
// service_of is the line of table 1 that an act belongs to.
device::ModuleService service_of(Act act);
std::string_view name_of(Act act);

struct Administration {
  Act act = Act::sign_in;
  base::SecretBytes token = {};
  std::string subject = {}, reason = {};
  base::SecretBytes secret = {}, new_secret = {};
  base::Bytes content = {};
};
// encode_administration gives a secret: it may hold a password.
base::SecretBytes encode_administration(const Administration& asked);
base::Result<Administration> parse_administration(base::ByteView der);

struct KeyLine {
  std::string key_id, device_id, state;
  std::int64_t epoch = 0, failures = 0;
};
base::Bytes encode_key_lines(const std::vector<KeyLine>& lines);
base::Result<std::vector<KeyLine>> parse_key_lines(base::ByteView der);

// BackupPage is a part of a backup, sealed under the root wrapping key; next is the cursor of the
// part that follows, empty after the last.
struct BackupPage {
  base::Bytes sealed;
  std::string next;
};
base::Bytes encode_backup_page(const BackupPage& page);
base::Result<BackupPage> parse_backup_page(base::ByteView der);

// Restored says how many keys of a page are back, and how many were known here and left as they
// are.
struct Restored {
  std::int64_t keys = 0, known = 0;
};
base::Bytes encode_restored(const Restored& restored);
base::Result<Restored> parse_restored(base::ByteView der);

base::Bytes encode_acts(const std::vector<RecordedAct>& acts);
base::Result<std::vector<RecordedAct>> parse_acts(base::ByteView der);

}  // namespace heqi::keys
