// heqi/documents/verify/verify.h: is this PDF signed as it claims? (ISO 32000-2 §12.8, ETSI EN 319
// 142-1, ETSI EN 319 102-1). No network, no third-party code.
#pragma once
#include <functional>
#include <vector>

#include <heqi/documents/pdf/limits.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/verify/report.h>
#include <heqi/pki/algorithms.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/trust_store.h>

namespace heqi::documents::verify {

inline constexpr std::size_t kSignaturesMax = 256;
inline constexpr std::size_t kRevisionsMax = 1'000;
inline constexpr std::size_t kStoredItemsMax = 512;            // of each kind in the DSS
inline constexpr std::size_t kComparedValuesMax = 20'000'000;  // over all signatures
inline constexpr std::size_t kReportedChangesMax = 100;        // for each signature

// SecondReader is another reader of the whole file; its failure means that it sees another
// document.
using SecondReader = std::function<base::Result<void>(base::ByteView)>;

struct VerifyOptions {
  pki::TrustStore trust;
  base::Time now;  // as of when the question is asked
  // Algorithms as in pki; both live at least as long as the call.
  const x509::SignatureVerifier* signatures = nullptr;  // nullptr: SM2 only
  const pki::Digester* digests = nullptr;               // nullptr: SM3 only
  // Helpers beside those of the file; none is trusted for being here.
  std::vector<x509::Certificate> intermediates;
  std::vector<pki::Crl> crls;
  std::vector<pki::OcspAnswer> ocsp_answers;
  SecondReader second_reader;  // empty: not asked
  pki::RevocationMode revocation = pki::RevocationMode::where_stated;
  base::Duration clock_skew = std::chrono::minutes(5);
  std::vector<seal::SealStatusList> seal_status = {};  // each is used for seals of its maker
  pdf::Limits limits;
};

// verify_pdf judges every signature of file. Fails as pdf::Document::parse where the file cannot be
// read strictly (exit code kExitUnreadable); limit_exceeded beyond the limits above.
base::Result<Report> verify_pdf(base::ByteView file, const VerifyOptions& options);

}  // namespace heqi::documents::verify
