#include <heqi/documents/sign/pending.h>

#include <algorithm>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>

namespace heqi::documents::sign {

namespace oids = x509::oids;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kSealProperty = "PDF /ByteRange";  // propertyInfo: what is sealed

pki::Content content_of(const pdf::Appendix& appendix, ByteView file) {
  pki::Content content;
  for (const ByteView part : appendix.parts(file)) content.add(part);
  return content;
}

// KeyKind is how a kind of key signs.
struct KeyKind {
  asn1::Oid digest;
  x509::AlgorithmIdentifier signature;
};

Result<KeyKind> kind_of(const x509::PublicKeyInfo& key) {
  if (key.is_sm2()) return KeyKind{oids::sm3(), x509::sm2_with_sm3_algorithm()};
  if (key.algorithm.oid == oids::rsa_encryption())
    return KeyKind{oids::sha256(), {oids::rsa_with_sha256(), asn1::Writer().null().take()}};
  if (key.algorithm.oid == oids::ec_public_key()) {
    // By the size of an uncompressed point: 04, then two coordinates.
    const std::size_t size = key.key.size();
    if (size == 1 + 2 * 32) return KeyKind{oids::sha256(), {oids::ecdsa_with_sha256()}};
    if (size == 1 + 2 * 48) return KeyKind{oids::sha384(), {oids::ecdsa_with_sha384()}};
    if (size == 1 + 2 * 66) return KeyKind{oids::sha512(), {oids::ecdsa_with_sha512()}};
  }
  return fail(Code::unsupported, "no signature with a key of " + key.algorithm.oid.dotted());
}

Result<x509::CertificateReference> reference_to(const x509::Certificate& certificate,
                                                const asn1::Oid& algorithm,
                                                const pki::Digester& digests) {
  x509::CertificateReference out;
  out.hash_algorithm = algorithm;
  HEQI_TRY(out.hash, digests.digest(algorithm, certificate.der()));
  out.issuer = base::to_bytes(certificate.issuer().der());
  out.serial = certificate.serial();
  return out;
}

// attributes_for leaves signingTime out, as PAdES asks (the time is in /M); GM/T 0010 readers look
// for it in the message.
Result<Bytes> attributes_for(const Pending& pending, base::Time time,
                             const pki::Digester& digests) {
  const bool gm = pending.message == pdf::Message::gm_signed_data;
  x509::SignedAttributes attributes;
  attributes.content_type = gm ? oids::gm_data() : oids::cms_data();
  attributes.message_digest = pending.content_digest;
  if (gm) attributes.signing_time = time;
  HEQI_TRY(attributes.signing_certificate,
           reference_to(pending.signer, pending.digest_algorithm, digests));
  return x509::encode_signed_attributes(attributes);
}

base::Status check_names(const Wish& wish) {
  if (wish.names.message != pdf::Message::cms && !wish.signer.public_key().is_sm2())
    return fail(Code::unsupported, "a GM/T 0010 message or a seal needs an SM2 key");
  const bool sealed = wish.names.message == pdf::Message::seal;
  if (sealed == wish.seal.empty())
    return fail(Code::malformed, sealed ? "a sealed signature needs a seal"
                                        : "these names are not those of a sealed signature");
  return {};
}

// tbs_sign_for is what is signed with a seal (GB/T 38540 §7); the chain goes into an extension.
Result<Bytes> tbs_sign_for(const Wish& wish, const Pending& pending) {
  HEQI_TRY(const seal::Seal used, seal::parse_seal(wish.seal));
  HEQI_TRY(seal::check_usable(used, wish.signer, wish.place.time));
  seal::SealedSignatureRequest request{
      wish.seal, wish.place.time, pending.content_digest, std::string(kSealProperty), {}};
  if (!wish.chain.empty()) request.extensions = {seal::make_certificate_values(wish.chain)};
  return seal::encode_to_sign(request);
}

// contents_for is how large the hole has to be: a seal brings its picture and its signers.
std::size_t contents_for(const Wish& wish) {
  std::size_t chain = 0;
  for (const x509::Certificate& one : wish.chain) chain += one.der().size();
  return std::max(wish.place.contents_reserved,
                  wish.seal.empty() ? 0 : pdf::kContentsReservedMin + wish.seal.size() + chain);
}

// assembled is the message without a time-stamp.
Result<Bytes> assembled(const Pending& pending, const Value& value) {
  if (pending.message == pdf::Message::seal)
    return seal::assemble_sealed_signature(pending.to_sign, pending.signer, value.algorithm,
                                           value.octets);
  pki::SignedDataParts parts;
  parts.profile =
      pending.message == pdf::Message::cms ? pki::Profile::international : pki::Profile::gm_t_0010;
  if (pending.message == pdf::Message::gm_signed_digest)
    parts.content = pending.content_digest;
  else
    parts.signed_attributes = pending.to_sign;
  parts.certificates = pending.chain;
  parts.signature_algorithm = value.algorithm;
  parts.signature = value.octets;
  parts.digest_algorithm = pending.digest_algorithm;
  return pki::assemble_signed_data(parts, pending.signer);
}

Result<Bytes> with_time_stamp(const Pending& pending, ByteView message, ByteView token) {
  if (pending.message == pdf::Message::seal) return seal::add_time_stamp(message, token);
  return pki::add_unsigned_attribute(message, pki::time_stamp_attribute(token));
}

}  // namespace

