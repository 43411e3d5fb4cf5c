#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heqi/x509/certificate_profile.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// shows-part: MSSP-6.2.1-e (certificates only; lists are elsewhere)
TEST(CertificateProfile, FindsNoFaultInWhatWeMake) {
  Sample sample;
  EXPECT_THAT(find_profile_faults(sample.issue(), ProfileRole::end_entity), IsEmpty());
  sample.body.extensions[0] = make_key_usage({KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign});
  sample.body.extensions[1] = make_basic_constraints({true, 0U});
  EXPECT_THAT(find_profile_faults(sample.issue(), ProfileRole::authority), IsEmpty());
  sample.body.issuer = sample.body.subject;
  EXPECT_THAT(find_profile_faults(sample.issue(), ProfileRole::root), IsEmpty());
}

// faults_after tells what is found after change was done to a good body.
std::vector<std::string> faults_after(void (*change)(CertificateBody&)) {
  Sample sample;
  change(sample.body);
  return find_profile_faults(sample.issue(), ProfileRole::end_entity);
}

TEST(CertificateProfile, NamesEachFault) {
  const struct {
    void (*change)(CertificateBody&);
    const char* fault;
  } cases[] = {
      {[](CertificateBody& b) { b.not_after = b.not_before; }, "period"},
      {[](CertificateBody& b) { b.subject = Name(); }, "subject is empty"},
      {[](CertificateBody& b) {
         b.subject = *Name::parse(testing::hex("300d310b30090603550406 0c02434e"));
       },
       "country"},
      {[](CertificateBody& b) {
         b.subject = *Name::parse(testing::hex("300d310b30090603550403 1302d6d0"));
       },
       "characters"},
      {[](CertificateBody& b) { b.subject = b.issuer; }, "same"},
      {[](CertificateBody& b) { b.extensions[0].critical = false; }, "keyUsage"},
      {[](CertificateBody& b) { b.extensions.erase(b.extensions.begin()); }, "keyUsage"},
      {[](CertificateBody& b) { b.extensions[0] = make_key_usage({KeyUsageBit::key_cert_sign}); },
       "keyCertSign"},
      {[](CertificateBody& b) {
         b.extensions[1] = make_basic_constraints({true, {}});
       },
       "basicConstraints"},
      {[](CertificateBody& b) {
         b.extensions[2] =
             make_extended_key_usage({oids::purpose_time_stamping(), oids::purpose_client_auth()});
       },
       "timeStamping"},
      {[](CertificateBody& b) { b.extensions.erase(b.extensions.begin() + 3); },
       "subjectKeyIdentifier"},
      {[](CertificateBody& b) { b.extensions.erase(b.extensions.begin() + 4); },
       "authorityKeyIdentifier"},
      {[](CertificateBody& b) { b.extensions[5].critical = true; }, "subjectAltName"},
      {[](CertificateBody& b) {
         b.extensions.push_back({asn1::Oid::of("1.2.3"), true, testing::hex("0500")});
       },
       "unknown"},
  };
  for (const auto& c : cases)
    EXPECT_THAT(faults_after(c.change), Contains(HasSubstr(c.fault))) << c.fault;
}

TEST(CertificateProfile, SeesAFormThatTheReaderTolerates) {
  Sample sample;
  asn1::Writer tbs;
  tbs.sequence([&](asn1::Writer& w) {
    w.explicit_tag(0, [](asn1::Writer& version) { version.integer(2); });
    w.integer(5);
    write_algorithm(w, sm2_with_sm3_algorithm());
    w.raw(sample.body.issuer.der());
    w.sequence([&](asn1::Writer& validity) {
      validity.generalized_time(sample.body.not_before);  // 2026 belongs into UTCTime
      validity.time(sample.body.not_after);
    });
    w.raw(sample.body.subject.der()).raw(sample.body.public_key.der);
    w.explicit_tag(3, [&](asn1::Writer& e) { write_extensions(e, sample.body.extensions); });
  });
  auto certificate = parse_certificate(
      assemble_signed(tbs.bytes(), sm2_with_sm3_algorithm(), *sample.root.sign(tbs.bytes())));
  ASSERT_OK(certificate);
  EXPECT_THAT(find_profile_faults(*certificate, ProfileRole::end_entity),
              Contains(HasSubstr("DER form")));
}

}  // namespace
}  // namespace heqi::x509
