// What verification takes apart and judges, one part after the other: the original, the signature,
// the certificate, the seal and the time-stamp; the same for a message and a seal in a PDF, and for
// a signature and a seal in an OFD.
#include "../../src/documents/ofd/tests/ofd_world.h"
#include "../../src/documents/verify/tests/attacker.h"

namespace heqi::documents {
namespace {

using base::Bytes;
using base::ByteView;
using std::chrono::hours;
using testing::Authority;
using testing::Credential;
using verify::CertificateState;
using verify::Reason;
using verify::Report;
using verify::Verdict;

const base::Time kSignedAt = seal::kSealedAt;

// Making is one signature; a case changes what is about to be written.
struct Making {
  const Credential* signer;
  const Credential* maker;  // of the seal
  std::function<Bytes(ByteView value)> token;
  std::function<void(Bytes& value)> value_changed = [](Bytes&) {};
};

enum class Kind { pdf_message, pdf_seal, ofd_signature, ofd_seal };

class Judged : public ::testing::TestWithParam<Kind> {
 protected:
  bool is_pdf() const { return GetParam() == Kind::pdf_message || GetParam() == Kind::pdf_seal; }
  bool is_seal() const { return GetParam() == Kind::pdf_seal || GetParam() == Kind::ofd_seal; }

  Making usual() {
    return {&desk_.alice, &desk_.maker,
            [this](ByteView value) { return desk_.authority.make_time_stamp(value, kSignedAt); }};
  }
  Bytes plain() const {
    if (!is_pdf()) return ofd::contract();
    return verify::SigningDesk::with_fields(verify::seed_files()[0], 2);
  }
  Bytes sign(const std::function<void(Making&)>& change = [](Making&) {}) {
    Making how = usual();
    change(how);
    return sign(plain(), "party1", how);
  }
  Bytes sign(const Bytes& file, const std::string& field, const Making& how) {
    return is_pdf() ? sign_pdf(file, field, how) : sign_ofd(file, how);
  }
  Report judge(const Bytes& file, std::vector<pki::Crl> lists = {},
               base::Time now = seal::kNow) const {
    if (is_pdf()) {
      verify::VerifyOptions options;
      options.trust = desk_.authority.trust();
      options.now = now;
      options.crls = std::move(lists);
      return seal::must(verify::verify_pdf(file, options));
    }
    ofd::VerifyOptions options = desk_.options(now);
    options.crls = std::move(lists);
    return seal::must(ofd::verify_ofd(file, options));
  }
  // another_amount changes what the document says, as anybody can after a signature.
  Bytes another_amount(const Bytes& file) const {
    if (!is_pdf()) return ofd::edited(file, kPage, "壹万元整", "壹元整");
    verify::Edit edit(file);
    return edit.put_stream(edit.content(), "BT /F1 24 Tf 72 700 Td (Sale) Tj ET").finish();
  }
  // expect_named makes a file, and expects that it is not valid for this reason and no other axis
  // than its own is blamed.
  void expect_named(const std::string& name, const std::function<void(Making&)>& change,
                    Reason reason) {
    SCOPED_TRACE(name);
    const Report report = judge(sign(change));
    EXPECT_GT(report.verdict, Verdict::valid_with_notes) << verify::words(report);
    EXPECT_TRUE(verify::has(report, reason)) << verify::words(report);
    EXPECT_EQ(report.signatures[0].integrity, verify::Integrity::intact) << verify::words(report);
  }
  std::vector<pki::Crl> lists() {
    return {seal::must(pki::parse_crl(desk_.authority.make_crl(seal::kNow)))};
  }

  static constexpr std::string_view kPage = "Doc_0/Pages/Page_0/Content.xml";
  ofd::SealingDesk desk_;
  Authority stranger_{99};
  Credential eve_ = stranger_.make_person("Eve");

