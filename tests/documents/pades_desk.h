// Signs files through both phases with the keys of a suite, at each PAdES level.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/documents/seal/seam.h>
#include <heqi/documents/sign/long_term.h>
#include <heqi/documents/sign/pending.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/verify.h>
#include <heqi/ossl/digest.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/foreign_suites.h>

namespace heqi::documents {

using base::Bytes;
using base::ByteView;
using testing::at;
using testing::Authority;
using testing::Credential;

inline const base::Time kSignedAt = at("2026-06-01T12:00:00Z");

enum class Level { b, t, lt, lta };

using testing::must;

// with_fields is the example contract with an empty field for each party.
inline Bytes with_fields(std::size_t parties) {
  const Bytes file = must(base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20));
  std::vector<pdf::FieldRequest> fields;
  for (std::size_t i = 0; i < parties; ++i)
    fields.push_back(
        {"party" + std::to_string(i + 1), "", {2, 20, 20 + 30 * static_cast<double>(i), 60, 25}});
  return must(pdf::prepare_fields(file, fields));
}

constexpr double kSealMm = 40;

// with_seams is the example contract with a field for each party, whose seal goes across the edges
// of all pages: each field's slices are widgets of it.
inline Bytes with_seams(std::size_t parties) {
  const Bytes file = must(base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20));
  const auto pages = must(must(pdf::Document::parse(file)).pages());
  const std::vector<seal::PageSize> sizes(pages.size(), {210, 297});
  std::vector<pdf::FieldRequest> fields;
  for (std::size_t i = 0; i < parties; ++i) {
    seal::SeamRequest request;
    request.at = (static_cast<double>(i) + 0.5) / static_cast<double>(parties);
    std::vector<pdf::Placement> slices;
    for (const auto& group : must(seal::plan_seam(sizes, request)))
      for (const seal::Slice& one : group)
        slices.push_back({one.page, one.left, one.top, one.width, one.height});
    pdf::FieldRequest field{"party" + std::to_string(i + 1), "", slices.front()};
    field.slices.assign(slices.begin() + 1, slices.end());
    fields.push_back(std::move(field));
  }
  return must(pdf::prepare_fields(file, fields));
}

// square is a seal's picture: blue with a line across it, in the seal's millimetres.
inline pdf::Appearance square() {
  pdf::Appearance out;
  out.fit = pdf::Fit::exact;
  out.width = out.height = kSealMm * 72 / 25.4;
  const std::string side = std::to_string(out.width);
  out.graph.objects.push_back(
      {pdf::Dictionary{}, base::to_bytes("0 0 1 rg 0 0 " + side + " " + side + " re f 1 G 0 0 m " +
                                         side + " " + side + " l S")});
  return out;
}

// PadesDesk is an authority and the steps of a signing service.
class PadesDesk {
 public:
  explicit PadesDesk(const testing::Suite& suite) : authority(11, suite), suite_(suite) {}

  Credential make_person(const std::string& name) {
    testing::CertificateWish wish;
    wish.common_name = name;
    wish.crl_and_ocsp_urls = true;
    return authority.make(wish);
  }

  sign::Wish wish_of(const std::string& field, const Credential& signer,
                     base::Time time = kSignedAt) const {
    sign::Wish wish;
    wish.place.field = field;
    wish.place.time = time;
    wish.place.name = signer.certificate.subject().common_name();
    wish.signer = signer.certificate;
    wish.chain = authority.chain();
    return wish;
  }

  Bytes sign(ByteView file, const sign::Wish& wish, const Credential& signer, Level level) {
    const sign::Pending pending = must(sign::prepare(file, wish, algorithms().digests));
    const sign::Value value{signer.signer->algorithm(), must(signer.signer->sign(pending.to_sign))};
    Bytes token;
    if (level != Level::b) token = authority.make_time_stamp(value.octets, wish.place.time);
    Bytes out = base::to_bytes(file);
    base::append(out, must(sign::finish(pending, value, token, algorithms())));
    if (level >= Level::lt) out = with_data(out, wish.place.time);
    if (level == Level::lta) out = with_stamp(out, wish.place.time + std::chrono::minutes(1));
    return out;
  }
  Bytes sign(ByteView file, const std::string& field, const Credential& signer, Level level) {
    return sign(file, wish_of(field, signer), signer, level);
  }

  Bytes with_data(ByteView file, base::Time now) {
    testing::FakeClock clock(now);
    const auto fetch = authority.make_fetch(clock);
    pki::PathOptions options;
    options.at = options.now = now;
    options.fetch = fetch.get();
    sign::Collected collected =
        must(sign::collect_validation_data(file, authority.trust(), options, algorithms()));
    EXPECT_EQ(collected.missing, std::vector<std::string>());
    // The certificates of the issuing CA and of the time-stamp authority name no list.
    collected.data.crls.push_back(authority.make_root_crl(now));
    collected.data.crls.push_back(authority.make_crl(now));
    return must(pdf::add_validation_data(file, collected.data));
  }
  Bytes with_stamp(ByteView file, base::Time time) {
    pdf::TimeStampRequest request;
    request.field = "stamp" + std::to_string(file.size());
    const pdf::Prepared prepared = must(pdf::prepare_document_time_stamp(file, request));
    return must(pdf::finish_signature(prepared,
                                      authority.make_time_stamp(prepared.content_to_sign(), time)));
  }

  verify::Report verify(ByteView file, base::Time now) const {
    verify::VerifyOptions options;
    options.trust = authority.trust();
    options.now = now;
    options.signatures = &algorithms().signatures;
    options.digests = &algorithms().digests;
    return must(verify::verify_pdf(file, options));
  }
  // SHA-1 is asked for too: of VRI keys and OCSP questions.
  pki::Algorithms algorithms() const { return {suite_.algorithms().signatures, digests_}; }

  Authority authority;

 private:
  const testing::Suite& suite_;
  pki::FunctionDigester digests_{ossl::digest, ossl::digest_parts};
};

}  // namespace heqi::documents
