// heqi/documents/ofd/verify.h: is this OFD signed and sealed as it claims? (GB/T 33190 §18, GM/T
// 0099, GB/T 38540, GB/T 35275). No network, no third-party code. The report is that of
// documents/verify: the same axes, verdicts and words as for a PDF.
#pragma once
#include <heqi/documents/ofd/limits.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/verify/report.h>
#include <heqi/pki/algorithms.h>
#include <heqi/pki/trust_store.h>

namespace heqi::documents::ofd {

struct VerifyOptions {
  pki::TrustStore trust;  // of signers, makers of seals and time-stamp authorities
  base::Time now;         // as of when the question is asked
  // Algorithms as in pki; both live at least as long as the call.
  const x509::SignatureVerifier* signatures = nullptr;  // nullptr: SM2 only
  const pki::Digester* digests = nullptr;               // nullptr: SM3 only
  std::vector<x509::Certificate> intermediates;         // untrusted helpers
  std::vector<pki::Crl> crls;
  std::vector<pki::OcspAnswer> ocsp_answers;
  std::vector<seal::SealStatusList> seal_status;  // that of the seal's maker is taken
  pki::RevocationMode revocation = pki::RevocationMode::where_stated;
  base::Duration clock_skew = std::chrono::minutes(5);
  Limits limits;
};

// is_package tells whether a file begins or ends like an OFD package; for choosing a reader.
bool is_package(base::ByteView file);

// verify_ofd judges every signature of file. Every entry of the package has to be covered by a
// signature, but for what later signatures add. Fails as Package::open and read_bodies where the
// file cannot be read strictly (exit code kExitUnreadable).
base::Result<verify::Report> verify_ofd(base::ByteView file, const VerifyOptions& options);

}  // namespace heqi::documents::ofd
