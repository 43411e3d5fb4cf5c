#include <heqi/device/messages.h>

#include <heqi/base/error_id.h>
#include <heqi/cosign/codec.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signer.h>

#include "der.h"

namespace heqi::device {
namespace {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

constexpr std::string_view kStatementProtocol = "heqi-application-statement";
constexpr std::size_t kSmallMax = 256 * 1024, kStatementSizeMax = 8 * 1024;
constexpr std::size_t kSignRequestMax = kDataSizeMax + kSmallMax;
constexpr std::size_t kReasonSizeMax = 64, kSignatureSizeMax = 80, kAttributesSizeMax = 16 * 1024;
constexpr std::size_t kCsrSizeMax = 16 * 1024, kAnswerSizeMax = 128 * 1024;
constexpr std::uint64_t kTriesMax = 100;

Result<std::string> read_transaction_id(Reader& in) {
  HEQI_TRY(std::string id, der::read_text(in, kTransactionIdSizeMax));
  if (id.empty()) return der::at(in, Code::malformed, "an empty transaction id");
  return id;
}

Result<Code> read_code(Reader& in) {
  HEQI_TRY(const std::string id, der::read_text(in, kReasonSizeMax));
  const std::optional<Code> code = base::find_error(id);
  if (!code) return der::at(in, Code::unsupported, "an unknown error id");
  return *code;
}

void write_code(Writer& out, Code code) {
  out.utf8_string(base::error_id(code));
}

}  // namespace

Result<Bytes> make_statement(const ApplicationStatement& statement,
                             x509::Signer& application_signer) {
  Writer content;
  content.sequence([&](Writer& w) {
    w.utf8_string(kStatementProtocol).utf8_string(statement.application_id);
    w.utf8_string(statement.application_transaction).utf8_string(statement.title);
    w.integer(static_cast<std::int64_t>(statement.size)).octet_string(statement.digest);
    w.enumerated(static_cast<std::int64_t>(statement.form));
    w.integer(base::micros(statement.expires));
  });
  HEQI_TRY(const Bytes signature, application_signer.sign(content.bytes()));
  return der::message([&](Writer& w) { w.raw(content.bytes()).octet_string(signature); });
}

Result<ApplicationStatement> verify_statement(ByteView encoded, const crypto::PublicKey& key) {
  HEQI_TRY(Reader frame, der::read_message(encoded, kStatementSizeMax));
  HEQI_TRY(const asn1::Element content, frame.expect(asn1::kSequence));
  HEQI_TRY(const ByteView signature, frame.octet_string());
  HEQI_TRY(frame.finish());
  HEQI_TRY(x509::Sm2SignatureVerifier().verify(
      x509::sm2_with_sm3_algorithm(), x509::make_public_key_info(key), content.whole, signature));
  HEQI_TRY(Reader in, frame.enter(content));
  HEQI_TRY(const std::string protocol, in.utf8_string());
  if (protocol != kStatementProtocol) return der::at(in, Code::malformed, "another protocol");
  ApplicationStatement statement;
  HEQI_TRY(statement.application_id, der::read_text(in, kTextSizeMax));
  HEQI_TRY(statement.application_transaction, der::read_text(in, kTextSizeMax));
  HEQI_TRY(statement.title, der::read_text(in, kTextSizeMax));
  HEQI_TRY(statement.size, der::read_number(in, kDataSizeMax));
  HEQI_TRY(statement.digest, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(const std::int64_t form, in.enumerated());
  if (form < 1 || form > 2) return der::at(in, Code::unsupported, "an unknown form of signature");
  statement.form = static_cast<SignatureForm>(form);
  HEQI_TRY(statement.expires, der::read_time(in));
  HEQI_TRY(in.finish());
  return statement;
}

std::string verification_code(std::string_view transaction_id, const crypto::Digest& digest) {
  crypto::Sm3 hash;
  const crypto::Digest both = hash.update(base::bytes_of(transaction_id)).update(digest).finish();
  const unsigned number = (both[30] * 256U + both[31]) % 10000U;
  std::string digits = std::to_string(number);
  return std::string(4 - digits.size(), '0') + digits;
}

Bytes encode_sign_request(const SignRequest& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.transaction_id).octet_string(message.data);
    w.octet_string(message.statement).octet_string(message.certificate);
  });
}

Result<SignRequest> parse_sign_request(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSignRequestMax));
  SignRequest message;
  HEQI_TRY(message.transaction_id, read_transaction_id(in));
  HEQI_TRY(message.data, der::read_bytes(in, kDataSizeMax));
  HEQI_TRY(message.statement, der::read_bytes(in, kStatementSizeMax));
  HEQI_TRY(message.certificate, der::read_bytes(in, kCertificateSizeMax));
  HEQI_TRY(in.finish());
  if (message.data.empty()) return der::at(in, Code::malformed, "no data to sign");
  return message;
}

Bytes encode_sign_answer(const SignAnswer& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.transaction_id).enumerated(static_cast<std::int64_t>(message.outcome));
    w.octet_string(message.signed_attributes).octet_string(message.signature);
    w.utf8_string(message.reason);
  });
}