 private:
  Bytes seal_of(const Making& how) const {
    seal::SealRequest wish = desk_.request();
    wish.signers = {how.signer->certificate};
    wish.info.extensions = {seal::make_certificate_values(desk_.authority.chain())};
    return seal::must(seal::make_seal(wish, how.maker->certificate, *how.maker->signer));
  }
  Bytes sign_pdf(const Bytes& file, const std::string& field, const Making& how) {
    pdf::SignatureRequest request = verify::SigningDesk::request(field, kSignedAt);
    if (is_seal()) request.filter = "Gomain.GMPkiLite", request.sub_filter = "GM.sm2seal";
    const pdf::Prepared prepared = seal::must(pdf::prepare_signature(file, request));
    const Bytes content = prepared.content_to_sign();
    const Bytes message = is_seal() ? sealed(content, how) : signed_message(content, how);
    return seal::must(pdf::finish_signature(prepared, message));
  }
  Bytes sealed(const Bytes& content, const Making& how) const {
    const crypto::Digest digest = crypto::sm3(content);
    const Bytes to_sign = seal::must(
        seal::encode_to_sign({seal_of(how),
                              kSignedAt,
                              Bytes(digest.begin(), digest.end()),
                              "PDF /ByteRange",
                              {seal::make_certificate_values(desk_.authority.chain())}}));
    Bytes value = seal::must(how.signer->signer->sign(to_sign));
    how.value_changed(value);
    return seal::must(seal::assemble_sealed_signature(to_sign, how.signer->certificate,
                                                      how.signer->signer->algorithm(), value,
                                                      how.token(value)));
  }
  Bytes signed_message(const Bytes& content, const Making& how) {
    Bytes cms = desk_.authority.sign_message(*how.signer, content, kSignedAt);
    const pki::SignedData parsed = seal::must(pki::parse_signed_data(cms));
    Bytes value = parsed.signers[0].signature;
    const auto place = std::search(cms.begin(), cms.end(), value.begin(), value.end());
    how.value_changed(value);
    std::copy(value.begin(), value.end(), place);
    return seal::must(
        pki::add_unsigned_attribute(cms, pki::time_stamp_attribute(how.token(value))));
  }
  Bytes sign_ofd(const Bytes& file, const Making& how) {
    ofd::SignatureRequest request =
        is_seal() ? desk_.sealing(*how.signer) : desk_.signing(*how.signer);
    if (is_seal()) request.seal = seal_of(how);
    const ofd::Prepared prepared = seal::must(ofd::prepare_signature(file, request));
    Bytes value = seal::must(how.signer->signer->sign(prepared.to_sign));
    how.value_changed(value);
    return seal::must(
        ofd::finish_signature(prepared, how.signer->signer->algorithm(), value, how.token(value)));
  }
};
INSTANTIATE_TEST_SUITE_P(Formats, Judged,
                         ::testing::Values(Kind::pdf_message, Kind::pdf_seal, Kind::ofd_signature,
                                           Kind::ofd_seal),
                         [](const auto& one) -> std::string {
                           switch (one.param) {
                             case Kind::pdf_message:
                               return "MessageInPdf";
                             case Kind::pdf_seal:
                               return "SealInPdf";
                             case Kind::ofd_signature:
                               return "SignatureInOfd";
                             default:
                               return "SealInOfd";
                           }
                         });

void spoil(Bytes& value) {
  value.back() ^= 1;
}

// shows: ECP-DOC-5
TEST_P(Judged, OriginalSignatureCertificateSealAndTimeStampAreEachVerified) {
  const Bytes good = sign();
  const Report report = judge(good);
  ASSERT_EQ(report.verdict, Verdict::valid) << verify::words(report);
  const verify::SignatureReport& one = report.signatures[0];
  EXPECT_EQ(one.integrity, verify::Integrity::intact);
  EXPECT_EQ(one.signature, verify::SignatureValue::valid);
  EXPECT_EQ(one.certificate, CertificateState::trusted);
  EXPECT_EQ(one.time, verify::TimeProof::time_stamped);
  EXPECT_EQ(one.seal, is_seal() ? verify::Seal::valid : verify::Seal::not_applicable);
  EXPECT_EQ(one.signer->common_name, "Alice");

  EXPECT_GT(judge(another_amount(good)).verdict, Verdict::valid_with_notes);  // the original
  expect_named(
      "the signature", [](Making& m) { m.value_changed = spoil; }, Reason::signature_bad);
  expect_named(
      "the certificate", [&](Making& m) { m.signer = &eve_; }, Reason::certificate_untrusted);
  expect_named(
      "the time-stamp",
      [&](Making& m) {
        m.token = [&](ByteView) {
          return desk_.authority.make_time_stamp(base::bytes_of("other"), kSignedAt);
        };
      },
      Reason::time_stamp_bad);
  if (!is_seal()) return;
  const Credential foreign = stranger_.make_person("Seal Maker");
  expect_named(
      "the seal", [&](Making& m) { m.maker = &foreign; }, Reason::seal_maker_untrusted);
}

// shows: ECP-DOC-5
TEST_P(Judged, WhatChangedIsNamedForEachSignatureThatItCameAfter) {
  const Bytes first = sign();
  const Bytes between = sign(another_amount(first), "party2", usual());
  const Report report = judge(between);
  EXPECT_EQ(report.verdict, Verdict::invalid) << verify::words(report);
  ASSERT_EQ(report.signatures.size(), 2u);
  const Reason reason = is_pdf() ? Reason::changed_otherwise : Reason::digest_mismatch;
  const auto& blamed = report.signatures[0].findings;
  const auto found = std::find_if(blamed.begin(), blamed.end(),
                                  [&](const verify::Finding& f) { return f.reason == reason; });
  ASSERT_NE(found, blamed.end()) << verify::words(report);
  const std::string place = is_pdf() ? "Contents" : std::string(kPage);
  EXPECT_NE(found->evidence.find(place), std::string::npos) << found->evidence;
  EXPECT_FALSE(verify::has(report.signatures[1].findings, reason)) << verify::words(report);

  const Bytes twice = sign(first, "party2", usual());
  EXPECT_EQ(judge(twice).verdict, Verdict::valid) << verify::words(judge(twice));
  const Report last = judge(another_amount(twice));
  for (const verify::SignatureReport& one : last.signatures)
    EXPECT_TRUE(verify::has(one.findings, reason)) << verify::words(last);
}

// shows: ECP-DOC-5a
TEST_P(Judged, TheTimeStampIsSignedByAnAuthorityThatIsTrusted) {
  const Report report = judge(sign());
  EXPECT_EQ(report.verdict, Verdict::valid) << verify::words(report);
  EXPECT_EQ(report.signatures[0].best_time, kSignedAt);
  Authority& own = desk_.authority;
  const auto with = [](std::function<Bytes(ByteView)> token) {
    return [token = std::move(token)](Making& m) { m.token = token; };
  };
  expect_named("its own signature is spoiled", with([&](ByteView value) {
                 Bytes token = own.make_time_stamp(value, kSignedAt);
                 spoil(token);
                 return token;
               }),
               Reason::time_stamp_bad);
  expect_named("its time is changed", with([&](ByteView value) {
                 Bytes token = own.make_time_stamp(value, kSignedAt);
                 const std::string text = "20260601120000";
                 const auto place =
                     std::search(token.begin(), token.end(), text.begin(), text.end());
                 place[3] = '5';
                 return token;
               }),
               Reason::time_stamp_bad);
  expect_named("over another value",
               with([&](ByteView) { return own.make_time_stamp(base::bytes_of("x"), kSignedAt); }),
               Reason::time_stamp_bad);
  expect_named("of an authority that nobody trusts",
               with([&](ByteView value) { return stranger_.make_time_stamp(value, kSignedAt); }),
               Reason::time_stamp_untrusted);
}

// shows: ECP-DOC-5b
TEST_P(Judged, TheCertificateIsTrustedAndInForceAtTheTimeOfTheTimeStamp) {
  expect_named(
      "of an authority that nobody trusts", [&](Making& m) { m.signer = &eve_; },
      Reason::certificate_untrusted);
  testing::CertificateWish wish;
  wish.not_after = kSignedAt - hours(1);
  const Credential ended = desk_.authority.make(wish);
  expect_named(
      "ended before the time-stamp", [&](Making& m) { m.signer = &ended; },
      Reason::certificate_expired);
  wish = {};
  wish.not_before = kSignedAt + hours(1);
  const Credential coming = desk_.authority.make(wish);
  expect_named(
      "not yet in force", [&](Making& m) { m.signer = &coming; }, Reason::certificate_expired);
  wish = {};
  wish.not_after = kSignedAt + hours(1);  // ended since, which does not matter
  const Credential brief = desk_.authority.make(wish);
  const Report since = judge(sign([&](Making& m) { m.signer = &brief; }));
  EXPECT_EQ(since.verdict, Verdict::valid) << verify::words(since);

  const Bytes file = sign();
  EXPECT_EQ(judge(file, lists()).verdict, Verdict::valid);
  desk_.authority.revoke(desk_.alice.certificate, kSignedAt + hours(1));
  const Report later = judge(file, lists());
  EXPECT_EQ(later.verdict, Verdict::valid) << verify::words(later);
  const Credential bob = desk_.authority.make_person("Bob");
  const Bytes his = sign([&](Making& m) { m.signer = &bob; });
  desk_.authority.revoke(bob.certificate, kSignedAt - hours(1));
  const Report before = judge(his, lists());
  EXPECT_EQ(before.verdict, Verdict::invalid) << verify::words(before);
  EXPECT_TRUE(verify::has(before, Reason::certificate_revoked)) << verify::words(before);
}

}  // namespace
}  // namespace heqi::documents
