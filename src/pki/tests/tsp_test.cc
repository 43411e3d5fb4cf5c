#include <gtest/gtest.h>

#include <heqi/pki/tsp.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

namespace heqi::pki {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using base::Code;
using testing::at;
using testing::Authority;
using testing::Credential;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};
const base::Time kTime = at("2026-06-01T12:00:00.25Z");
const Bytes kData = base::to_bytes("合同正文");

Bytes token_by(const Credential& authority, const TstInfo& info) {
  return *make_time_stamp_token(info, authority.certificate, {}, *authority.signer);
}

TstInfo info_over(base::ByteView data) {
  TstInfo info;
  info.policy = asn1::Oid::of("1.3.6.1.4.1.32473.1.1");
  info.hash_algorithm = oids::sm3();
  info.imprint = make_time_stamp_request(data, {}).imprint;
  info.serial = {0x80, 0x01};
  info.time = kTime;
  return info;
}

TEST(TimeStampRequest, ComesBackAsItWasAsked) {
  TimeStampRequest request = make_time_stamp_request(kData, {0x00, 0x9a, 0x01});
  request.policy = asn1::Oid::of("1.2.3.4");
  const auto read = parse_time_stamp_request(encode_time_stamp_request(request));
  ASSERT_OK(read);
  EXPECT_EQ(read->imprint, request.imprint);
  EXPECT_EQ(read->nonce, (Bytes{0x9a, 0x01}));
  EXPECT_TRUE(read->policy == request.policy);
  EXPECT_TRUE(read->certificate_requested);
  request.certificate_requested = false;
  EXPECT_FALSE(parse_time_stamp_request(encode_time_stamp_request(request))->certificate_requested);
}