Result<Pending> prepare(ByteView file, const Wish& wish, const pki::Digester& digests) {
  HEQI_TRY(check_names(wish));
  Pending pending;
  HEQI_TRY(const KeyKind kind, kind_of(wish.signer.public_key()));
  pending.digest_algorithm = kind.digest;
  pdf::SignatureRequest request = wish.place;
  request.filter = wish.names.filter;
  request.sub_filter = wish.names.sub_filter;
  request.contents_reserved = contents_for(wish);
  HEQI_TRY(pending.appendix, pdf::append_signature(file, request));
  pending.message = wish.names.message;
  pending.signer = wish.signer;
  pending.chain = wish.chain;
  HEQI_TRY(pending.content_digest,
           digests.digest_of(pending.digest_algorithm, content_of(pending.appendix, file)));
  if (pending.message == pdf::Message::gm_signed_digest) {
    pending.to_sign = pending.content_digest;
    return pending;
  }
  if (pending.message == pdf::Message::seal) {
    HEQI_TRY(pending.to_sign, tbs_sign_for(wish, pending));
    return pending;
  }
  HEQI_TRY(pending.to_sign, attributes_for(pending, request.time, digests));
  return pending;
}

Result<x509::AlgorithmIdentifier> algorithm_for(const x509::PublicKeyInfo& key) {
  HEQI_TRY(KeyKind kind, kind_of(key));
  return std::move(kind.signature);
}

Result<Bytes> finish(const Pending& pending, const Value& value, ByteView token,
                     const pki::Algorithms& algorithms) {
  HEQI_TRY(algorithms.signatures.verify(value.algorithm, pending.signer.public_key(),
                                        pending.to_sign, value.octets));
  HEQI_TRY(Bytes message, assembled(pending, value));
  if (!token.empty()) {
    HEQI_TRY(pki::verify_time_stamp_token(token, value.octets, {}, algorithms));
    HEQI_TRY(message, with_time_stamp(pending, message, token));
  }
  return pending.appendix.filled(message);
}

Bytes Pending::encode() const {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& writer) {
    writer.integer(kVersion).integer(static_cast<std::int64_t>(message));
    writer.octet_string(appendix.encode());
    writer.octet_string(signer.der());
    writer.sequence([&](asn1::Writer& list) {
      for (const x509::Certificate& one : chain) list.octet_string(one.der());
    });
    writer.oid(digest_algorithm).octet_string(content_digest).octet_string(to_sign);
  });
  return out.take();
}

Result<Pending> Pending::parse(ByteView encoded) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(encoded));
  HEQI_TRY(asn1::Reader reader, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, reader.small_integer());
  HEQI_TRY(const std::int64_t kind, reader.small_integer());
  if (version != kVersion || kind < 0 || kind > static_cast<std::int64_t>(pdf::Message::seal))
    return fail(Code::unsupported, "a pending signature of another version");
  Pending out;
  out.message = static_cast<pdf::Message>(kind);
  HEQI_TRY(const ByteView appendix, reader.octet_string());
  HEQI_TRY(out.appendix, pdf::Appendix::parse(appendix));
  HEQI_TRY(const ByteView signer, reader.octet_string());
  HEQI_TRY(out.signer, x509::parse_certificate(signer));
  HEQI_TRY(asn1::Reader list, reader.sequence());
  while (!list.at_end()) {
    if (out.chain.size() == pki::kCertificatesMax)
      return fail(Code::limit_exceeded, "too many certificates in a pending signature");
    HEQI_TRY(const ByteView der, list.octet_string());
    HEQI_TRY(x509::Certificate one, x509::parse_certificate(der));
    out.chain.push_back(std::move(one));
  }
  HEQI_TRY(out.digest_algorithm, reader.oid());
  HEQI_TRY(const ByteView digest, reader.octet_string());
  HEQI_TRY(const ByteView to_sign, reader.octet_string());
  HEQI_TRY(reader.finish());
  out.content_digest = base::to_bytes(digest);
  out.to_sign = base::to_bytes(to_sign);
  return out;
}

base::Status Pending::check_file(ByteView file, const pki::Digester& digests) const {
  if (file.size() != appendix.file_size)
    return fail(Code::conflict, "the file has " + std::to_string(file.size()) +
                                    " octets; when it was prepared it had " +
                                    std::to_string(appendix.file_size));
  HEQI_TRY(const Bytes digest, digests.digest_of(digest_algorithm, content_of(appendix, file)));
  if (digest != content_digest)
    return fail(Code::conflict, "the file was changed since it was prepared");
  return {};
}

}  // namespace heqi::documents::sign
