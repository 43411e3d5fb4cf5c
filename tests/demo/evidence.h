// evidence.h: cuts out of a signed PDF everything that somebody has signed, for strangers to
// verify.
#pragma once
#include <string>
#include <vector>

#include <heqi/documents/pdf/form.h>
#include <heqi/pki/cms.h>

namespace heqi::demo {

enum class What { signature, time_stamp, certificate, crl, ocsp_answer };

// Signed is one set of octets with the signature over them and the certificate of who made it.
struct Signed {
  What what = What::signature;
  std::string name;
  base::Bytes octets, signature;
  x509::Certificate by;
};

// collect_signed finds: each signature's and document time-stamp's signed attributes, each
// time-stamp token's, and the to-be-signed octets of every certificate, list and OCSP answer in the
// messages, in the tokens and in the DSS. Fails with not_found where the certificate of who signed
// is neither in the file nor the root.
base::Result<std::vector<Signed>> collect_signed(base::ByteView file,
                                                 const x509::Certificate& root);

// BoundDigest is what a signature says about the octets of the file that it covers.
struct BoundDigest {
  std::string field;
  base::Bytes covered;         // the octets of /ByteRange, joined
  base::Bytes message_digest;  // signed attribute, or a document time-stamp's imprint
};
base::Result<std::vector<BoundDigest>> collect_digests(base::ByteView file);

}  // namespace heqi::demo
