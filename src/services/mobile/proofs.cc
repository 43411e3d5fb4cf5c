#include <heqi/services/mobile/proofs.h>

#include <heqi/asn1/writer.h>
#include <heqi/crypto/hmac.h>

namespace heqi::services::mobile {

crypto::Digest code_key(std::string_view acceptance, std::string_view code) {
  crypto::Sm3 hash;
  const base::Bytes end{0};
  hash.update(base::bytes_of("heqi authorisation code")).update(end);
  hash.update(base::bytes_of(acceptance)).update(end).update(base::bytes_of(code));
  return hash.finish();
}

crypto::Digest proof_of_code(base::ByteView code_key, std::string_view flow, base::ByteView csr) {
  const base::Bytes end{0};
  return crypto::HmacSm3(code_key)
      .update(base::bytes_of(flow))
      .update(end)
      .update(crypto::sm3(csr))
      .finish();
}

base::Bytes update_statement(std::string_view flow, base::ByteView nonce, base::ByteView csr) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.utf8_string("heqi update").utf8_string(flow).octet_string(nonce);
    w.octet_string(crypto::sm3(csr));
  });
  return out.take();
}

base::Bytes revocation_statement(base::ByteView serial, std::int64_t reason) {
  asn1::Writer out;
  out.sequence(
      [&](asn1::Writer& w) { w.utf8_string("heqi revoke").octet_string(serial).integer(reason); });
  return out.take();
}

}  // namespace heqi::services::mobile
