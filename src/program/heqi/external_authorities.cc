#include "external_authorities.h"

#include <algorithm>
#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/base/settings.h>
#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/services/ca/profile.h>

#include "pin_entry.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kPemSizeMax = 256 * 1024, kCertificateSizeMax = 64 * 1024;
constexpr std::string_view kEnding = ".toml";

std::string below(const std::string& folder, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : folder + "/" + path;
}

// check_profile: persons, organisations, devices and servers. Evidence of events cannot be sent
// over EST, and encryption certificates need the key management centre's key.
base::Status check_profile(const std::string& name) {
  using services::ca::Profile;
  HEQI_TRY(const Profile profile, services::ca::parse_profile_name(name));
  for (const Profile served :
       {Profile::person, Profile::organization, Profile::device, Profile::server})
    if (profile == served) return {};
  return base::fail(Code::malformed, "another authority cannot certify the profile " + name);
}

base::Status check_credentials(const ExternalSettings& settings) {
  const bool standing = !settings.user.empty() && !settings.code_file.empty();
  const bool part = settings.user.empty() != settings.code_file.empty();
  if (part || standing == !settings.codes.empty())
    return base::fail(Code::malformed, "either codes, or user and code_file");
  return {};
}

Result<ExternalSettings> read_settings(const std::string& folder, base::Settings& in) {
  ExternalSettings out;
  HEQI_TRY(out.url, in.required_text("url"));
  if (!out.url.starts_with("https://")) return base::fail(Code::malformed, "url is https://…");
  HEQI_TRY(const std::string profiles, in.required_text("profiles"));
  for (const std::string_view profile : base::split(profiles, ','))
    out.profiles.emplace_back(base::trim(profile));
  for (const std::string& profile : out.profiles) HEQI_TRY(check_profile(profile));
  HEQI_TRY(const std::string root, in.required_text("root"));
  HEQI_TRY(const std::string tls_root, in.text("tls_root", ""));
  HEQI_TRY(const std::string codes, in.text("codes", ""));
  HEQI_TRY(out.user, in.text("user", ""));
  HEQI_TRY(const std::string code_file, in.text("code_file", ""));
  HEQI_TRY(in.finish());
  out.root = below(folder, root);
  out.tls_root = below(folder, tls_root);
  out.codes = below(folder, codes);
  out.code_file = below(folder, code_file);
  HEQI_TRY(check_credentials(out));
  return out;
}

// read_root reads the one certificate of a file, DER or PEM.
Result<x509::Certificate> read_root(const std::string& path) {
  HEQI_TRY(const base::Bytes content, base::read_file(path, kCertificateSizeMax));
  const std::string_view text = base::text_of(content);
  if (!base::trim(text).starts_with("-----BEGIN")) return x509::parse_certificate(content);
  HEQI_TRY(std::vector<x509::Certificate> read, x509::parse_certificates_pem(text));
  if (read.size() != 1) return base::fail(Code::malformed, path + ": not one certificate");
  return std::move(read.front());
}

// check_certified: what the other authority gave is no CA's, and has no name beside the approved.
base::Status check_certified(const x509::Certificate& certificate,
                             const services::ra::Application& application) {
  if (certificate.is_ca())
    return base::fail(Code::untrusted, "the certificate is a certificate authority's");
  for (const x509::GeneralName& name : certificate.subject_alternative_names()) {
    const std::string_view text = base::text_of(name.value);
    const auto& approved = application.names;
    if (name.kind != x509::GeneralName::Kind::dns ||
        std::find(approved.begin(), approved.end(), text) == approved.end())
      return base::fail(Code::untrusted, "the certificate has a name that was not approved");
  }
  return {};
}

}  // namespace

Result<ExternalSettings> parse_external_settings(const std::string& folder, const std::string& name,
                                                 std::string_view text) {
  auto in = base::Settings::parse(text);
  auto out = in ? read_settings(folder, *in) : Result<ExternalSettings>(in.error());
  if (!out) return base::fail(out.error().code, name + ": " + out.error().detail);
  out->name = name.substr(0, name.size() - kEnding.size());
  return out;
}

