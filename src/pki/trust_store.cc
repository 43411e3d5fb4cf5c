#include <heqi/base/text.h>
#include <heqi/pki/trust_store.h>

namespace heqi::pki {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kTrustFileSizeMax = std::size_t{8} << 20;

bool is_certificate_file(std::string_view name) {
  for (const std::string_view end : {".pem", ".crt", ".cer", ".der"})
    if (name.size() > end.size() && name.substr(name.size() - end.size()) == end) return true;
  return false;
}

}  // namespace

TrustStore::TrustStore(std::vector<x509::Certificate> anchors) {
  for (x509::Certificate& anchor : anchors)
    if (!contains(anchor)) anchors_.push_back(std::move(anchor));
}

bool TrustStore::contains(const x509::Certificate& certificate) const {
  for (const x509::Certificate& anchor : anchors_)
    if (base::same_bytes(anchor.der(), certificate.der())) return true;
  return false;
}

base::Status TrustStore::add(x509::Certificate anchor) {
  if (contains(anchor)) return {};
  if (anchors_.size() >= kTrustAnchorsMax)
    return base::fail(Code::limit_exceeded, "more than 1024 trust anchors");
  anchors_.push_back(std::move(anchor));
  return {};
}

base::Status TrustStore::add_encoded(base::ByteView pem_or_der) {
  if (!pem_or_der.empty() && pem_or_der[0] == 0x30) {
    HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(pem_or_der));
    return add(std::move(certificate));
  }
  HEQI_TRY(const std::vector<base::PemBlock> blocks, base::parse_pem(base::text_of(pem_or_der)));
  std::size_t added = 0;
  for (const base::PemBlock& block : blocks) {
    if (block.label != "CERTIFICATE") continue;
    HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(block.der));
    HEQI_TRY(add(std::move(certificate)));
    ++added;
  }
  if (added == 0) return base::fail(Code::malformed, "no certificate in the file");
  return {};
}

Result<TrustStore> load_trust_store(const base::FileStore& files, std::string_view folder) {
  HEQI_TRY(const std::vector<std::string> names, files.list(folder));
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  TrustStore store;
  for (const std::string& name : names) {
    if (!is_certificate_file(name)) continue;
    HEQI_TRY(const base::Bytes content, files.read(prefix + name, kTrustFileSizeMax));
    const base::Status added = store.add_encoded(content);
    if (!added) return base::fail(added.error().code, name + ": " + added.error().detail);
  }
  return store;
}

}  // namespace heqi::pki
