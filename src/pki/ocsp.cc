#include <heqi/pki/ocsp.h>

#include <heqi/x509/oids.h>

#include "der.h"
#include "issuers.h"

namespace heqi::pki {

namespace oids = x509::oids;
using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

constexpr std::size_t kCertificatesInAnswerMax = 8;

void write_cert_id(Writer& writer, const CertId& id) {
  writer.sequence([&](Writer& fields) {
    der::write_hash_algorithm(fields, id.hash_algorithm);
    fields.octet_string(id.issuer_name_hash);
    fields.octet_string(id.issuer_key_hash);
    fields.unsigned_integer(id.serial);
  });
}

Result<CertId> read_cert_id(Reader& reader) {
  HEQI_TRY(Reader fields, reader.sequence());
  CertId id;
  HEQI_TRY(id.hash_algorithm, der::read_hash_algorithm(fields));
  HEQI_TRY(const ByteView name, fields.octet_string());
  HEQI_TRY(const ByteView key, fields.octet_string());
  HEQI_TRY(const ByteView serial, fields.unsigned_integer());
  HEQI_TRY(fields.finish());
  id.issuer_name_hash = base::to_bytes(name);
  id.issuer_key_hash = base::to_bytes(key);
  id.serial = der::trimmed(serial);
  if (id.serial.size() > 32) return base::fail(Code::malformed, "a serial number over 32 octets");
  return id;
}

void write_nonce(Writer& writer, unsigned tag, ByteView nonce) {
  if (nonce.empty()) return;
  writer.explicit_tag(tag, [&](Writer& tagged) {
    tagged.sequence([&](Writer& extensions) {
      der::write_extension(extensions, oids::ocsp_nonce(), false,
                           der::encode([&](Writer& w) { w.octet_string(nonce); }));
    });
  });
}

// read_extensions_with_nonce reads Extensions; the nonce is the content of an OCTET STRING, or,
// from old clients, the extension's bare octets.
Result<Bytes> read_extensions_with_nonce(Reader& reader) {
  const std::size_t offset = reader.offset();
  HEQI_TRY(const std::vector<x509::Extension> extensions, x509::parse_extensions(reader));
  HEQI_TRY(reader.finish());
  Bytes nonce;
  for (const x509::Extension& extension : extensions) {
    if (extension.type == oids::ocsp_nonce()) {
      nonce = base::to_bytes(extension.value);
      if (Result<Reader> value = Reader::over(extension.value)) {
        const Result<ByteView> octets = value->octet_string();
        if (octets && value->at_end()) nonce = base::to_bytes(*octets);
      }
      if (nonce.empty() || nonce.size() > kOcspNonceSizeMax)
        return base::fail(Code::malformed, der::what_at("a nonce not of 1 to 128 octets", offset));
    } else if (extension.critical) {
      return base::fail(Code::unsupported,
                        der::what_at("critical extension " + extension.type.dotted(), offset));
    }
  }
  return nonce;
}

}  // namespace

Result<CertId> make_cert_id(const x509::Certificate& issuer, ByteView serial,
                            const asn1::Oid& algorithm, const Digester& digests) {
  CertId id;
  id.hash_algorithm = algorithm;
  HEQI_TRY(id.issuer_name_hash, digests.digest(algorithm, issuer.subject().der()));
  HEQI_TRY(id.issuer_key_hash, digests.digest(algorithm, issuer.public_key().key));
  id.serial = der::trimmed(serial);
  return id;
}

Result<bool> names_issuer(const CertId& id, const x509::Certificate& issuer,
                          const Digester& digests) {
  HEQI_TRY(const CertId expected, make_cert_id(issuer, id.serial, id.hash_algorithm, digests));
  return expected == id;
}

Bytes encode_ocsp_request(const OcspRequest& request) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& outer) {
      outer.sequence([&](Writer& tbs) {
        tbs.sequence([&](Writer& list) {
          for (const CertId& id : request.questions)
            list.sequence([&](Writer& question) { write_cert_id(question, id); });
        });
        write_nonce(tbs, 2, request.nonce);
      });
    });
  });
}

