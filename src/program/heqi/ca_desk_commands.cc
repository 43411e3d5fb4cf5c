// ca_desk_commands.cc: heqi ca apply, review, code, serve: the registration authority.
#include <array>
#include <cstdio>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/x509/oids.h>

#include "ca_office.h"
#include "ca_serve.h"
#include "certificate_desk.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kEvidenceFileMax = std::size_t{64} << 20;

constexpr std::array kApplyOptions{
    Option{"--id", "ID", "of the application, your choice", "申请编号", Need::required},
    Option{"--profile", "P", "person, organization, device, server or event", "证书模板",
           Need::required},
    Option{"--holder", "ID", "the holder's id in your records", "持有人编号", Need::required},
    Option{"--name", "NAME", "common name of the certificate", "证书通用名", Need::required},
    Option{"--organization", "NAME", "in the subject", "主体中的机构名称"},
    Option{"--dns", "NAMES", "with commas", "域名，逗号分隔"},
    Option{"--evidence", "FILE", "handwriting of an event; it is kept", "事件的手写证据文件"},
    Option{"--who", "NAME", "who applies", "申请人", Need::required},
    kJson};
constexpr std::array kReviewOptions{
    Option{"--id", "ID", "of the application; left out: what is waiting",
           "申请编号；省略则列出待审"},
    Option{"--who", "NAME", "the reviewer", "审核人"},
    Option{"--refuse", "REASON", "refuse it; left out: approve it", "拒绝并注明原因；省略则通过"},
    kJson};
constexpr std::array kCodeOptions{
    Option{"--id", "ID", "of the approved application", "已批准的申请编号", Need::required}, kJson};
constexpr std::array kServeOptions{
    Option{"--address", "A", "default 127.0.0.1", "监听地址，默认 127.0.0.1"},
    Option{"--port", "N", "of EST and ACME over TLS (default 8444)", "EST 与 ACME 的 TLS 端口"},
    Option{"--pki-port", "N", "of OCSP, CRL, time-stamps (default 8081)", "OCSP、CRL、时间戳端口"},
    Option{"--challenge-port", "N", "where ACME looks for challenges (default 80)",
           "ACME 验证端口，默认 80"},
    Option{"--challenge-addresses", "WHICH",
           "public (default) or any: whether ACME asks servers in private networks",
           "public（默认）或 any：是否允许向内网地址验证"},
    Option{"--names", "NAMES", "of this server, with commas (default localhost)",
           "本服务器名称，逗号分隔"},
    Option{"--time-source", "WHICH",
           "of time-stamps: kernel, ntp:HOST,HOST or system (default, for trials)",
           "时间戳的时间源：kernel、ntp:主机,主机 或 system（默认，仅供试用）"},
    kPassphraseFile,
    kPassphraseStdin};

// Counter is the registration authority of an office. No certificates are issued here.
struct Counter {
  std::unique_ptr<Office> office;
  std::unique_ptr<base::FileStore> evidence_files;
  std::optional<KeptEvidence> evidence;
  std::optional<RegisteredIssuer> issuer;
  std::optional<services::ra::Desk> desk;
};

Result<std::unique_ptr<Counter>> open_counter(const Arguments& arguments) {
  auto counter = std::make_unique<Counter>();
  HEQI_TRY(counter->office, open_office(arguments.operands()[0]));
  HEQI_TRY(counter->evidence_files, base::open_folder(arguments.operands()[0] + "/evidence"));
  Office& office = *counter->office;
  counter->evidence.emplace(*counter->evidence_files);
  counter->issuer.emplace(*office.authority);
  counter->desk.emplace(*office.database, *counter->issuer, *counter->evidence,
                        policies_of(office.profiles), office.randomness->clock,
                        *office.randomness->generator, office.log);
  return counter;
}

void print_state(const Arguments& arguments, const std::string& id, services::ra::State state) {
  const std::string_view word = services::ra::name_of(state);
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("id", id).field("state", word).end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s  %.*s\n", id.c_str(), static_cast<int>(word.size()), word.data());
}

Result<base::Bytes> subject_of(const Arguments& arguments) {
  std::vector<x509::Name::Wanted> wanted{{x509::oids::country(), "CN"}};
  if (const auto organization = arguments.find("--organization"))
    wanted.push_back({x509::oids::organization(), *organization});
  wanted.push_back({x509::oids::common_name(), arguments.get("--name")});
  HEQI_TRY(const x509::Name name, x509::Name::make(wanted));
  return base::to_bytes(name.der());
}

Result<int> apply(const Arguments& arguments) {
  HEQI_TRY(const auto counter, open_counter(arguments));
  services::ra::Application application{.id = arguments.get("--id"),
                                        .applicant = arguments.get("--who"),
                                        .holder = arguments.get("--holder"),
                                        .profile = arguments.get("--profile"),
                                        .subject = {},
                                        .names = {},
                                        .evidence = {}};
  HEQI_TRY(application.subject, subject_of(arguments));
  const std::string names = arguments.get("--dns");
  for (const std::string_view name : base::split(names, ','))
    if (!base::trim(name).empty()) application.names.emplace_back(base::trim(name));
  if (const auto path = arguments.find("--evidence")) {
    HEQI_TRY(const base::Bytes content, base::read_file(*path, kEvidenceFileMax));
    HEQI_TRY(base::Bytes digest, counter->evidence->keep(content));
    application.evidence.push_back({"handwritten_signature", std::move(digest)});
  }
  HEQI_TRY(const services::ra::State state, counter->desk->submit(application));
  print_state(arguments, application.id, state);
  return kExitDone;
}

Result<int> review(const Arguments& arguments) {
  HEQI_TRY(const auto counter, open_counter(arguments));
  const auto id = arguments.find("--id");
  if (!id) {
    HEQI_TRY(const std::vector<std::string> waiting, counter->desk->waiting());
    for (const std::string& one : waiting)
      print_state(arguments, one, services::ra::State::submitted);
    return kExitDone;
  }
  const auto reason = arguments.find("--refuse");
  HEQI_TRY(const services::ra::State state,
           reason ? counter->desk->refuse(*id, arguments.get("--who"), *reason)
                  : counter->desk->approve(*id, arguments.get("--who")));
  print_state(arguments, *id, state);
  return kExitDone;
}

Result<int> make_code(const Arguments& arguments) {
  HEQI_TRY(const auto counter, open_counter(arguments));
  HEQI_TRY(const std::string code, counter->desk->make_code(arguments.get("--id")));
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("code", code).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s\n", code.c_str());
  }
  return kExitDone;
}

constexpr std::array kCommands{
    CaCommand{"apply",
              {"heqi ca apply", "DIR", 1, 1,
               "Takes an application for a certificate; its profile says who reviews it.",
               "登记证书申请，由模板决定审核方式。", kApplyOptions},
              apply},
    CaCommand{"review",
              {"heqi ca review", "DIR", 1, 1, "Approves or refuses an application.",
               "审核证书申请。", kReviewOptions},
              review},
    CaCommand{
        "code",
        {"heqi ca code", "DIR", 1, 1, "Makes the authorisation code with which the holder enrols.",
         "生成持有人领取证书的授权码。", kCodeOptions},
        make_code},
    CaCommand{"serve",
              {"heqi ca serve", "DIR", 1, 1,
               "Serves EST, ACME, OCSP, CRLs and time-stamps until it is told to stop.",
               "提供 EST、ACME、OCSP、CRL 与时间戳服务。", kServeOptions},
              serve_ca}};

}  // namespace

std::span<const CaCommand> ca_desk_commands() {
  return kCommands;
}

}  // namespace heqi::program
