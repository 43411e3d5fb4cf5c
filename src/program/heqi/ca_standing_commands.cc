// ca_standing_commands.cc: heqi ca suspend, release, revoke, crl, find, kill-switch.
#include <array>
#include <cstdio>
#include <filesystem>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/services/ca/register.h>

#include "ca_office.h"
#include "configuration.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::array kSerialOptions{
    Option{"--serial", "HEX", "of the certificate", "证书序列号", Need::required}, kJson};
constexpr std::array kRevokeOptions{
    Option{"--serial", "HEX", "of the certificate", "证书序列号"},
    Option{"--issued-from", "TIME", "instead: all recorded from this time (RFC 3339)",
           "改为：自此时间起登记的全部证书"},
    Option{"--issued-to", "TIME", "instead: all recorded before this time", "改为：此时间之前登记"},
    Option{"--holder", "ID", "instead: all of this holder", "改为：该持有人的全部证书"},
    Option{"--reason", "NUMBER", "RFC 5280 §5.3.1, default 0; 1 is key compromise",
           "吊销原因代码，默认 0；1 为密钥泄露"},
    kPassphraseFile,
    kPassphraseStdin,
    kJson};
constexpr std::array kCrlOptions{
    Option{"--out", "FILE", "where the list goes (DER)", "CRL 输出文件（DER）", Need::required},
    Option{"--delta", "", "only what changed since the lists in force", "仅输出增量 CRL"},
    kPassphraseFile, kPassphraseStdin, kJson};
constexpr std::array kFindOptions{
    Option{"--issued-from", "TIME", "recorded from this time (RFC 3339)", "自此时间起登记"},
    Option{"--issued-to", "TIME", "recorded before this time", "此时间之前登记"},
    Option{"--holder", "ID", "of this holder", "持有人编号"},
    Option{"--subject", "TEXT", "with this in the subject", "主体名称包含"},
    Option{"--profile", "P", "of this profile", "证书模板"},
    Option{"--state", "S", "intended, issued, published, held or revoked", "证书状态"},
    Option{"--count", "", "only how many", "仅输出数量"},
    kJson};
constexpr std::array kSwitchOptions{
    Option{"--halt", "REASON", "stop all issuing at once", "立即停止签发，注明原因"},
    Option{"--release", "REASON", "let it go on", "恢复签发，注明原因"},
    Option{"--who", "NAME", "who turns the switch", "操作人"}, kJson};

// print_fact writes one line, or one JSON object.
void print_fact(const Arguments& arguments, std::string_view english, std::string_view chinese,
                std::string_view value) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field(english, value).end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%.*s / %.*s  %.*s\n", static_cast<int>(english.size()), english.data(),
              static_cast<int>(chinese.size()), chinese.data(), static_cast<int>(value.size()),
              value.data());
}

Result<std::optional<base::Time>> find_time(const Arguments& arguments, std::string_view name) {
  const auto text = arguments.find(name);
  if (!text) return std::optional<base::Time>();
  auto time = base::parse_rfc3339(*text);
  if (!time) return base::fail(Code::malformed, std::string(name) + ": not a time of RFC 3339");
  return std::optional(*time);
}

Result<services::ca::Query> read_query(const Arguments& arguments) {
  services::ca::Query query;
  HEQI_TRY(query.recorded_from, find_time(arguments, "--issued-from"));
  HEQI_TRY(query.recorded_to, find_time(arguments, "--issued-to"));
  query.holder = arguments.get("--holder");
  query.subject_part = arguments.get("--subject");
  query.state = arguments.get("--state");
  if (const auto profile = arguments.find("--profile")) {
    HEQI_TRY(query.profile, services::ca::parse_profile_name(*profile));
  }
  return query;
}

Result<pki::RevocationReason> read_reason(const Arguments& arguments) {
  const std::string number = arguments.find("--reason").value_or("0");
  if (number.empty() || number.size() > 2 ||
      number.find_first_not_of("0123456789") != std::string::npos)
    return base::fail(Code::malformed, "--reason: not a number of RFC 5280");
  return pki::parse_reason(std::stoi(number));
}

Result<int> revoke_one(const Arguments& arguments, Office& office, pki::RevocationReason reason) {
  HEQI_TRY(const base::Bytes serial, base::parse_hex(arguments.get("--serial")));
  HEQI_TRY(office.authority->revoke(serial, reason));
  const std::string_view words = pki::name_of(reason);
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("serial", base::to_hex(serial)).field("reason", words).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("revoked / 已吊销  %s (%.*s)\n", base::to_hex(serial).c_str(),
                static_cast<int>(words.size()), words.data());
  }
  return kExitDone;
}

Result<int> revoke(const Arguments& arguments) {
  HEQI_TRY(const pki::RevocationReason reason, read_reason(arguments));
  HEQI_TRY(const services::ca::Query query, read_query(arguments));
  const bool one = arguments.has("--serial");
  if (one == (query.recorded_from || query.recorded_to || !query.holder.empty()))
    return base::fail(Code::malformed,
                      "--serial, or which ones: --issued-from, --issued-to, "
                      "--holder");
  HEQI_TRY(const auto office, open_office_to_sign(arguments));
  if (one) return revoke_one(arguments, *office, reason);
  services::ca::Register books(*office->database, *office->authority, office->randomness->clock,
                               office->log);
  HEQI_TRY(const std::int64_t count, books.revoke_all(query, reason));
  print_fact(arguments, "revoked", "已吊销", std::to_string(count));
  return kExitDone;
}

Result<int> suspend(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes serial, base::parse_hex(arguments.get("--serial")));
  HEQI_TRY(const auto office, open_office(arguments.operands()[0]));
  HEQI_TRY(office->authority->suspend(serial));
  print_fact(arguments, "suspended", "已挂起", base::to_hex(serial));
  return kExitDone;
}

