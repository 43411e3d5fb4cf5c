// Requests, answers and TSTInfo (RFC 3161 §2.4).
#include <heqi/crypto/sm3.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>

#include "der.h"

namespace heqi::pki {

namespace oids = x509::oids;
using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

void write_imprint(Writer& writer, const asn1::Oid& algorithm, ByteView imprint) {
  writer.sequence([&](Writer& fields) {
    der::write_hash_algorithm(fields, algorithm);
    fields.octet_string(imprint);
  });
}

// digest_size is 0 for a hash that this program does not know.
std::size_t digest_size(const asn1::Oid& algorithm) {
  if (algorithm == oids::sm3() || algorithm == oids::sha256()) return 32;
  if (algorithm == oids::sha1()) return 20;
  if (algorithm == oids::sha384()) return 48;
  if (algorithm == oids::sha512()) return 64;
  return 0;
}

base::Status read_imprint(Reader& reader, asn1::Oid& algorithm, Bytes& imprint) {
  HEQI_TRY(Reader fields, reader.sequence());
  HEQI_TRY(algorithm, der::read_hash_algorithm(fields));
  HEQI_TRY(const ByteView octets, fields.octet_string());
  HEQI_TRY(fields.finish());
  const std::size_t size = digest_size(algorithm);
  if (octets.empty() || octets.size() > 64 || (size != 0 && octets.size() != size))
    return base::fail(Code::malformed, "the imprint's length does not fit its hash algorithm");
  imprint = base::to_bytes(octets);
  return {};
}

base::Status read_nonce(Reader& reader, Bytes& nonce) {
  if (!(reader.peek() == asn1::kInteger)) return {};
  HEQI_TRY(const ByteView octets, reader.unsigned_integer());
  if (octets.size() > kTspNonceSizeMax)
    return base::fail(Code::limit_exceeded, "a nonce over 32 octets");
  nonce = der::trimmed(octets);
  return {};
}

base::Status read_version(Reader& reader) {
  HEQI_TRY(const std::int64_t version, reader.small_integer());
  if (version != 1) return base::fail(Code::unsupported, "a time-stamp structure not of v1");
  return {};
}

}  // namespace

TimeStampRequest make_time_stamp_request(ByteView data, Bytes nonce) {
  const crypto::Digest digest = crypto::sm3(data);
  TimeStampRequest request;
  request.hash_algorithm = oids::sm3();
  request.imprint.assign(digest.begin(), digest.end());
  if (!nonce.empty()) request.nonce = der::trimmed(nonce);
  return request;
}

Bytes encode_time_stamp_request(const TimeStampRequest& request) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& fields) {
      fields.integer(1);
      write_imprint(fields, request.hash_algorithm, request.imprint);
      if (request.policy) fields.oid(*request.policy);
      if (!request.nonce.empty()) fields.unsigned_integer(request.nonce);
      if (request.certificate_requested) fields.boolean(true);
    });
  });
}

Result<TimeStampRequest> parse_time_stamp_request(ByteView der) {
  if (der.size() > kTspRequestSizeMax)
    return base::fail(Code::limit_exceeded, "a time-stamp request over 4096 octets");
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  TimeStampRequest request;
  HEQI_TRY(read_version(fields));
  HEQI_TRY(read_imprint(fields, request.hash_algorithm, request.imprint));
  if (fields.peek() == asn1::kOid) {
    HEQI_TRY(request.policy, fields.oid());
  }
  HEQI_TRY(read_nonce(fields, request.nonce));
  request.certificate_requested = false;
  if (fields.peek() == asn1::kBoolean) {
    HEQI_TRY(request.certificate_requested, fields.boolean());
  }
  if (fields.peek() == asn1::context_constructed(0))
    return base::fail(Code::unsupported,
                      der::what_at("extensions in a time-stamp request", fields.offset()));
  HEQI_TRY(fields.finish());
  return request;
}

