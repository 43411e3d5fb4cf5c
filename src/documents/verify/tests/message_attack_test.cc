// What is in the message: other documents, other certificates, other times; trust and revocation.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct Scene {
  explicit Scene(const testing::Suite& suite) : desk(7, suite), stranger(99, suite) {}
  SigningDesk desk;
  Authority stranger;
  Credential alice = desk.authority.make_person("Alice");
  Bytes ready = SigningDesk::with_fields(seed_files()[0], 5);
  pdf::Prepared prepared =
      must(pdf::prepare_signature(ready, SigningDesk::request("party1", kSignedAt)));
  Bytes content = prepared.content_to_sign();

  pki::SignedData parsed() {
    return must(pki::parse_signed_data(desk.authority.sign_message(alice, content, kSignedAt)));
  }
  // reassembled is the message of alice with other parts around her signature.
  Bytes reassembled(const std::function<void(pki::SignedDataParts&, x509::Certificate&)>& how) {
    const pki::SignedData message = parsed();
    pki::SignedDataParts parts;
    parts.certificates = desk.authority.chain();
    parts.signed_attributes = message.signers[0].signed_attributes;
    parts.signature_algorithm = message.signers[0].signature_algorithm;
    parts.signature = message.signers[0].signature;
    parts.digest_algorithm = message.signers[0].digest_algorithm;
    x509::Certificate signer = alice.certificate;
    how(parts, signer);
    return with_message(prepared, must(pki::assemble_signed_data(parts, signer)));
  }
  Bytes with_attribute(const pki::Attribute& attribute) {
    return with_message(prepared,
                        must(pki::add_unsigned_attribute(
                            desk.authority.sign_message(alice, content, kSignedAt), attribute)));
  }
  Bytes stamp(ByteView file, const std::function<Bytes(ByteView)>& token) {
    const auto hole = must(pdf::prepare_document_time_stamp(file, {}));
    return with_message(hole, token(hole.content_to_sign()));
  }
};

