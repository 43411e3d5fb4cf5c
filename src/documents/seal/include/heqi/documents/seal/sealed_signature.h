// heqi/documents/seal/sealed_signature.h: what is made with a seal: SES_Signature of GB/T 38540 §7
// and GM/T 0031. The key is elsewhere: encode_to_sign makes the octets that a person's device
// signs, assemble_sealed_signature puts the result together.
#pragma once
#include <heqi/documents/seal/seal.h>

namespace heqi::documents::seal {

inline constexpr std::size_t kSealedSignatureSizeMax = std::size_t{8} << 20;
inline constexpr std::size_t kPropertyTextMax = 4'096;  // octets of propertyInfo

struct SealedSignature {
  Layout layout = Layout::v4;
  std::int64_t version = 4;  // of TBS_Sign
  Seal seal;
  std::optional<base::Time> claimed_time;
  std::string claimed_text;  // of a free-form time
  base::Bytes data_hash;
  std::string property;  // of OFD: the path of Signature.xml
  std::vector<ExtensionData> extensions;
  base::Bytes certificate;  // of the signer, DER
  asn1::Oid algorithm;
  base::Bytes signature;                  // as found: what a time-stamp covers; see value.h
  std::optional<base::Bytes> time_stamp;  // DER token
  base::Bytes to_sign;                    // TBS_Sign as found
  base::Bytes der;
  Deviations deviations;  // those of the seal included
};

// parse_sealed_signature reads one SES_Signature; zero octets may follow it. Fails as parse_seal.
base::Result<SealedSignature> parse_sealed_signature(base::ByteView octets);

struct SealedSignatureRequest {
  base::Bytes seal;  // DER of a version 4 seal
  base::Time time;
  base::Bytes data_hash;
  std::string property;  // ASCII
  std::vector<ExtensionData> extensions;
};
// encode_to_sign makes TBS_Sign. Fails with malformed: no seal of version 4, no hash, a property
// outside ASCII.
base::Result<base::Bytes> encode_to_sign(const SealedSignatureRequest& request);
// assemble_sealed_signature makes SES_Signature; a token goes into [0] EXPLICIT. It does not
// verify.
base::Result<base::Bytes> assemble_sealed_signature(
    base::ByteView to_sign, const x509::Certificate& signer,
    const x509::AlgorithmIdentifier& algorithm, base::ByteView signature,
    const std::optional<base::Bytes>& time_stamp = std::nullopt);
// add_time_stamp appends a token to a signature of version 4 that has none; every other octet of
// its members stays. Fails with conflict where it has one.
base::Result<base::Bytes> add_time_stamp(base::ByteView sealed_signature, base::ByteView token);

}  // namespace heqi::documents::seal
