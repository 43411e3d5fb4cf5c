// blind_codec.cc: the messages of `blind` in DER (docs/asn1/heqi.asn1).
#include <heqi/cosign/codec.h>

#include "codec_parts.h"

namespace heqi::cosign {

using namespace codec;

Bytes encode_blind_opening(const BlindOpening& opening) {
  return message([&](Writer& w) {
    write_key_name(w, opening.name);
    w.integer(static_cast<std::int64_t>(opening.counter));
  });
}

Result<BlindOpening> parse_blind_opening(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  BlindOpening opening;
  HEQI_TRY(opening.name, read_key_name(in));
  HEQI_TRY(opening.counter, read_counter(in));
  HEQI_TRY(in.finish());
  return opening;
}

Bytes encode_blind_commitment(const BlindCommitment& commitment) {
  return message([&](Writer& w) {
    w.octet_string(commitment.session).integer(static_cast<std::int64_t>(commitment.counter));
    write_point(w, commitment.r1);
    write_point(w, commitment.r2);
  });
}

Result<BlindCommitment> parse_blind_commitment(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  BlindCommitment commitment;
  HEQI_TRY(commitment.session, read_octets<kSessionIdSize>(in));
  HEQI_TRY(commitment.counter, read_counter(in));
  HEQI_TRY(commitment.r1, read_point(in));
  HEQI_TRY(commitment.r2, read_point(in));
  HEQI_TRY(in.finish());
  return commitment;
}

Bytes encode_blind_request(const NamedBlindRequest& named) {
  return message([&](Writer& w) {
    write_key_name(w, named.name);
    w.octet_string(named.request.session);
    write_scalar(w, named.request.r_blinded);
    write_proof(w, named.request.proof_d1);
  });
}

Result<NamedBlindRequest> parse_blind_request(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  NamedBlindRequest named;
  HEQI_TRY(named.name, read_key_name(in));
  HEQI_TRY(named.request.session, read_octets<kSessionIdSize>(in));
  HEQI_TRY(named.request.r_blinded, read_scalar(in));
  HEQI_TRY(named.request.proof_d1, read_proof(in));
  HEQI_TRY(in.finish());
  return named;
}

Bytes encode_blind_answer(const BlindAnswer& answer) {
  return message([&](Writer& w) {
    w.octet_string(answer.session);
    write_scalar(w, answer.s1);
    write_scalar(w, answer.s2);
  });
}

Result<BlindAnswer> parse_blind_answer(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  BlindAnswer answer;
  HEQI_TRY(answer.session, read_octets<kSessionIdSize>(in));
  HEQI_TRY(answer.s1, read_scalar(in));
  HEQI_TRY(answer.s2, read_scalar(in));
  HEQI_TRY(in.finish());
  return answer;
}

Bytes encode_blind_close(const KeyName& name) {
  return message([&](Writer& w) { write_key_name(w, name); });
}

Result<KeyName> parse_blind_close(ByteView der) {
  HEQI_TRY(Reader in, read_message(der));
  HEQI_TRY(KeyName name, read_key_name(in));
  HEQI_TRY(in.finish());
  return name;
}

}  // namespace heqi::cosign
