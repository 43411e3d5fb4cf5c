// heqi/documents/sign/pending.h: a PDF signature in two phases, since the key is elsewhere: prepare
// → the octets that the key signs → finish (ETSI EN 319 142-1 §5.3, GM/T 0010). No private key and
// no network come near this code.
#pragma once
#include <vector>

#include <heqi/documents/pdf/filter_names.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/pki/cms.h>

namespace heqi::documents::sign {

// Wish is a signature to be made.
struct Wish {
  pdf::SignatureRequest place;  // its filter names are replaced by those of names
  pdf::FilterNames names = *pdf::find_filter_names("adobe");
  x509::Certificate signer;
  std::vector<x509::Certificate> chain;  // sent along, without the root
  base::Bytes seal;                      // DER, where names ask for a sealed signature
};

// Pending is a signature between the two phases. Encoded it is a few tens of kilobytes, whatever
// the size of the file, and can be kept for days.
struct Pending {
  pdf::Appendix appendix;
  pdf::Message message = pdf::Message::cms;
  x509::Certificate signer;
  std::vector<x509::Certificate> chain;
  asn1::Oid digest_algorithm;
  base::Bytes content_digest;  // over the file with its appendix, without the hole
  base::Bytes to_sign;         // exactly what the key signs: a few hundred octets, or the seal's

  base::Bytes encode() const;  // DER
  // parse fails with malformed, unsupported.
  static base::Result<Pending> parse(base::ByteView encoded);
  // check_file makes sure that file is still what was prepared. Fails with conflict.
  base::Status check_file(base::ByteView file, const pki::Digester& digests) const;
};

// prepare appends the signature to file and makes what is to be signed. Same file and wish, same
// result. An SM2 key signs SM3; RSA and P-256 keys sign SHA-256, P-384 SHA-384, P-521 SHA-512.
// Fails as pdf::append_signature; unsupported for a key or a message that does not fit the names
// (a GM/T 0010 message needs an SM2 key); seal_unusable where the seal is not in force or not the
// signer's; malformed for a seal where none is asked for, and for none where one is.
base::Result<Pending> prepare(base::ByteView file, const Wish& wish, const pki::Digester& digests);

// algorithm_for is how a key of this kind signs. Fails with unsupported.
base::Result<x509::AlgorithmIdentifier> algorithm_for(const x509::PublicKeyInfo& key);

// Value is what the key made of Pending::to_sign.
struct Value {
  x509::AlgorithmIdentifier algorithm;
  base::Bytes octets;
};

// finish puts message and value together: what is to be written behind the file. With a time-stamp
// token over value.octets it is carried in the message (PAdES B-T). Same input, same result.
// Fails with invalid_signature where the value is not the signer's over to_sign, or the token is
// over something else; limit_exceeded where the message does not fit into the hole.
base::Result<base::Bytes> finish(const Pending& pending, const Value& value, base::ByteView token,
                                 const pki::Algorithms& algorithms);

}  // namespace heqi::documents::sign
