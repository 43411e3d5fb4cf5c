// heqi/services/ca/hierarchy.h: the certificates of an installation: a root that signs the issuing
// CA once and rests, and the certificates of its services. Kept as files, for everybody to fetch.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/services/ca/profile.h>

namespace heqi::services::ca {

// Hierarchy is what devices, verifiers and services are given.
struct Hierarchy {
  x509::Certificate root, issuing, status_responder, time_stamp_authority, application;
  base::Bytes root_crl;  // DER, says that the issuing CA is good
};

// CeremonyParts are the keys of a first start. The root's signer is used here and never again.
struct CeremonyParts {
  x509::Signer& root;
  x509::Signer& issuing;
  x509::PublicKeyInfo root_key, issuing_key, status_responder_key, time_stamp_authority_key,
      application_key;
  std::string organization;      // of the names: "Heqi"
  Locations locations;           // of the issuing CA's certificates
  std::string root_crl_url;      // in the issuing CA's certificate
  std::string application_name;  // common name of the contract platform's certificate
};

// hold_ceremony makes all certificates of a new installation.
base::Result<Hierarchy> hold_ceremony(const CeremonyParts& parts, const base::Clock& clock,
                                      base::Random& random);

// Renewer is who certifies again.
struct Renewer {
  x509::Signer& signer;
  const x509::Certificate& issuer;
  Locations locations;
};
// renew_certificate certifies the subject and the key of earlier for another period, after the
// lints.
base::Result<x509::Certificate> renew_certificate(const x509::Certificate& earlier, Profile profile,
                                                  const Renewer& renewer, const base::Clock& clock,
                                                  base::Random& random);
// make_root_crl makes the root's list: with the entries and after the number of the earlier one,
// or (empty) the first. Fails with time_untrusted where the earlier one is newer than the clock.
base::Result<base::Bytes> make_root_crl(const x509::Certificate& root, x509::Signer& signer,
                                        base::ByteView earlier, const base::Clock& clock);

// save_hierarchy and load_hierarchy keep it as DER files in a folder; load fails with not_found
// where there is none, malformed where it is incomplete.
base::Status save_hierarchy(base::FileStore& files, const Hierarchy& hierarchy);
base::Result<Hierarchy> load_hierarchy(const base::FileStore& files);

}  // namespace heqi::services::ca
