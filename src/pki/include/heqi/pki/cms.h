// heqi/pki/cms.h: signed messages: CMS (RFC 5652, RFC 5035, RFC 5816) and GM/T 0010 = GB/T 35275.
// Two phases, since the key is elsewhere: the signer makes the signed attributes (x509) and their
// signature; assemble_signed_data puts the message together.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/pki/algorithms.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signed_attributes.h>

namespace heqi::pki {

inline constexpr std::size_t kSignersMax = 16;
inline constexpr std::size_t kCertificatesMax = 64;
inline constexpr std::size_t kAttributesMax = 32;
inline constexpr std::size_t kMessageCrlsMax = 32;

// Profile chooses the object identifiers and shape that are written; both are always read.
enum class Profile : std::uint8_t { international, gm_t_0010 };

using x509::Attribute;

// SignerInfo is one signer of a message, as found.
struct SignerInfo {
  std::int64_t version = 1;
  base::Bytes issuer;  // DER Name; empty where the signer is named by key identifier
  base::Bytes serial;  // unsigned, without leading zeros
  base::Bytes key_identifier;
  asn1::Oid digest_algorithm;
  base::Bytes signed_attributes;  // DER SET OF as signed (tag 31); empty: none
  std::vector<Attribute> signed_values;
  x509::AlgorithmIdentifier signature_algorithm;
  base::Bytes signature;
  std::vector<Attribute> unsigned_values;
};

// SignedData is a parsed message.
struct SignedData {
  Profile outer = Profile::international;  // of the outer content type
  std::int64_t version = 1;
  std::vector<asn1::Oid> digest_algorithms;
  asn1::Oid content_type;              // of the encapsulated content
  std::optional<base::Bytes> content;  // octets without tag and length; nullopt: detached
  std::vector<x509::Certificate> certificates;
  std::vector<base::Bytes> crls;        // DER CertificateList; readable with parse_crl
  std::vector<SignerInfo> signers;      // at least one
  std::vector<std::string> deviations;  // from the strict form, in English
  base::Bytes der;
};

// parse_signed_data reads ContentInfo{SignedData} of either family. der holds nothing else; see
// der_prefix_of for padded containers. Certificates that are not X.509 are refused.
base::Result<SignedData> parse_signed_data(base::ByteView der);

// der_prefix_of is the first DER element of padded, where only zero octets follow it: the value of
// a PDF's /Contents. Fails with malformed where something else follows.
base::Result<base::ByteView> der_prefix_of(base::ByteView padded);

// SendCertificates says whether a message carries certificates.
enum class SendCertificates : std::uint8_t { include, leave_out };

// SignedDataParts is all that goes into a message with one signer.
struct SignedDataParts {
  Profile profile = Profile::international;
  std::optional<asn1::Oid> content_type;        // default: data of the profile
  std::optional<base::Bytes> content;           // nullopt: detached
  std::vector<x509::Certificate> certificates;  // sent with the message; the signer's is added
  SendCertificates send_certificates = SendCertificates::include;
  std::vector<base::Bytes> crls;  // DER CertificateList
  base::Bytes signed_attributes;  // DER SET OF (tag 31) exactly as signed; empty: none
  x509::AlgorithmIdentifier signature_algorithm;
  base::Bytes signature;                      // as on the wire
  std::optional<asn1::Oid> digest_algorithm;  // default SM3
  std::vector<Attribute> unsigned_attributes;
};

// assemble_signed_data makes ContentInfo{SignedData}. It does not verify: the caller holds the
// content. Fails with malformed where signed_attributes is not a DER SET.
base::Result<base::Bytes> assemble_signed_data(const SignedDataParts& parts,
                                               const x509::Certificate& signer);

// time_stamp_attribute is signatureTimeStampToken (RFC 3161 app. A) around a token.
Attribute time_stamp_attribute(base::ByteView token);

// add_unsigned_attribute appends an attribute to the only signer of a message; every other octet
// within the SignerInfo, certificates and content stays as it was.
base::Result<base::Bytes> add_unsigned_attribute(base::ByteView signed_data,
                                                 const Attribute& attribute);

// Binding says how the signature reaches the content (facts: variants seen in the wild).
enum class Binding : std::uint8_t {
  message_digest,            // signed attribute messageDigest = H(content)
  encapsulated_content,      // messageDigest = H(eContent), and eContent = content
  digest_as_content,         // eContent = H(content)
  base64_digest_as_content,  // eContent = Base64(H(content))
  signature_over_content,    // no attributes; signature over the content itself
  signature_over_digest,     // no attributes; signature over H(content) as the message
  digest_without_identity,   // no attributes; SM3(content) taken as e, without Z_A: note it
};
std::string_view name_of(Binding binding);

// MessageEvidence is why a signature holds.
struct MessageEvidence {
  Binding binding = Binding::message_digest;
  x509::Certificate signer;
  std::size_t signer_index = 0;
  base::Bytes signed_octets;  // what the signature value covers
  asn1::Oid digest_algorithm;
  bool certificate_bound = false;          // signingCertificate(V2) names the signer's certificate
  std::optional<base::Time> claimed_time;  // signingTime: the signer's word only
  std::optional<base::Bytes> time_stamp_token;  // unsigned attribute, not yet verified
  base::Bytes signature;                        // what a time-stamp token covers
  std::vector<std::string> deviations;
};

struct MessageCheck {
  std::size_t signer_index = 0;
  // certificates helps to find the signer's certificate where the message does not carry it.
  std::vector<x509::Certificate> certificates;
};

// verify_signed_data checks one signer's signature over content: first how the message binds the
// content's digest, then the signature value, then signingCertificate. Fails with
// invalid_signature (also where nothing binds the content), not_found (no certificate of the
// signer), unsupported, malformed. Trust in the certificate is path.h's subject.
base::Result<MessageEvidence> verify_signed_data(const SignedData& message, const Content& content,
                                                 const MessageCheck& check,
                                                 const Algorithms& algorithms);

// check_certificates makes sure that every certificate that the message carries is whole: signed by
// itself, by another one of the message, or by one of known. What no signature covers could
// otherwise be changed unseen. Fails with invalid_signature.
base::Status check_certificates(const SignedData& message,
                                const std::vector<x509::Certificate>& known,
                                const Algorithms& algorithms);

// verify_encapsulated is verify_signed_data for a message that carries its content.
base::Result<MessageEvidence> verify_encapsulated(const SignedData& message,
                                                  const MessageCheck& check,
                                                  const Algorithms& algorithms);

}  // namespace heqi::pki
