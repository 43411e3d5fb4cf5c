// est_client.h: asks the certificate authority of another organisation for certificates (EST, RFC
// 7030): the connector to external authorities.
#pragma once
#include <functional>
#include <string>

#include <heqi/base/fetch.h>
#include <heqi/base/secret.h>
#include <heqi/pki/path.h>
#include <heqi/services/ra/desk.h>

namespace heqi::program {

// EstCredentials are those of HTTP Basic authentication: at an authority of this program, the id of
// an approved application and its code.
struct EstCredentials {
  std::string user;
  base::SecretBytes password;
};

// EstClient speaks to one authority. fetch (whose trust is that of the TLS connection) and what
// algorithms refers to outlive it.
class EstClient {
 public:
  // url is https://…/.well-known/est; anchors are the roots that this side trusts for certificates.
  EstClient(std::string url, pki::TrustStore anchors, base::Fetch& fetch,
            const pki::Algorithms& algorithms, const base::Clock& clock)
      : url_(std::move(url)),
        anchors_(std::move(anchors)),
        fetch_(fetch),
        algorithms_(algorithms),
        clock_(clock) {}

  // certificates_of_authority is what /cacerts gives, unproven.
  base::Result<std::vector<x509::Certificate>> certificates_of_authority();
  // enrol sends the request and gives the certificate: for the key and the subject of the request,
  // under an anchor. Fails with unauthenticated (the credentials), denied (refused), unavailable,
  // untrusted (another key or subject, or no chain to an anchor), malformed.
  base::Result<x509::Certificate> enrol(const EstCredentials& credentials, base::ByteView csr);

 private:
  base::Result<std::vector<x509::Certificate>> ask(base::FetchRequest request);
  base::Status check(const x509::Certificate& certificate, base::ByteView csr);

  std::string url_;
  pki::TrustStore anchors_;
  base::Fetch& fetch_;
  pki::Algorithms algorithms_;
  const base::Clock& clock_;
};

// ExternalIssuer has what the desk approved certified by another organisation's authority.
class ExternalIssuer final : public services::ra::Issuer {
 public:
  using CredentialsOf =
      std::function<base::Result<EstCredentials>(const services::ra::Application&)>;
  ExternalIssuer(EstClient& client, CredentialsOf credentials)
      : client_(client), credentials_(std::move(credentials)) {}
  base::Result<base::Bytes> issue(const services::ra::Application& application,
                                  base::ByteView csr) override;

 private:
  EstClient& client_;
  CredentialsOf credentials_;
};

}  // namespace heqi::program
