#include <heqi/asn1/reader.h>
#include <heqi/keys/service_keys.h>
#include <heqi/x509/oids.h>

namespace heqi::keys {
namespace {

// is_certificate_or_crl_body recognises TBSCertificate version 3 and TBSCertList version 2 (RFC
// 5280).
base::Result<bool> is_certificate_or_crl_body(base::ByteView message) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(message));
  HEQI_TRY(asn1::Reader body, outer.sequence());
  HEQI_TRY(outer.finish());
  if (body.peek() == asn1::context_constructed(0)) {
    HEQI_TRY(asn1::Reader version, body.constructed(asn1::context_constructed(0)));
    HEQI_TRY(const std::int64_t number, version.small_integer());
    HEQI_TRY(body.unsigned_integer());
    return number == 2 && body.peek() == asn1::kSequence;
  }
  HEQI_TRY(const std::int64_t number, body.small_integer());
  return number == 1 && body.peek() == asn1::kSequence;
}

// is_response_data recognises ResponseData (RFC 6960 §4.2.1): a responder id, then a time.
base::Result<bool> is_response_data(base::ByteView message) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(message));
  HEQI_TRY(asn1::Reader data, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Element responder, data.any());
  return responder.tag.tag_class == asn1::Class::context && data.peek() == asn1::kGeneralizedTime;
}

// is_time_stamp_attributes recognises signed attributes whose contentType is TSTInfo (RFC 3161
// §2.4.2).
base::Result<bool> is_time_stamp_attributes(base::ByteView message) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(message));
  HEQI_TRY(asn1::Reader attributes, outer.set());
  HEQI_TRY(outer.finish());
  while (!attributes.at_end()) {
    HEQI_TRY(asn1::Reader attribute, attributes.sequence());
    HEQI_TRY(const asn1::Oid type, attribute.oid());
    if (!(type == x509::oids::content_type())) continue;
    HEQI_TRY(asn1::Reader values, attribute.set());
    HEQI_TRY(const asn1::Oid content, values.oid());
    return content == x509::oids::tst_info();
  }
  return false;
}

// is_signed_request recognises the text that stands for an application's request.
bool is_signed_request(base::ByteView message) {
  constexpr std::string_view head = "HEQI-SM2-1\n";
  return base::text_of(message).starts_with(head);
}

bool holds(const base::Result<bool>& answer) {
  return answer.has_value() && *answer;
}

}  // namespace

base::Status check_application_data(base::ByteView message) {
  const bool of_a_service = holds(is_certificate_or_crl_body(message)) ||
                            holds(is_response_data(message)) ||
                            holds(is_time_stamp_attributes(message));
  if (of_a_service)
    return base::fail(base::Code::denied, "what an authority signs is not for an application");
  return {};
}

base::Status check_purpose(Purpose purpose, base::ByteView message) {
  const bool body = holds(is_certificate_or_crl_body(message));
  const bool status = holds(is_response_data(message));
  const bool stamp = holds(is_time_stamp_attributes(message));
  const bool is_other_der = !body && !status && !stamp && !message.empty() && message[0] == 0x30;
  bool allowed = false;
  switch (purpose) {
    case Purpose::certificates:
      allowed = body;
      break;
    case Purpose::status_answers:
      allowed = status;
      break;
    case Purpose::time_stamps:
      allowed = stamp;
      break;
    case Purpose::statements:
      allowed = is_other_der || is_signed_request(message);
      break;
    case Purpose::channel:
      allowed = is_other_der;
      break;
    case Purpose::applications:
      break;
  }
  if (!allowed)
    return base::fail(base::Code::denied, "the key's purpose does not cover this message");
  return {};
}

}  // namespace heqi::keys
