#include <heqi/services/acme/jws.h>

#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/oids.h>

namespace heqi::services::acme {

namespace oids = x509::oids;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

constexpr std::size_t kMemberSizeMax = 2'048;

// Algorithm is one that JOSE names. half is the size of r and of s; 0 for RSA.
struct Algorithm {
  std::string_view name;
  const asn1::Oid& (*signature)();
  std::size_t half;
};
constexpr Algorithm kAlgorithms[] = {{"ES256", oids::ecdsa_with_sha256, 32},
                                     {"ES384", oids::ecdsa_with_sha384, 48},
                                     {"RS256", oids::rsa_with_sha256, 0}};

const Algorithm* find_algorithm(std::string_view name) {
  for (const Algorithm& one : kAlgorithms)
    if (one.name == name) return &one;
  return nullptr;
}

// Curve is one of RFC 7518 §6.2.1.1.
struct Curve {
  std::string_view name;
  const asn1::Oid& (*oid)();
  std::size_t size;
};
constexpr Curve kCurves[] = {{"P-256", oids::p256, 32}, {"P-384", oids::p384, 48}};

Result<std::string> member(const http::Json& json, std::string_view name) {
  const http::Json* found = json.find(name);
  const std::string* text = found == nullptr ? nullptr : found->text();
  if (text == nullptr || text->empty() || text->size() > kMemberSizeMax)
    return base::fail(Code::malformed, "jwk: " + std::string(name));
  return *text;
}

// thumbprint_of hashes the members that RFC 7638 names, in their order.
Result<std::string> thumbprint_of(std::string_view members) {
  HEQI_TRY(const Bytes digest, ossl::digest(oids::sha256(), base::bytes_of(members)));
  return base::to_base64url(digest);
}

Result<WebKey> parse_ec_key(const http::Json& json) {
  HEQI_TRY(const std::string name, member(json, "crv"));
  for (const Curve& curve : kCurves) {
    if (curve.name != name) continue;
    HEQI_TRY(const std::string x_text, member(json, "x"));
    HEQI_TRY(const std::string y_text, member(json, "y"));
    HEQI_TRY(const Bytes x, base::parse_base64url(x_text));
    HEQI_TRY(const Bytes y, base::parse_base64url(y_text));
    if (x.size() != curve.size || y.size() != curve.size)
      return base::fail(Code::malformed, "jwk: size of a coordinate");
    Bytes point{4};
    base::append(point, x);
    base::append(point, y);
    asn1::Writer out;
    out.sequence([&](asn1::Writer& w) {
      w.sequence([&](asn1::Writer& a) { a.oid(oids::ec_public_key()).oid(curve.oid()); });
      w.bit_string(point);
    });
    WebKey key;
    HEQI_TRY(key.public_key, x509::parse_public_key_info(out.bytes()));
    HEQI_TRY(key.thumbprint, thumbprint_of("{\"crv\":\"" + name + "\",\"kty\":\"EC\",\"x\":\"" +
                                           x_text + "\",\"y\":\"" + y_text + "\"}"));
    return key;
  }
  return base::fail(Code::unsupported, "jwk: curve " + name);
}

Result<WebKey> parse_rsa_key(const http::Json& json) {
  HEQI_TRY(const std::string e_text, member(json, "e"));
  HEQI_TRY(const std::string n_text, member(json, "n"));
  HEQI_TRY(const Bytes e, base::parse_base64url(e_text));
  HEQI_TRY(const Bytes n, base::parse_base64url(n_text));
  asn1::Writer numbers;
  numbers.sequence([&](asn1::Writer& w) { w.unsigned_integer(n).unsigned_integer(e); });
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& a) { a.oid(oids::rsa_encryption()).null(); });
    w.bit_string(numbers.bytes());
  });
  WebKey key;
  HEQI_TRY(key.public_key, x509::parse_public_key_info(out.bytes()));
  HEQI_TRY(key.thumbprint,
           thumbprint_of("{\"e\":\"" + e_text + "\",\"kty\":\"RSA\",\"n\":\"" + n_text + "\"}"));
  return key;
}

