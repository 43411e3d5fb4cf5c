// heqi ca: a certificate authority in a folder, for trials and small installations.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/services/ca/authority.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/ca/schema.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "arguments.h"
#include "commands.h"
#include "pin_entry.h"
#include "software_key.h"

namespace heqi::program {

using base::Code;
using base::Result;
using base::SecretBytes;

namespace {

constexpr std::size_t kCsrSizeMax = 64 * 1024;
constexpr std::size_t kLocationsSizeMax = 4'096;
constexpr std::size_t kPassphraseSizeMin = 8;
constexpr std::string_view kLocationsFile = "locations";
constexpr std::array kKeyNames{"root", "issuing", "ocsp", "tsa", "application"};

constexpr Option kPassphraseFile{"--passphrase-file", "FILE", "the passphrase of the keys",
                                 "密钥口令文件"};
constexpr Option kPassphraseStdin{"--passphrase-stdin", "", "read it from standard input",
                                  "从标准输入读取口令"};
constexpr Option kJson{"--json", "", "answer in JSON", "以 JSON 输出"};

constexpr std::array kInitOptions{
    Option{"--organization", "NAME", "of the names in the certificates", "证书中的机构名称",
           Need::required},
    Option{"--url", "URL", "http://host: where CRLs and OCSP answers are published",
           "CRL 与 OCSP 的发布地址 http://主机"},
    kPassphraseFile, kPassphraseStdin, kJson};
constexpr std::array kIssueOptions{
    Option{"--csr", "FILE", "the request (PKCS#10, PEM or DER)", "证书请求文件", Need::required},
    Option{"--name", "NAME", "the person's name as verified; the request must state it",
           "经核验的姓名，须与请求一致", Need::required},
    Option{"--holder", "ID", "the person's id in your records", "持有人编号", Need::required},
    Option{"--out", "FILE", "where the certificate goes (PEM; default: standard output)",
           "证书输出文件（默认标准输出）"},
    kPassphraseFile,
    kPassphraseStdin,
    kJson};
constexpr std::array kInspectOptions{kJson};
constexpr std::array kRevokeOptions{
    Option{"--serial", "HEX", "of the certificate", "证书序列号", Need::required},
    Option{"--reason", "NUMBER", "RFC 5280 §5.3.1, default 0; 1 is key compromise",
           "吊销原因代码，默认 0；1 为密钥泄露"},
    kPassphraseFile, kPassphraseStdin, kJson};
constexpr std::array kCrlOptions{
    Option{"--out", "FILE", "where the list goes (DER)", "CRL 输出文件（DER）", Need::required},
    kPassphraseFile, kPassphraseStdin, kJson};

Result<SecretBytes> read_passphrase(const Arguments& arguments) {
  if (const auto path = arguments.find("--passphrase-file")) return read_secret_file(*path);
  if (arguments.has("--passphrase-stdin")) return read_secret_stdin();
  return ask_secret("Passphrase of the keys / 密钥口令: ");
}

Result<SecretBytes> choose_passphrase(const Arguments& arguments) {
  HEQI_TRY(SecretBytes chosen, read_passphrase(arguments));
  if (chosen.size() < kPassphraseSizeMin)
    return base::fail(Code::malformed, "a passphrase of less than 8 octets");
  if (arguments.has("--passphrase-file") || arguments.has("--passphrase-stdin")) return chosen;
  HEQI_TRY(const SecretBytes again, ask_secret("Again / 再次输入: "));
  if (!same_secret(chosen, again))
    return base::fail(Code::malformed, "the two passphrases differ / 两次输入不一致");
  return chosen;
}

services::ca::Locations locations_at(const std::string& url) {
  if (url.empty()) return {};
  return {.crl = url + "/crl/issuing.crl",
          .ocsp = url + "/ocsp",
          .issuer_certificate = url + "/certificates/issuing.cer"};
}

// RestingSigner stands where nothing is signed.
class RestingSigner final : public x509::Signer {
 public:
  x509::AlgorithmIdentifier algorithm() const override { return x509::sm2_with_sm3_algorithm(); }
  Result<base::Bytes> sign(base::ByteView) override {
    return base::fail(Code::denied, "the authority's key was not opened");
  }
};

// Office is an authority in a folder, opened. The hierarchy and the signer are pointed to.
struct Office {
  std::unique_ptr<Randomness> randomness;
  std::unique_ptr<base::FileStore> files;
  services::ca::Hierarchy hierarchy;
  std::unique_ptr<x509::Signer> signer;
  std::unique_ptr<sql::Database> database;
  base::NullLog log;
  std::optional<services::ca::Authority> authority;
};

base::Status open_register(Office& office, const std::string& folder) {
  HEQI_TRY(office.database, sql::Database::open({.url = "sqlite:" + folder + "/ca.db"}));
  const sql::Component components[] = {services::ca::schema()};
  return sql::apply_migrations(*office.database, components, office.randomness->clock);
}

// open_office opens with the issuing key where a passphrase is given.
Result<std::unique_ptr<Office>> open_office(const std::string& folder,
                                            const SecretBytes* passphrase) {
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) return base::fail(Code::not_found, folder);
  auto office = std::make_unique<Office>();
  HEQI_TRY(office->randomness, make_randomness());
  HEQI_TRY(office->files, base::open_folder(folder));
  auto hierarchy = services::ca::load_hierarchy(*office->files);
  if (!hierarchy && hierarchy.error().code == Code::not_found)
    return base::fail(Code::not_found, folder + ": no authority; heqi ca init makes one");
  HEQI_TRY(office->hierarchy, std::move(hierarchy));
  if (passphrase != nullptr) {
    HEQI_TRY(const SealedKeys keys, SealedKeys::open(*office->files, *passphrase));
    HEQI_TRY(crypto::PrivateKey key, keys.get_key("issuing"));
    office->signer =
        std::make_unique<x509::SoftwareSm2Signer>(std::move(key), *office->randomness->generator);
  } else {
    office->signer = std::make_unique<RestingSigner>();
  }
  HEQI_TRY(const base::Bytes url, office->files->read(kLocationsFile, kLocationsSizeMax));
  HEQI_TRY(open_register(*office, folder));
  office->authority.emplace(*office->database, office->hierarchy.issuing, *office->signer,
                            locations_at(std::string(base::text_of(url))),
                            office->randomness->clock, *office->randomness->generator, office->log);
  return office;
}

Result<std::unique_ptr<Office>> open_office_to_sign(const Arguments& arguments) {
  HEQI_TRY(const SecretBytes passphrase, read_passphrase(arguments));
  return open_office(arguments.operands()[0], &passphrase);
}

void write_certificate(base::JsonWriter& json, const x509::Certificate& certificate) {
  json.field("subject", certificate.subject().text())
      .field("issuer", certificate.issuer().text())
      .field("serial", base::to_hex(certificate.serial()))
      .field("not_before", base::to_rfc3339(certificate.not_before()))
      .field("not_after", base::to_rfc3339(certificate.not_after()))
      .field("sm3", base::to_hex(crypto::sm3(certificate.der())));
}

void print_certificate(const Arguments& arguments, const x509::Certificate& certificate,
                       std::string_view standing) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object();
    write_certificate(json, certificate);
    if (!standing.empty()) json.field("standing", standing);
    json.end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s\n  issuer / 颁发者   %s\n  serial / 序列号   %s\n  valid / 有效期    %s … %s\n",
              certificate.subject().text().c_str(), certificate.issuer().text().c_str(),
              base::to_hex(certificate.serial()).c_str(),
              base::to_rfc3339(certificate.not_before()).c_str(),
              base::to_rfc3339(certificate.not_after()).c_str());
  if (!standing.empty())
    std::printf("  standing / 状态   %.*s\n", static_cast<int>(standing.size()), standing.data());
}