Result<int> release(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes serial, base::parse_hex(arguments.get("--serial")));
  HEQI_TRY(const auto office, open_office(arguments.operands()[0]));
  HEQI_TRY(office->authority->release(serial));
  print_fact(arguments, "released", "已恢复", base::to_hex(serial));
  return kExitDone;
}

Result<int> crl(const Arguments& arguments) {
  HEQI_TRY(const auto office, open_office_to_sign(arguments));
  HEQI_TRY(const base::Bytes list,
           arguments.has("--delta") ? office->authority->delta_crl() : office->authority->crl());
  HEQI_TRY(base::write_file(arguments.get("--out"), list));
  return kExitDone;
}

void print_entry(const Arguments& arguments, const services::ca::Entry& entry) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object()
        .field("serial", base::to_hex(entry.serial))
        .field("subject", entry.subject)
        .field("holder", entry.holder)
        .field("profile", services::ca::name_of(entry.profile))
        .field("state", entry.state)
        .field("recorded_at", base::to_rfc3339(entry.recorded_at))
        .end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s  %-9s  %s  %s\n", base::to_hex(entry.serial).c_str(), entry.state.c_str(),
              base::to_rfc3339(entry.recorded_at).c_str(), entry.subject.c_str());
}

Result<int> find(const Arguments& arguments) {
  HEQI_TRY(const services::ca::Query query, read_query(arguments));
  HEQI_TRY(const auto office, open_office(arguments.operands()[0]));
  services::ca::Register books(*office->database, *office->authority, office->randomness->clock,
                               office->log);
  if (arguments.has("--count")) {
    HEQI_TRY(const std::int64_t count, books.count(query));
    print_fact(arguments, "count", "数量", std::to_string(count));
    return kExitDone;
  }
  base::Bytes after;
  for (;;) {
    HEQI_TRY(const auto page, books.find(query, after, services::ca::kRegisterPageMax));
    for (const services::ca::Entry& entry : page) print_entry(arguments, entry);
    if (page.size() < services::ca::kRegisterPageMax) return kExitDone;
    after = page.back().serial;
  }
}

void print_event(const Arguments& arguments, const services::ca::KillSwitch::Event& event) {
  const bool halted = event.kind == services::ca::KillSwitch::Event::Kind::halted;
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object()
        .field("state", halted ? "halted" : "released")
        .field("who", event.who)
        .field("reason", event.reason)
        .field("at", base::to_rfc3339(event.at))
        .end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s  %s  %s: %s\n", halted ? "halted / 已停止" : "released / 已恢复",
              base::to_rfc3339(event.at).c_str(), event.who.c_str(), event.reason.c_str());
}

Result<int> turn(const Arguments& arguments, services::ca::KillSwitch& turned) {
  const std::string who = arguments.get("--who");
  if (arguments.has("--halt") && arguments.has("--release"))
    return base::fail(Code::malformed, "--halt or --release, not both");
  if (arguments.has("--halt")) {
    HEQI_TRY(turned.halt(who, arguments.get("--halt")));
  }
  if (arguments.has("--release")) {
    HEQI_TRY(turned.release(who, arguments.get("--release")));
  }
  HEQI_TRY(const auto events, turned.events());
  if (events.empty()) print_fact(arguments, "state", "状态", "never halted");
  if (!events.empty()) print_event(arguments, events.front());
  return kExitDone;
}

// turn_switch takes an authority's folder, or the configuration of a running platform: the switch
// is in its database, and every node reads it there.
Result<int> turn_switch(const Arguments& arguments) {
  const std::string place = arguments.operands()[0];
  std::error_code none;
  if (!std::filesystem::is_regular_file(place, none)) {
    HEQI_TRY(const auto office, open_office(place));
    return turn(arguments, office->authority->kill_switch());
  }
  HEQI_TRY(const Configuration configuration, read_configuration(place));
  HEQI_TRY(const auto database, sql::Database::open({.url = configuration.database}));
  const base::SystemClock clock;
  services::ca::KillSwitch turned(*database, services::ca::AuthorityOptions().id, clock);
  return turn(arguments, turned);
}

constexpr std::array kCommands{
    CaCommand{"suspend",
              {"heqi ca suspend", "DIR", 1, 1, "Puts a certificate on hold.", "挂起证书。",
               kSerialOptions},
              suspend},
    CaCommand{"release",
              {"heqi ca release", "DIR", 1, 1, "Ends the hold of a certificate.",
               "恢复挂起的证书。", kSerialOptions},
              release},
    CaCommand{"revoke",
              {"heqi ca revoke", "DIR", 1, 1,
               "Ends a certificate, or all of a time or holder; the next CRL tells.",
               "吊销一个或一批证书，下一份 CRL 随之公布。", kRevokeOptions},
              revoke},
    CaCommand{"crl",
              {"heqi ca crl", "DIR", 1, 1, "Writes the current revocation list.", "输出当前 CRL。",
               kCrlOptions},
              crl},
    CaCommand{"find",
              {"heqi ca find", "DIR", 1, 1, "Lists the certificates that match.",
               "列出符合条件的证书。", kFindOptions},
              find},
    CaCommand{"kill-switch",
              {"heqi ca kill-switch", "DIR|heqi.toml", 1, 1,
               "Stops all issuing at once, on every node, or lets it go on.",
               "在所有节点紧急停止或恢复签发。", kSwitchOptions},
              turn_switch}};

}  // namespace

std::span<const CaCommand> ca_standing_commands() {
  return kCommands;
}

}  // namespace heqi::program
