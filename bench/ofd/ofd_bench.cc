// OFD files of 100 pages: verified, signed; one page drawn; one page marked. ofdrw, which Debian
// does not package, verifies the same file where ./dev interop has fetched it.
#include <heqi/crypto/sm3.h>
#include <heqi/documents/ofd/make.h>
#include <heqi/documents/ofd/sign.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/ofd_render/render.h>
#include <heqi/documents/watermark/mark.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/signer.h>

#include <memory>

#include "ofdrw_peer.h"
#include "rows.h"

namespace heqi::bench {
namespace {

namespace ofd = documents::ofd;
using base::Bytes;

constexpr std::size_t kPages = 100;

// Desk is a signer with a certificate of his own making, who is trusted for it.
class Desk {
 public:
  Desk() : signer_(*crypto::PrivateKey::generate(random_), random_) {
    x509::CertificateBody body;
    body.serial = {1};
    body.subject = body.issuer = *x509::Name::make({{asn1::Oid::of("2.5.4.3"), "Bench"}});
    body.not_before = base::time_from_micros(1'700'000'000'000'000);
    body.not_after = base::time_from_micros(2'000'000'000'000'000);
    body.public_key = x509::make_public_key_info(signer_.public_key());
    body.extensions = {x509::make_basic_constraints({true, std::nullopt}),
                       x509::make_key_usage({x509::KeyUsageBit::digital_signature,
                                             x509::KeyUsageBit::key_cert_sign})};
    certificate_ = *x509::make_certificate(body, signer_);
  }

  Bytes sign(base::ByteView file) {
    ofd::SignatureRequest request;
    request.signer = certificate_;
    request.time = kTime;
    const auto prepared = *ofd::prepare_signature(file, request);
    return *ofd::finish_signature(prepared, signer_.algorithm(), *signer_.sign(prepared.to_sign));
  }
  bool holds(base::ByteView file) const {
    ofd::VerifyOptions options;
    options.trust = pki::TrustStore({certificate_});
    options.now = kTime;
    const auto report = ofd::verify_ofd(file, options);
    return report && report->verdict <= documents::verify::Verdict::valid_with_notes;
  }

 private:
  static constexpr base::Time kTime{base::Duration(1'790'000'000'000'000)};
  base::SystemRandom random_;
  x509::SoftwareSm2Signer signer_;
  x509::Certificate certificate_;
};

Bytes document(std::size_t pages) {
  ofd::NewDocument out;
  out.title = "bench";
  for (std::size_t i = 0; i < pages; ++i) {
    ofd::NewPage page;
    for (int line = 0; line < 30; ++line)
      page.lines.push_back({25, 30 + 8.0 * line, 4.2,
                            "第" + std::to_string(i * 30 + static_cast<std::size_t>(line)) +
                                "条 甲乙双方经协商一致，就房屋租赁事宜订立本合同。"});
    out.pages.push_back(std::move(page));
  }
  return *ofd::make_document(out);
}

Operation verify() {
  auto desk = std::make_shared<Desk>();
  return [desk, file = desk->sign(document(kPages))] { return desk->holds(file); };
}
Peer ofdrw() {
  Peer peer;
  peer.who = "ofdrw";
  peer.figure = [] { return ofdrw_verifications_per_second(Desk().sign(document(kPages))); };
  return peer;
}
Operation sign() {
  auto desk = std::make_shared<Desk>();
  return [desk, file = document(kPages)] { return !desk->sign(file).empty(); };
}
Operation render() {
  return [file = document(1)] {
    return documents::ofd_render::render_page(file, {.pixels_per_mm = 96 / 25.4}).has_value();
  };
}
Operation mark() {
  const auto canvas = documents::drawing::Canvas::make(1240, 1754, {255, 255, 255, 255});
  return [page = canvas->picture()]() mutable {
    return documents::watermark::embed(page, documents::watermark::Mark::robust, {}, {})
        .has_value();
  };
}

void add_rows(std::vector<Row>& rows) {
  const auto row = [&](const char* name, Prepare prepare, std::vector<Peer> peers = {}) {
    rows.push_back(
        {name, Unit::operations_per_second, 1, {}, std::move(prepare), std::move(peers)});
  };
  row("ofd_verify_100p", verify, {ofdrw()});
  row("ofd_sign_100p", sign);
  row("ofd_render_page", render);
  row("watermark_embed", mark);
}

const Group kGroup("ofd", add_rows);

}  // namespace
}  // namespace heqi::bench