Result<SignAnswer> parse_sign_answer(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  SignAnswer message;
  HEQI_TRY(message.transaction_id, read_transaction_id(in));
  HEQI_TRY(const std::int64_t outcome, in.enumerated());
  if (outcome < 1 || outcome > 5) return der::at(in, Code::unsupported, "an unknown outcome");
  message.outcome = static_cast<SignOutcome>(outcome);
  HEQI_TRY(message.signed_attributes, der::read_bytes(in, kAttributesSizeMax));
  HEQI_TRY(message.signature, der::read_bytes(in, kSignatureSizeMax));
  HEQI_TRY(message.reason, der::read_text(in, kReasonSizeMax));
  HEQI_TRY(in.finish());
  const bool is_signed = message.outcome == SignOutcome::signed_;
  if (is_signed == message.signature.empty() || (!is_signed && !message.signed_attributes.empty()))
    return der::at(in, Code::malformed, "a signature where none belongs, or none");
  return message;
}

Bytes encode_certificate_request(const CertificateRequest& message) {
  return der::message([&](Writer& w) { w.octet_string(message.csr); });
}

Result<CertificateRequest> parse_certificate_request(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  CertificateRequest message;
  HEQI_TRY(message.csr, der::read_bytes(in, kCsrSizeMax));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_certificate_install(const CertificateInstall& message) {
  return der::message([&](Writer& w) {
    w.octet_string(message.certificate);
    w.sequence([&](Writer& list) {
      for (const Bytes& issuer : message.chain) list.octet_string(issuer);
    });
  });
}

Result<CertificateInstall> parse_certificate_install(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  CertificateInstall message;
  HEQI_TRY(message.certificate, der::read_bytes(in, kCertificateSizeMax));
  HEQI_TRY(Reader list, in.sequence());
  while (!list.at_end()) {
    if (message.chain.size() == kChainMax)
      return der::at(list, Code::limit_exceeded, "more than 8 certificates");
    HEQI_TRY(Bytes issuer, der::read_bytes(list, kCertificateSizeMax));
    message.chain.push_back(std::move(issuer));
  }
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_certificate_acknowledge(const CertificateAcknowledge& message) {
  return der::message(
      [&](Writer& w) { w.octet_string(message.certificate_digest).utf8_string(message.reason); });
}

Result<CertificateAcknowledge> parse_certificate_acknowledge(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  CertificateAcknowledge message;
  HEQI_TRY(message.certificate_digest, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(message.reason, der::read_text(in, kReasonSizeMax));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_key_challenge(const KeyChallenge& message) {
  return der::message([&](Writer& w) { cosign::write_key_name(w, message.name); });
}

Result<KeyChallenge> parse_key_challenge(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  KeyChallenge message;
  HEQI_TRY(message.name, cosign::read_key_name(in));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_joint_answer(const JointAnswer& message) {
  return der::message(
      [&](Writer& w) { w.octet_string(message.answer).integer(message.tries_left); });
}

Result<JointAnswer> parse_joint_answer(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  JointAnswer message;
  HEQI_TRY(message.answer, der::read_bytes(in, kAnswerSizeMax));
  HEQI_TRY(const std::uint64_t tries, der::read_number(in, kTriesMax));
  message.tries_left = static_cast<unsigned>(tries);
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_joint_refused(const JointRefused& message) {
  return der::message([&](Writer& w) {
    write_code(w, message.code);
    w.integer(message.tries_left);
    if (message.retry_at) w.integer(base::micros(*message.retry_at));
  });
}

Result<JointRefused> parse_joint_refused(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  JointRefused message;
  HEQI_TRY(message.code, read_code(in));
  HEQI_TRY(const std::uint64_t tries, der::read_number(in, kTriesMax));
  message.tries_left = static_cast<unsigned>(tries);
  if (!in.at_end()) {
    HEQI_TRY(const base::Time retry_at, der::read_time(in));
    message.retry_at = retry_at;
  }
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_share_factor(const ShareFactor& message) {
  return der::message(
      [&](Writer& w) { w.integer(message.epoch).octet_string(message.t.expose().encode()); });
}

Result<ShareFactor> parse_share_factor(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  ShareFactor message;
  HEQI_TRY(const std::uint64_t epoch, der::read_number(in, 0xFFFFFFFF));
  message.epoch = static_cast<std::uint32_t>(epoch);
  HEQI_TRY(const ByteView octets, in.octet_string());
  HEQI_TRY(const crypto::Scalar t, crypto::Scalar::decode(octets));
  if (t.is_zero()) return der::at(in, Code::crypto_scalar_range, "a factor of zero");
  message.t = crypto::SecretScalar(t);
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_failure(const Failure& message) {
  // A detail is for people; what cannot be shown to them is left out.
  std::string detail = message.detail.substr(0, kTextSizeMax);
  while (!detail.empty() && !base::is_utf8(detail)) detail.pop_back();
  for (char& c : detail)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return der::message([&](Writer& w) {
    write_code(w, message.code);
    w.utf8_string(detail);
  });
}

Result<Failure> parse_failure(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  Failure message;
  HEQI_TRY(message.code, read_code(in));
  HEQI_TRY(message.detail, der::read_text(in, kTextSizeMax));
  HEQI_TRY(in.finish());
  return message;
}

}  // namespace heqi::device
