// ca_making_commands.cc: heqi ca init, ceremony, issue, inspect.
#include <array>
#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include "ca_ceremony.h"
#include "ca_office.h"

namespace heqi::program {

using base::Code;
using base::Result;
using base::SecretBytes;

namespace {

constexpr std::size_t kCsrSizeMax = 64 * 1024;

constexpr std::array kInitOptions{
    Option{"--organization", "NAME", "of the names in the certificates", "证书中的机构名称",
           Need::required},
    Option{"--url", "URL", "http://host: where CRLs and OCSP answers are published",
           "CRL 与 OCSP 的发布地址 http://主机", Need::required},
    Option{"--algorithm", "A", "sm2 (default), rsa3072, rsa4096, p256 or p384",
           "sm2（默认）、rsa3072、rsa4096、p256 或 p384"},
    kPassphraseFile,
    kPassphraseStdin,
    kJson};
constexpr std::array kCeremonyOptions{
    Option{"--renew", "WHAT", "root-crl, issuing, ocsp, tsa or application",
           "root-crl、issuing、ocsp、tsa 或 application", Need::required},
    Option{"--witnesses", "NAMES", "at least two, with commas: they stand in the transcript",
           "至少两名见证人，逗号分隔，记入仪式记录", Need::required},
    kPassphraseFile, kPassphraseStdin, kJson};
constexpr std::array kIssueOptions{
    Option{"--csr", "FILE", "the request (PKCS#10, PEM or DER)", "证书请求文件", Need::required},
    Option{"--name", "NAME", "the holder's name as verified; the request must state it",
           "经核验的名称，须与请求一致", Need::required},
    Option{"--holder", "ID", "the holder's id in your records", "持有人编号", Need::required},
    Option{"--profile", "P", "person (default), organization, device, server or event",
           "person（默认）、organization、device、server 或 event"},
    Option{"--dns", "NAMES", "of a server or device, with commas", "服务器或设备的域名，逗号分隔"},
    Option{"--evidence", "FILE", "of an event: the evidence whose SM3 the certificate carries",
           "事件证书所绑定的证据文件"},
    Option{"--out", "FILE", "where the certificate goes (PEM; default: standard output)",
           "证书输出文件（默认标准输出）"},
    kPassphraseFile,
    kPassphraseStdin,
    kJson};
constexpr std::array kInspectOptions{kJson};

Result<std::optional<ossl::KeyKind>> kind_of(const std::string& name) {
  using ossl::KeyKind;
  if (name.empty() || name == "sm2") return std::optional<KeyKind>();
  constexpr std::pair<std::string_view, KeyKind> kinds[] = {{"rsa3072", KeyKind::rsa3072},
                                                            {"rsa4096", KeyKind::rsa4096},
                                                            {"p256", KeyKind::p256},
                                                            {"p384", KeyKind::p384}};
  for (const auto& [known, kind] : kinds)
    if (known == name) return std::optional(kind);
  return base::fail(Code::malformed, "--algorithm: " + name + " is not one of those in --help");
}

// open_or_make_keys goes on where an earlier init was broken off: keys without certificates.
Result<OfficeKeys> open_or_make_keys(const base::FileStore& files, const std::string& folder,
                                     const SecretBytes& passphrase,
                                     std::optional<ossl::KeyKind> kind) {
  if (services::ca::load_hierarchy(files))
    return base::fail(Code::conflict, folder + ": an authority's keys are there already");
  auto keys = OfficeKeys::make(folder, passphrase, hierarchy_keys(), kind);
  if (!keys && keys.error().code == Code::denied)
    return base::fail(Code::denied, folder +
                                        ": keys of an init that was broken off are there, under "
                                        "another passphrase; give that one, or remove the folder");
  return keys;
}

Result<int> init(const Arguments& arguments) {
  const std::string folder = arguments.operands()[0];
  HEQI_TRY(const auto kind, kind_of(arguments.get("--algorithm")));
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(const SecretBytes passphrase, choose_ca_passphrase(arguments));
  HEQI_TRY(const auto files, base::open_folder(folder));
  HEQI_TRY(const OfficeKeys keys, open_or_make_keys(*files, folder, passphrase, kind));
  HEQI_TRY(write_url(*files, arguments.get("--url")));
  HEQI_TRY(const auto hierarchy, make_ca_hierarchy({.organization = arguments.get("--organization"),
                                                    .url = arguments.get("--url"),
                                                    .kind = kind},
                                                   keys, *randomness));
  HEQI_TRY(make_register(folder));
  HEQI_TRY(services::ca::save_hierarchy(*files, hierarchy));
  print_certificate(arguments, hierarchy.root, {});
  print_certificate(arguments, hierarchy.issuing, {});
  return kExitDone;
}

Result<int> ceremony(const Arguments& arguments) {
  HEQI_TRY(const SecretBytes passphrase, read_ca_passphrase(arguments));
  HEQI_TRY(const auto office, open_office(arguments.operands()[0]));
  HEQI_TRY(const std::string key, renewing_key(arguments.get("--renew")));
  HEQI_TRY(const OfficeKeys keys, OfficeKeys::open(arguments.operands()[0], passphrase, {key}));
  HEQI_TRY(const CeremonyOutcome outcome,
           hold_renewal(*office, keys.signer(0),
                        {.what = arguments.get("--renew"),
                         .witnesses = std::string(arguments.get("--witnesses"))}));
  if (!outcome.certificate.der().empty()) print_certificate(arguments, outcome.certificate, {});
  std::printf("transcript / 仪式记录  %s\n", outcome.transcript_line.c_str());
  return kExitDone;
}

std::vector<std::string_view> words_between_commas(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(text, ','))
    if (!base::trim(word).empty()) words.push_back(base::trim(word));
  return words;
}

// read_application gathers what the command line says about the holder.
Result<services::ca::Application> read_application(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes der, read_der(arguments.get("--csr"), kCsrSizeMax));
  HEQI_TRY(const x509::Csr csr, x509::parse_csr(der));
  if (csr.body.subject.common_name() != arguments.get("--name"))
    return base::fail(Code::denied,
                      "the request names another person: " + csr.body.subject.common_name());
  services::ca::Application application{.request_id = base::to_hex(crypto::sm3(der)),
                                        .holder = arguments.get("--holder"),
                                        .subject = csr.body.subject,
                                        .csr = der};
  if (const auto profile = arguments.find("--profile")) {
    HEQI_TRY(application.profile, services::ca::parse_profile_name(*profile));
    if (application.profile < services::ca::Profile::person ||
        application.profile == services::ca::Profile::encryption)
      return base::fail(Code::denied, "--profile: " + *profile + " is not issued by this command");
  }
  for (const std::string_view name : words_between_commas(arguments.get("--dns")))
    application.alternative_names.push_back(x509::dns_name(std::string(name)));
  if (const auto path = arguments.find("--evidence")) {
    HEQI_TRY(const base::Bytes evidence, base::read_file(*path, std::size_t{256} << 20));
    const crypto::Digest digest = crypto::sm3(evidence);
    application.evidence = {{x509::EvidenceKind::handwritten_signature, x509::sm3_algorithm().oid,
                             base::Bytes(digest.begin(), digest.end())}};
  }
  return application;
}

