#include <algorithm>

#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>

namespace heqi::x509 {
namespace {

base::Error bad(const std::string& what) {
  return base::fail(base::Code::malformed, "signed attributes: " + what);
}

base::Bytes encode_attribute(const Attribute& attribute) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.oid(attribute.type);
    w.set_of(attribute.values);
  });
  return out.take();
}

base::Result<Attribute> parse_attribute(const asn1::Element& element, const asn1::Reader& set) {
  HEQI_TRY(asn1::Reader reader, set.enter(element));
  Attribute out;
  HEQI_TRY(out.type, reader.oid());
  HEQI_TRY(asn1::Reader values, reader.set());
  HEQI_TRY(reader.finish());
  while (!values.at_end()) {
    HEQI_TRY(const asn1::Element value, values.any());
    out.values.push_back(base::to_bytes(value.whole));
    if (out.values.size() > kSignedAttributesMax)
      return base::fail(base::Code::limit_exceeded, "signed attributes: too many values");
  }
  if (out.values.empty()) return asn1::malformed_element("attribute without a value", element);
  return out;
}

// single is a reader over the only value of attribute.
base::Result<asn1::Reader> single(const Attribute& attribute) {
  if (attribute.values.size() != 1)
    return bad(attribute.type.dotted() + " does not have exactly one value");
  return asn1::Reader::over(attribute.values[0]);
}

// take puts an attribute into its field, or into others.
base::Status take(SignedAttributes& out, Attribute attribute) {
  const bool known =
      attribute.type == oids::content_type() || attribute.type == oids::message_digest() ||
      attribute.type == oids::signing_time() || attribute.type == oids::signing_certificate_v2();
  if (!known) {
    out.others.push_back(std::move(attribute));
    return {};
  }
  HEQI_TRY(asn1::Reader value, single(attribute));
  if (attribute.type == oids::content_type()) {
    HEQI_TRY(out.content_type, value.oid());
  } else if (attribute.type == oids::message_digest()) {
    HEQI_TRY(const base::ByteView digest, value.octet_string());
    if (digest.empty()) return bad("empty messageDigest");
    out.message_digest = base::to_bytes(digest);
  } else if (attribute.type == oids::signing_time()) {
    HEQI_TRY(out.signing_time, value.time());
  } else {
    HEQI_TRY(out.signing_certificate, parse_signing_certificate(attribute.values[0]));
    return {};
  }
  return value.finish();
}

base::Result<CertificateReference> parse_reference(asn1::Reader& list) {
  HEQI_TRY(asn1::Reader reader, list.sequence());
  CertificateReference out;
  out.hash_algorithm = oids::sha256();  // the default of RFC 5035
  const auto next = reader.peek();
  if (next && *next == asn1::kSequence) {
    HEQI_TRY(const AlgorithmIdentifier algorithm, parse_algorithm(reader));
    out.hash_algorithm = algorithm.oid;
  }
  HEQI_TRY(const base::ByteView hash, reader.octet_string());
  out.hash = base::to_bytes(hash);
  if (!reader.at_end()) {
    HEQI_TRY(asn1::Reader issuer_serial, reader.sequence());
    HEQI_TRY(asn1::Reader names, issuer_serial.sequence());
    HEQI_TRY(const std::vector<GeneralName> issuer, parse_general_names(names));
    HEQI_TRY(const base::ByteView serial, issuer_serial.unsigned_integer());
    HEQI_TRY(issuer_serial.finish());
    if (issuer.size() != 1 || issuer[0].kind != GeneralName::Kind::directory)
      return bad("issuerSerial does not name one issuer");
    out.issuer = issuer[0].value;
    out.serial = base::to_bytes(serial);
  }
  HEQI_TRY(reader.finish());
  return out;
}

}  // namespace

CertificateReference make_reference(const Certificate& certificate) {
  const crypto::Digest digest = certificate.fingerprint();
  CertificateReference out;
  out.hash_algorithm = oids::sm3();
  out.hash.assign(digest.begin(), digest.end());
  out.issuer = base::to_bytes(certificate.issuer().der());
  out.serial = certificate.serial();
  return out;
}

base::Bytes encode_signing_certificate(const CertificateReference& reference) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& signing_certificate) {
    signing_certificate.sequence([&](asn1::Writer& list) {
      list.sequence([&](asn1::Writer& w) {
        if (!(reference.hash_algorithm == oids::sha256()))
          write_algorithm(w, {reference.hash_algorithm, {}});
        w.octet_string(reference.hash);
        if (reference.issuer.empty()) return;
        w.sequence([&](asn1::Writer& issuer_serial) {
          issuer_serial.sequence([&](asn1::Writer& names) {
            names.explicit_tag(4, [&](asn1::Writer& name) { name.raw(reference.issuer); });
          });
          issuer_serial.unsigned_integer(reference.serial);
        });
      });
    });
  });
  return out.take();
}

