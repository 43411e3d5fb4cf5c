// A small authority for the tests of this layer: a root, a person below it, with seeded keys.
#pragma once
#include <heqi/base/text.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {

inline base::Time at(std::string_view text) {
  return *base::parse_rfc3339(text);
}

inline Name name_of(std::string_view common_name) {
  return *Name::make({{oids::country(), "CN"},
                      {oids::organization(), "合契测试"},
                      {oids::common_name(), std::string(common_name)}});
}

// Sample holds keys and the body of a person's certificate with every extension that this layer
// reads; a test changes the body and issues it.
struct Sample {
  testing::SeededRandom random{5};
  SoftwareSm2Signer root{*crypto::PrivateKey::generate(random), random};
  SoftwareSm2Signer person{*crypto::PrivateKey::generate(random), random};
  CertificateBody body;

  Sample() {
    body.serial = testing::hex("00c0ffee");
    body.issuer = name_of("Root");
    body.subject = name_of("张三");
    body.not_before = at("2026-01-01T00:00:00Z");
    body.not_after = at("2060-01-01T00:00:00Z");
    body.public_key = make_public_key_info(person.public_key());
    body.extensions = {
        make_key_usage({KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation}),
        make_basic_constraints({}),
        make_extended_key_usage({oids::purpose_document_signing()}),
        make_subject_key_identifier(body.public_key),
        make_authority_key_identifier(make_public_key_info(root.public_key()).key_identifier()),
        *make_subject_alternative_names(
            {email_name("zhang@example.test"), directory_name(name_of("别名").der())}),
        *make_crl_distribution_points({"http://ca.test/a.crl", "http://ca.test/b.crl"}),
        *make_authority_information_access({{"http://ca.test/ocsp"}, {"http://ca.test/ca.cer"}}),
        make_certificate_policies({asn1::Oid::of("1.2.3.4")}),
        make_identity_extension(oids::identity_code(), "11010519491231002X")};
  }
  Certificate issue() { return *make_certificate(body, root); }
};

}  // namespace heqi::x509
