#include <heqi/device/certificate_messages.h>

#include <heqi/device/messages.h>

#include "der.h"

namespace heqi::device {
namespace {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

constexpr std::size_t kSmallMax = 64 * 1024, kCsrSizeMax = 16 * 1024, kSignatureSizeMax = 80;
constexpr std::uint64_t kReasonMax = 10;  // RFC 5280 §5.3.1

Result<std::string> read_id(Reader& in) {
  HEQI_TRY(std::string id, der::read_text(in, kTransactionIdSizeMax));
  if (id.empty()) return der::at(in, Code::malformed, "an empty id");
  return id;
}

Result<Bytes> read_signature(Reader& in) {
  HEQI_TRY(Bytes signature, der::read_bytes(in, kSignatureSizeMax));
  if (signature.empty()) return der::at(in, Code::malformed, "no signature");
  return signature;
}

Result<std::int64_t> read_choice(Reader& in, std::int64_t last) {
  HEQI_TRY(const std::int64_t value, in.enumerated());
  if (value < 1 || value > last) return der::at(in, Code::unsupported, "an unknown choice");
  return value;
}

}  // namespace

Bytes update_statement(std::string_view flow, ByteView nonce, ByteView csr) {
  Writer out;
  out.sequence([&](Writer& w) {
    w.utf8_string("heqi update").utf8_string(flow).octet_string(nonce);
    w.octet_string(crypto::sm3(csr));
  });
  return out.take();
}

Bytes revocation_statement(ByteView serial, std::int64_t reason) {
  Writer out;
  out.sequence(
      [&](Writer& w) { w.utf8_string("heqi revoke").octet_string(serial).integer(reason); });
  return out.take();
}

Bytes encode_poll(const Poll& message) {
  if (message.takes == Poll::Takes::documents) return {};
  return der::message([&](Writer& w) {
    w.enumerated(static_cast<std::int64_t>(message.takes));
    if (message.takes == Poll::Takes::lists) w.utf8_string(message.after);
  });
}

Result<Poll> parse_poll(ByteView encoded) {
  Poll message;
  if (encoded.empty()) return message;
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  HEQI_TRY(const std::int64_t takes, in.enumerated());
  if (takes != static_cast<std::int64_t>(Poll::Takes::questions) &&
      takes != static_cast<std::int64_t>(Poll::Takes::lists))
    return der::at(in, Code::unsupported, "an unknown choice");
  message.takes = static_cast<Poll::Takes>(takes);
  if (message.takes == Poll::Takes::lists) {
    HEQI_TRY(message.after, der::read_text(in, kTransactionIdSizeMax));
  }
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_certificate_question(const CertificateQuestion& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.id).enumerated(static_cast<std::int64_t>(message.act));
    w.octet_string(message.certificate_digest).integer(message.reason);
    w.utf8_string(message.asked_by).integer(base::micros(message.until));
  });
}

Result<CertificateQuestion> parse_certificate_question(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  CertificateQuestion message;
  HEQI_TRY(message.id, read_id(in));
  HEQI_TRY(const std::int64_t act, read_choice(in, 2));
  message.act = static_cast<CertificateQuestion::Act>(act);
  HEQI_TRY(message.certificate_digest, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(const std::uint64_t reason, der::read_number(in, kReasonMax));
  message.reason = static_cast<std::int64_t>(reason);
  HEQI_TRY(message.asked_by, der::read_text(in, kTextSizeMax));
  HEQI_TRY(message.until, der::read_time(in));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_question_answer(const QuestionAnswer& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.id).enumerated(static_cast<std::int64_t>(message.decision));
  });
}

Result<QuestionAnswer> parse_question_answer(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  QuestionAnswer message;
  HEQI_TRY(message.id, read_id(in));
  HEQI_TRY(const std::int64_t decision, read_choice(in, 2));
  message.decision = static_cast<QuestionAnswer::Decision>(decision);
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_revocation_request(const RevocationRequest& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.question).octet_string(message.serial).integer(message.reason);
    w.octet_string(message.signature);
  });
}

Result<RevocationRequest> parse_revocation_request(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  RevocationRequest message;
  HEQI_TRY(message.question, der::read_text(in, kTransactionIdSizeMax));
  HEQI_TRY(message.serial, der::read_bytes(in, kSerialSizeMax));
  if (message.serial.empty()) return der::at(in, Code::malformed, "no serial number");
  HEQI_TRY(const std::uint64_t reason, der::read_number(in, kReasonMax));
  message.reason = static_cast<std::int64_t>(reason);
  HEQI_TRY(message.signature, read_signature(in));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_certificate_clear(const CertificateClear& message) {
  return der::message([&](Writer& w) { w.octet_string(message.certificate_digest); });
}

Result<CertificateClear> parse_certificate_clear(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  CertificateClear message;
  HEQI_TRY(message.certificate_digest, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_update_activation(const UpdateActivation& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.flow).octet_string(message.nonce);
    w.octet_string(message.certificate_digest);
  });
}

Result<UpdateActivation> parse_update_activation(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  UpdateActivation message;
  HEQI_TRY(message.flow, read_id(in));
  HEQI_TRY(message.nonce, der::read_bytes(in, kNonceSizeMax));
  if (message.nonce.empty()) return der::at(in, Code::malformed, "no nonce");
  HEQI_TRY(message.certificate_digest, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(in.finish());
  return message;
}

Bytes encode_update_request(const UpdateRequest& message) {
  return der::message([&](Writer& w) {
    w.utf8_string(message.flow).octet_string(message.csr).octet_string(message.signature);
  });
}

Result<UpdateRequest> parse_update_request(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kSmallMax));
  UpdateRequest message;
  HEQI_TRY(message.flow, read_id(in));
  HEQI_TRY(message.csr, der::read_bytes(in, kCsrSizeMax));
  HEQI_TRY(message.signature, read_signature(in));
  HEQI_TRY(in.finish());
  return message;
}

}  // namespace heqi::device
