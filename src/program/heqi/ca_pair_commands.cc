// ca_pair_commands.cc: heqi ca pair, recover, transcript: encryption keys of the key management
// centre.
#include <array>
#include <cstdio>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/services/ca/register.h>
#include <heqi/services/kmc/centre.h>

#include "authority_desk.h"
#include "ca_office.h"
#include "external_kmc.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::array kPairOptions{
    Option{"--serial", "HEX", "of the holder's signature certificate", "签名证书序列号",
           Need::required},
    Option{"--out", "FILE",
           "the answer after GM/T 0092 (DER): both certificates and the wrapped key",
           "GM/T 0092 应答文件（DER）", Need::required},
    kPassphraseFile, kPassphraseStdin, kJson};
constexpr std::array kRecoverOptions{
    Option{"--ask", "KEY", "open a case for the key of this id", "申请恢复该编号的密钥"},
    Option{"--serial", "HEX", "with --ask: the new signature certificate of the holder",
           "配合 --ask：持有人新签名证书序列号"},
    Option{"--reason", "TEXT", "with --ask", "配合 --ask：原因"},
    Option{"--approve", "CASE", "one officer's word; two are needed", "一名审批员同意，需两人"},
    Option{"--deliver", "CASE", "the wrapped key of an approved case", "交付已批准的密钥"},
    Option{"--who", "NAME", "who asks or approves", "申请人或审批员"},
    Option{"--out", "FILE", "with --deliver: SM2EnvelopedKey (DER)", "配合 --deliver：输出文件"},
    kPassphraseFile,
    kPassphraseStdin,
    kJson};
constexpr std::array kTranscriptOptions{kJson};

// KeyOffice is an office with its own key management centre, and the one that it uses in its place
// where there is one. The parts are pointed to.
struct KeyOffice {
  std::unique_ptr<Office> office;
  std::optional<services::kmc::Centre> centre;
  std::unique_ptr<ConnectedKmc> external;

  services::kmc::EncryptionKeys& keys() {
    if (external) return external->keys();
    return *centre;
  }
};

Result<std::unique_ptr<KeyOffice>> open_key_office(const Arguments& arguments) {
  auto out = std::make_unique<KeyOffice>();
  HEQI_TRY(out->office, open_office_for_pairs(arguments));
  Office& office = *out->office;
  out->centre.emplace(*office.database, office.keys->vault(), office.randomness->clock,
                      *office.randomness->generator, office.log);
  const std::string settings = kmc_settings_path(arguments.operands()[0]);
  if (!settings.empty()) {
    HEQI_TRY(out->external, ConnectedKmc::open(settings, {office.keys->signer(1), *office.database,
                                                          office.randomness->clock,
                                                          *office.randomness->generator}));
  }
  return out;
}

Result<x509::Certificate> find_certificate(Office& office, const std::string& serial_text) {
  HEQI_TRY(const base::Bytes serial, base::parse_hex(serial_text));
  services::ca::Register books(*office.database, *office.authority, office.randomness->clock,
                               office.log);
  HEQI_TRY(const base::Bytes der, books.certificate(serial));
  return x509::parse_certificate(der);
}

void print_fact(const Arguments& arguments, const char* name, std::string_view value) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field(name, value).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s  %.*s\n", name, static_cast<int>(value.size()), value.data());
  }
}

Result<int> pair(const Arguments& arguments) {
  HEQI_TRY(const auto keys, open_key_office(arguments));
  Office& office = *keys->office;
  HEQI_TRY(const base::Bytes serial, base::parse_hex(arguments.get("--serial")));
  services::ca::Register books(*office.database, *office.authority, office.randomness->clock,
                               office.log);
  HEQI_TRY(const base::Bytes response,
           make_key_pair(*office.authority, books, keys->keys(), serial));
  HEQI_TRY(base::write_file(arguments.get("--out"), response));
  print_fact(arguments, "key", "pair-" + base::to_hex(serial));
  return kExitDone;
}

Result<int> ask(const Arguments& arguments, KeyOffice& keys) {
  HEQI_TRY(const x509::Certificate fresh,
           find_certificate(*keys.office, arguments.get("--serial")));
  HEQI_TRY(const crypto::PublicKey receiver, fresh.public_key().sm2_key());
  HEQI_TRY(const std::string id, keys.keys().ask_recovery({.key_id = arguments.get("--ask"),
                                                           .asked_by = arguments.get("--who"),
                                                           .reason = arguments.get("--reason"),
                                                           .receiver = receiver}));
  print_fact(arguments, "case", id);
  return kExitDone;
}

Result<int> recover(const Arguments& arguments) {
  const int acts = int{arguments.has("--ask")} + int{arguments.has("--approve")} +
                   int{arguments.has("--deliver")};
  if (acts != 1) return base::fail(Code::malformed, "one of --ask, --approve and --deliver");
  HEQI_TRY(const auto keys, open_key_office(arguments));
  if (arguments.has("--ask")) return ask(arguments, *keys);
  if (const auto recovery = arguments.find("--approve")) {
    if (keys->external)
      return base::fail(Code::unsupported,
                        "another organisation's key management centre has the key: its officers "
                        "approve, there");
    HEQI_TRY(keys->centre->approve(*recovery, arguments.get("--who")));
    print_fact(arguments, "approved", *recovery);
    return kExitDone;
  }
  if (!arguments.has("--out")) return base::fail(Code::malformed, "--out: where the key goes");
  HEQI_TRY(const services::kmc::Delivery delivery,
           keys->keys().recover(arguments.get("--deliver")));
  HEQI_TRY(base::write_file(arguments.get("--out"), delivery.enveloped_key));
  print_fact(arguments, "delivered", arguments.get("--deliver"));
  return kExitDone;
}

Result<int> transcript(const Arguments& arguments) {
  HEQI_TRY(const auto office, open_office(arguments.operands()[0]));
  HEQI_TRY(const auto lines, services::kmc::read_transcript(*office->database));
  HEQI_TRY(services::kmc::verify_transcript(lines));
  for (const services::kmc::Line& line : lines) {
    if (arguments.has("--json")) {
      base::JsonWriter json;
      services::kmc::write_line(json, line);
      std::printf("%s\n", json.str().c_str());
    } else {
      std::printf("%s  %-18s %s  %s  %s\n", base::to_rfc3339(line.at).c_str(), line.event.c_str(),
                  line.subject.c_str(), line.who.c_str(), line.detail.c_str());
    }
  }
  return kExitDone;
}

constexpr std::array kCommands{
    CaCommand{"pair",
              {"heqi ca pair", "DIR", 1, 1,
               "Makes the encryption key and certificate that go with a signature certificate; the "
               "key at the centre that DIR/kmc.toml names, where there is one.",
               "为签名证书生成加密密钥与加密证书；有 DIR/kmc.toml 时由其所指密钥管理中心生成密钥。",
               kPairOptions},
              pair},
    CaCommand{"recover",
              {"heqi ca recover", "DIR", 1, 1,
               "Gives an encryption key again, once two officers have approved.",
               "经两名审批员同意后恢复加密密钥。", kRecoverOptions},
              recover},
    CaCommand{"transcript",
              {"heqi ca transcript", "DIR", 1, 1,
               "Shows what was done with encryption keys, and that no line was changed.",
               "显示并校验加密密钥操作记录。", kTranscriptOptions},
              transcript}};

}  // namespace

std::span<const CaCommand> ca_pair_commands() {
  return kCommands;
}

}  // namespace heqi::program
