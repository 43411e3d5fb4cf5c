// heqi/documents/ofd/sign.h: signs and seals OFD packages in two phases, since the key is
// elsewhere: prepare_signature makes Signature.xml and the octets to be signed, finish_signature
// puts the value in. Every octet of what was there stays as it was; earlier signatures stay valid.
#pragma once
#include <heqi/documents/ofd/signature_file.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::documents::ofd {

// StampRequest is one place of a seal: a page by number (0 is the first).
struct StampRequest {
  std::size_t page = 0;
  Box boundary;
  std::optional<Box> clip;
};

// Closing: a closing signature covers the list of signatures too; after it nobody can sign.
enum class Closing : std::uint8_t { keep_open, close };

struct SignatureRequest {
  SignatureType type = SignatureType::sign;
  base::Bytes seal;  // DER, of version 4; of type seal only
  x509::Certificate signer;
  std::vector<x509::Certificate> chain;  // above the signer, sent along
  base::Time time;
  std::vector<StampRequest> stamps;
  Closing closing = Closing::keep_open;
  std::string provider = "Heqi", provider_version = "1.0", company = "Heqi";
  std::size_t body = 0;  // which document of the package
};

// Prepared is a signature that lacks its value only. It is a value: it can be kept for days.
struct Prepared {
  SignatureType type = SignatureType::sign;
  base::Bytes package;  // with all but SignedValue
  std::string part, value_part;
  x509::Certificate signer;
  std::vector<x509::Certificate> chain;
  base::Bytes signature_xml;
  // to_sign is TBS_Sign of GB/T 38540, or the signed attributes of GB/T 35275: the signature's
  // message, a few kilobytes that a device can parse and show.
  base::Bytes to_sign;
};

// prepare_signature refers to every part of the package but the list of signatures (if more may
// follow) and this signature's own files. Fails as Package::open and read_bodies; conflict where an
// earlier signature closed the document; malformed for octets outside the package's entries, a page
// that is not there, or a seal with no place; seal_unusable as seal::check_usable.
base::Result<Prepared> prepare_signature(base::ByteView file, const SignatureRequest& request,
                                         const Limits& limits = {});

// finish_signature puts the value in, and a time-stamp over it where there is one. It does not
// verify.
base::Result<base::Bytes> finish_signature(const Prepared& prepared,
                                           const x509::AlgorithmIdentifier& algorithm,
                                           base::ByteView signature,
                                           const std::optional<base::Bytes>& time_stamp = {});

}  // namespace heqi::documents::ofd