// der_of turns r || s into ECDSA-Sig-Value.
Bytes der_of(ByteView signature) {
  const std::size_t half = signature.size() / 2;
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.unsigned_integer(signature.first(half)).unsigned_integer(signature.subspan(half));
  });
  return out.take();
}

base::Status read_header(const http::Json& json, Jws& jws) {
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json, "$.protected"));
  HEQI_TRY(jws.algorithm, reader.required_text("alg"));
  if (find_algorithm(jws.algorithm) == nullptr)
    return base::fail(Code::unsupported, "alg " + jws.algorithm + "; ES256, ES384 and RS256 serve");
  HEQI_TRY(const auto nonce, reader.optional_text("nonce"));
  jws.nonce = nonce.value_or("");
  HEQI_TRY(jws.url, reader.required_text("url"));
  HEQI_TRY(const auto kid, reader.optional_text("kid"));
  jws.account_url = kid.value_or("");
  if (const http::Json* stated = json.find("jwk")) {
    HEQI_TRY(jws.key, parse_web_key(*stated));
  }
  if (json.find("crit") != nullptr) return base::fail(Code::unsupported, "a critical header");
  if (jws.key.has_value() == kid.has_value())
    return base::fail(Code::malformed, "exactly one of jwk and kid has to be stated");
  return {};
}

}  // namespace

Result<WebKey> parse_web_key(const http::Json& json) {
  if (json.object() == nullptr) return base::fail(Code::malformed, "jwk is not an object");
  if (json.find("d") != nullptr)
    return base::fail(Code::unsupported, "jwk holds a private key; throw that key away");
  HEQI_TRY(const std::string kind, member(json, "kty"));
  if (kind == "EC") return parse_ec_key(json);
  if (kind == "RSA") return parse_rsa_key(json);
  return base::fail(Code::unsupported, "jwk: kind " + kind);
}

Result<Jws> parse_jws(ByteView body) {
  if (body.size() > kRequestSizeMax)
    return base::fail(Code::limit_exceeded, "a request of more than 65536 octets");
  HEQI_TRY(const http::Json outer, http::parse_json(body));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(outer));
  const http::TextLimits any{.size_min = 0, .size_max = kRequestSizeMax};
  HEQI_TRY(const std::string header, reader.required_text("protected", any));
  HEQI_TRY(const std::string payload, reader.required_text("payload", any));
  HEQI_TRY(const std::string signature, reader.required_text("signature", any));
  HEQI_TRY(reader.finish());
  Jws out;
  out.signed_text = header + "." + payload;
  HEQI_TRY(out.payload, base::parse_base64url(payload));
  HEQI_TRY(out.signature, base::parse_base64url(signature));
  HEQI_TRY(const Bytes header_text, base::parse_base64url(header));
  HEQI_TRY(const http::Json fields, http::parse_json(header_text));
  HEQI_TRY(read_header(fields, out));
  return out;
}

base::Status verify_jws(const Jws& jws, const x509::PublicKeyInfo& key) {
  static const std::unique_ptr<x509::SignatureVerifier> verifier = ossl::make_signature_verifier();
  const Algorithm* algorithm = find_algorithm(jws.algorithm);
  if (algorithm == nullptr) return base::fail(Code::unsupported, "alg " + jws.algorithm);
  x509::AlgorithmIdentifier identifier{algorithm->signature(), {}};
  if (algorithm->half == 0) {
    identifier.parameters = asn1::Writer().null().take();
    return verifier->verify(identifier, key, base::bytes_of(jws.signed_text), jws.signature);
  }
  if (jws.signature.size() != 2 * algorithm->half)
    return base::fail(Code::invalid_signature, "size of the signature");
  return verifier->verify(identifier, key, base::bytes_of(jws.signed_text), der_of(jws.signature));
}

}  // namespace heqi::services::acme
