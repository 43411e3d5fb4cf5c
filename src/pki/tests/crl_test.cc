#include <gtest/gtest.h>

#include <heqi/pki/crl.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

#include "der.h"

namespace heqi::pki {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using base::Code;
using testing::at;
using testing::Authority;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};

CrlBody body_of(const Authority& authority) {
  CrlBody body;
  body.issuer = authority.issuing().certificate.subject();
  body.this_update = at("2026-06-01T00:00:00Z");
  body.next_update = at("2026-06-08T00:00:00Z");
  body.number = {7};
  body.authority_key_identifier = authority.issuing().certificate.subject_key_identifier();
  return body;
}

// with_extension makes a list of the authority whose crlExtensions are the given ones only.
Bytes with_extension(const Authority& authority, const asn1::Oid& type, bool critical,
                     const Bytes& value) {
  x509::Signer& signer = *authority.issuing().signer;
  const Bytes tbs = der::encode([&](asn1::Writer& out) {
    out.sequence([&](asn1::Writer& w) {
      w.integer(1);
      w.raw(x509::encode_algorithm(signer.algorithm()));
      w.raw(authority.issuing().certificate.subject().der());
      w.time(at("2026-06-01T00:00:00Z"));
      w.explicit_tag(0, [&](asn1::Writer& tagged) {
        tagged.sequence(
            [&](asn1::Writer& list) { der::write_extension(list, type, critical, value); });
      });
    });
  });
  return assemble_crl(tbs, signer.algorithm(), *signer.sign(tbs));
}

TEST(Crl, AListComesBackAsItWasStated) {
  Authority authority;
  CrlBody body = body_of(authority);
  body.revoked.push_back({{0x12, 0x34},
                          at("2026-05-01T00:00:00Z"),
                          RevocationReason::key_compromise,
                          at("2026-04-01T00:00:00Z")});
  body.revoked.push_back({{0x05}, at("2026-05-02T00:00:00Z"), std::nullopt, std::nullopt});
  const auto der = make_crl(body, *authority.issuing().signer);
  ASSERT_OK(der);
  const auto crl = parse_crl(*der);
  ASSERT_OK(crl);
  EXPECT_TRUE(crl->body.issuer == body.issuer);
  EXPECT_EQ(crl->body.number, Bytes{7});
  EXPECT_EQ(crl->body.next_update, body.next_update);
  EXPECT_EQ(crl->body.authority_key_identifier, body.authority_key_identifier);
  ASSERT_NE(find_revoked(*crl, Bytes{0x12, 0x34}), nullptr);
  const RevokedEntry& entry = *find_revoked(*crl, Bytes{0x00, 0x12, 0x34});
  EXPECT_EQ(entry.reason, RevocationReason::key_compromise);
  EXPECT_EQ(entry.invalidity_date, at("2026-04-01T00:00:00Z"));
  EXPECT_EQ(find_revoked(*crl, Bytes{0x12}), nullptr);
  EXPECT_EQ(find_revoked(*crl, Bytes{}), nullptr);
  EXPECT_OK(verify_crl(*crl, authority.issuing().certificate, kAlgorithms));
}

TEST(Crl, ThousandsOfEntriesAreFoundAndNoOther) {
  Authority authority;
  CrlBody body = body_of(authority);
  for (unsigned i = 0; i < 5'000; ++i)
    body.revoked.push_back({{0x40, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)},
                            at("2026-05-01T00:00:00Z"),
                            std::nullopt,
                            std::nullopt});
  const auto crl = parse_crl(*make_crl(body, *authority.issuing().signer));
  ASSERT_OK(crl);
  EXPECT_NE(find_revoked(*crl, Bytes{0x40, 0x00, 0x00}), nullptr);
  EXPECT_NE(find_revoked(*crl, Bytes{0x40, 0x13, 0x87}), nullptr);
  EXPECT_EQ(find_revoked(*crl, Bytes{0x40, 0x13, 0x88}), nullptr);
}

