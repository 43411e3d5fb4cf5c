// Certificates as other makers write them: shaped like those of GmSSL, Tongsuo, CFCA and of the
// time of RSA. Each is read and trusted, or refused with words that name the deviation.
#include <gtest/gtest.h>

#include <heqi/base/text.h>
#include <heqi/x509/identity.h>
#include <heqi/x509/sm2_encoding.h>

#include "limbo_plan.h"

namespace heqi::pki::limbo {
namespace {

namespace oids = x509::oids;

struct Shape {
  const char* name;
  const char* refusal;  // words of the refusal; nullptr: trusted
  std::function<void(Plan&)> build;
};

void with_algorithm(Plan& p, const asn1::Oid& oid, const Bytes& parameters = {}) {
  p.leaf.inner_algorithm = p.leaf.outer_algorithm = algorithm_der(oid, parameters);
}
Bytes key_info(const Bytes& algorithm, const Bytes& point) {
  return der::encode([&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& fields) { fields.raw(algorithm).bit_string(point); });
  });
}
Extension other(const char* oid, Bytes value, bool critical = false) {
  return {asn1::Oid::of(oid), critical, std::move(value)};
}
Bytes name_of_string(unsigned tag, const std::string& octets_of_name) {
  return der::encode([&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& name) {
      name.constructed(asn1::kSet, [&](asn1::Writer& set) {
        set.sequence([&](asn1::Writer& attribute) {
          attribute.oid(oids::common_name());
          attribute.element(asn1::Tag{asn1::Class::universal, asn1::Form::primitive, tag},
                            base::bytes_of(octets_of_name));
        });
      });
    });
  });
}

const Bytes kNull{0x05, 0x00};

const std::vector<Shape>& algorithm_shapes() {
  static const std::vector<Shape> shapes = {
      {"GmSSL: the key's algorithm is 301 itself", nullptr,
       [](Plan& p) {
         p.leaf.key_info = key_info(algorithm_der(oids::sm2_curve()), p.keys[2].public_key.key);
       }},
      {"Tongsuo, GmSSL: SM2 with SM3 with NULL", nullptr,
       [](Plan& p) { with_algorithm(p, oids::sm2_with_sm3(), kNull); }},
      {"NULL outside only", "inside and outside differ",
       [](Plan& p) { p.leaf.outer_algorithm = algorithm_der(oids::sm2_with_sm3(), kNull); }},
      {"the signature's algorithm is 301.1", nullptr,
       [](Plan& p) { with_algorithm(p, oids::sm2_sign()); }},
      {"draft: an arc without 10", "1.2.156.197.1.501 is not SM2 with SM3",
       [](Plan& p) { with_algorithm(p, asn1::Oid::of("1.2.156.197.1.501")); }},
      {"502 means SM9 here, SM2 with SHA-1 there", "1.2.156.10197.1.502 is not SM2 with SM3",
       [](Plan& p) { with_algorithm(p, asn1::Oid::of("1.2.156.10197.1.502")); }},
      {"504 means RSA here, SM2 with SHA-512 there", "1.2.156.10197.1.504 is not SM2 with SM3",
       [](Plan& p) { with_algorithm(p, oids::rsa_with_sm3()); }},
      {"CFCA: the signature's bare 64 octets", "signature does not verify",
       [](Plan& p) {
         p.leaf.on_signature = [](const Bytes& der) {
           const auto raw = x509::encode_raw_signature(*x509::parse_signature(der));
           return Bytes(raw.begin(), raw.end());
         };
       }},
      {"INTEGERs filled up with zeros", "signature does not verify",
       [](Plan& p) {
         p.leaf.on_signature = [](const Bytes& der) {
           const auto raw = x509::encode_raw_signature(*x509::parse_signature(der));
           return der::encode([&](asn1::Writer& w) {
             w.sequence([&](asn1::Writer& pair) {
               for (const std::size_t begin : {0U, 32U}) {
                 Bytes filled{0, 0};
                 filled.insert(filled.end(), raw.begin() + static_cast<std::ptrdiff_t>(begin),
                               raw.begin() + static_cast<std::ptrdiff_t>(begin + 32));
                 pair.element(asn1::kInteger, filled);
               }
             });
           });
         };
       }},
  };
  return shapes;
}

