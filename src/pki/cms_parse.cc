// Reading of signed messages: RFC 5652 §5, PKCS #7 1.5 and GM/T 0010 (GB/T 35275) shapes.
#include <heqi/pki/cms.h>
#include <heqi/x509/oids.h>

#include <algorithm>

#include "der.h"

namespace heqi::pki {

namespace oids = x509::oids;
using asn1::Element;
using asn1::Reader;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

constexpr std::size_t kDigestAlgorithmsMax = 16;
constexpr std::size_t kAttributeValuesMax = 16;

Result<Attribute> read_attribute(Reader& list) {
  HEQI_TRY(Reader item, list.sequence());
  Attribute attribute;
  HEQI_TRY(attribute.type, item.oid());
  HEQI_TRY(Reader values, item.set());
  HEQI_TRY(item.finish());
  while (!values.at_end()) {
    if (attribute.values.size() == kAttributeValuesMax)
      return base::fail(Code::limit_exceeded,
                        der::what_at("more than 16 attribute values", values.offset()));
    HEQI_TRY(const Element value, values.any());
    attribute.values.push_back(base::to_bytes(value.whole));
  }
  if (attribute.values.empty())
    return base::fail(Code::malformed, der::what_at("attribute without value", item.offset()));
  return attribute;
}

Result<std::vector<Attribute>> read_attributes(Reader& list) {
  std::vector<Attribute> attributes;
  while (!list.at_end()) {
    if (attributes.size() == kAttributesMax)
      return base::fail(Code::limit_exceeded,
                        der::what_at("more than 32 attributes", list.offset()));
    HEQI_TRY(Attribute attribute, read_attribute(list));
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

base::Status read_signed_attributes(SignerInfo& signer, Reader& fields, const Element& element) {
  HEQI_TRY(Reader list, fields.enter(element));
  HEQI_TRY(signer.signed_values, read_attributes(list));
  // Signed is the SET OF, sent is [0] IMPLICIT (RFC 5652 §5.4): only the tag octet differs.
  signer.signed_attributes = base::to_bytes(element.whole);
  signer.signed_attributes[0] = 0x31;
  const std::vector<Attribute>& all = signer.signed_values;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].type == all[j].type)
        return base::fail(
            Code::malformed,
            der::what_at("signed attribute " + all[i].type.dotted() + " twice", element.offset));
  if (all.empty())
    return base::fail(Code::malformed, der::what_at("empty signed attributes", element.offset));
  return {};
}

base::Status read_signer_name(SignerInfo& signer, Reader& fields) {
  if (fields.peek() == asn1::context(0)) {
    HEQI_TRY(const Element id, fields.any());
    signer.key_identifier = base::to_bytes(id.content);
    return {};
  }
  HEQI_TRY(Reader name, fields.sequence());
  HEQI_TRY(const Element issuer, name.expect(asn1::kSequence));
  HEQI_TRY(const ByteView serial, name.unsigned_integer());
  HEQI_TRY(name.finish());
  signer.issuer = base::to_bytes(issuer.whole);
  signer.serial = der::trimmed(serial);
  return {};
}

Result<SignerInfo> read_signer(Reader& list, std::vector<std::string>& deviations) {
  HEQI_TRY(Reader fields, list.sequence());
  SignerInfo signer;
  HEQI_TRY(signer.version, fields.small_integer());
  HEQI_TRY(read_signer_name(signer, fields));
  if (signer.version != (signer.key_identifier.empty() ? 1 : 3))
    return base::fail(Code::malformed, "SignerInfo version does not fit how the signer is named");
  HEQI_TRY(signer.digest_algorithm, der::read_hash_algorithm(fields));
  if (signer.digest_algorithm == oids::sm2_with_sm3()) {
    deviations.emplace_back("SM2-with-SM3 stands where SM3 is due as digest algorithm");
    signer.digest_algorithm = oids::sm3();
  }
  HEQI_TRY(const std::optional<Element> attributes, fields.optional(asn1::context_constructed(0)));
  if (attributes) {
    HEQI_TRY(read_signed_attributes(signer, fields, *attributes));
  }
  HEQI_TRY(signer.signature_algorithm, x509::parse_algorithm(fields));
  HEQI_TRY(const ByteView signature, fields.octet_string());
  signer.signature = base::to_bytes(signature);
  HEQI_TRY(const std::optional<Element> unsigned_attributes,
           fields.optional(asn1::context_constructed(1)));
  if (unsigned_attributes) {
    HEQI_TRY(Reader values, fields.enter(*unsigned_attributes));
    HEQI_TRY(signer.unsigned_values, read_attributes(values));
  }
  HEQI_TRY(fields.finish());
  return signer;
}

base::Status read_content(SignedData& message, Reader& fields) {
  HEQI_TRY(Reader info, fields.sequence());
  HEQI_TRY(message.content_type, info.oid());
  HEQI_TRY(std::optional<Reader> tagged, info.explicit_tag(0));
  HEQI_TRY(info.finish());
  if (!tagged) return {};
  // PKCS #7 and GM/T 0010 say ANY, but all that is seen is an OCTET STRING; no signature covers the
  // tag, so no other one is taken.
  HEQI_TRY(const ByteView content, tagged->octet_string());
  HEQI_TRY(tagged->finish());
  message.content = base::to_bytes(content);
  return {};
}

base::Status read_certificates(SignedData& message, Reader& fields) {
  HEQI_TRY(const std::optional<Element> element, fields.optional(asn1::context_constructed(0)));
  if (!element) return {};
  HEQI_TRY(Reader list, fields.enter(*element));
  std::size_t count = 0;
  while (!list.at_end()) {
    if (++count > kCertificatesMax)
      return base::fail(Code::limit_exceeded,
                        der::what_at("more than 64 certificates", list.offset()));
    HEQI_TRY(const Element item, list.any());
    if (!(item.tag == asn1::kSequence))
      return base::fail(Code::unsupported,
                        der::what_at("a certificate that is not X.509", item.offset));
    HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(item.whole));
    message.certificates.push_back(std::move(certificate));
  }
  return {};
}