Result<int> issue(const Arguments& arguments) {
  HEQI_TRY(const services::ca::Application application, read_application(arguments));
  HEQI_TRY(const auto office, open_office_to_sign(arguments));
  HEQI_TRY(const x509::Certificate certificate, office->authority->issue(application));
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

Result<int> inspect(const Arguments& arguments) {
  const auto& operands = arguments.operands();
  HEQI_TRY(const auto office, open_office(operands[0]));
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
    print_certificate(arguments, certificate, text_of(standing));
  }
  return kExitDone;
}

constexpr std::array kCommands{
    CaCommand{"init",
              {"heqi ca init", "DIR", 1, 1,
               "Makes a root, an issuing CA and the certificates of its services.",
               "建立根 CA、签发 CA 及各服务证书。", kInitOptions},
              init},
    CaCommand{"ceremony",
              {"heqi ca ceremony", "DIR", 1, 1,
               "Renews a certificate or the root's list before witnesses, with a transcript.",
               "在见证人面前更新证书或根 CRL，并留下记录。", kCeremonyOptions},
              ceremony},
    CaCommand{"issue",
              {"heqi ca issue", "DIR", 1, 1,
               "Issues a certificate for a request whose name you have verified.",
               "为已核验名称的请求签发证书。", kIssueOptions},
              issue},
    CaCommand{"inspect",
              {"heqi ca inspect", "DIR [CERTIFICATE…]", 1, 1'000,
               "Shows the authority's certificates, or how those given stand.",
               "显示机构证书，或所给证书的状态。", kInspectOptions},
              inspect}};

}  // namespace

std::span<const CaCommand> ca_making_commands() {
  return kCommands;
}

}  // namespace heqi::program
