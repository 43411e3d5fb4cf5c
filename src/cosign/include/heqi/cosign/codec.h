// heqi/cosign/codec.h: the exchange's messages in DER (docs/asn1/heqi.asn1). Points are 65 octets
// 04||X||Y, scalars 32 octets; every point and scalar is checked where it is read, so that a parsed
// message holds none at infinity, off the curve, zero or not below n.
#pragma once
#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/cosign/blind.h>
#include <heqi/cosign/joint.h>

namespace heqi::cosign {

void write_key_name(asn1::Writer& out, const KeyName& name);
base::Result<KeyName> read_key_name(asn1::Reader& in);

base::Bytes encode_key_init(const KeyInit& message);
base::Result<KeyInit> parse_key_init(base::ByteView der);
base::Bytes encode_key_init_answer(const KeyInitAnswer& message);
base::Result<KeyInitAnswer> parse_key_init_answer(base::ByteView der);

base::Bytes encode_opening(const Opening& message);
// parse_opening fails with device_outdated where the opening is of an older exchange.
base::Result<Opening> parse_opening(base::ByteView der);
base::Bytes encode_answer(const Answer& message);
base::Result<Answer> parse_answer(base::ByteView der);
base::Bytes encode_confirm(const Confirm& message);
base::Result<Confirm> parse_confirm(base::ByteView der);

// The messages of `blind` (blind.h): blind_codec.cc.
base::Bytes encode_blind_opening(const BlindOpening& message);
base::Result<BlindOpening> parse_blind_opening(base::ByteView der);
base::Bytes encode_blind_commitment(const BlindCommitment& message);
base::Result<BlindCommitment> parse_blind_commitment(base::ByteView der);
base::Bytes encode_blind_request(const NamedBlindRequest& message);
base::Result<NamedBlindRequest> parse_blind_request(base::ByteView der);
base::Bytes encode_blind_answer(const BlindAnswer& message);
base::Result<BlindAnswer> parse_blind_answer(base::ByteView der);
base::Bytes encode_blind_close(const KeyName& name);
base::Result<KeyName> parse_blind_close(base::ByteView der);

}  // namespace heqi::cosign
