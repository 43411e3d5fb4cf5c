#include <heqi/keys/administration.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace heqi::keys {
namespace {

using base::Code;
using base::Result;

constexpr std::size_t kTextMax = 256, kLinesMax = 10'000;
constexpr std::size_t kPageMax = std::size_t{3} << 20;
constexpr std::string_view kActNames[] = {
    "sign_in",     "sign_out",   "change_password", "attest_host",  "list_keys",
    "disable_key", "unlock_key", "list_acts",       "renew_master", "wipe_device",
    "delete_key",  "back_up",    "restore"};
static_assert(std::size(kActNames) == static_cast<std::size_t>(kLastAct));

base::Bytes sequence(const asn1::Writer::Inner& inner) {
  asn1::Writer out;
  out.sequence(inner);
  return out.take();
}

Result<asn1::Reader> whole_sequence(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  return inner;
}

Result<std::string> text_of(asn1::Reader& in, std::size_t size_max = kTextMax) {
  HEQI_TRY(std::string text, in.utf8_string());
  if (text.size() > size_max) return base::fail(Code::limit_exceeded, "a text is too long");
  return text;
}

Result<base::SecretBytes> secret_of(asn1::Reader& in) {
  HEQI_TRY(const base::ByteView octets, in.octet_string());
  if (octets.size() > kAdministratorPasswordMax)
    return base::fail(Code::limit_exceeded, "a password of 256 octets");
  return base::SecretBytes::copy_of(octets);
}

Result<base::Bytes> page_of(asn1::Reader& in) {
  HEQI_TRY(const base::ByteView octets, in.octet_string());
  if (octets.size() > kPageMax) return base::fail(Code::limit_exceeded, "a page of 3 MiB");
  return base::to_bytes(octets);
}

}  // namespace

device::ModuleService service_of(Act act) {
  switch (act) {
    case Act::list_keys:
    case Act::disable_key:
    case Act::unlock_key:
    case Act::wipe_device:
    case Act::delete_key:
    case Act::back_up:
    case Act::restore:
      return device::ModuleService::manage_server_keys;
    default:
      return device::ModuleService::initialise_server;
  }
}

std::string_view name_of(Act act) {
  return kActNames[static_cast<int>(act) - 1];
}

base::SecretBytes encode_administration(const Administration& asked) {
  base::Bytes der = sequence([&](asn1::Writer& w) {
    w.enumerated(static_cast<int>(asked.act)).octet_string(asked.token.expose());
    w.utf8_string(asked.subject).utf8_string(asked.reason);
    w.octet_string(asked.secret.expose()).octet_string(asked.new_secret.expose());
    w.octet_string(asked.content);
  });
  base::SecretBytes out = base::SecretBytes::copy_of(der);
  base::secure_wipe(der.data(), der.size());
  return out;
}

Result<Administration> parse_administration(base::ByteView der) {
  HEQI_TRY(asn1::Reader in, whole_sequence(der));
  Administration asked;
  HEQI_TRY(const std::int64_t act, in.enumerated());
  if (act < 1 || act > static_cast<int>(kLastAct))
    return base::fail(Code::unsupported, "administrative act " + std::to_string(act));
  asked.act = static_cast<Act>(act);
  HEQI_TRY(asked.token, secret_of(in));
  HEQI_TRY(asked.subject, text_of(in));
  HEQI_TRY(asked.reason, text_of(in));
  HEQI_TRY(asked.secret, secret_of(in));
  HEQI_TRY(asked.new_secret, secret_of(in));
  HEQI_TRY(asked.content, page_of(in));
  HEQI_TRY(in.finish());
  return asked;
}

base::Bytes encode_key_lines(const std::vector<KeyLine>& lines) {
  return sequence([&](asn1::Writer& list) {
    for (const KeyLine& line : lines)
      list.sequence([&](asn1::Writer& w) {
        w.utf8_string(line.key_id).utf8_string(line.device_id).utf8_string(line.state);
        w.integer(line.epoch).integer(line.failures);
      });
  });
}

Result<std::vector<KeyLine>> parse_key_lines(base::ByteView der) {
  HEQI_TRY(asn1::Reader list, whole_sequence(der));
  std::vector<KeyLine> out;
  while (!list.at_end()) {
    if (out.size() == kLinesMax) return base::fail(Code::limit_exceeded, "lines of keys");
    HEQI_TRY(asn1::Reader in, list.sequence());
    KeyLine line;
    HEQI_TRY(line.key_id, text_of(in));
    HEQI_TRY(line.device_id, text_of(in));
    HEQI_TRY(line.state, text_of(in));
    HEQI_TRY(line.epoch, in.small_integer());
    HEQI_TRY(line.failures, in.small_integer());
    HEQI_TRY(in.finish());
    out.push_back(std::move(line));
  }
  return out;
}

base::Bytes encode_backup_page(const BackupPage& page) {
  return sequence([&](asn1::Writer& w) { w.octet_string(page.sealed).utf8_string(page.next); });
}

Result<BackupPage> parse_backup_page(base::ByteView der) {
  HEQI_TRY(asn1::Reader in, whole_sequence(der));
  BackupPage page;
  HEQI_TRY(page.sealed, page_of(in));
  HEQI_TRY(page.next, text_of(in));
  HEQI_TRY(in.finish());
  return page;
}

base::Bytes encode_restored(const Restored& restored) {
  return sequence([&](asn1::Writer& w) { w.integer(restored.keys).integer(restored.known); });
}

Result<Restored> parse_restored(base::ByteView der) {
  HEQI_TRY(asn1::Reader in, whole_sequence(der));
  Restored restored;
  HEQI_TRY(restored.keys, in.small_integer());
  HEQI_TRY(restored.known, in.small_integer());
  HEQI_TRY(in.finish());
  return restored;
}

base::Bytes encode_acts(const std::vector<RecordedAct>& acts) {
  return sequence([&](asn1::Writer& list) {
    for (const RecordedAct& act : acts)
      list.sequence([&](asn1::Writer& w) {
        w.integer(base::micros(act.at)).enumerated(static_cast<int>(act.role));
        w.utf8_string(act.act).utf8_string(act.subject).utf8_string(act.outcome);
      });
  });
}

Result<std::vector<RecordedAct>> parse_acts(base::ByteView der) {
  HEQI_TRY(asn1::Reader list, whole_sequence(der));
  std::vector<RecordedAct> out;
  while (!list.at_end()) {
    if (out.size() == kLinesMax) return base::fail(Code::limit_exceeded, "lines of acts");
    HEQI_TRY(asn1::Reader in, list.sequence());
    RecordedAct act;
    HEQI_TRY(const std::int64_t at, in.small_integer());
    HEQI_TRY(const std::int64_t role, in.enumerated());
    act.at = base::time_from_micros(at);
    act.role = role == 1 ? device::Role::administrator : device::Role::user;
    HEQI_TRY(act.act, text_of(in));
    HEQI_TRY(act.subject, text_of(in, 2 * kTextMax + 2));  // subject and reason
    HEQI_TRY(act.outcome, text_of(in));
    HEQI_TRY(in.finish());
    out.push_back(std::move(act));
  }
  return out;
}

}  // namespace heqi::keys
