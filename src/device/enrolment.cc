#include <heqi/device/enrolment.h>

#include <heqi/base/constant_time.h>
#include <heqi/crypto/hmac.h>
#include <heqi/crypto/kdf.h>
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

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base32
constexpr std::size_t kReferenceSize = 5, kSecretSize = 15, kGroup = 5;
constexpr std::size_t kMessageSizeMax = 256 * 1024, kAnchorsMax = 8, kAnchorSizeMax = 16 * 1024;
constexpr std::size_t kNameSizeMax = 64, kSubjectSizeMax = 1024;
constexpr std::string_view kRegisterProtocol = "heqi-register";

EnrolmentKey make_key(std::string_view reference, ByteView secret) {
  const Bytes salt = cosign::Transcript("heqi enrolment code 1").text(reference).view();
  crypto::StretchOptions options;
  options.rounds = kEnrolmentRounds;
  const base::SecretBytes stretched = crypto::stretch(secret, salt, kEnrolmentKeySize, options);
  EnrolmentKey key;
  std::copy(stretched.expose().begin(), stretched.expose().end(), key.expose_mutable().begin());
  return key;
}

crypto::Digest answer_mac(const EnrolmentKey& key, ByteView register_der, ByteView content) {
  return crypto::hmac_sm3(
      key.expose(),
      cosign::Transcript("heqi registered 1").bytes(register_der).bytes(content).view());
}

bool same_mac(ByteView a, ByteView b) {
  return base::ct::declassified(base::ct::equal_bytes(a, b));
}

Result<crypto::PointBytes> read_public_key(Reader& in) {
  HEQI_TRY(const crypto::PointBytes octets, der::read_array<crypto::kPointSize>(in));
  HEQI_TRY(crypto::PublicKey::decode(octets));
  return octets;
}

struct RegisterParts {
  Register message;
  ByteView content, mac, signature;
};

Result<RegisterParts> read_register(ByteView encoded) {
  HEQI_TRY(Reader frame, der::read_message(encoded, kMessageSizeMax));
  RegisterParts parts;
  HEQI_TRY(const asn1::Element content, frame.expect(asn1::kSequence));
  parts.content = content.whole;
  HEQI_TRY(parts.mac, frame.octet_string());
  HEQI_TRY(parts.signature, frame.octet_string());
  HEQI_TRY(frame.finish());
  HEQI_TRY(Reader in, frame.enter(content));
  HEQI_TRY(const std::string protocol, in.utf8_string());
  if (protocol != kRegisterProtocol) return der::at(in, Code::malformed, "another protocol");
  HEQI_TRY(parts.message.reference, der::read_text(in, kReferenceSize));
  HEQI_TRY(parts.message.device_name, der::read_text(in, kNameSizeMax));
  HEQI_TRY(parts.message.device_key, read_public_key(in));
  HEQI_TRY(parts.message.nonce, der::read_array<32>(in));
  HEQI_TRY(in.finish());
  return parts;
}

}  // namespace

Result<EnrolmentCode> parse_enrolment_code(std::string_view typed) {
  base::SecretBytes digits(kReferenceSize + kSecretSize);
  std::size_t size = 0;
  for (char c : typed) {
    if (c == '-' || c == ' ' || c == '\n') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kAlphabet.find(c) == std::string_view::npos || size == digits.size())
      return base::fail(Code::malformed, "authorisation code: not 20 letters and digits");
    digits.expose_mutable()[size++] = static_cast<std::uint8_t>(c);
  }
  if (size != digits.size())
    return base::fail(Code::malformed, "authorisation code: not 20 letters and digits");
  EnrolmentCode code;
  code.reference = std::string(base::text_of(digits.expose().first(kReferenceSize)));
  code.key = make_key(code.reference, digits.expose().subspan(kReferenceSize));
  return code;
}

Result<std::string> make_enrolment_code(base::Random& random) {
  base::SecretArray<kReferenceSize + kSecretSize> octets;
  HEQI_TRY(random.fill(octets.expose_mutable()));
  std::string code;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0 && i % kGroup == 0) code.push_back('-');
    code.push_back(kAlphabet[octets.expose()[i] % kAlphabet.size()]);
  }
  return code;
}

