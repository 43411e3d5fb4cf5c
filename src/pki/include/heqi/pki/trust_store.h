// heqi/pki/trust_store.h: the certificates that are trusted without further proof.
#pragma once
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/x509/certificate.h>

namespace heqi::pki {

inline constexpr std::size_t kTrustAnchorsMax = 1'024;

// TrustStore holds trust anchors (RFC 5280 §6.1.1 d).
class TrustStore {
 public:
  TrustStore() = default;
  explicit TrustStore(std::vector<x509::Certificate> anchors);

  // add takes one anchor; a second copy changes nothing. limit_exceeded beyond kTrustAnchorsMax.
  base::Status add(x509::Certificate anchor);
  // add_pem adds every CERTIFICATE block of a PEM text, or the one certificate of a DER file.
  base::Status add_encoded(base::ByteView pem_or_der);

  const std::vector<x509::Certificate>& anchors() const { return anchors_; }
  bool contains(const x509::Certificate& certificate) const;
  bool empty() const { return anchors_.empty(); }

 private:
  std::vector<x509::Certificate> anchors_;
};

// load_trust_store reads every file of folder whose name ends in .pem, .crt, .cer or .der.
base::Result<TrustStore> load_trust_store(const base::FileStore& files, std::string_view folder);

}  // namespace heqi::pki
