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

TEST_F(EnvelopedKey, WhoIsBetweenSeesWhoseKeyIsSaidToBeInside) {
  const auto stated = stated_public_key(der_);
  ASSERT_OK(stated);
  EXPECT_TRUE(*stated == key_.public_key());
  for (std::size_t size = 0; size < der_.size(); ++size)
    EXPECT_FALSE(stated_public_key(base::ByteView(der_).first(size)).has_value()) << size;
  base::Bytes longer = der_;
  longer.push_back(0);
  EXPECT_ERROR(stated_public_key(longer), Code::malformed);
  EXPECT_ERROR(stated_public_key(base::Bytes(kEnvelopedKeySizeMax + 1)), Code::limit_exceeded);
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

// Shape is an envelope as another maker writes it, and the words of its refusal.
struct Shape {
  asn1::Oid algorithm;
  base::Bytes parameters, session, public_key, sealed;  // DER but for the last two
};

TEST_F(EnvelopedKey, TheShapesOfOtherMakersAreRefusedByName) {
  const base::Bytes cipher =
      encode_ciphertext(*crypto::encrypt(receiver_.public_key(), base::Bytes(16, 1), random_));
  const auto point = key_.public_key().encode();
  const base::Bytes full(point.begin(), point.end()), bare(point.begin() + 1, point.end());
  const base::Bytes octets = asn1::Writer().octet_string(base::Bytes(112, 1)).take();
  const auto cipher_of = [](const char* dotted) { return asn1::Oid::of(dotted); };
  const std::pair<Shape, const char*> shapes[] = {
      {{oids::sm4_cbc(), {}, cipher, full, base::Bytes(32)}, "SM4 in another mode than ECB"},
      {{cipher_of("1.2.156.10197.1.104"), {}, cipher, full, base::Bytes(32)}, "SM4 without a mode"},
      {{cipher_of("1.2.156.10197.1.102.1"), {}, cipher, full, base::Bytes(32)}, "SM1"},
      {{cipher_of("1.2.156.10197.1.103.1"), {}, cipher, full, base::Bytes(32)}, "SSF33"},
      {{cipher_of("2.16.840.1.101.3.4.1.1"), {}, cipher, full, base::Bytes(32)}, "2.16.840.1"},
      {{oids::sm4_ecb(), octets, cipher, full, base::Bytes(32)}, "SM4-ECB with parameters"},
      {{oids::sm4_ecb(), {}, octets, full, base::Bytes(32)}, "bare octets (C1C2C3"},
      {{oids::sm4_ecb(), {}, cipher, full, base::Bytes(48)}, "padded"},
      {{oids::sm4_ecb(), {}, cipher, full, base::Bytes(64)}, "512 bits"},
      {{oids::sm4_ecb(), {}, cipher, bare, base::Bytes(32)}, "without 04"},
  };
  for (const auto& [shape, words] : shapes) {
    asn1::Writer out;
    out.sequence([&shape = shape](asn1::Writer& w) {
      write_algorithm(w, {shape.algorithm, shape.parameters});
      w.raw(shape.session).bit_string(shape.public_key).bit_string(shape.sealed);
    });
    const auto opened = open_enveloped_key(out.bytes(), receiver_);
    ASSERT_FALSE(opened.has_value()) << words;
    EXPECT_NE(opened.error().detail.find(words), std::string::npos) << opened.error().detail;
  }
}

}  // namespace
}  // namespace heqi::x509
