// heqi device: a person's terminal beside heqi-device.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/pki/crl.h>
#include <heqi/x509/certificate.h>

#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "device_batch_command.h"
#include "device_connection.h"
#include "device_key_commands.h"
#include "device_verify_command.h"
#include "display_text.h"
#include "evidence_files.h"
#include "person_at_keyboard.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr Option kLink{"--link", "URL", "the link of the notice: https://host/s/…",
                       "通知中的链接：https://主机/s/…", Need::required};
constexpr Option kLinkCode{"--code", "CODE",
                           "the one-time code of the link; without it one is sent",
                           "链接的验证码；不填则发送一个"};

constexpr std::array kStatusOptions{
    kSocket,
    Option{"--certificate", "FILE", "write the person's certificate (PEM), such as for seal make",
           "导出个人证书（PEM）"},
    kJson};
constexpr std::array kEnrolOptions{
    kSocket,
    kServer,
    Option{"--code", "CODE", "the code of the notice", "通知中的授权码", Need::required},
    kPinFile,
    kPinStdin,
    kFactorsFile,
    kTrust,
    kWait,
    kJson};
constexpr Option kDespite{"--despite", "NAME[,NAME]",
                          "sign a PDF that shows otherwise elsewhere: names as heqi pdf lint tells "
                          "them",
                          "仍签署检查不通过的 PDF：填 heqi pdf lint 所列名称"};
constexpr std::array kNextOptions{
    kSocket,
    kServer,
    Option{"--sign", "", "sign it (asks for the PIN)", "签署（需要输入 PIN）"},
    kDespite,
    kPinFile,
    kPinStdin,
    kFactorsFile,
    kTrust,
    kWait,
    kJson};
constexpr std::array kSignOptions{
    kSocket,
    kLink,
    Option{"--server", "URL", "the platform, where it is not the link's host",
           "平台地址（与链接主机不同时）"},
    Option{"--save", "FILE", "keep the document that is to be signed (needs --code)",
           "保存待签文件（需要 --code）"},
    kLinkCode,
    kDespite,
    kPinFile,
    kPinStdin,
    kFactorsFile,
    kTrust,
    kWait,
    kJson};
constexpr std::array kKeyOptions{kSocket,      kServer, kPinFile, kPinStdin,
                                 kFactorsFile, kTrust,  kWait,    kJson};
constexpr std::array kChangePinOptions{
    kSocket,
    kServer,
    kPinFile,
    kPinStdin,
    Option{"--new-pin-file", "FILE", "read the new PIN from a file (first line)",
           "从文件第一行读取新 PIN"},
    kFactorsFile,
    Option{"--new-factors-file", "FILE", "the same for the new PIN, where it is another file",
           "新 PIN 对应的要素文件（与前者不同时）"},
    kTrust,
    kWait,
    kJson};
constexpr Option kWhy{"--why", "REASON",
                      "key_compromise, affiliation_changed, cessation_of_operation, "
                      "privilege_withdrawn or unspecified",
                      "吊销原因：key_compromise 等（RFC 5280）", Need::required};
constexpr std::array kRevokeOptions{kSocket,   kServer, kWhy,  kPinFile,
                                    kPinStdin, kTrust,  kWait, kJson};
constexpr std::array kUpdateOptions{
    kSocket,  kServer,   Option{"--decline", "", "keep the old certificate", "保留旧证书，不更新"},
    kPinFile, kPinStdin, kTrust,
    kWait,    kJson};
constexpr std::array kUnbindOptions{kSocket,
                                    kServer,
                                    Option{"--end-the-key", "", "yes, end the key on both sides",
                                           "确认在两端终止密钥", Need::required},
                                    kTrust,
                                    kWait,
                                    kJson};
constexpr std::array kCancelOptions{kSocket, kServer, kTrust, kJson};
constexpr std::array kDeclineOptions{kLink,
                                     Option{"--reason", "TEXT", "why; the other parties read it",
                                            "拒签理由，其他各方可见", Need::required},
                                     kLinkCode, kTrust, kJson};
constexpr std::array kRetireOptions{
    kSocket,
    Option{"--erase-for-ever", "", "yes, erase the keys", "确认永久删除密钥", Need::required},
    kJson};

