#include <heqi/x509/enveloped_key.h>

#include <gtest/gtest.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/algorithm.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

using base::Code;

class EnvelopedKey : public ::testing::Test {
 protected:
  // rewritten is the envelope with another symmetric algorithm.
  base::Bytes rewritten(const asn1::Oid& algorithm) const {
    asn1::Reader fields = *asn1::Reader::over(der_)->sequence();
    EXPECT_OK(fields.any());
    asn1::Writer out;
    out.sequence([&](asn1::Writer& w) {
      write_algorithm(w, {algorithm, {}});
      w.raw(fields.rest());
    });
    return out.take();
  }

  testing::SeededRandom random_{21};
  crypto::PrivateKey key_ = *crypto::PrivateKey::generate(random_),
                     receiver_ = *crypto::PrivateKey::generate(random_),
                     other_ = *crypto::PrivateKey::generate(random_);
  base::Bytes der_ = *seal_enveloped_key(key_, receiver_.public_key(), random_);
};

TEST_F(EnvelopedKey, TheReceiverAndNobodyElseOpensIt) {
  const auto opened = open_enveloped_key(der_, receiver_);
  ASSERT_OK(opened);
  EXPECT_TRUE(base::same_bytes(opened->encode().expose(), key_.encode().expose()));
  EXPECT_ERROR(open_enveloped_key(der_, other_), Code::invalid_signature);
}

TEST_F(EnvelopedKey, TwoEnvelopesOfOneKeyHaveNothingInCommon) {
  const base::Bytes again = *seal_enveloped_key(key_, receiver_.public_key(), random_);
  EXPECT_NE(again, der_);
  EXPECT_FALSE(
      std::equal(der_.end() - crypto::kScalarSize, der_.end(), again.end() - crypto::kScalarSize));
}

TEST_F(EnvelopedKey, NoFlippedBitOpens) {
  for (std::size_t bit = 0; bit < der_.size() * 8; bit += 3) {
    base::Bytes changed = der_;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(open_enveloped_key(changed, receiver_).has_value()) << "bit " << bit;
  }
}

TEST_F(EnvelopedKey, NoPrefixAndNothingLongerOpens) {
  for (std::size_t size = 0; size < der_.size(); ++size)
    EXPECT_ERROR(open_enveloped_key(base::ByteView(der_).first(size), receiver_), Code::malformed);
  base::Bytes longer = der_;
  longer.push_back(0);
  EXPECT_ERROR(open_enveloped_key(longer, receiver_), Code::malformed);
  EXPECT_ERROR(open_enveloped_key(base::Bytes(5'000, 0x30), receiver_), Code::limit_exceeded);
}

TEST_F(EnvelopedKey, OtherCiphersAreRefusedByName) {
  EXPECT_OK(open_enveloped_key(rewritten(oids::sm4_ecb()), receiver_));
  EXPECT_ERROR(open_enveloped_key(rewritten(oids::sm4_cbc()), receiver_), Code::unsupported);
}

}  // namespace
}  // namespace heqi::x509
