#include <gtest/gtest.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

using base::Code;
using testing::hex;

CsrBody body_of(Sample& sample) {
  CsrBody body;
  body.subject = name_of("李四");
  body.public_key = make_public_key_info(sample.person.public_key());
  body.extensions = {make_key_usage({KeyUsageBit::digital_signature})};
  return body;
}

TEST(Csr, SaysWhatWasAskedForAndProvesPossession) {
  Sample sample;
  auto der = make_csr(body_of(sample), sample.person);
  ASSERT_OK(der);
  auto csr = parse_csr(*der);
  ASSERT_OK(csr);
  EXPECT_EQ(csr->body.subject.common_name(), "李四");
  EXPECT_EQ(csr->body.extensions.size(), 1U);
  EXPECT_OK(verify_possession(*csr));
  auto body = parse_csr_body(csr->tbs());
  ASSERT_OK(body);
  EXPECT_EQ(body->public_key, csr->body.public_key);
}

// shows-part: ECP-PKI-1 (the request itself; that the authority refuses is shown with it)
TEST(Csr, SignedByAnotherKeyProvesNothing) {
  Sample sample;
  auto csr = parse_csr(*make_csr(body_of(sample), sample.root));
  ASSERT_OK(csr);
  EXPECT_ERROR(verify_possession(*csr), Code::invalid_signature);
}

TEST(Csr, WithAnExchangedKeyProvesNothing) {
  Sample sample;
  CsrBody body = body_of(sample);
  const base::Bytes tbs = encode_csr_body(body);
  const base::Bytes signature = *sample.person.sign(tbs);
  body.public_key = make_public_key_info(sample.root.public_key());
  auto csr = parse_csr(assemble_signed(encode_csr_body(body), sm2_with_sm3_algorithm(), signature));
  ASSERT_OK(csr);
  EXPECT_ERROR(verify_possession(*csr), Code::invalid_signature);
}

TEST(Csr, WithoutExtensionsIsRead) {
  Sample sample;
  CsrBody body = body_of(sample);
  body.extensions.clear();
  auto csr = parse_csr(*make_csr(body, sample.person));
  ASSERT_OK(csr);
  EXPECT_TRUE(csr->body.extensions.empty());
  EXPECT_OK(verify_possession(*csr));
}

TEST(Csr, ThatIsCutOffOrLongerIsRefused) {
  Sample sample;
  base::Bytes der = *make_csr(body_of(sample), sample.person);
  for (std::size_t size = 0; size < der.size(); size += 7)
    EXPECT_FALSE(parse_csr(base::ByteView(der).first(size))) << size;
  der.push_back(0);
  EXPECT_ERROR(parse_csr(der), Code::malformed);
  EXPECT_ERROR(parse_csr(base::Bytes(kCsrSizeMax + 1)), Code::limit_exceeded);
  EXPECT_ERROR(parse_csr_body(base::Bytes(kCsrSizeMax + 1)), Code::limit_exceeded);
}

TEST(Csr, OfAnotherVersionOrWithTwoRequestsForExtensionsIsRefused) {
  Sample sample;
  const CsrBody body = body_of(sample);
  const auto with = [&](std::int64_t version, int requests) {
    asn1::Writer request;
    for (int i = 0; i < requests; ++i)
      request.sequence([&](asn1::Writer& w) {
        w.oid(oids::extension_request());
        w.constructed(asn1::kSet,
                      [&](asn1::Writer& set) { write_extensions(set, body.extensions); });
      });
    asn1::Writer out;
    out.sequence([&](asn1::Writer& w) {
      w.integer(version).raw(body.subject.der()).raw(body.public_key.der);
      w.element(asn1::context_constructed(0), request.bytes());
    });
    return parse_csr_body(out.bytes());
  };
  EXPECT_OK(with(0, 1));
  EXPECT_ERROR(with(1, 1), Code::malformed);
  EXPECT_ERROR(with(0, 2), Code::malformed);
}

}  // namespace
}  // namespace heqi::x509