TEST(TimeStampRequest, BrokenRequestsAreRefused) {
  TimeStampRequest request = make_time_stamp_request(kData, Bytes{1});
  const Bytes good = encode_time_stamp_request(request);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_time_stamp_request(base::ByteView(good).first(size)));
  request.imprint.pop_back();
  EXPECT_ERROR(parse_time_stamp_request(encode_time_stamp_request(request)), Code::malformed);
  request.imprint.assign(32, 1);
  request.nonce.assign(33, 0x11);
  EXPECT_ERROR(parse_time_stamp_request(encode_time_stamp_request(request)), Code::limit_exceeded);
  EXPECT_ERROR(parse_time_stamp_request(Bytes(5'000, 0x30)), Code::limit_exceeded);
}

TEST(TstInfo, ComesBackWithFractionAndAccuracy) {
  TstInfo info = info_over(kData);
  info.accuracy = std::chrono::microseconds(1'500'250);
  info.ordering = true;
  info.nonce = {0xff};
  const auto read = parse_tst_info(encode_tst_info(info));
  ASSERT_OK(read);
  EXPECT_EQ(read->time, kTime);
  EXPECT_EQ(read->accuracy, info.accuracy);
  EXPECT_TRUE(read->ordering);
  EXPECT_EQ(read->nonce, info.nonce);
  EXPECT_EQ(read->serial, info.serial);
}

// shows-part: ECP-TS-1 (the server; here the token's contents)
TEST(TimeStampToken, HoldsInBothFamilies) {
  Authority authority;
  for (const Profile profile : {Profile::international, Profile::gm_t_0010}) {
    const Bytes token = authority.make_time_stamp(kData, kTime, Bytes{5}, profile);
    const TrustStore trust = authority.trust();
    TokenCheck check;
    check.nonce = {5};
    check.trust = &trust;
    const auto evidence = verify_time_stamp_token(token, kData, check, kAlgorithms);
    ASSERT_OK(evidence);
    EXPECT_EQ(evidence->info.time, kTime);
    EXPECT_TRUE(evidence->authority == authority.tsa().certificate);
    ASSERT_TRUE(evidence->path.has_value());
    EXPECT_EQ(evidence->path->status, PathStatus::trusted) << evidence->path->reason;
  }
}

// shows: ECP-TS-3
// shows-part: ECP-DOC-5a (the token; the document around it is not here)
TEST(TimeStampToken, OtherDataOtherTimeAndForeignCertificatesAreFound) {
  Authority authority;
  const Bytes token = authority.make_time_stamp(kData, kTime);
  EXPECT_ERROR(verify_time_stamp_token(token, base::to_bytes("合同正文。"), {}, kAlgorithms),
               Code::invalid_signature);

  // The time is within the signed content: a change of one digit breaks messageDigest.
  Bytes moved = token;
  const std::string_view digits = "20260601120000.25Z";
  const std::size_t place = base::text_of(moved).find(digits);
  ASSERT_NE(place, std::string_view::npos);
  moved[place + 3] = '5';
  EXPECT_ERROR(verify_time_stamp_token(moved, kData, {}, kAlgorithms), Code::invalid_signature);

  Authority stranger(42);
  const Bytes foreign = stranger.make_time_stamp(kData, kTime);
  const TrustStore trust = authority.trust();
  TokenCheck check;
  check.trust = &trust;
  const auto evidence = verify_time_stamp_token(foreign, kData, check, kAlgorithms);
  ASSERT_OK(evidence);
  EXPECT_EQ(evidence->path->status, PathStatus::untrusted);
}

// shows-part: ECP-DOC-5a (the token; the document around it is not here)
TEST(TimeStampToken, OnlyACertificateForTimeStampsOnlyCounts) {
  Authority authority;
  const auto refused = [&](const testing::CertificateWish& wish) {
    return testing::is_error(
        verify_time_stamp_token(token_by(authority.make(wish), info_over(kData)), kData, {},
                                kAlgorithms),
        Code::untrusted);
  };
  testing::CertificateWish wish;
  EXPECT_TRUE(refused(wish));  // a person's
  wish.purposes = {oids::purpose_time_stamping()};
  EXPECT_TRUE(refused(wish));  // not critical
  wish.purposes_critical = true;
  wish.purposes.push_back(oids::purpose_email_protection());
  EXPECT_TRUE(refused(wish));  // and something else
  wish.purposes = {oids::any_extended_key_usage()};
  EXPECT_TRUE(refused(wish));
  wish.purposes = {oids::purpose_time_stamping()};
  wish.usage = {KeyUsageBit::key_agreement};
  EXPECT_TRUE(refused(wish));
  wish.usage = {KeyUsageBit::digital_signature};
  wish.not_after = at("2026-05-01T00:00:00Z");
  EXPECT_TRUE(refused(wish));  // not valid at genTime
  wish.not_after = {};
  EXPECT_FALSE(refused(wish));
}

TEST(TimeStampToken, NonceAndPolicyAreCompared) {
  Authority authority;
  const Bytes token = authority.make_time_stamp(kData, kTime, Bytes{5});
  TokenCheck check;
  check.nonce = {6};
  EXPECT_ERROR(verify_time_stamp_token(token, kData, check, kAlgorithms), Code::conflict);
  check.nonce.clear();
  check.policies = {asn1::Oid::of("1.2.3")};
  EXPECT_ERROR(verify_time_stamp_token(token, kData, check, kAlgorithms), Code::untrusted);
  check.policies.push_back(asn1::Oid::of("1.3.6.1.4.1.32473.1.1"));
  EXPECT_OK(verify_time_stamp_token(token, kData, check, kAlgorithms));
}

TEST(TimeStampToken, WithoutTheBindingOfItsCertificateItIsRefused) {
  // An authority's certificate with the same key, name and serial, but another period.
  Authority authority;
  testing::CertificateWish wish;
  wish.purposes = {oids::purpose_time_stamping()};
  wish.purposes_critical = true;
  wish.serial = {0x33};
  const Credential one = authority.make(wish);
  wish.common_name = "Test Person";
  const Credential other = authority.make(wish);
  TokenOptions options;
  options.send_certificates = SendCertificates::leave_out;
  const Bytes token =
      *make_time_stamp_token(info_over(kData), one.certificate, options, *one.signer);
  TokenCheck check;
  EXPECT_ERROR(verify_time_stamp_token(token, kData, check, kAlgorithms), Code::not_found);
  check.certificates = {other.certificate};
  EXPECT_ERROR(verify_time_stamp_token(token, kData, check, kAlgorithms), Code::invalid_signature);
  check.certificates = {one.certificate};
  EXPECT_OK(verify_time_stamp_token(token, kData, check, kAlgorithms));
}

TEST(TimeStampToken, NoFlippedBitVerifies) {
  Authority authority;
  const Bytes token = token_by(authority.tsa(), info_over(kData));
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    Bytes changed = token;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(verify_time_stamp_token(changed, kData, {}, kAlgorithms)) << "bit " << bit;
  }
}

TEST(TimeStampAnswer, ATokenOrARefusalWithItsWords) {
  Authority authority;
  const Bytes token = authority.make_time_stamp(kData, kTime);
  const auto granted = parse_time_stamp_answer(encode_time_stamp_answer(token));
  ASSERT_OK(granted);
  EXPECT_EQ(*granted, token);
  const auto refused = parse_time_stamp_answer(
      encode_time_stamp_refusal(TspFailure::time_not_available, "clock is off"));
  ASSERT_ERROR(refused, Code::denied);
  EXPECT_NE(refused.error().detail.find("clock is off"), std::string::npos);
  EXPECT_ERROR(parse_time_stamp_answer(token), Code::malformed);
  EXPECT_ERROR(parse_time_stamp_answer({}), Code::malformed);
}

TEST(TimeStampToken, AMessageThatIsNoTokenIsRefused) {
  Authority authority;
  const Bytes message = authority.sign_message(authority.make_person("Alice"), kData, kTime);
  EXPECT_ERROR(verify_time_stamp_token(message, kData, {}, kAlgorithms), Code::malformed);
}

}  // namespace
}  // namespace heqi::pki