TEST(Crl, NoFlippedBitVerifies) {
  Authority authority;
  authority.revoke(authority.make_person("Alice").certificate, at("2026-05-01T00:00:00Z"),
                   RevocationReason::superseded);
  const Bytes der = authority.make_crl(at("2026-06-01T00:00:00Z"));
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    Bytes changed = der;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto crl = parse_crl(changed);
    EXPECT_FALSE(crl && verify_crl(*crl, authority.issuing().certificate, kAlgorithms))
        << "bit " << bit;
  }
}

TEST(Crl, NoPrefixIsRead) {
  Authority authority;
  const Bytes der = authority.make_crl(at("2026-06-01T00:00:00Z"));
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_ERROR(parse_crl(base::ByteView(der).first(size)), Code::malformed);
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_ERROR(parse_crl(longer), Code::malformed);
}

TEST(Crl, AnotherIssuersListIsRefused) {
  Authority authority;
  const auto crl = parse_crl(authority.make_crl(at("2026-06-01T00:00:00Z")));
  ASSERT_OK(crl);
  EXPECT_ERROR(verify_crl(*crl, authority.root().certificate, kAlgorithms), Code::untrusted);
  const Authority stranger(99);  // the same names, other keys
  EXPECT_FALSE(verify_crl(*crl, stranger.issuing().certificate, kAlgorithms));
}

TEST(Crl, AnIssuerWithoutCrlSignIsRefused) {
  Authority authority;
  testing::CertificateWish wish;
  wish.common_name = "No Lists CA";
  wish.ca = true;
  wish.usage = {KeyUsageBit::key_cert_sign};
  const testing::Credential ca = authority.make(wish, authority.root());
  CrlBody body = body_of(authority);
  body.issuer = ca.certificate.subject();
  body.authority_key_identifier.clear();
  const auto crl = parse_crl(*make_crl(body, *ca.signer));
  ASSERT_OK(crl);
  EXPECT_ERROR(verify_crl(*crl, ca.certificate, kAlgorithms), Code::untrusted);
}

TEST(Crl, UnknownCriticalAndDeltaAndIndirectListsAreRefused) {
  Authority authority;
  const Bytes null = {0x05, 0x00};
  EXPECT_ERROR(parse_crl(with_extension(authority, asn1::Oid::of("1.2.3.4"), true, null)),
               Code::unsupported);
  EXPECT_OK(parse_crl(with_extension(authority, asn1::Oid::of("1.2.3.4"), false, null)));
  EXPECT_ERROR(parse_crl(with_extension(authority, oids::delta_crl_indicator(), false,
                                        testing::hex("020101"))),
               Code::unsupported);
  const asn1::Oid& point = oids::issuing_distribution_point();
  EXPECT_ERROR(parse_crl(with_extension(authority, point, true, testing::hex("3003 8401ff"))),
               Code::unsupported);  // indirect
  EXPECT_ERROR(parse_crl(with_extension(authority, point, true, testing::hex("3004 83020640"))),
               Code::unsupported);  // some reasons
  EXPECT_ERROR(
      parse_crl(with_extension(authority, point, true, testing::hex("3006 8101ff 8201ff"))),
      Code::malformed);  // users only and CAs only
  const auto users = parse_crl(with_extension(authority, point, true, testing::hex("3003 8101ff")));
  ASSERT_OK(users);
  EXPECT_TRUE(users->only_user_certificates);
}

TEST(Crl, ReasonsThatTheStandardDoesNotHaveAreRefused) {
  EXPECT_ERROR(parse_reason(7), Code::malformed);
  EXPECT_ERROR(parse_reason(11), Code::malformed);
  EXPECT_ERROR(parse_reason(-1), Code::malformed);
  EXPECT_OK(parse_reason(10));
}

}  // namespace
}  // namespace heqi::pki
