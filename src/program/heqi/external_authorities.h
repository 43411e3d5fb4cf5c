// external_authorities.h: authorities of other organisations that certify what the registration
// desk approved, in place of one's own: a folder with one file NAME.toml for each
// (docs/authority.md).
#pragma once
#include <map>
#include <memory>

#include <heqi/http/client.h>
#include <heqi/services/ra/kept_issuer.h>

#include "est_client.h"

namespace heqi::program {

// ExternalSettings is one such file. Paths in it are relative to its folder.
struct ExternalSettings {
  std::string name;  // of the file, without its ending
  std::string url;   // of the authority: https://…; EST is below /.well-known/est
  std::vector<std::string> profiles;
  std::string root;      // the certificate that its certificates must lead to
  std::string tls_root;  // PEM: who vouches for the connection; empty: the system's
  // Either codes, a folder with a file for each application, of the application's id and with its
  // code at the other authority; or the user and the file with the code of a standing account.
  std::string codes, user, code_file;
};

// parse_external_settings reads such a file's text. Fails with malformed, not_found (a setting that
// is missing), naming the file and the setting.
base::Result<ExternalSettings> parse_external_settings(const std::string& folder,
                                                       const std::string& name,
                                                       std::string_view text);

// ExternalAuthority is one of them, ready to be asked.
class ExternalAuthority {
 public:
  // open reads the roots. Fails with not_found, malformed.
  static base::Result<std::unique_ptr<ExternalAuthority>> open(ExternalSettings settings,
                                                               const base::Clock& clock);
  const ExternalSettings& settings() const { return settings_; }
  // issuer certifies applications there. Refused are (untrusted) certificates of a CA, and those
  // with names that the application does not have.
  services::ra::Issuer& issuer() { return issuer_; }

 private:
  class Checked final : public services::ra::Issuer {
   public:
    explicit Checked(ExternalAuthority& authority);
    base::Result<base::Bytes> issue(const services::ra::Application& application,
                                    base::ByteView csr) override;

   private:
    ExternalIssuer below_;
  };
  ExternalAuthority(ExternalSettings settings, x509::Certificate root, std::string tls_root,
                    const base::Clock& clock);
  base::Result<EstCredentials> credentials_of(const services::ra::Application& application) const;

  ExternalSettings settings_;
  std::unique_ptr<x509::SignatureVerifier> verifier_;
  pki::FunctionDigester digests_;
  http::CurlFetch fetch_;
  EstClient client_;
  Checked issuer_{*this};
};

// ExternalAuthorities are all of an installation.
class ExternalAuthorities {
 public:
  ExternalAuthorities() = default;  // none
  // open reads every NAME.toml of folder; none where the folder's name is empty. A profile of two
  // authorities is malformed.
  static base::Result<ExternalAuthorities> open(const std::string& folder,
                                                const base::Clock& clock);
  // find gives who certifies a profile; nullptr: one's own authority.
  ExternalAuthority* find(std::string_view profile) const;

 private:
  std::vector<std::unique_ptr<ExternalAuthority>> all_;
};

// RoutedIssuer has each application certified by the authority of its profile.
class RoutedIssuer final : public services::ra::Issuer {
 public:
  RoutedIssuer(services::ra::Issuer& own, ExternalAuthorities& others, sql::Database& database,
               const base::Clock& clock)
      : own_(own), others_(others), database_(database), clock_(clock) {}
  base::Result<base::Bytes> issue(const services::ra::Application& application,
                                  base::ByteView csr) override;

 private:
  services::ra::Issuer& own_;
  ExternalAuthorities& others_;
  sql::Database& database_;
  const base::Clock& clock_;
};

}  // namespace heqi::program