Result<OcspRequest> parse_ocsp_request(ByteView der) {
  if (der.size() > kOcspRequestSizeMax)
    return base::fail(Code::limit_exceeded, "an OCSP request over 16384 octets");
  HEQI_TRY(Reader all, Reader::over(der));
  HEQI_TRY(Reader outer, all.sequence());
  HEQI_TRY(all.finish());
  HEQI_TRY(Reader tbs, outer.sequence());
  HEQI_TRY(outer.optional(asn1::context_constructed(0)));  // a signature, not asked for
  HEQI_TRY(outer.finish());

  HEQI_TRY(std::optional<Reader> version, tbs.explicit_tag(0));
  if (version) {
    HEQI_TRY(const std::int64_t number, version->small_integer());
    if (number != 0) return base::fail(Code::unsupported, "OCSP request version not v1");
  }
  HEQI_TRY(tbs.optional(asn1::context_constructed(1)));  // requestorName
  HEQI_TRY(Reader list, tbs.sequence());
  OcspRequest request;
  while (!list.at_end()) {
    if (request.questions.size() == kOcspQuestionsMax)
      return base::fail(Code::limit_exceeded, "more than 64 questions in an OCSP request");
    HEQI_TRY(Reader question, list.sequence());
    HEQI_TRY(CertId id, read_cert_id(question));
    HEQI_TRY(std::optional<Reader> extensions, question.explicit_tag(0));
    if (extensions) {
      HEQI_TRY(read_extensions_with_nonce(*extensions));
    }
    HEQI_TRY(question.finish());
    request.questions.push_back(std::move(id));
  }
  if (request.questions.empty())
    return base::fail(Code::malformed, "an OCSP request without a question");
  HEQI_TRY(std::optional<Reader> extensions, tbs.explicit_tag(2));
  if (extensions) {
    HEQI_TRY(request.nonce, read_extensions_with_nonce(*extensions));
  }
  HEQI_TRY(tbs.finish());
  return request;
}

Bytes encode_ocsp_failure(OcspFailure failure) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& w) { w.enumerated(static_cast<std::int64_t>(failure)); });
  });
}

namespace {

void write_single(Writer& list, const SingleAnswer& answer) {
  list.sequence([&](Writer& item) {
    write_cert_id(item, answer.id);
    switch (answer.status) {
      case CertStatus::good:
        item.element(asn1::context(0), {});
        break;
      case CertStatus::revoked:
        item.constructed(asn1::context_constructed(1), [&](Writer& revoked) {
          revoked.generalized_time(answer.revoked_at.value_or(answer.this_update));
          if (answer.reason)
            revoked.explicit_tag(
                0, [&](Writer& w) { w.enumerated(static_cast<std::int64_t>(*answer.reason)); });
        });
        break;
      case CertStatus::unknown:
        item.element(asn1::context(2), {});
        break;
    }
    item.generalized_time(answer.this_update);
    if (answer.next_update)
      item.explicit_tag(0, [&](Writer& w) { w.generalized_time(*answer.next_update); });
  });
}

Bytes encode_response_data(const OcspBody& body, const x509::Name& responder) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& data) {
      // By name: clients hash keys with SHA-1 or with SM3, but all of them know names.
      data.explicit_tag(1, [&](Writer& w) { w.raw(responder.der()); });
      data.generalized_time(body.produced_at);
      data.sequence([&](Writer& list) {
        for (const SingleAnswer& answer : body.answers) write_single(list, answer);
      });
      write_nonce(data, 1, body.nonce);
    });
  });
}

Result<SingleAnswer> read_single(Reader& list) {
  HEQI_TRY(Reader item, list.sequence());
  SingleAnswer answer;
  HEQI_TRY(answer.id, read_cert_id(item));
  HEQI_TRY(const asn1::Element status, item.any());
  if (status.tag == asn1::context(0) && status.content.empty()) {
    answer.status = CertStatus::good;
  } else if (status.tag == asn1::context_constructed(1)) {
    answer.status = CertStatus::revoked;
    HEQI_TRY(Reader revoked, item.enter(status));
    HEQI_TRY(answer.revoked_at, revoked.generalized_time());
    HEQI_TRY(std::optional<Reader> reason, revoked.explicit_tag(0));
    if (reason) {
      HEQI_TRY(const std::int64_t number, reason->enumerated());
      HEQI_TRY(answer.reason, parse_reason(number));
    }
    HEQI_TRY(revoked.finish());
  } else if (status.tag == asn1::context(2) && status.content.empty()) {
    answer.status = CertStatus::unknown;
  } else {
    return base::fail(Code::malformed, der::what_at("CertStatus", status.offset));
  }
  HEQI_TRY(answer.this_update, item.generalized_time());
  HEQI_TRY(std::optional<Reader> next, item.explicit_tag(0));
  if (next) {
    HEQI_TRY(answer.next_update, next->generalized_time());
  }
  HEQI_TRY(std::optional<Reader> extensions, item.explicit_tag(1));
  if (extensions) {
    HEQI_TRY(read_extensions_with_nonce(*extensions));
  }
  HEQI_TRY(item.finish());
  return answer;
}

