// manifest.h: the list of what is in a package, and the signature over it.
#pragma once
#include <heqi/documents/evidence/package.h>
#include <heqi/pki/cms.h>

namespace heqi::documents::evidence {

// ListedEntry is an entry as the manifest has it.
struct ListedEntry {
  std::string name;
  std::uint64_t size = 0;
  std::string sm3;  // lower-case hexadecimal
};

struct Manifest {
  std::string contract, title, owner;
  base::Time created_at, ended_at;
  std::vector<Party> parties;
  std::vector<ListedEntry> entries;
};

std::string encode_manifest(const Manifest& manifest);
// parse_manifest fails with malformed (the detail names the JSON path), limit_exceeded.
base::Result<Manifest> parse_manifest(base::ByteView text);

// statement_over is what is signed: DER SEQUENCE of a name that no other statement has, and the SM3
// of the manifest.
base::Bytes statement_over(base::ByteView manifest);
// encode_signature is the message around a signature over statement: its one form.
base::Result<base::Bytes> encode_signature(base::ByteView statement,
                                           const x509::Certificate& signer,
                                           base::ByteView signature, base::ByteView token);

}  // namespace heqi::documents::evidence