Result<services::ca::Hierarchy> make_hierarchy(const Arguments& arguments, SealedKeys& keys,
                                               Randomness& randomness) {
  std::vector<std::unique_ptr<x509::SoftwareSm2Signer>> signers;
  std::vector<x509::PublicKeyInfo> infos;
  for (const char* name : kKeyNames) {
    HEQI_TRY(crypto::PrivateKey key, keys.make_key(name, *randomness.generator));
    infos.push_back(x509::make_public_key_info(key.public_key()));
    signers.push_back(
        std::make_unique<x509::SoftwareSm2Signer>(std::move(key), *randomness.generator));
  }
  const std::string organization = arguments.get("--organization"), url = arguments.get("--url");
  return services::ca::hold_ceremony({.root = *signers[0],
                                      .issuing = *signers[1],
                                      .root_key = infos[0],
                                      .issuing_key = infos[1],
                                      .status_responder_key = infos[2],
                                      .time_stamp_authority_key = infos[3],
                                      .application_key = infos[4],
                                      .organization = organization,
                                      .locations = locations_at(url),
                                      .root_crl_url = url.empty() ? "" : url + "/crl/root.crl",
                                      .application_name = organization + " Application"},
                                     randomness.clock, *randomness.generator);
}

Result<int> init(const Arguments& arguments) {
  const std::string folder = arguments.operands()[0];
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(const SecretBytes passphrase, choose_passphrase(arguments));
  HEQI_TRY(const auto files, base::open_folder(folder));
  auto made = SealedKeys::make(*files, passphrase, *randomness->generator);
  if (!made && made.error().code == Code::conflict)
    return base::fail(Code::conflict, folder + ": an authority's keys are there already");
  HEQI_TRY(SealedKeys keys, std::move(made));
  HEQI_TRY(const auto hierarchy, make_hierarchy(arguments, keys, *randomness));
  HEQI_TRY(files->write(kLocationsFile, base::bytes_of(arguments.get("--url"))));
  HEQI_TRY(services::ca::save_hierarchy(*files, hierarchy));
  print_certificate(arguments, hierarchy.root, {});
  print_certificate(arguments, hierarchy.issuing, {});
  return kExitDone;
}

