#include <heqi/x509/biometric_info.h>

#include <gtest/gtest.h>

#include <heqi/asn1/writer.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

using base::Code;

EvidenceHash hash_of(EvidenceKind kind, std::uint8_t octet = 7) {
  return {kind, oids::sm3(), base::Bytes(32, octet)};
}

TEST(BiometricInfo, EveryKindComesBack) {
  std::vector<EvidenceHash> all;
  for (const EvidenceKind kind :
       {EvidenceKind::picture, EvidenceKind::handwritten_signature, EvidenceKind::identity_document,
        EvidenceKind::voice, EvidenceKind::clip, EvidenceKind::fingerprint})
    all.push_back(hash_of(kind, static_cast<std::uint8_t>(kind)));
  const auto extension = make_biometric_info(all);
  ASSERT_OK(extension);
  EXPECT_FALSE(extension->critical);
  EXPECT_EQ(*parse_biometric_info(extension->value), all);
}

TEST(BiometricInfo, NothingTooMuchAndEmptyHashesAreNotWritten) {
  EXPECT_ERROR(make_biometric_info({}), Code::malformed);
  EXPECT_ERROR(make_biometric_info({{EvidenceKind::voice, oids::sm3(), {}}}), Code::malformed);
  EXPECT_ERROR(make_biometric_info(std::vector<EvidenceHash>(17, hash_of(EvidenceKind::picture))),
               Code::malformed);
}

TEST(BiometricInfo, WhatIsNotListedOrNotWholeIsNotRead) {
  const auto with_kind = [](const auto& write) {
    asn1::Writer out;
    out.sequence([&](asn1::Writer& list) {
      list.sequence([&](asn1::Writer& data) {
        write(data);
        write_algorithm(data, {oids::sm3(), {}});
        data.octet_string(base::Bytes(32, 1));
      });
    });
    return out.take();
  };
  EXPECT_OK(parse_biometric_info(with_kind([](asn1::Writer& w) { w.integer(1); })));
  EXPECT_ERROR(parse_biometric_info(with_kind([](asn1::Writer& w) { w.integer(2); })),
               Code::unsupported);
  EXPECT_ERROR(
      parse_biometric_info(with_kind([](asn1::Writer& w) { w.oid(asn1::Oid::of("1.2.3")); })),
      Code::unsupported);
  EXPECT_ERROR(parse_biometric_info(base::Bytes{0x30, 0}), Code::malformed);
  const base::Bytes whole = make_biometric_info({hash_of(EvidenceKind::picture)})->value;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_ERROR(parse_biometric_info(base::ByteView(whole).first(size)), Code::malformed);
}

}  // namespace
}  // namespace heqi::x509
