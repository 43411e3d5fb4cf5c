// heqi/services/contract/evidence.h: the evidence package of a complete contract, made once and
// kept: documents/evidence says what is in it and verifies it.
#pragma once
#include <heqi/documents/evidence/package.h>
#include <heqi/services/contract/platform.h>
#include <heqi/x509/signer.h>

namespace heqi::services::contract {

// EvidenceParts are given from outside and outlive the object. signer and certificate are those
// that the platform has as an application.
struct EvidenceParts {
  sql::Database& database;
  base::FileStore& blobs;
  Platform& platform;
  TimeStamps& time_stamps;
  CertificateService& certificates;
  x509::Signer& signer;
  const x509::Certificate& certificate;
  const base::Clock& clock;
};

// EvidencePackages makes packages and keeps them. Thread-safe.
class EvidencePackages {
 public:
  explicit EvidencePackages(EvidenceParts parts) : p_(parts) {}

  // package is the contract's package; every call gives the same octets. Fails with conflict while
  // the contract is not complete, unavailable while a moment is not stamped yet, and with the
  // errors of Platform::moments, TimeStamps, CertificateService, x509::Signer; nothing is kept
  // then.
  base::Result<base::Bytes> package(const std::string& owner, const std::string& id);

 private:
  base::Result<std::optional<base::Bytes>> find_kept(const std::string& id);
  base::Result<base::Bytes> keep(const std::string& id, const base::Bytes& package);
  base::Result<documents::evidence::Content> collect(const std::string& owner,
                                                     const Contract& contract);
  base::Result<base::Bytes> make(const documents::evidence::Content& content);

  EvidenceParts p_;
};

}  // namespace heqi::services::contract