Result<base::Bytes> read_der(const std::string& path, std::size_t size_max) {
  HEQI_TRY(base::Bytes content, base::read_file(path, size_max));
  if (!content.empty() && content[0] == 0x30) return content;
  HEQI_TRY(auto blocks, base::parse_pem(base::text_of(content)));
  if (blocks.size() != 1) return base::fail(Code::malformed, path + ": not one PEM block");
  return std::move(blocks[0].der);
}

Result<int> issue(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes der, read_der(arguments.get("--csr"), kCsrSizeMax));
  HEQI_TRY(const x509::Csr csr, x509::parse_csr(der));
  if (csr.body.subject.common_name() != arguments.get("--name"))
    return base::fail(Code::denied,
                      "the request names another person: " + csr.body.subject.common_name());
  HEQI_TRY(const auto office, open_office_to_sign(arguments));
  HEQI_TRY(const x509::Certificate certificate,
           office->authority->issue({.request_id = base::to_hex(crypto::sm3(der)),
                                     .holder = arguments.get("--holder"),
                                     .subject = csr.body.subject,
                                     .csr = der}));
  HEQI_TRY(office->authority->publish(certificate.serial()));
  const std::string pem = base::to_pem("CERTIFICATE", certificate.der());
  if (const auto path = arguments.find("--out")) {
    HEQI_TRY(base::write_file(*path, base::bytes_of(pem)));
    print_certificate(arguments, certificate, "good");
  } else {
    std::fputs(pem.c_str(), stdout);
  }
  return kExitDone;
}

std::string_view standing_text(const services::ca::Standing& standing) {
  switch (standing.state) {
    case services::ca::Standing::State::good:
      return "good";
    case services::ca::Standing::State::revoked:
      return "revoked";
    case services::ca::Standing::State::unknown:
      return "unknown";
  }
  return "unknown";
}

