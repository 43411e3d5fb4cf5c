#include <heqi/device/local_keys.h>

#include <heqi/crypto/sm2_exchange.h>

#include "der.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {
constexpr std::size_t kSignatureSizeMax = 80;  // SM2Signature in DER has at most 72
}

base::Status check_local_request(const LocalRequest& request) {
  if (request.name.empty() == needs_key(request.service))
    return base::fail(Code::malformed, request.name.empty() ? "a key without a name"
                                                            : "a name where no key is used");
  if (!request.data.empty() && !takes_data(request.service))
    return base::fail(Code::malformed, "data for a service that makes what it needs itself");
  return {};
}

base::Bytes encode_local_request(const LocalRequest& request) {
  return der::message([&](asn1::Writer& w) {
    w.enumerated(static_cast<std::int64_t>(request.service)).utf8_string(request.name);
    w.octet_string(request.data);
  });
}

Result<LocalRequest> parse_local_request(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, kLocalDataSizeMax + 1024));
  LocalRequest request;
  HEQI_TRY(const std::int64_t service, in.enumerated());
  if (service < 1 || service > static_cast<std::int64_t>(kLastLocalService))
    return der::at(in, Code::unsupported, "an unknown service");
  request.service = static_cast<LocalService>(service);
  HEQI_TRY(request.name, der::read_text(in, kLocalNameMax));
  HEQI_TRY(request.data, der::read_bytes(in, kLocalDataSizeMax));
  HEQI_TRY(in.finish());
  HEQI_TRY(check_local_request(request));
  return request;
}

base::Bytes encode_verification(const Verification& verification) {
  return der::message([&](asn1::Writer& w) {
    w.octet_string(verification.public_key).octet_string(verification.message);
    w.octet_string(verification.signature);
  });
}

Result<Verification> parse_verification(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, kLocalDataSizeMax));
  Verification out;
  HEQI_TRY(out.public_key, der::read_bytes(in, crypto::kPointSize));
  HEQI_TRY(out.message, der::read_bytes(in, kLocalDataSizeMax));
  HEQI_TRY(out.signature, der::read_bytes(in, kSignatureSizeMax));
  HEQI_TRY(in.finish());
  return out;
}

base::Bytes encode_encryption(const Encryption& encryption) {
  return der::message([&](asn1::Writer& w) {
    w.octet_string(encryption.public_key).octet_string(encryption.plain);
  });
}

Result<Encryption> parse_encryption(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, kLocalDataSizeMax));
  Encryption out;
  HEQI_TRY(out.public_key, der::read_bytes(in, crypto::kPointSize));
  HEQI_TRY(out.plain, der::read_bytes(in, kLocalDataSizeMax));
  HEQI_TRY(in.finish());
  return out;
}

base::Bytes encode_agreement_offer(const AgreementOffer& offer) {
  return der::message([&](asn1::Writer& w) {
    w.octet_string(offer.public_key).octet_string(offer.share);
    w.utf8_string(offer.own_id).utf8_string(offer.peer_id);
    w.integer(static_cast<std::int64_t>(offer.size));
    if (offer.confirmation)
      w.explicit_tag(0, [&](asn1::Writer& inner) { inner.octet_string(*offer.confirmation); });
  });
}

Result<AgreementOffer> parse_agreement_offer(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, 2 * kAgreementIdMax + 512));
  AgreementOffer out;
  HEQI_TRY(out.public_key, der::read_bytes(in, crypto::kPointSize));
  HEQI_TRY(out.share, der::read_bytes(in, crypto::kPointSize));
  HEQI_TRY(out.own_id, der::read_text(in, kAgreementIdMax));
  HEQI_TRY(out.peer_id, der::read_text(in, kAgreementIdMax));
  if (out.own_id.empty() || out.peer_id.empty())
    return der::at(in, Code::malformed, "a side without an identity");
  HEQI_TRY(out.size, der::read_number(in, crypto::kExchangedKeySizeMax));
  HEQI_TRY(std::optional<asn1::Reader> inner, in.explicit_tag(0));
  if (inner) {
    HEQI_TRY(out.confirmation, der::read_bytes(*inner, crypto::kSm3Size));
    HEQI_TRY(inner->finish());
  }
  HEQI_TRY(in.finish());
  return out;
}

base::Bytes encode_local_lines(const std::vector<LocalKeyLine>& lines) {
  return der::message([&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& list) {
      for (const LocalKeyLine& line : lines)
        list.sequence(
            [&](asn1::Writer& one) { one.utf8_string(line.name).octet_string(line.public_key); });
    });
  });
}

Result<std::vector<LocalKeyLine>> parse_local_lines(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, 64 * 1024));
  HEQI_TRY(asn1::Reader list, in.sequence());
  std::vector<LocalKeyLine> lines;
  while (!list.at_end()) {
    if (lines.size() == kLocalKeysMax) return der::at(list, Code::limit_exceeded, "local keys");
    HEQI_TRY(asn1::Reader one, list.sequence());
    LocalKeyLine line;
    HEQI_TRY(line.name, der::read_text(one, kLocalNameMax));
    HEQI_TRY(line.public_key, der::read_bytes(one, crypto::kPointSize));
    HEQI_TRY(one.finish());
    lines.push_back(std::move(line));
  }
  HEQI_TRY(in.finish());
  return lines;
}

}  // namespace heqi::device