Result<Bytes> encode_register(const Register& message, const EnrolmentKey& key,
                              x509::Signer& device_signer) {
  Writer content;
  content.sequence([&](Writer& w) {
    w.utf8_string(kRegisterProtocol).utf8_string(message.reference);
    w.utf8_string(message.device_name).octet_string(message.device_key);
    w.octet_string(message.nonce);
  });
  HEQI_TRY(const Bytes signature, device_signer.sign(content.bytes()));
  return der::message([&](Writer& w) {
    w.raw(content.bytes());
    w.octet_string(crypto::hmac_sm3(key.expose(), content.bytes())).octet_string(signature);
  });
}

Result<std::string> find_reference(ByteView encoded) {
  HEQI_TRY(RegisterParts parts, read_register(encoded));
  return std::move(parts.message.reference);
}

Result<Register> parse_register(ByteView encoded, const EnrolmentKey& key) {
  HEQI_TRY(RegisterParts parts, read_register(encoded));
  if (!same_mac(parts.mac, crypto::hmac_sm3(key.expose(), parts.content)))
    return base::fail(Code::unauthenticated, "registration: wrong authorisation code");
  HEQI_TRY(const crypto::PublicKey device_key, crypto::PublicKey::decode(parts.message.device_key));
  HEQI_TRY(x509::Sm2SignatureVerifier().verify(x509::sm2_with_sm3_algorithm(),
                                               x509::make_public_key_info(device_key),
                                               parts.content, parts.signature));
  return std::move(parts.message);
}

Bytes encode_registered(const Registered& message, const EnrolmentKey& key, ByteView register_der) {
  Writer content;
  content.sequence([&](Writer& w) {
    w.utf8_string(message.app_id).utf8_string(message.platform_id);
    w.octet_string(message.service_channel).octet_string(message.key_channel);
    w.octet_string(message.service_key).octet_string(message.key_centre_key);
    w.octet_string(message.key_centre_sealing_key).octet_string(message.subject);
    w.sequence([&](Writer& list) {
      for (const Bytes& anchor : message.anchors) list.octet_string(anchor);
    });
  });
  return der::message([&](Writer& w) {
    w.raw(content.bytes()).octet_string(answer_mac(key, register_der, content.bytes()));
  });
}

Result<Registered> parse_registered(ByteView encoded, const EnrolmentKey& key,
                                    ByteView register_der) {
  HEQI_TRY(Reader frame, der::read_message(encoded, kMessageSizeMax));
  HEQI_TRY(const asn1::Element content, frame.expect(asn1::kSequence));
  HEQI_TRY(const ByteView mac, frame.octet_string());
  HEQI_TRY(frame.finish());
  if (!same_mac(mac, answer_mac(key, register_der, content.whole)))
    return base::fail(Code::unauthenticated, "registration: the service does not know the code");
  HEQI_TRY(Reader in, frame.enter(content));
  Registered message;
  HEQI_TRY(message.app_id, der::read_text(in, cosign::kIdSizeMax));
  HEQI_TRY(message.platform_id, der::read_text(in, cosign::kIdSizeMax));
  HEQI_TRY(message.service_channel, der::read_array<kChannelIdSize>(in));
  HEQI_TRY(message.key_channel, der::read_array<kChannelIdSize>(in));
  HEQI_TRY(message.service_key, read_public_key(in));
  HEQI_TRY(message.key_centre_key, read_public_key(in));
  HEQI_TRY(message.key_centre_sealing_key, read_public_key(in));
  HEQI_TRY(message.subject, der::read_bytes(in, kSubjectSizeMax));
  HEQI_TRY(Reader list, in.sequence());
  while (!list.at_end()) {
    if (message.anchors.size() == kAnchorsMax)
      return der::at(list, Code::limit_exceeded, "more than 8 anchors");
    HEQI_TRY(Bytes anchor, der::read_bytes(list, kAnchorSizeMax));
    message.anchors.push_back(std::move(anchor));
  }
  HEQI_TRY(in.finish());
  return message;
}

}  // namespace heqi::device