// All options that have a value, for finding the sub-command among them.
constexpr std::array kValued{kSocket,
                             kServer,
                             kLink,
                             kTrust,
                             kPinFile,
                             kFactorsFile,
                             kWait,
                             kDespite,
                             Option{"--certificate", "FILE", "", ""},
                             Option{"--code", "CODE", "", ""},
                             Option{"--leave-out", "TRANSACTION", "", ""},
                             Option{"--save", "FILE", "", ""},
                             Option{"--new-pin-file", "FILE", "", ""},
                             Option{"--new-factors-file", "FILE", "", ""},
                             Option{"--reason", "TEXT", "", ""},
                             kWhy,
                             Option{"--name", "NAME", "", ""},
                             Option{"--subject", "NAME", "", ""},
                             Option{"--organization", "NAME", "", ""},
                             Option{"--out", "FILE", "", ""},
                             Option{"--roots", "DIR_or_FILE", "", ""},
                             kCertificatesOption,
                             kCrlOption,
                             kOcspOption,
                             kStatusOption};

std::string_view stage_text(device::Stage stage) {
  switch (stage) {
    case device::Stage::empty:
      return "empty";
    case device::Stage::initialised:
      return "initialised";
    case device::Stage::registered:
      return "registered";
    case device::Stage::keyed:
      return "keyed";
    case device::Stage::enrolled:
      return "enrolled";
    case device::Stage::stopped:
      return "stopped";
    case device::Stage::retired:
      return "retired";
  }
  return "unknown";
}

void print_json(const base::JsonWriter& json) {
  std::fprintf(stdout, "%s\n", json.str().c_str());
}

int print_outcome(const Arguments& arguments, const Outcome& outcome) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("outcome", outcome.what);
    if (outcome.display) write_display(json.key("display"), *outcome.display);
    json.end_object();
    print_json(json);
  } else if (outcome.what == "signed") {
    std::puts("signed / 已签署");
  } else if (outcome.what == "certificate_installed") {
    std::puts("enrolled: the certificate is installed / 已开通：证书已安装");
  } else if (outcome.what == "cancelled") {
    std::puts("cancelled, nothing was signed / 已取消，未签署任何内容");
  } else if (outcome.what == "pin_changed") {
    std::puts("the PIN is changed / PIN 已修改");
  } else if (outcome.what == "refreshed") {
    std::puts("the shares of the key are new / 密钥分量已更新");
  } else if (outcome.what == "unbound") {
    std::puts("unbound: the key is ended on both sides / 已解绑：密钥已在两端终止");
  } else if (outcome.what == "certificate_revoked") {
    std::puts("revoked: the certificate and its key are erased / 已吊销：证书与密钥已删除");
  } else if (outcome.what == "revocation_asked") {
    std::puts("the authority was asked to revoke / 已提交吊销请求");
  } else if (outcome.what == "certificate_updated") {
    std::puts("updated: a new certificate with a new key / 已更新：新证书与新密钥");
  } else if (outcome.what == "declined") {
    std::puts("declined: the certificate stays / 已拒绝：证书保持有效");
  } else if (outcome.what == "idle") {
    std::puts("nothing waits / 没有待处理的事项");
  } else {
    std::puts(outcome.what.c_str());
  }
  return outcome.what == "cancelled" ? kExitRefused : kExitDone;
}

// factors: what the key asks for beside the PIN; empty where it is the PIN alone, or not known.
Result<int> print_information(const Arguments& arguments, const device::Information& information,
                              const std::string& factors = {}) {
  std::string holder, until;
  if (!information.certificate.empty()) {
    HEQI_TRY(const auto certificate, x509::parse_certificate(information.certificate));
    holder = certificate.subject().text();
    until = base::to_rfc3339(certificate.not_after());
  }
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object()
        .field("stage", stage_text(information.stage))
        .field("application", information.app_id)
        .field("platform", information.platform_id)
        .field("key", information.key_id)
        .field("certificate", base::to_base64(information.certificate))
        .field("holder", holder)
        .field("factors", factors)
        .field("waiting", information.waiting_transaction)
        .field("stop_reason", information.stop_reason)
        .end_object();
    print_json(json);
    return kExitDone;
  }
  print_line(stdout, "stage / 阶段         ", std::string(stage_text(information.stage)));
  if (!information.key_id.empty())
    print_line(stdout, "key / 密钥           ", printable(information.key_id));
  if (!holder.empty()) {
    print_line(stdout, "holder / 持有人      ", printable(holder));
    print_line(stdout, "valid until / 有效期至  ", until);
  }
  if (!factors.empty()) print_line(stdout, "factors / 要素       ", factors);
  if (!information.waiting_transaction.empty())
    print_line(stdout, "waiting / 待确认     ", printable(information.waiting_transaction));
  if (!information.stop_reason.empty())
    print_line(stdout, "stopped / 停用原因   ", printable(information.stop_reason));
  return kExitDone;
}

