// heqi/device/certificate_messages.h: what an MSD and the mobile signature service say to each
// other of a certificate that is in use: its revocation and its update (GB/T 38646 §6.2.3, §6.2.4).
// DER: docs/asn1/heqi.asn1. parse_ functions are strict and fail as those of messages.h.
#pragma once
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/result.h>
#include <heqi/crypto/sm3.h>

namespace heqi::device {

inline constexpr std::size_t kSerialSizeMax = 20, kNonceSizeMax = 64;  // octets; docs/limits.md

// update_statement is what the old key signs in an update: DER SEQUENCE { UTF8String "heqi update",
// UTF8String flow, OCTET STRING nonce, OCTET STRING SM3(csr) }. The seed signs the nonce alone;
// with the request inside, the nonce's signature cannot be put beside another request.
base::Bytes update_statement(std::string_view flow, base::ByteView nonce, base::ByteView csr);
// revocation_statement is what a person's own key signs to end its certificate: DER SEQUENCE {
// UTF8String "heqi revoke", OCTET STRING serial, INTEGER reason }.
base::Bytes revocation_statement(base::ByteView serial, std::int64_t reason);

// Poll is the device's question whether something waits. A device that can put questions about its
// certificate to its person says so, and one that shows lists of documents as well; the body of
// another is empty.
struct Poll {
  enum class Takes : std::uint8_t { documents = 1, questions = 2, lists = 3 };
  Takes takes = Takes::documents;
  std::string after = {};  // with lists: the transaction that came last; the next one is asked for
};

// CertificateQuestion asks the person whether the certificate is to be revoked or updated.
struct CertificateQuestion {
  enum class Act : std::uint8_t { revocation = 1, update = 2 };
  std::string id;  // of the service
  Act act = Act::revocation;
  crypto::Digest certificate_digest{};  // SM3 of the certificate that it is about
  std::int64_t reason = 0;              // of a revocation: RFC 5280 §5.3.1
  std::string asked_by;                 // of a revocation: the application; empty: the service
  base::Time until{};
};
// QuestionAnswer refuses a question, or agrees to an update; to a revocation a RevocationRequest
// agrees.
struct QuestionAnswer {
  enum class Decision : std::uint8_t { confirmed = 1, declined = 2 };
  std::string id;
  Decision decision = Decision::declined;
};

// RevocationRequest is made after the PIN was right (§6.2.4 a).
struct RevocationRequest {
  std::string question;  // that it answers; empty where the person began
  base::Bytes serial;
  std::int64_t reason = 0;
  base::Bytes signature;  // by the certificate's key over revocation_statement
};

// CertificateClear orders the device to erase a certificate and its key, or confirms that they are
// not there (§6.2.4 f, h).
struct CertificateClear {
  crypto::Digest certificate_digest{};
};

// UpdateActivation brings the authority's nonce (§6.2.3 c).
struct UpdateActivation {
  std::string flow;
  base::Bytes nonce;
  crypto::Digest certificate_digest{};  // of the old certificate
};
// UpdateRequest is §6.2.3 g: signature is the old key's over update_statement.
struct UpdateRequest {
  std::string flow;
  base::Bytes csr, signature;
};

base::Bytes encode_poll(const Poll& message);
base::Result<Poll> parse_poll(base::ByteView der);
base::Bytes encode_certificate_question(const CertificateQuestion& message);
base::Result<CertificateQuestion> parse_certificate_question(base::ByteView der);
base::Bytes encode_question_answer(const QuestionAnswer& message);
base::Result<QuestionAnswer> parse_question_answer(base::ByteView der);
base::Bytes encode_revocation_request(const RevocationRequest& message);
base::Result<RevocationRequest> parse_revocation_request(base::ByteView der);
base::Bytes encode_certificate_clear(const CertificateClear& message);
base::Result<CertificateClear> parse_certificate_clear(base::ByteView der);
base::Bytes encode_update_activation(const UpdateActivation& message);
base::Result<UpdateActivation> parse_update_activation(base::ByteView der);
base::Bytes encode_update_request(const UpdateRequest& message);
base::Result<UpdateRequest> parse_update_request(base::ByteView der);

}  // namespace heqi::device