base::Status read_response_data(OcspAnswer& answer, Reader& data) {
  HEQI_TRY(std::optional<Reader> version, data.explicit_tag(0));
  if (version) {
    HEQI_TRY(const std::int64_t number, version->small_integer());
    if (number != 0) return base::fail(Code::unsupported, "OCSP response version not v1");
  }
  HEQI_TRY(std::optional<Reader> by_name, data.explicit_tag(1));
  if (by_name) {
    HEQI_TRY(answer.responder_name, x509::Name::parse(*by_name));
    HEQI_TRY(by_name->finish());
  } else {
    HEQI_TRY(std::optional<Reader> by_key, data.explicit_tag(2));
    if (!by_key)
      return base::fail(Code::malformed, der::what_at("ResponderID is missing", data.offset()));
    HEQI_TRY(const ByteView hash, by_key->octet_string());
    answer.responder_key_hash = base::to_bytes(hash);
    HEQI_TRY(by_key->finish());
  }
  HEQI_TRY(answer.body.produced_at, data.generalized_time());
  HEQI_TRY(Reader list, data.sequence());
  while (!list.at_end()) {
    if (answer.body.answers.size() == kOcspQuestionsMax)
      return base::fail(Code::limit_exceeded, "more than 64 answers in an OCSP response");
    HEQI_TRY(SingleAnswer single, read_single(list));
    answer.body.answers.push_back(std::move(single));
  }
  HEQI_TRY(std::optional<Reader> extensions, data.explicit_tag(1));
  if (extensions) {
    HEQI_TRY(answer.body.nonce, read_extensions_with_nonce(*extensions));
  }
  return data.finish();
}

base::Status read_basic(OcspAnswer& answer, ByteView octets, std::size_t base_offset) {
  HEQI_TRY(Reader outer, Reader::over(octets));
  HEQI_TRY(Reader basic, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Element tbs, basic.expect(asn1::kSequence));
  answer.tbs_offset = base_offset + tbs.offset;
  answer.tbs_size = tbs.whole.size();
  HEQI_TRY(answer.signature_algorithm, x509::parse_algorithm(basic));
  HEQI_TRY(const ByteView signature, basic.bit_string());
  answer.signature = base::to_bytes(signature);
  HEQI_TRY(std::optional<Reader> certificates, basic.explicit_tag(0));
  if (certificates) {
    HEQI_TRY(Reader list, certificates->sequence());
    while (!list.at_end()) {
      if (answer.certificates.size() == kCertificatesInAnswerMax)
        return base::fail(Code::limit_exceeded, "more than 8 certificates in an OCSP response");
      HEQI_TRY(const asn1::Element element, list.expect(asn1::kSequence));
      HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(element.whole));
      answer.certificates.push_back(std::move(certificate));
    }
    HEQI_TRY(certificates->finish());
  }
  HEQI_TRY(basic.finish());
  HEQI_TRY(Reader data, basic.enter(tbs));
  return read_response_data(answer, data);
}

const char* failure_name(std::int64_t status) {
  switch (status) {
    case 1:
      return "malformedRequest";
    case 2:
      return "internalError";
    case 3:
      return "tryLater";
    case 5:
      return "sigRequired";
    case 6:
      return "unauthorized";
    default:
      return "an undefined status";
  }
}

}  // namespace

Result<Bytes> make_ocsp_answer(const OcspBody& body, const x509::Certificate& responder,
                               const std::vector<x509::Certificate>& included,
                               x509::Signer& signer) {
  const Bytes tbs = encode_response_data(body, responder.subject());
  HEQI_TRY(const Bytes signature, signer.sign(tbs));
  const Bytes basic = der::encode([&](Writer& out) {
    out.sequence([&](Writer& w) {
      w.raw(tbs);
      w.raw(x509::encode_algorithm(signer.algorithm()));
      w.bit_string(signature);
      if (included.empty()) return;
      w.explicit_tag(0, [&](Writer& tagged) {
        tagged.sequence([&](Writer& list) {
          for (const x509::Certificate& certificate : included) list.raw(certificate.der());
        });
      });
    });
  });
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& answer) {
      answer.enumerated(0);
      answer.explicit_tag(0, [&](Writer& tagged) {
        tagged.sequence([&](Writer& w) {
          w.oid(oids::ocsp_basic());
          w.octet_string(basic);
        });
      });
    });
  });
}

Result<OcspAnswer> parse_ocsp_answer(ByteView der) {
  if (der.size() > kOcspAnswerSizeMax)
    return base::fail(Code::limit_exceeded, "an OCSP response over 262144 octets");
  OcspAnswer answer;
  answer.der = base::to_bytes(der);
  HEQI_TRY(Reader all, Reader::over(answer.der));
  HEQI_TRY(Reader outer, all.sequence());
  HEQI_TRY(all.finish());
  HEQI_TRY(const std::int64_t status, outer.enumerated());
  if (status != 0)
    return base::fail(Code::unavailable,
                      std::string("the OCSP responder says ") + failure_name(status));
  HEQI_TRY(std::optional<Reader> tagged, outer.explicit_tag(0));
  if (!tagged) return base::fail(Code::malformed, "an OCSP response without an answer");
  HEQI_TRY(outer.finish());
  HEQI_TRY(Reader typed, tagged->sequence());
  HEQI_TRY(tagged->finish());
  HEQI_TRY(const asn1::Oid type, typed.oid());
  if (!(type == oids::ocsp_basic()))
    return base::fail(Code::unsupported, "an OCSP response of type " + type.dotted());
  HEQI_TRY(const ByteView octets, typed.octet_string());
  HEQI_TRY(typed.finish());
  HEQI_TRY(read_basic(answer, octets, static_cast<std::size_t>(octets.data() - answer.der.data())));
  return answer;
}

}  // namespace heqi::pki