namespace {

// Accuracy ::= SEQUENCE { seconds INTEGER, millis [0] INTEGER (1..999), micros [1] … }
void write_accuracy(Writer& writer, base::Duration accuracy) {
  const std::int64_t micros = accuracy.count();
  const auto tagged = [](Writer& w, unsigned number, std::int64_t value) {
    if (value == 0) return;
    const Bytes integer = der::encode([&](Writer& inner) { inner.integer(value); });
    w.element(asn1::context(number), ByteView(integer).subspan(2));
  };
  writer.sequence([&](Writer& fields) {
    if (micros / 1'000'000 != 0) fields.integer(micros / 1'000'000);
    tagged(fields, 0, micros / 1'000 % 1'000);
    tagged(fields, 1, micros % 1'000);
  });
}

Result<base::Duration> read_accuracy(Reader& reader) {
  HEQI_TRY(Reader fields, reader.sequence());
  std::int64_t micros = 0;
  if (fields.peek() == asn1::kInteger) {
    HEQI_TRY(const std::int64_t seconds, fields.small_integer());
    if (seconds < 0 || seconds > 86'400)
      return base::fail(Code::malformed, "an accuracy not within a day");
    micros = seconds * 1'000'000;
  }
  for (unsigned number = 0; number < 2; ++number) {
    HEQI_TRY(const std::optional<asn1::Element> part, fields.optional(asn1::context(number)));
    if (!part) continue;
    std::int64_t value = 0;
    for (const std::uint8_t octet : part->content) value = (value << 8) | octet;
    if (part->content.size() > 2 || value < 1 || value > 999)
      return base::fail(Code::malformed, der::what_at("millis or micros", part->offset));
    micros += value * (number == 0 ? 1'000 : 1);
  }
  HEQI_TRY(fields.finish());
  return base::Duration(micros);
}

}  // namespace

Bytes encode_tst_info(const TstInfo& info) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& fields) {
      fields.integer(1);
      fields.oid(info.policy);
      write_imprint(fields, info.hash_algorithm, info.imprint);
      fields.unsigned_integer(info.serial);
      fields.generalized_time(info.time);
      if (info.accuracy) write_accuracy(fields, *info.accuracy);
      if (info.ordering) fields.boolean(true);
      if (!info.nonce.empty()) fields.unsigned_integer(info.nonce);
    });
  });
}

Result<TstInfo> parse_tst_info(ByteView der) {
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  TstInfo info;
  HEQI_TRY(read_version(fields));
  HEQI_TRY(info.policy, fields.oid());
  HEQI_TRY(read_imprint(fields, info.hash_algorithm, info.imprint));
  HEQI_TRY(const ByteView serial, fields.unsigned_integer());
  if (serial.size() > 20) return base::fail(Code::malformed, "a serial number over 160 bits");
  info.serial = der::trimmed(serial);
  HEQI_TRY(info.time, fields.generalized_time());
  if (fields.peek() == asn1::kSequence) {
    HEQI_TRY(info.accuracy, read_accuracy(fields));
  }
  if (fields.peek() == asn1::kBoolean) {
    HEQI_TRY(info.ordering, fields.boolean());
  }
  HEQI_TRY(read_nonce(fields, info.nonce));
  HEQI_TRY(fields.optional(asn1::context_constructed(0)));  // tsa: a hint, the certificate decides
  HEQI_TRY(std::optional<asn1::Element> extensions, fields.optional(asn1::context_constructed(1)));
  if (extensions) {
    HEQI_TRY(Reader list, fields.enter(*extensions));
    while (!list.at_end()) {
      HEQI_TRY(Reader item, list.sequence());
      HEQI_TRY(const asn1::Oid type, item.oid());
      if (item.peek() != asn1::kBoolean) continue;
      HEQI_TRY(const bool critical, item.boolean());
      if (critical)
        return base::fail(Code::unsupported, "critical TSTInfo extension " + type.dotted());
    }
  }
  HEQI_TRY(fields.finish());
  return info;
}

Bytes encode_time_stamp_answer(ByteView token) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& answer) {
      answer.sequence([&](Writer& status) { status.integer(0); });
      answer.raw(token);
    });
  });
}

Bytes encode_time_stamp_refusal(TspFailure failure, std::string_view text) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& answer) {
      answer.sequence([&](Writer& status) {
        status.integer(2);  // rejection
        if (!text.empty()) status.sequence([&](Writer& list) { list.utf8_string(text); });
        status.named_bits(std::uint32_t{1} << static_cast<unsigned>(failure));
      });
    });
  });
}

Result<Bytes> parse_time_stamp_answer(ByteView der) {
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader answer, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(Reader status, answer.sequence());
  HEQI_TRY(const std::int64_t number, status.small_integer());
  if (number == 0 || number == 1) {  // granted, granted with changes
    HEQI_TRY(const asn1::Element token, answer.expect(asn1::kSequence));
    HEQI_TRY(answer.finish());
    return base::to_bytes(token.whole);
  }
  std::string words = "the time-stamp authority refuses, status " + std::to_string(number);
  if (status.peek() == asn1::kSequence) {
    HEQI_TRY(Reader texts, status.sequence());
    if (!texts.at_end()) {
      HEQI_TRY(const std::string text, texts.text());
      words += ": " + text.substr(0, 200);
    }
  }
  if (!answer.at_end())
    return base::fail(Code::malformed, "a refusal that carries a time-stamp token");
  return base::fail(Code::denied, words);
}

}  // namespace heqi::pki