// factors_of asks a device with a module around it; others take a PIN.
std::string factors_of(terminal::TerminalClient& device) {
  const auto status = device.status();
  return status && status->factors != device::kPinAlone ? device::factor_names(status->factors)
                                                        : std::string();
}

Result<int> status(const Arguments& arguments) {
  HEQI_TRY(auto device, terminal::TerminalClient::connect(arguments.get("--socket")));
  HEQI_TRY(const device::Information information, device.information());
  if (const auto file = arguments.find("--certificate")) {
    if (information.certificate.empty())
      return base::fail(Code::not_found, "the device has no certificate; heqi device enrol");
    HEQI_TRY(const auto certificate, x509::parse_certificate(information.certificate));
    HEQI_TRY(base::write_file(*file, base::bytes_of(x509::to_pem(certificate))));
  }
  return print_information(arguments, information, factors_of(device));
}

Result<int> enrol(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome, connection->terminal->enrol(arguments.get("--code"), person));
  return print_outcome(arguments, outcome);
}

Result<int> next(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  if (arguments.has("--sign")) {
    PersonAtKeyboard person(arguments);
    HEQI_TRY(const Outcome outcome, connection->terminal->finish(person));
    return print_outcome(arguments, outcome);
  }
  HEQI_TRY(const auto display, connection->terminal->look());
  if (!display) return print_outcome(arguments, {"idle", {}});
  if (arguments.has("--json")) return print_outcome(arguments, {"waiting", display});
  print_display(*display);
  return kExitDone;
}

Result<int> sign(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  const std::string link = arguments.get("--link");
  if (const auto file = arguments.find("--save")) {
    HEQI_TRY(const base::Bytes document,
             fetch_document(*connection->fetch, link, arguments.get("--code")));
    HEQI_TRY(base::write_file(*file, document));
  }
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome, connection->terminal->sign(link, person));
  return print_outcome(arguments, outcome);
}

Result<int> cancel(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  HEQI_TRY(const device::Information information, connection->device->information());
  if (information.waiting_transaction.empty()) return print_outcome(arguments, {"idle", {}});
  HEQI_TRY(Outcome outcome, connection->terminal->cancel(information.waiting_transaction));
  print_outcome(arguments, outcome);
  return kExitDone;
}

Result<int> decline(const Arguments& arguments) {
  HEQI_TRY(const auto fetch, make_fetch(arguments));
  HEQI_TRY(decline_invitation(*fetch, arguments.get("--link"), arguments.get("--code"),
                              arguments.get("--reason")));
  if (arguments.has("--json"))
    std::puts("{\"outcome\":\"declined\"}");
  else
    std::puts("declined / 已拒签");
  return kExitDone;
}

Result<int> change_pin(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome, connection->terminal->change_pin(person));
  return print_outcome(arguments, outcome);
}

Result<int> refresh(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome, connection->terminal->refresh_shares(person));
  return print_outcome(arguments, outcome);
}

Result<int> update(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome, arguments.has("--decline")
                                      ? connection->terminal->decline_update()
                                      : connection->terminal->update_certificate(person));
  return print_outcome(arguments, outcome);
}

Result<int> parse_why(std::string_view text) {
  using pki::RevocationReason;
  for (const RevocationReason one :
       {RevocationReason::unspecified, RevocationReason::key_compromise,
        RevocationReason::affiliation_changed, RevocationReason::cessation_of_operation,
        RevocationReason::privilege_withdrawn})
    if (pki::name_of(one) == text) return static_cast<int>(one);
  return base::fail(Code::malformed,
                    "--why " + std::string(text) +
                        ": say key_compromise, affiliation_changed, "
                        "cessation_of_operation, privilege_withdrawn or unspecified");
}

Result<int> revoke(const Arguments& arguments) {
  HEQI_TRY(const int why, parse_why(arguments.get("--why")));
  HEQI_TRY(const auto connection, connect(arguments));
  PersonAtKeyboard person(arguments);
  HEQI_TRY(const Outcome outcome, connection->terminal->revoke_certificate(why, person));
  return print_outcome(arguments, outcome);
}

Result<int> unbind(const Arguments& arguments) {
  HEQI_TRY(const auto connection, connect(arguments));
  HEQI_TRY(const Outcome outcome, connection->terminal->unbind());
  return print_outcome(arguments, outcome);
}

Result<int> retire(const Arguments& arguments) {
  HEQI_TRY(auto device, terminal::TerminalClient::connect(arguments.get("--socket")));
  HEQI_TRY(const device::Information information, device.retire());
  return print_information(arguments, information);
}

struct Command {
  std::string_view name;
  Syntax syntax;
  Result<int> (*run)(const Arguments&);
};

