// Writing of signed messages.
#include <heqi/pki/cms.h>
#include <heqi/x509/oids.h>

#include "der.h"

namespace heqi::pki {

namespace oids = x509::oids;
using asn1::Element;
using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

Bytes encode_attribute(const Attribute& attribute) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& item) {
      item.oid(attribute.type);
      item.set_of(attribute.values);
    });
  });
}

// check_attributes makes sure that what was signed is the SET OF of this content type: otherwise
// the message could never verify.
base::Status check_attributes(ByteView signed_attributes, const asn1::Oid& content_type) {
  HEQI_TRY(Reader outer, Reader::over(signed_attributes));
  HEQI_TRY(Reader list, outer.set());
  HEQI_TRY(outer.finish());
  while (!list.at_end()) {
    HEQI_TRY(Reader item, list.sequence());
    HEQI_TRY(const asn1::Oid type, item.oid());
    if (!(type == oids::content_type())) continue;
    HEQI_TRY(Reader values, item.set());
    HEQI_TRY(const asn1::Oid value, values.oid());
    if (value == content_type) return {};
    return base::fail(Code::malformed, "the signed attributes name content type " + value.dotted() +
                                           ", the message " + content_type.dotted());
  }
  return base::fail(Code::malformed, "signed attributes without contentType");
}

// signature_algorithm_of is what the profile writes: GM/T 0010 names the signature sm2sign.
x509::AlgorithmIdentifier signature_algorithm_of(const SignedDataParts& parts) {
  x509::AlgorithmIdentifier algorithm = parts.signature_algorithm;
  if (parts.profile == Profile::gm_t_0010 && algorithm.oid == oids::sm2_with_sm3())
    algorithm.oid = oids::sm2_sign();
  return algorithm;
}

void write_signer(Writer& out, const SignedDataParts& parts, const asn1::Oid& digest,
                  const x509::Certificate& signer) {
  out.sequence([&](Writer& info) {
    info.integer(1);
    info.sequence([&](Writer& name) {
      name.raw(signer.issuer().der());
      name.unsigned_integer(signer.serial());
    });
    der::write_hash_algorithm(info, digest);
    if (!parts.signed_attributes.empty()) {
      Bytes tagged = parts.signed_attributes;
      tagged[0] = 0xa0;
      info.raw(tagged);
    }
    info.raw(x509::encode_algorithm(signature_algorithm_of(parts)));
    info.octet_string(parts.signature);
    if (parts.unsigned_attributes.empty()) return;
    std::vector<Bytes> members;
    for (const Attribute& attribute : parts.unsigned_attributes)
      members.push_back(encode_attribute(attribute));
    info.set_of(std::move(members), asn1::context_constructed(1));
  });
}

std::vector<Bytes> certificates_of(const SignedDataParts& parts, const x509::Certificate& signer) {
  std::vector<Bytes> members;
  if (parts.send_certificates == SendCertificates::leave_out) return members;
  const auto add = [&](ByteView der) {
    for (const Bytes& other : members)
      if (base::same_bytes(other, der)) return;
    members.push_back(base::to_bytes(der));
  };
  add(signer.der());
  for (const x509::Certificate& certificate : parts.certificates) add(certificate.der());
  return members;
}

}  // namespace

Result<Bytes> assemble_signed_data(const SignedDataParts& parts, const x509::Certificate& signer) {
  const bool gm = parts.profile == Profile::gm_t_0010;
  const asn1::Oid data = gm ? oids::gm_data() : oids::cms_data();
  const asn1::Oid content_type = parts.content_type.value_or(data);
  const asn1::Oid digest = parts.digest_algorithm.value_or(oids::sm3());
  if (parts.signature.empty()) return base::fail(Code::malformed, "an empty signature");
  if (!parts.signed_attributes.empty()) {
    HEQI_TRY(check_attributes(parts.signed_attributes, content_type));
  } else if (!(content_type == data))
    return base::fail(Code::malformed, "content other than data needs signed attributes");

  Writer out;
  out.sequence([&](Writer& info) {
    info.oid(gm ? oids::gm_signed_data() : oids::cms_signed_data());
    info.explicit_tag(0, [&](Writer& tagged) {
      tagged.sequence([&](Writer& fields) {
        fields.integer(!gm && !(content_type == data) ? 3 : 1);  // RFC 5652 §5.1
        fields.set_of({der::encode([&](Writer& w) { der::write_hash_algorithm(w, digest); })});
        fields.sequence([&](Writer& content) {
          content.oid(content_type);
          if (parts.content)
            content.explicit_tag(0, [&](Writer& w) { w.octet_string(*parts.content); });
        });
        std::vector<Bytes> certificates = certificates_of(parts, signer);
        if (!certificates.empty())
          fields.set_of(std::move(certificates), asn1::context_constructed(0));
        if (!parts.crls.empty()) fields.set_of(parts.crls, asn1::context_constructed(1));
        fields.set_of({der::encode([&](Writer& w) { write_signer(w, parts, digest, signer); })});
      });
    });
  });
  return out.take();
}

Attribute time_stamp_attribute(ByteView token) {
  return {oids::signature_time_stamp_token(), {base::to_bytes(token)}};
}

namespace {

// with_attribute rewrites one SignerInfo: all fields as they are, then the longer set.
Result<Bytes> with_attribute(Reader& signers, const Attribute& attribute) {
  HEQI_TRY(Reader fields, signers.sequence());
  HEQI_TRY(signers.finish());
  Writer out;
  std::vector<Bytes> members;
  Bytes kept;
  while (!fields.at_end()) {
    HEQI_TRY(const Element field, fields.any());
    if (!(field.tag == asn1::context_constructed(1))) {
      base::append(kept, field.whole);
      continue;
    }
    HEQI_TRY(Reader old, fields.enter(field));
    while (!old.at_end()) {
      HEQI_TRY(const Element member, old.any());
      members.push_back(base::to_bytes(member.whole));
    }
  }
  if (members.size() >= kAttributesMax)
    return base::fail(Code::limit_exceeded, "more than 32 unsigned attributes");
  members.push_back(encode_attribute(attribute));
  out.sequence([&](Writer& w) {
    w.raw(kept);
    w.set_of(std::move(members), asn1::context_constructed(1));
  });
  return out.take();
}

}  // namespace

Result<Bytes> add_unsigned_attribute(ByteView signed_data, const Attribute& attribute) {
  HEQI_TRY(const SignedData checked, parse_signed_data(signed_data));
  if (checked.signers.size() != 1)
    return base::fail(Code::unsupported, "a message of several signers");

  HEQI_TRY(Reader outer, Reader::over(signed_data));
  HEQI_TRY(Reader info, outer.sequence());
  HEQI_TRY(const Element type, info.any());
  HEQI_TRY(std::optional<Reader> tagged, info.explicit_tag(0));
  HEQI_TRY(Reader fields, tagged->sequence());
  Bytes kept;
  std::optional<Element> last;  // signerInfos stands last
  while (!fields.at_end()) {
    if (last) base::append(kept, last->whole);
    HEQI_TRY(last, fields.any());
  }
  HEQI_TRY(Reader signers, fields.enter(*last));
  HEQI_TRY(Bytes signer, with_attribute(signers, attribute));

  Writer out;
  out.sequence([&](Writer& w) {
    w.raw(type.whole);
    w.explicit_tag(0, [&](Writer& content) {
      content.sequence([&](Writer& all) {
        all.raw(kept);
        all.set_of({std::move(signer)});
      });
    });
  });
  return out.take();
}

}  // namespace heqi::pki