base::Result<CertificateReference> parse_signing_certificate(base::ByteView value) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(value));
  HEQI_TRY(asn1::Reader signing_certificate, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(asn1::Reader list, signing_certificate.sequence());
  HEQI_TRY(signing_certificate.optional(asn1::kSequence));  // policies
  HEQI_TRY(signing_certificate.finish());
  HEQI_TRY(CertificateReference out, parse_reference(list));
  for (std::size_t count = 1; !list.at_end(); ++count) {
    HEQI_TRY(parse_reference(list));
    if (count > kSignedAttributesMax)
      return base::fail(base::Code::limit_exceeded, "signed attributes: too many references");
  }
  return out;
}

base::Result<base::Bytes> encode_signed_attributes(const SignedAttributes& attributes) {
  if (attributes.content_type.empty()) return bad("no content type");
  if (attributes.message_digest.empty()) return bad("no message digest");
  std::vector<Attribute> all = attributes.others;
  all.push_back({oids::content_type(), {asn1::Writer().oid(attributes.content_type).take()}});
  all.push_back(
      {oids::message_digest(), {asn1::Writer().octet_string(attributes.message_digest).take()}});
  if (attributes.signing_time)
    all.push_back({oids::signing_time(), {asn1::Writer().time(*attributes.signing_time).take()}});
  if (attributes.signing_certificate)
    all.push_back({oids::signing_certificate_v2(),
                   {encode_signing_certificate(*attributes.signing_certificate)}});
  std::vector<base::Bytes> members;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].type == all[j].type) return bad(all[i].type.dotted() + " comes twice");
    if (all[i].values.empty()) return bad(all[i].type.dotted() + " has no value");
    members.push_back(encode_attribute(all[i]));
  }
  return asn1::Writer().set_of(std::move(members)).take();
}

base::Result<SignedAttributes> parse_signed_attributes(base::ByteView der) {
  if (der.size() > kSignedAttributesSizeMax)
    return base::fail(base::Code::limit_exceeded, "signed attributes: more than 65536 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader set, outer.set());
  HEQI_TRY(outer.finish());
  SignedAttributes out;
  std::vector<asn1::Oid> seen;
  base::ByteView previous;
  while (!set.at_end()) {
    HEQI_TRY(const asn1::Element element, set.expect(asn1::kSequence));
    if (!previous.empty() &&
        !std::lexicographical_compare(previous.begin(), previous.end(), element.whole.begin(),
                                      element.whole.end()))
      return asn1::malformed_element("members of a SET OF are not in order", element);
    previous = element.whole;
    HEQI_TRY(Attribute attribute, parse_attribute(element, set));
    for (const asn1::Oid& type : seen)
      if (type == attribute.type) return bad(type.dotted() + " comes twice");
    seen.push_back(attribute.type);
    if (seen.size() > kSignedAttributesMax)
      return base::fail(base::Code::limit_exceeded, "signed attributes: more than 32");
    HEQI_TRY(take(out, std::move(attribute)));
  }
  if (out.content_type.empty()) return bad("no contentType");
  if (out.message_digest.empty()) return bad("no messageDigest");
  return out;
}

base::Status verify_content(const SignedAttributes& attributes, base::ByteView content) {
  if (base::same_bytes(attributes.message_digest, crypto::sm3(content))) return {};
  return base::fail(base::Code::invalid_signature,
                    "messageDigest is not the SM3 digest of the content");
}

base::Status verify_signing_certificate(const SignedAttributes& attributes,
                                        const Certificate& certificate) {
  if (!attributes.signing_certificate)
    return base::fail(base::Code::invalid_signature, "no signingCertificateV2");
  const CertificateReference& stated = *attributes.signing_certificate;
  if (!(stated.hash_algorithm == oids::sm3()))
    return base::fail(base::Code::unsupported,
                      "signingCertificateV2 hashes with " + stated.hash_algorithm.dotted());
  const CertificateReference own = make_reference(certificate);
  const bool fits =
      stated.hash == own.hash &&
      (stated.issuer.empty() || (stated.issuer == own.issuer && stated.serial == own.serial));
  if (fits) return {};
  return base::fail(base::Code::invalid_signature,
                    "signingCertificateV2 names another certificate");
}

}  // namespace heqi::x509