base::Status read_crls(SignedData& message, Reader& fields) {
  HEQI_TRY(const std::optional<Element> element, fields.optional(asn1::context_constructed(1)));
  if (!element) return {};
  HEQI_TRY(Reader list, fields.enter(*element));
  std::size_t count = 0;
  while (!list.at_end()) {
    if (++count > kMessageCrlsMax)
      return base::fail(Code::limit_exceeded, der::what_at("more than 32 CRLs", list.offset()));
    HEQI_TRY(const Element item, list.any());
    if (item.tag == asn1::kSequence) message.crls.push_back(base::to_bytes(item.whole));
  }
  return {};
}

base::Status read_signed_data(SignedData& message, Reader& fields) {
  HEQI_TRY(message.version, fields.small_integer());
  HEQI_TRY(Reader digests, fields.set());
  while (!digests.at_end()) {
    if (message.digest_algorithms.size() == kDigestAlgorithmsMax)
      return base::fail(Code::limit_exceeded, "more than 16 digest algorithms");
    HEQI_TRY(asn1::Oid algorithm, der::read_hash_algorithm(digests));
    message.digest_algorithms.push_back(std::move(algorithm));
  }
  HEQI_TRY(read_content(message, fields));
  HEQI_TRY(read_certificates(message, fields));
  HEQI_TRY(read_crls(message, fields));
  HEQI_TRY(Reader signers, fields.set());
  while (!signers.at_end()) {
    if (message.signers.size() == kSignersMax)
      return base::fail(Code::limit_exceeded, "more than 16 signers");
    HEQI_TRY(SignerInfo signer, read_signer(signers, message.deviations));
    message.signers.push_back(std::move(signer));
  }
  if (message.signers.empty())
    return base::fail(Code::malformed, "a signed message without a signer");
  return fields.finish();
}

