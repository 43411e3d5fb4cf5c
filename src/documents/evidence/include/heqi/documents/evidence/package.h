// heqi/documents/evidence/package.h: the evidence package of a complete contract: one ZIP that is
// verified without network and without the platform that made it (verify.h). The same content under
// the same signature gives the same octets.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/documents/ofd/package.h>
#include <heqi/x509/certificate.h>

namespace heqi::documents::evidence {

// Limits; docs/limits.md.
inline constexpr std::size_t kPackageSizeMax = std::size_t{256} << 20;  // octets
inline constexpr std::size_t kEntriesMax = 8'192;
inline constexpr std::size_t kManifestSizeMax = std::size_t{4} << 20;
inline constexpr std::size_t kRecordSizeMax = 4'096;        // of one moment
inline constexpr std::size_t kStatementSizeMax = 64 << 10;  // the signature over the manifest
inline constexpr std::size_t kMomentsMax = 2'000;
inline constexpr std::size_t kPackagePartiesMax = 64;

// Names of the entries; moments, certificates and their status stand in folders.
inline constexpr std::string_view kManifestName = "manifest.json", kSignatureName = "manifest.p7s",
                                  kDocumentName = "contract.pdf", kOriginalName = "original.pdf",
                                  kMomentsFolder = "moments/",
                                  kCertificatesFolder = "certificates/", kStatusFolder = "status/";

// Party is one signer, as the contract has it.
struct Party {
  int position = 0;
  std::string person, name, field;  // field: of the signature in the file
  std::optional<base::Time> signed_at;
};

// Moment is a key operation: the record that was stamped (JSON text), and the token over it (DER).
struct Moment {
  std::string record;
  base::Bytes token;
};

// Content is all that goes into a package.
struct Content {
  std::string contract, title, owner;
  base::Time created_at, ended_at;
  std::vector<Party> parties;
  base::Bytes document, original;
  std::vector<Moment> moments;
  std::vector<base::Bytes> certificates, crls, ocsps;  // DER; repeats are left out
};

// Draft is a package that is not signed yet.
struct Draft {
  std::vector<ofd::NewEntry> entries;  // the manifest first
  base::Bytes statement;               // DER: what the installation signs
};

// make_draft writes the manifest. Fails with limit_exceeded.
base::Result<Draft> make_draft(const Content& content);

// finish_package puts the package together: signature is that of signer's key over the statement,
// token a time-stamp over the signature. Fails with limit_exceeded, malformed.
base::Result<base::Bytes> finish_package(Draft draft, const x509::Certificate& signer,
                                         base::ByteView signature, base::ByteView token);

// Kept is what a signed PDF carries for its own verification (DSS); all DER, none of it judged.
struct Kept {
  std::vector<base::Bytes> certificates, crls, ocsps;
};
// read_kept fails as pdf::Document::parse does; with limit_exceeded for more than kEntriesMax.
base::Result<Kept> read_kept(base::ByteView pdf);

}  // namespace heqi::documents::evidence