Result<int> inspect(const Arguments& arguments) {
  const auto& operands = arguments.operands();
  HEQI_TRY(const auto office, open_office(operands[0], nullptr));
  if (operands.size() == 1) {
    const services::ca::Hierarchy& all = office->hierarchy;
    for (const x509::Certificate* certificate : {&all.root, &all.issuing, &all.status_responder,
                                                 &all.time_stamp_authority, &all.application})
      print_certificate(arguments, *certificate, {});
  }
  for (std::size_t i = 1; i < operands.size(); ++i) {
    HEQI_TRY(const base::Bytes der, read_der(operands[i], x509::kCertificateSizeMax * 2));
    HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
    HEQI_TRY(const auto standing, office->authority->standing(certificate.serial()));
    print_certificate(arguments, certificate, standing_text(standing));
  }
  return kExitDone;
}

Result<int> revoke(const Arguments& arguments) {
  const std::string number = arguments.find("--reason").value_or("0");
  if (number.empty() || number.size() > 2 ||
      number.find_first_not_of("0123456789") != std::string::npos)
    return base::fail(Code::malformed, "--reason: not a number of RFC 5280");
  HEQI_TRY(const pki::RevocationReason reason, pki::parse_reason(std::stoi(number)));
  HEQI_TRY(const base::Bytes serial, base::parse_hex(arguments.get("--serial")));
  HEQI_TRY(const auto office, open_office_to_sign(arguments));
  HEQI_TRY(office->authority->revoke(serial, reason));
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

Result<int> crl(const Arguments& arguments) {
  HEQI_TRY(const auto office, open_office_to_sign(arguments));
  HEQI_TRY(const base::Bytes list, office->authority->crl());
  HEQI_TRY(base::write_file(arguments.get("--out"), list));
  return kExitDone;
}

struct Command {
  std::string_view name;
  Syntax syntax;
  Result<int> (*run)(const Arguments&);
};

const std::array kCommands{
    Command{"init",
            {"heqi ca init", "DIR", 1, 1,
             "Makes a root, an issuing CA and the certificates of its services.",
             "建立根 CA、签发 CA 及各服务证书。", kInitOptions},
            init},
    Command{"issue",
            {"heqi ca issue", "DIR", 1, 1,
             "Issues a person's certificate for a request whose name you have verified.",
             "为已核验姓名的请求签发个人证书。", kIssueOptions},
            issue},
    Command{"inspect",
            {"heqi ca inspect", "DIR [CERTIFICATE…]", 1, 1'000,
             "Shows the authority's certificates, or how those given stand.",
             "显示机构证书，或所给证书的状态。", kInspectOptions},
            inspect},
    Command{"revoke",
            {"heqi ca revoke", "DIR", 1, 1, "Ends a certificate; a new CRL follows.",
             "吊销证书，并更新 CRL。", kRevokeOptions},
            revoke},
    Command{"crl",
            {"heqi ca crl", "DIR", 1, 1, "Writes the current revocation list.", "输出当前 CRL。",
             kCrlOptions},
            crl}};

std::string list_commands() {
  std::string out =
      "heqi ca COMMAND DIR [OPTION…]\n\nA certificate authority in a folder.\n"
      "目录式证书机构。\n\n";
  for (const Command& command : kCommands) {
    std::string left = "  " + std::string(command.name);
    left.resize(12, ' ');
    out += left + std::string(command.syntax.english) + "\n" + std::string(12, ' ') +
           std::string(command.syntax.chinese) + "\n";
  }
  return out + "\nheqi ca COMMAND --help tells more.\n";
}

}  // namespace

int run_ca(CommandLine arguments) {
  const Chosen chosen = choose_command({}, arguments);
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
  print_usage_error("heqi ca",
                    "no command " + std::string(chosen.command) +
                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
  return kExitUsage;
}

}  // namespace heqi::program