const std::vector<Shape>& key_shapes() {
  static const std::vector<Shape> shapes = {
      {"signed for the empty identity", "signature does not verify",
       [](Plan& p) { p.leaf.signer_id = ""; }},
      {"the encryption certificate of a pair, where a signature is asked for", "key usage",
       [](Plan& p) {
         p.leaf.set(
             x509::make_key_usage({KeyUsageBit::key_encipherment, KeyUsageBit::data_encipherment,
                                   KeyUsageBit::key_agreement}));
         p.options.usage_any_of = {KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation};
       }},
      {"signature and encryption in one certificate", nullptr,
       [](Plan& p) {
         p.leaf.set(
             x509::make_key_usage({KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation,
                                   KeyUsageBit::key_encipherment, KeyUsageBit::data_encipherment,
                                   KeyUsageBit::key_agreement}));
         p.options.usage_any_of = {KeyUsageBit::digital_signature};
       }},
      {"GeneralizedTime before 2050", nullptr,
       [](Plan& p) {
         p.leaf.not_after = der::encode(
             [](asn1::Writer& w) { w.generalized_time(testing::at("2036-01-01T00:00:00Z")); });
       }},
      {"UTCTime without seconds", "ime",
       [](Plan& p) {
         const std::string text = "3601010000Z";
         p.leaf.not_after = Bytes{0x17, static_cast<std::uint8_t>(text.size())};
         base::append(*p.leaf.not_after, base::bytes_of(text));
       }},
  };
  return shapes;
}

const std::vector<Shape>& content_shapes() {
  static const std::vector<Shape> shapes = {
      {"CFCA: lists by LDAP at a private address", nullptr,
       [](Plan& p) {
         p.leaf.set(*x509::make_crl_distribution_points(
             {"ldap://192.168.1.1:389/CN=crl1,OU=CRL,O=CFCA,C=CN?certificateRevocationList"}));
       }},
      {"identity of the time of RSA", nullptr,
       [](Plan& p) {
         p.leaf.set(other("1.2.86.11.7.1", {0x0c, 0x02, 0x31, 0x32}));
       }},
      {"a CA's own extension", nullptr,
       [](Plan& p) {
         p.leaf.set(other("1.2.156.112570.11.201", {0x13, 0x01, 0x31}));
       }},
      {"a CA's own extension, critical", "critical extension",
       [](Plan& p) {
         p.leaf.set(other("1.2.156.112570.11.201", {0x13, 0x01, 0x31}, true));
       }},
      {"Netscape's certificate type", nullptr,
       [](Plan& p) {
         p.leaf.set(other("2.16.840.1.113730.1.1", {0x03, 0x02, 0x07, 0x80}));
       }},
      {"a BMPString name", nullptr,
       [](Plan& p) {
         p.leaf.subject = name_of_string(30, octets({0x5f, 0x20, 0x4e, 0x09}));
       }},
      {"GBK in a TeletexString", nullptr,
       [](Plan& p) {
         p.leaf.subject = name_of_string(20, octets({0xd5, 0xc5, 0xc8, 0xfd}));
       }},
      {"GBK in what says that it is UTF-8", nullptr,
       [](Plan& p) {
         p.leaf.subject = name_of_string(12, octets({0xd5, 0xc5, 0xc8, 0xfd}));
       }},
  };
  return shapes;
}

TEST(Ecosystem, OtherMakersCertificatesAreReadOrRefusedByName) {
  for (const auto* group : {&algorithm_shapes(), &key_shapes(), &content_shapes()})
    for (const Shape& shape : *group) {
      Plan plan;
      shape.build(plan);
      const std::string held = plan.judge();
      if (shape.refusal == nullptr)
        EXPECT_EQ(held, "") << shape.name;
      else
        EXPECT_NE(held.find(shape.refusal), std::string::npos) << shape.name << ": " << held;
    }
}

TEST(Ecosystem, IdentitiesAreReadInEveryEncodingAndNeverGuessed) {
  const std::pair<Bytes, const char*> values[] = {
      {{0x0c, 0x03, '1', '2', 'X'}, "12X"},              // UTF8String
      {{0x13, 0x03, '1', '2', 'X'}, "12X"},              // PrintableString
      {{0x80, 0x03, '1', '2', 'X'}, "12X"},              // [0] IMPLICIT
      {{0xa0, 0x05, 0x13, 0x03, '1', '2', 'X'}, "12X"},  // [0] EXPLICIT
      {{0x0c, 0x02, 0xd5, 0xc5}, ""},                    // GBK: no UTF-8
      {{0x30, 0x00}, ""},
  };
  for (const auto& [value, text] : values) {
    const auto read = x509::identities_in({{oids::identity_code(), false, value}});
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].text, text) << base::to_hex(value);
  }
}

}  // namespace
}  // namespace heqi::pki::limbo