ExternalAuthority::ExternalAuthority(ExternalSettings settings, x509::Certificate root,
                                     std::string tls_root, const base::Clock& clock)
    : settings_(std::move(settings)),
      verifier_(ossl::make_signature_verifier()),
      digests_(ossl::digest),
      fetch_({.trusted_pem = std::move(tls_root)}),
      client_(settings_.url + "/.well-known/est", pki::TrustStore({std::move(root)}), fetch_,
              {*verifier_, digests_}, clock) {}

Result<std::unique_ptr<ExternalAuthority>> ExternalAuthority::open(ExternalSettings settings,
                                                                   const base::Clock& clock) {
  HEQI_TRY(x509::Certificate root, read_root(settings.root));
  std::string tls_root;
  if (!settings.tls_root.empty()) {
    HEQI_TRY(const base::Bytes pem, base::read_file(settings.tls_root, kPemSizeMax));
    tls_root = base::text_of(pem);
  }
  return std::unique_ptr<ExternalAuthority>(
      new ExternalAuthority(std::move(settings), std::move(root), std::move(tls_root), clock));
}

Result<EstCredentials> ExternalAuthority::credentials_of(
    const services::ra::Application& application) const {
  EstCredentials out;
  out.user = settings_.user.empty() ? application.id : settings_.user;
  std::string file = settings_.code_file;
  if (file.empty()) {
    if (!base::is_file_name(application.id))
      return base::fail(Code::denied, "no file of codes can have the name of this application");
    file = settings_.codes + "/" + application.id;
  }
  auto code = read_secret_file(file);
  if (!code)
    return base::fail(Code::unavailable, "no code of the authority " + settings_.name +
                                             " for this application is here");
  out.password = *std::move(code);
  return out;
}

ExternalAuthority::Checked::Checked(ExternalAuthority& authority)
    : below_(authority.client_, [&authority](const services::ra::Application& application) {
        return authority.credentials_of(application);
      }) {}

Result<base::Bytes> ExternalAuthority::Checked::issue(const services::ra::Application& application,
                                                      base::ByteView csr) {
  auto der = below_.issue(application, csr);
  // The holder's own code is right: that the other one refuses ours is the operators' matter.
  if (!der && der.error().code == Code::unauthenticated)
    return base::fail(Code::unavailable, der.error().detail);
  HEQI_TRY(der);
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(*der));
  HEQI_TRY(check_certified(certificate, application));
  return der;
}

Result<ExternalAuthorities> ExternalAuthorities::open(const std::string& folder,
                                                      const base::Clock& clock) {
  ExternalAuthorities out;
  if (folder.empty()) return out;
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) return base::fail(Code::not_found, folder);
  HEQI_TRY(const auto files, base::open_folder(folder));
  HEQI_TRY(const std::vector<std::string> names, files->list(""));
  for (const std::string& name : names) {
    if (!name.ends_with(kEnding)) continue;
    HEQI_TRY(const base::Bytes text, files->read(name, base::kSettingsSizeMax));
    HEQI_TRY(ExternalSettings settings, parse_external_settings(folder, name, base::text_of(text)));
    for (const std::string& profile : settings.profiles)
      if (const ExternalAuthority* other = out.find(profile))
        return base::fail(Code::malformed, name + ": the profile " + profile + " is certified by " +
                                               other->settings().name + " already");
    HEQI_TRY(auto opened, ExternalAuthority::open(std::move(settings), clock));
    out.all_.push_back(std::move(opened));
  }
  return out;
}

ExternalAuthority* ExternalAuthorities::find(std::string_view profile) const {
  for (const auto& one : all_)
    for (const std::string& served : one->settings().profiles)
      if (served == profile) return one.get();
  return nullptr;
}

Result<base::Bytes> RoutedIssuer::issue(const services::ra::Application& application,
                                        base::ByteView csr) {
  ExternalAuthority* const other = others_.find(application.profile);
  if (other == nullptr) return own_.issue(application, csr);
  services::ra::KeptIssuer kept(other->settings().name, other->issuer(), database_, clock_);
  return kept.issue(application, csr);
}

}  // namespace heqi::program
