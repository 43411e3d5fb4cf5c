#include <heqi/x509/certificate_builder.h>

namespace heqi::x509 {
namespace {

base::Error bad_body(const char* what) {
  return base::fail(base::Code::malformed, std::string("certificate body: ") + what);
}

base::Status check_body(const CertificateBody& body) {
  bool zero = true;
  for (const std::uint8_t octet : body.serial) zero = zero && octet == 0;
  if (zero) return bad_body("the serial number is empty or zero");
  if (body.serial.size() > kSerialSizeMax ||
      (body.serial.size() == kSerialSizeMax && (body.serial[0] & 0x80) != 0))
    return bad_body("the serial number takes more than 20 octets");
  if (body.not_after < body.not_before) return bad_body("it ends before it begins");
  if (body.issuer.empty()) return bad_body("the issuer is empty");
  if (body.public_key.der.empty()) return bad_body("there is no public key");
  for (std::size_t i = 0; i < body.extensions.size(); ++i)
    if (find_extension(body.extensions, body.extensions[i].type) != &body.extensions[i])
      return bad_body("an extension comes twice");
  return {};
}

}  // namespace

base::Result<base::Bytes> encode_body(const CertificateBody& body,
                                      const AlgorithmIdentifier& algorithm) {
  HEQI_TRY(check_body(body));
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.explicit_tag(0, [](asn1::Writer& version) { version.integer(2); });
    w.unsigned_integer(body.serial);
    write_algorithm(w, algorithm);
    w.raw(body.issuer.der());
    w.sequence([&](asn1::Writer& validity) {
      validity.time(body.not_before);
      validity.time(body.not_after);
    });
    w.raw(body.subject.der());
    w.raw(body.public_key.der);
    if (body.extensions.empty()) return;
    w.explicit_tag(3, [&](asn1::Writer& tagged) { write_extensions(tagged, body.extensions); });
  });
  return out.take();
}

base::Bytes assemble_signed(base::ByteView tbs, const AlgorithmIdentifier& algorithm,
                            base::ByteView signature) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.raw(tbs);
    write_algorithm(w, algorithm);
    w.bit_string(signature);
  });
  return out.take();
}

base::Result<Certificate> make_certificate(const CertificateBody& body, Signer& signer) {
  const AlgorithmIdentifier algorithm = signer.algorithm();
  HEQI_TRY(const base::Bytes tbs, encode_body(body, algorithm));
  HEQI_TRY(const base::Bytes signature, signer.sign(tbs));
  return parse_certificate(assemble_signed(tbs, algorithm, signature));
}

}  // namespace heqi::x509
