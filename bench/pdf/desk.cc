#include "desk.h"

#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/ossl/signer.h>
#include <heqi/testing/foreign_suites.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/oids.h>

#include "../../src/documents/pdf/tests/pdf_text.h"

namespace heqi::bench {
namespace {

namespace pdf = documents::pdf;

x509::Certificate certify(const x509::PublicKeyInfo& key, x509::Signer& signer) {
  x509::CertificateBody body;
  body.serial = {1};
  body.subject = body.issuer = *x509::Name::make({{x509::oids::common_name(), "Bench"}});
  body.not_before = testing::at("2026-01-01T00:00:00Z");
  body.not_after = testing::at("2046-01-01T00:00:00Z");
  body.public_key = key;
  body.extensions = {x509::make_key_usage({x509::KeyUsageBit::digital_signature})};
  return *x509::make_certificate(body, signer);
}

base::Bytes with_field(const std::string& file) {
  return *pdf::prepare_fields(base::to_bytes(file), {{"bench", "", {0, 10, 10, 60, 25}}});
}

}  // namespace

Desk::Desk(Kind kind)
    : signatures_(ossl::make_signature_verifier()), digests_(ossl::digest, ossl::digest_parts) {
  x509::PublicKeyInfo key;
  if (kind == Kind::rsa) {
    const std::string pem = testing::new_rsa_key_pem();
    key_der_ = base::parse_pem(pem)->at(0).der;
    auto pair = *ossl::parse_private_key_pem(base::bytes_of(pem));
    signer_ = std::move(pair.signer);
    key = pair.public_key;
  } else {
    auto own =
        std::make_unique<x509::SoftwareSm2Signer>(*crypto::PrivateKey::generate(random_), random_);
    key = x509::make_public_key_info(own->public_key());
    signer_ = std::move(own);
  }
  certificate_ = certify(key, *signer_);
}

base::Result<base::Bytes> Desk::sign(base::ByteView file) const {
  documents::sign::Wish wish;
  wish.signer = certificate_;
  wish.place.field = "bench";
  wish.place.name = "Bench";
  wish.place.time = testing::at("2026-06-01T00:00:00Z");
  HEQI_TRY(const auto pending, documents::sign::prepare(file, wish, digests_));
  documents::sign::Value value{signer_->algorithm(), {}};
  HEQI_TRY(value.octets, signer_->sign(pending.to_sign));
  return documents::sign::finish(pending, value, {}, algorithms());
}

base::Bytes with_image(std::size_t octets) {
  pdf::PdfText page = pdf::PdfText::one_page();
  page.objects[3] =
      "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /I 6 0 R >> >> >>";
  std::string data(octets, '\0');
  testing::SeededRandom random(7);
  for (char& one : data) one = static_cast<char>(random.next());
  page.objects[6] = pdf::PdfText::stream("/Type /XObject /Subtype /Image /Width 1000 /Height " +
                                             std::to_string(octets / 1000) +
                                             " /BitsPerComponent 8 /ColorSpace /DeviceGray",
                                         data);
  return with_field(page.with_table());
}

base::Bytes with_objects(std::size_t count) {
  pdf::PdfText page = pdf::PdfText::one_page();
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    const int number = 10 + static_cast<int>(i);
    page.objects[number] = "<< /Number " + std::to_string(i) + " /Text (an entry of the list) >>";
    list += std::to_string(number) + " 0 R ";
  }
  page.objects[1] = "<< /Type /Catalog /Pages 2 0 R /PieceInfo << /List [" + list + "] >> >>";
  return with_field(page.with_table());
}

}  // namespace heqi::bench