// check_frame refuses what does not fit together although no signature covers it, so that a change
// of any octet is seen (RFC 5652 §5.1; GM/T 0010 says version 1 always).
base::Status check_frame(SignedData& message) {
  const bool keyed = std::any_of(message.signers.begin(), message.signers.end(),
                                 [](const SignerInfo& one) { return one.version == 3; });
  const bool data =
      message.content_type == oids::cms_data() || message.content_type == oids::gm_data();
  const std::int64_t expected = keyed || !data ? 3 : 1;
  const bool gm_shape = message.outer == Profile::gm_t_0010 && message.version == 1;
  if (message.version != expected && !gm_shape)
    return base::fail(Code::malformed, "SignedData version does not fit its content");
  if (message.digest_algorithms.empty())
    message.deviations.emplace_back("the message lists no digest algorithm");
  for (const SignerInfo& signer : message.signers) {
    const bool listed = message.digest_algorithms.empty() ||
                        std::any_of(message.digest_algorithms.begin(),
                                    message.digest_algorithms.end(), [&](const asn1::Oid& one) {
                                      return one == signer.digest_algorithm ||
                                             (one == oids::sm2_with_sm3() &&
                                              signer.digest_algorithm == oids::sm3());
                                    });
    if (!listed) return base::fail(Code::malformed, "the signer's digest algorithm is not listed");
  }
  return {};
}

// other_message names the content types that are messages but not signed ones: PKCS #7 and CMS,
// GM/T 0010 and the SM9 messages of the same family (the last arc counts alike in all three).
base::Error other_message(const asn1::Oid& type) {
  static constexpr std::string_view kArcs[] = {"1.2.840.113549.1.7.", "1.2.156.10197.6.1.4.2.",
                                               "1.2.156.10197.6.1.4.4."};
  static constexpr std::string_view kFamilies[] = {"CMS", "GM/T 0010", "SM9"};
  static constexpr std::string_view kPkcs7[] = {"data",          "signedData",
                                                "envelopedData", "signedAndEnvelopedData",
                                                "digestedData",  "encryptedData"};
  static constexpr std::string_view kGm[] = {"data",          "signedData",
                                             "envelopedData", "signedAndEnvelopedData",
                                             "encryptedData", "keyAgreementInfo"};
  const std::string dotted = type.dotted();
  for (std::size_t i = 0; i < std::size(kArcs); ++i) {
    if (!dotted.starts_with(kArcs[i]) || dotted.size() != kArcs[i].size() + 1) continue;
    const std::size_t number = static_cast<std::size_t>(dotted.back() - '1');
    if (number >= std::size(kGm)) continue;
    return base::fail(Code::unsupported, std::string((i == 0 ? kPkcs7 : kGm)[number]) + " of " +
                                             std::string(kFamilies[i]) + " (" + dotted +
                                             "): only signedData with certificates is read");
  }
  return base::fail(Code::unsupported, "a message of content type " + dotted);
}

}  // namespace

Result<SignedData> parse_signed_data(ByteView der) {
  SignedData message;
  message.der = base::to_bytes(der);
  HEQI_TRY(Reader outer, Reader::over(message.der));
  HEQI_TRY(Reader info, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Oid type, info.oid());
  if (type == oids::gm_signed_data())
    message.outer = Profile::gm_t_0010;
  else if (!(type == oids::cms_signed_data()))
    return other_message(type);
  HEQI_TRY(std::optional<Reader> tagged, info.explicit_tag(0));
  if (!tagged) return base::fail(Code::malformed, "a message without content");
  HEQI_TRY(info.finish());
  HEQI_TRY(Reader fields, tagged->sequence());
  HEQI_TRY(tagged->finish());
  HEQI_TRY(read_signed_data(message, fields));
  HEQI_TRY(check_frame(message));
  return message;
}

Result<ByteView> der_prefix_of(ByteView padded) {
  HEQI_TRY(Reader reader, Reader::over(padded));
  HEQI_TRY(const Element element, reader.any());
  for (std::size_t i = element.whole.size(); i < padded.size(); ++i)
    if (padded[i] != 0)
      return base::fail(Code::malformed, der::what_at("octets after the DER value", i));
  return element.whole;
}

}  // namespace heqi::pki