HEQI_WITH_EACH_SUITE(MessageAttack);
HEQI_WITH_EACH_SUITE(ManySigners);
HEQI_WITH_EACH_SUITE(Times);
HEQI_WITH_EACH_SUITE(Revocation);
HEQI_WITH_EACH_SUITE(Trust);

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(MessageAttack, ForeignMessagesAndCertificatesAreCaught) {
  Scene s(suite());
  const Bytes other = base::to_bytes("another document");
  const auto octet = asn1::Oid::of("1.3.6.1.4.1.32473.9");
  expect_caught(
      {{"message of another document",
        [&] {
          return with_message(s.prepared, s.desk.authority.sign_message(s.alice, other, kSignedAt));
        },
        Reason::digest_mismatch},
       {"content carried along",
        [&] { return s.reassembled([&](auto& parts, auto&) { parts.content = other; }); },
        Reason::no_binding},
       {"certificate of another key, same name",
        [&] {
          return s.reassembled([&](auto&, x509::Certificate& signer) {
            signer = s.desk.authority.make_person("Alice").certificate;
          });
        },
        Reason::signature_bad},
       {"signature of another message",
        [&] {
          return s.reassembled([&](auto& parts, auto&) {
            parts.signature = s.parsed().signers[0].signature;
            parts.signature.back() ^= 1;
          });
        },
        Reason::signature_bad},
       {"no attributes, signature over them passed off",
        [&] { return s.reassembled([&](auto& parts, auto&) { parts.signed_attributes.clear(); }); },
        Reason::no_binding},
       {"a stranger's certificate along",
        [&] {
          return s.reassembled([&](auto& parts, auto&) {
            parts.certificates.push_back(s.stranger.make_person("Eve").certificate);
          });
        },
        Reason::unprotected_content},
       {"a list that nobody signed",
        [&] {
          return s.reassembled(
              [&](auto& parts, auto&) { parts.crls = {s.stranger.make_crl(kSignedAt)}; });
        },
        Reason::unprotected_content},
       {"unknown unsigned attribute",
        [&] {
          return s.with_attribute({octet, {{0x05, 0x00}}});
        },
        Reason::unprotected_content}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(MessageAttack, ForeignTimesAndSignersAreCaught) {
  Scene s(suite());
  const Bytes other = base::to_bytes("another document");
  expect_caught(
      {{"time-stamp of another signature",
        [&] {
          return s.with_attribute(
              pki::time_stamp_attribute(s.desk.authority.make_time_stamp(other, kSignedAt)));
        },
        Reason::time_stamp_bad},
       {"time-stamp from the future",
        [&] {
          return s.desk.sign(s.ready, "party1", s.alice, kSignedAt, {true, kNow + hours(24)});
        },
        Reason::time_inconsistent},
       {"claimed after what is proved",
        [&] {
          return s.desk.sign(s.ready, "party1", s.alice, kSignedAt + hours(2), {true, kSignedAt});
        },
        Reason::time_inconsistent},
       {"signed by a stranger's person",
        [&] {
          return with_message(s.prepared, s.stranger.sign_message(s.stranger.make_person("Eve"),
                                                                  s.content, kSignedAt));
        },
        Reason::certificate_untrusted},
       {"signed with a time-stamp authority's key",
        [&] {
          testing::CertificateWish wish;
          wish.usage = {pki::KeyUsageBit::key_encipherment};
          return with_message(s.prepared, s.desk.authority.sign_message(s.desk.authority.make(wish),
                                                                        s.content, kSignedAt));
        },
        Reason::certificate_wrong_usage},
       {"document time-stamp of another file",
        [&] {
          return s.stamp(s.ready, [&](ByteView) {
            return s.desk.authority.make_time_stamp(other, kSignedAt);
          });
        },
        Reason::digest_mismatch},
       {"document time-stamp of a stranger",
        [&] {
          return s.stamp(s.ready,
                         [&](ByteView all) { return s.stranger.make_time_stamp(all, kSignedAt); });
        },
        Reason::certificate_untrusted},
       {"a person's signature as document time-stamp",
        [&] {
          return s.stamp(s.ready, [&](ByteView all) {
            return s.desk.authority.sign_message(s.alice, all, kSignedAt);
          });
        },
        Reason::time_stamp_type_differs},
       {"a time-stamp as a person's signature",
        [&] {
          return with_message(s.prepared, s.desk.authority.make_time_stamp(s.content, kSignedAt));
        },
        Reason::time_stamp_type_differs}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(ManySigners, EachLaterSignatureKeepsTheEarlierOnesValid) {
  for (const Bytes& seed : seed_files()) {
    SigningDesk desk(7, suite());
    Bytes file = SigningDesk::with_fields(seed, 5);
    for (std::size_t i = 1; i <= 5; ++i) {
      const std::string number = std::to_string(i);
      const base::Time time = kSignedAt + minutes(i);
      file = desk.sign(file, "party" + number, desk.authority.make_person("P" + number), time);
      const auto report = verify_pdf(file, desk.options());
      ASSERT_OK(report);
      EXPECT_EQ(report->verdict, Verdict::valid) << words(*report);
      ASSERT_EQ(report->signatures.size(), i);
      EXPECT_EQ(report->unsigned_fields.size(), 5 - i);
      EXPECT_EQ(report->signatures[0].ltv, LongTerm::none);
      EXPECT_EQ(report->signatures.back().coverage, Coverage::whole_document);
    }
  }
}

TEST_P(Times, WithoutATimeStampTheTimeIsOnlyClaimed) {
  Scene s(suite());
  const Bytes file = s.desk.sign(s.ready, "party1", s.alice, kSignedAt, {false, {}});
  const auto report = verify_pdf(file, s.desk.options());
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::valid_with_notes) << words(*report);
  EXPECT_EQ(report->signatures[0].time, TimeProof::claimed);
  EXPECT_EQ(report->signatures[0].claimed_time, kSignedAt);
  // A document time-stamp proves it after all.
  const auto later = verify_pdf(s.desk.add_stamp(file, kSignedAt + hours(1)), s.desk.options());
  ASSERT_OK(later);
  EXPECT_EQ(later->verdict, Verdict::valid) << words(*later);
  EXPECT_EQ(later->signatures[0].best_time, kSignedAt + hours(1));
  EXPECT_EQ(later->signatures[0].best_time_source, "document_time_stamp");
}

// shows-part: ECP-DOC-1 (certificates at the proved time)
TEST_P(Times, AnExpiredCertificateIsJudgedAtTheTimeThatIsProved) {
  Scene s(suite());
  testing::CertificateWish wish;
  wish.not_after = kSignedAt + hours(1);
  const Credential brief = s.desk.authority.make(wish);
  const auto stamped = verify_pdf(s.desk.sign(s.ready, "party1", brief), s.desk.options());
  ASSERT_OK(stamped);
  EXPECT_EQ(stamped->verdict, Verdict::valid) << words(*stamped);
  const auto claimed =
      verify_pdf(s.desk.sign(s.ready, "party1", brief, kSignedAt, {false, {}}), s.desk.options());
  ASSERT_OK(claimed);
  EXPECT_EQ(claimed->verdict, Verdict::indeterminate);
  EXPECT_EQ(claimed->signatures[0].certificate, CertificateState::expired_at_time);
  // Proved only after the certificate ended.
  const auto late =
      verify_pdf(s.desk.sign(s.ready, "party1", brief, kSignedAt, {true, kSignedAt + hours(2)}),
                 s.desk.options());
  ASSERT_OK(late);
  EXPECT_EQ(late->signatures[0].certificate, CertificateState::expired_at_time);
}

// shows-part: ECP-DOC-1 (the end of an archive)
TEST_P(Times, AnAuthorityThatEndedProvesNothingMore) {
  Scene s(suite());
  const Bytes file = s.desk.complete(seed_files()[0]);
  const auto report = verify_pdf(file, s.desk.options(at("2050-01-01T00:00:00Z")));
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::indeterminate) << words(*report);
  EXPECT_EQ(report->signatures.back().certificate, CertificateState::expired_at_time);
}

// shows-part: ECP-DOC-1 (revocation at the proved time)
TEST_P(Revocation, CountsOnlyFromItsTimeOn) {
  for (const bool before : {true, false}) {
    Scene s(suite());
    const Bytes once = s.desk.sign(s.ready, "party1", s.alice);
    s.desk.authority.revoke(s.alice.certificate, kSignedAt + (before ? -hours(1) : hours(1)));
    const Bytes file = s.desk.add_data(once, {s.alice}, kSignedAt + hours(2));
    const Bytes last = s.desk.add_stamp(file, kSignedAt + hours(3));
    const auto report = verify_pdf(last, s.desk.options());
    ASSERT_OK(report);
    EXPECT_EQ(report->verdict, before ? Verdict::invalid : Verdict::valid) << words(*report);
    EXPECT_EQ(report->signatures[0].certificate,
              before ? CertificateState::revoked : CertificateState::trusted);
  }
}

TEST_P(Trust, WithoutAnAnchorNothingIsDecided) {
  SigningDesk desk(7, suite());
  VerifyOptions options = desk.options();
  options.trust = {};
  const auto report = verify_pdf(desk.complete(seed_files()[1]), options);
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::indeterminate) << words(*report);
  EXPECT_EQ(report->signatures[0].certificate, CertificateState::untrusted);
  EXPECT_EQ(report->signatures[0].integrity, Integrity::intact);
  EXPECT_EQ(report->signatures[0].signature, SignatureValue::valid);
}

TEST_P(Revocation, IsAskedForWhereACertificateNamesASource) {
  Scene s(suite());
  testing::CertificateWish wish;
  wish.crl_and_ocsp_urls = true;
  const Credential person = s.desk.authority.make(wish);
  const Bytes once = s.desk.sign(s.ready, "party1", person);
  const auto report = verify_pdf(once, s.desk.options());
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::indeterminate);
  EXPECT_EQ(report->signatures[0].certificate, CertificateState::unknown_revocation);
  const auto known =
      verify_pdf(s.desk.add_stamp(s.desk.add_data(once, {person}, kSignedAt), kSignedAt + hours(1)),
                 s.desk.options());
  ASSERT_OK(known);
  EXPECT_EQ(known->verdict, Verdict::valid) << words(*known);
}

}  // namespace
}  // namespace heqi::documents::verify