const std::array kCommands{
    Command{"status",
            {"heqi device status", "", 0, 0, "Says what the device holds and what it waits for.",
             "显示设备的状态。", kStatusOptions},
            status},
    Command{"enrol",
            {"heqi device enrol", "", 0, 0,
             "Makes the person's key together with the key centre and gets a certificate for it.",
             "与密钥中心共同生成个人密钥，并申请证书。", kEnrolOptions},
            enrol},
    Command{"next",
            {"heqi device next", "", 0, 0, "Shows what waits for the person; --sign signs it.",
             "显示待处理的事项；--sign 签署。", kNextOptions},
            next},
    Command{"poll", {"heqi device poll", "", 0, 0, "Is next.", "同 next。", kNextOptions}, next},
    Command{"sign",
            {"heqi device sign", "", 0, 0,
             "Asks for the document of a link, shows what the device found in it, and signs.",
             "请求链接所指的文件，显示设备核对的内容，然后签署。", kSignOptions},
            sign},
    Command{"batch", kBatchSyntax, sign_batch},
    Command{"cancel",
            {"heqi device cancel", "", 0, 0, "Refuses what is displayed; the platform is told.",
             "取消当前待确认的签署，并通知平台。", kCancelOptions},
            cancel},
    Command{"decline",
            {"heqi device decline", "", 0, 0, "Refuses for good to sign the contract of a link.",
             "拒签链接所指的合同，不可撤回。", kDeclineOptions},
            decline},
    Command{"change-pin",
            {"heqi device change-pin", "", 0, 0,
             "Changes the PIN; the key centre finds the old one right first.",
             "修改 PIN；密钥中心先核对旧 PIN。", kChangePinOptions},
            change_pin},
    Command{"refresh",
            {"heqi device refresh", "", 0, 0,
             "Makes both shares of the key anew; copies of the old ones are of no use.",
             "更新密钥的两个分量，旧分量的副本随即失效。", kKeyOptions},
            refresh},
    Command{"make-key", kMakeKeySyntax, make_key},
    Command{"keys", kKeysSyntax, list_keys},
    Command{"request", kRequestSyntax, request_certificate},
    Command{"end-key", kEndKeySyntax, end_key},
    Command{"verify", kDeviceVerifySyntax, verify_in_device},
    Command{
        "update",
        {"heqi device update", "", 0, 0,
         "Replaces a certificate that nears its end, and its key, where the service proposed it.",
         "按服务的提议更新即将到期的证书及其密钥。", kUpdateOptions},
        update},
    Command{"revoke",
            {"heqi device revoke", "", 0, 0,
             "Has the certificate revoked and its key erased; enrol anew afterwards.",
             "吊销证书并删除其密钥，之后可重新开通。", kRevokeOptions},
            revoke},
    Command{"unbind",
            {"heqi device unbind", "", 0, 0, "Ends the key on both sides; enrol anew afterwards.",
             "在两端终止密钥，之后可重新开通。", kUnbindOptions},
            unbind},
    Command{"retire",
            {"heqi device retire", "", 0, 0, "Erases the device's keys for ever.",
             "永久删除设备中的密钥。", kRetireOptions},
            retire}};

std::string list_commands() {
  std::string out =
      "heqi device COMMAND --socket PATH [OPTION…]\n\n"
      "A person's terminal: it carries the messages of heqi-device, shows what the device "
      "displays\n"
      "and hands it the PIN.\n个人签名终端：传递 heqi-device 的消息，显示设备核对的内容，转交 "
      "PIN。\n\n";
  for (const Command& command : kCommands) {
    std::string left = "  " + std::string(command.name);
    left.resize(12, ' ');
    out += left + std::string(command.syntax.english) + "\n" + std::string(12, ' ') +
           std::string(command.syntax.chinese) + "\n";
  }
  return out + "\nheqi device COMMAND --help tells more.\n";
}

}  // namespace

int run_device(CommandLine arguments) {
  const Chosen chosen = choose_command(kValued, arguments);
  if (chosen.command.empty()) {
    const bool asks = !chosen.rest.empty() && chosen.rest.front() == "--help";
    std::fputs(list_commands().c_str(), asks ? stdout : stderr);
    return asks ? kExitDone : kExitUsage;
  }
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) {
    if (command.name == chosen.command)
      return run_command(command.syntax, chosen.rest, command.run);
    names.push_back(command.name);
  }
  const std::string_view near = nearest(chosen.command, names);
  print_usage_error("heqi device",
                    "no command " + std::string(chosen.command) +
                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
  return kExitUsage;
}

}  // namespace heqi::program
