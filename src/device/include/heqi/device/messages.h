// heqi/device/messages.h: the bodies of envelopes, in DER (docs/asn1/heqi.asn1). parse_ functions
// are strict, keep the limits below and fail with malformed, limit_exceeded or unsupported.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/error.h>
#include <heqi/cosign/key_name.h>
#include <heqi/crypto/sm2.h>

namespace heqi::x509 {
class Signer;  // heqi/x509/signer.h
}

namespace heqi::device {

// Limits; docs/limits.md.
inline constexpr std::size_t kDataSizeMax = std::size_t{64} << 20;  // of what is signed, octets
inline constexpr std::size_t kTextSizeMax = 512;                    // titles, details, octets
inline constexpr std::size_t kTransactionIdSizeMax = 64;
inline constexpr std::size_t kCertificateSizeMax = 16 * 1024, kChainMax = 8;

// SignatureForm is the kind of signature that comes back.
enum class SignatureForm : std::uint8_t {
  cms_attributes =
      1,     // over CMS signed attributes: contentType, messageDigest, signingCertificateV2
  seal = 2,  // over the data itself, which is TBS_Sign of GB/T 38540 (sealed_octets.h)
};

// ApplicationStatement is what an application says it wants signed; it signs this itself, so that
// nobody between it and the device can swap document or title.
struct ApplicationStatement {
  std::string application_id;
  std::string application_transaction;
  std::string title;
  std::uint64_t size = 0;   // of the data, octets
  crypto::Digest digest{};  // SM3 of the data
  SignatureForm form = SignatureForm::cms_attributes;
  base::Time expires{};
};
// make_statement encodes and signs (SM2 with SM3).
base::Result<base::Bytes> make_statement(const ApplicationStatement& statement,
                                         x509::Signer& application_signer);
// verify_statement returns the content of a statement signed with key; invalid_signature.
base::Result<ApplicationStatement> verify_statement(base::ByteView der,
                                                    const crypto::PublicKey& key);

// SignRequest is §8.2.1 a: service to device.
struct SignRequest {
  std::string transaction_id;  // of the mobile signature service
  base::Bytes data;            // what the signature covers (for a PDF: its ByteRange)
  base::Bytes statement;       // make_statement
  base::Bytes certificate;     // of the application, DER
};

enum class SignOutcome : std::uint8_t {
  signed_ = 1,
  cancelled = 2,    // by the person
  pin_blocked = 3,  // too many wrong PINs
  expired = 4,
  refused = 5,  // by the device; reason says why
};

// SignAnswer is §8.2.1 b: device to service.
struct SignAnswer {
  std::string transaction_id;
  SignOutcome outcome = SignOutcome::refused;
  base::Bytes signed_attributes;  // DER SET OF, as hashed; only where signed, and for no seal
  base::Bytes signature;          // DER SM2Signature; only where signed
  std::string reason;             // dotted error id; only where refused
};

struct CertificateRequest {
  base::Bytes csr;  // PKCS#10, signed jointly
};
struct CertificateInstall {
  base::Bytes certificate;
  std::vector<base::Bytes> chain;  // issuing CA first
};
struct CertificateAcknowledge {
  crypto::Digest certificate_digest{};  // SM3 of the certificate
  std::string reason;                   // dotted error id where it was not installed, else empty
};

struct KeyChallenge {
  cosign::KeyName name;  // key_id is the fresh random of the key centre
};
struct JointAnswer {
  base::Bytes answer;  // cosign::Answer
  unsigned tries_left = 0;
};
// JointRefused tells why the key centre made no half. tries_left counts up to the next delay.
struct JointRefused {
  base::Code code = base::Code::internal;
  unsigned tries_left = 0;
  std::optional<base::Time> retry_at;  // with cosign_pin_delayed, and with the wrong PIN before it
};
// ShareFactor turns d1 into the device's share of the next epoch: d1·t (mod n).
struct ShareFactor {
  std::uint32_t epoch = 0;
  crypto::SecretScalar t;
};
struct Failure {
  base::Code code = base::Code::internal;
  std::string detail;
};

// verification_code is four digits that the application and the device both show: the last two
// octets of SM3(transaction id || digest), modulo 10000. An aid for the eye, not a proof.
std::string verification_code(std::string_view transaction_id, const crypto::Digest& digest);

base::Bytes encode_sign_request(const SignRequest& message);
base::Result<SignRequest> parse_sign_request(base::ByteView der);
base::Bytes encode_sign_answer(const SignAnswer& message);
base::Result<SignAnswer> parse_sign_answer(base::ByteView der);
base::Bytes encode_certificate_request(const CertificateRequest& message);
base::Result<CertificateRequest> parse_certificate_request(base::ByteView der);
base::Bytes encode_certificate_install(const CertificateInstall& message);
base::Result<CertificateInstall> parse_certificate_install(base::ByteView der);
base::Bytes encode_certificate_acknowledge(const CertificateAcknowledge& message);
base::Result<CertificateAcknowledge> parse_certificate_acknowledge(base::ByteView der);
base::Bytes encode_key_challenge(const KeyChallenge& message);
base::Result<KeyChallenge> parse_key_challenge(base::ByteView der);
base::Bytes encode_joint_answer(const JointAnswer& message);
base::Result<JointAnswer> parse_joint_answer(base::ByteView der);
base::Bytes encode_joint_refused(const JointRefused& message);
base::Result<JointRefused> parse_joint_refused(base::ByteView der);
base::Bytes encode_share_factor(const ShareFactor& message);
base::Result<ShareFactor> parse_share_factor(base::ByteView der);
base::Bytes encode_failure(const Failure& message);
base::Result<Failure> parse_failure(base::ByteView der);

}  // namespace heqi::device
