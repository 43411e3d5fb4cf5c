// Each lint has a body that only it stops. The bodies are made from good ones by one change.
#include <heqi/services/ca/lint.h>

#include <functional>
#include <set>

#include <heqi/base/text.h>
#include <heqi/ossl/signer.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/oids.h>

#include "draft.h"

namespace heqi::services::ca {
namespace {

using x509::KeyUsageBit;

constexpr auto kDay = std::chrono::hours(24);
const base::Time kNow = *base::parse_rfc3339("2026-11-21T08:00:00Z");
const Locations kLocations{.crl = "http://ca.example/issuing.crl",
                           .ocsp = "http://ca.example/ocsp",
                           .issuer_certificate = "http://ca.example/issuing.cer"};

struct Key {
  explicit Key(base::Random& random)
      : signer(*crypto::PrivateKey::generate(random), random),
        info(x509::make_public_key_info(signer.public_key())) {}
  x509::SoftwareSm2Signer signer;
  x509::PublicKeyInfo info;
};

class Lints : public ::testing::Test {
 protected:
  Lints() {
    issuer_ = *x509::make_certificate(
        *make_body({.profile = Profile::root,
                    .subject = name_of({country(), common_name("Issuing CA")}),
                    .public_key = issuing_.info,
                    .not_before = kNow - 10 * kDay,
                    .not_after = kNow + 2000 * kDay,
                    .identity = {}},
                   nullptr, {}, base::Bytes(16, 0x51)),
        issuing_.signer);
  }

  Draft good(Profile profile) {
    const Wanted wanted{
        .profile = profile,
        .subject = person_name(),
        .public_key = holder_.info,
        .not_before = kNow,
        .not_after =
            kNow + std::min<base::Duration>(300 * kDay, Profiles::built_in().of(profile).lifetime),
        .identity = {},
        .alternative_names = names_of(profile),
        .evidence = evidence_of(profile)};
    return {.body = *make_body(wanted, profile == Profile::root ? nullptr : &issuer_, kLocations,
                               base::Bytes(16, 0x42))};
  }

  static std::vector<x509::GeneralName> names_of(Profile profile) {
    if (profile != Profile::server) return {};
    return {x509::dns_name("server.example.cn")};
  }
  static std::vector<x509::EvidenceHash> evidence_of(Profile profile) {
    if (profile != Profile::event) return {};
    return {{x509::EvidenceKind::handwritten_signature, oids::sm3(), base::Bytes(32, 0x5A)}};
  }
  // under_rsa makes a draft of an authority with an RSA key, for a holder with key.
  Draft under_rsa(const x509::PublicKeyInfo& key) {
    Draft draft = good(Profile::person);
    draft.algorithm = {oids::rsa_with_sha256(), {5, 0}};
    draft.body.issuer = rsa_issuer().subject();
    draft.replace(oids::authority_key_identifier(),
                  x509::make_authority_key_identifier(rsa_issuer().subject_key_identifier()));
    set_key(draft, key);
    return draft;
  }
  static const ossl::KeyPair& rsa_key() {
    static const ossl::KeyPair pair =
        *ossl::parse_private_key_pem(ossl::make_key_pem(ossl::KeyKind::rsa2048)->expose());
    return pair;
  }
  static const x509::Certificate& rsa_issuer() {
    static const x509::Certificate certificate =
        *x509::make_certificate(*make_body({.profile = Profile::root,
                                            .subject = name_of({country(), common_name("RSA CA")}),
                                            .public_key = rsa_key().public_key,
                                            .not_before = kNow - 10 * kDay,
                                            .not_after = kNow + 2000 * kDay,
                                            .identity = {}},
                                           nullptr, {}, base::Bytes(16, 0x52)),
                                *rsa_key().signer);
    return certificate;
  }
  static x509::PublicKeyInfo rsa_info(base::Bytes modulus, std::int64_t exponent) {
    Writer key;
    key.sequence([&](Writer& w) { w.unsigned_integer(modulus).integer(exponent); });
    return key_info(oids::rsa_encryption(), base::Bytes{5, 0}, key.bytes());
  }
  // big_modulus is the modulus of the authority's own key, or its first octets.
  static base::Bytes big_modulus(std::size_t octets) {
    const base::Bytes& known = rsa_key().public_key.key;
    asn1::Reader reader = *asn1::Reader::over(known)->sequence();
    base::Bytes modulus = base::to_bytes(*reader.unsigned_integer());
    modulus.resize(octets, 0);
    return modulus;
  }

  std::set<std::string> faults_of(const Draft& draft, Profile profile) {
    return faults_under(draft, profile, profile == Profile::root ? nullptr : &issuer_);
  }
  std::set<std::string> faults_under(const Draft& draft, Profile profile,
                                     const x509::Certificate* issuer) {
    const base::Bytes tbs = draft.tbs();
    const auto certificate = x509::parse_certificate(
        x509::assemble_signed(tbs, draft.algorithm, *throw_away_.signer.sign(tbs)));
    EXPECT_OK(certificate);
    std::set<std::string> names;
    if (!certificate) return names;
    for (const Lint* lint : find_faults({*certificate, issuer, profile, kNow}))
      names.emplace(lint->name);
    return names;
  }

  // set_key puts a key into the draft, with the identifier that belongs to it.
  static void set_key(Draft& draft, x509::PublicKeyInfo key) {
    draft.body.public_key = std::move(key);
    draft.replace(oids::subject_key_identifier(),
                  x509::make_subject_key_identifier(draft.body.public_key));
  }
  static x509::PublicKeyInfo key_info(const asn1::Oid& algorithm, base::ByteView parameters,
                                      base::ByteView point) {
    Writer out;
    out.sequence([&](Writer& w) {
      w.sequence([&](Writer& a) {
        a.oid(algorithm);
        if (!parameters.empty()) a.raw(parameters);
      });
      w.bit_string(point);
    });
    return *x509::parse_public_key_info(out.bytes());
  }
  static base::Bytes curve_parameters() {
    Writer out;
    out.oid(oids::sm2_curve());
    return out.take();
  }

  testing::SeededRandom random_{5};
  Key issuing_{random_}, holder_{random_}, throw_away_{random_};
  x509::Certificate issuer_;
};

// shows-part: MSSP-6.2.1-e (certificates only; lists are elsewhere)
TEST_F(Lints, FindNothingInWhatEachProfileMakes) {
  for (const Profile profile :
       {Profile::root, Profile::issuing, Profile::status_responder, Profile::time_stamp_authority,
        Profile::application, Profile::person, Profile::organization, Profile::device,
        Profile::server, Profile::event, Profile::encryption})
    EXPECT_EQ(faults_of(good(profile), profile), std::set<std::string>()) << name_of(profile);
}

TEST_F(Lints, FindNothingUnderAnRsaAuthority) {
  for (const ossl::KeyKind kind :
       {ossl::KeyKind::rsa2048, ossl::KeyKind::p256, ossl::KeyKind::p384, ossl::KeyKind::p521}) {
    const auto pair = *ossl::parse_private_key_pem(ossl::make_key_pem(kind)->expose());
    EXPECT_EQ(faults_under(under_rsa(pair.public_key), Profile::person, &rsa_issuer()),
              std::set<std::string>());
  }
}

TEST_F(Lints, AreFortyAtLeastWithNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Lint& lint : lints()) {
    EXPECT_TRUE(names.insert(lint.name).second) << lint.name;
    EXPECT_FALSE(lint.clause.empty() || lint.fault.empty()) << lint.name;
  }
  EXPECT_GE(names.size(), 40u);
}

// BadBodies collects the changes and asks each.
class BadBodies : public Lints {
 protected:
  using Change = std::function<void(Draft&)>;
  void expect_only(const std::string& lint, const Change& change,
                   Profile profile = Profile::person) {
    Draft draft = good(profile);
    change(draft);
    EXPECT_EQ(faults_of(draft, profile), std::set<std::string>{lint});
    shown().insert(lint);
  }
  void expect_only_for_name(const std::string& lint, const std::vector<Attribute>& subject) {
    expect_only(lint, [&](Draft& d) { d.body.subject = name_of(subject); });
  }
  void expect_only_of_rsa_key(const std::string& lint, const x509::PublicKeyInfo& key) {
    EXPECT_EQ(faults_under(under_rsa(key), Profile::person, &rsa_issuer()),
              std::set<std::string>{lint});
    shown().insert(lint);
  }
  void ask_rsa();
  void ask_profiles();
  void ask_frame();
  void ask_subject();
  void ask_issuer();
  void ask_key();
  void ask_extensions();
  void ask_usage();
  static std::set<std::string>& shown() {
    static std::set<std::string> names;
    return names;
  }
};

void BadBodies::ask_frame() {
  expect_only("serial_not_zero", [](Draft& d) { d.body.serial = {0}; });
  expect_only("serial_20_octets", [](Draft& d) { d.body.serial = base::Bytes(20, 0xFF); });
  expect_only("serial_unguessable", [](Draft& d) { d.body.serial = {1, 2, 3, 4}; });
  expect_only("algorithm_of_authority", [](Draft& d) { d.algorithm.parameters = {5, 0}; });
  expect_only("period_not_empty", [](Draft& d) { d.body.not_after = d.body.not_before; });
  expect_only("period_of_profile", [](Draft& d) { d.body.not_after = kNow + 400 * kDay; });
  expect_only("begin_not_backdated", [](Draft& d) { d.body.not_before = kNow - 2 * kDay; });
  expect_only("begin_not_postdated",
              [](Draft& d) { d.body.not_before = kNow + std::chrono::hours(1); });
  expect_only("size_of_certificate", [](Draft& d) {
    d.add(x509::make_identity_extension(oids::identity_code(), std::string(9000, '1')));
  });
  expect_only("canonical_der", [](Draft& d) { d.generalized_begin = true; });
  expect_only(
      "period_in_issuers", [](Draft& d) { d.body.not_after = kNow + 2100 * kDay; },
      Profile::issuing);
}

void BadBodies::ask_subject() {
  expect_only_for_name("subject_common_name", {country()});
  expect_only_for_name("subject_country", {common_name("张三")});
  expect_only_for_name("country_printable", {country("cn"), common_name("张三")});
  expect_only_for_name("text_of_its_type",
                       {country(), {oids::common_name(), asn1::kUtf8String, "\xD6\xD0"}});
  expect_only_for_name("text_utf8_printable",
                       {country(), {oids::common_name(), asn1::kIa5String, "Zhang"}});
  expect_only_for_name("text_trimmed", {country(), common_name("张三 ")});
  expect_only_for_name("text_no_control", {country(), common_name("张\n三")});
  expect_only_for_name("text_no_reordering", {country(), common_name("张\u202E三")});
  expect_only_for_name("common_name_length", {country(), common_name(std::string(65, 'x'))});
  expect_only_for_name("text_length",
                       {country(),
                        {oids::organization(), asn1::kUtf8String, std::string(129, 'x')},
                        common_name("张三")});
  expect_only_for_name("attribute_once", {country(),
                                          {oids::organization(), asn1::kUtf8String, "甲"},
                                          {oids::organization(), asn1::kUtf8String, "乙"},
                                          common_name("张三")});
  expect_only("subject_not_empty", [](Draft& d) { d.body.subject = x509::Name(); });
  expect_only("relative_name_single", [](Draft& d) {
    Writer first, second;
    write_attribute(first, country());
    write_attribute(second, common_name("张三"));
    Writer out;
    out.sequence([&](Writer& names) { names.set_of({first.take(), second.take()}); });
    d.body.subject = *x509::Name::parse(out.bytes());
  });
}

void BadBodies::ask_issuer() {
  expect_only("issuer_of_issuer", [](Draft& d) {
    d.body.issuer = name_of({country(), common_name("Another CA")});
  });
  expect_only("not_self_issued", [this](Draft& d) { d.body.subject = issuer_.subject(); });
  expect_only(
      "root_self_issued",
      [](Draft& d) {
        d.body.issuer = name_of({country(), common_name("Another CA")});
      },
      Profile::root);
}

void BadBodies::ask_key() {
  const base::Bytes curve = curve_parameters();
  const base::Bytes point = holder_.info.key;
  expect_only("key_of_family",
              [&](Draft& d) { set_key(d, key_info(oids::sm2_curve(), {}, point)); });
  expect_only("key_uncompressed", [&](Draft& d) {
    base::Bytes compressed(point.begin(), point.begin() + 33);
    compressed[0] = static_cast<std::uint8_t>(2 | (point.back() & 1));
    set_key(d, key_info(oids::ec_public_key(), curve, compressed));
  });
  expect_only("key_on_curve", [&](Draft& d) {
    base::Bytes moved = point;
    moved.back() ^= 1;
    set_key(d, key_info(oids::ec_public_key(), curve, moved));
  });
  expect_only("key_not_known", [&](Draft& d) {
    const auto known = crypto::mul_base(-crypto::Scalar::from_word(3)).encode();
    set_key(d, key_info(oids::ec_public_key(), curve, known));
  });
  expect_only("key_not_issuers", [this](Draft& d) { set_key(d, issuing_.info); });
  expect_only("ski_present", [](Draft& d) { d.remove(oids::subject_key_identifier()); });
  expect_only("ski_of_key", [this](Draft& d) {
    d.replace(oids::subject_key_identifier(), x509::make_subject_key_identifier(throw_away_.info));
  });
  expect_only("aki_present", [](Draft& d) { d.remove(oids::authority_key_identifier()); });
  expect_only("aki_of_issuer", [this](Draft& d) {
    d.replace(oids::authority_key_identifier(),
              x509::make_authority_key_identifier(throw_away_.info.key_identifier()));
  });
  expect_only("aki_key_only", [this](Draft& d) {
    Writer out;
    out.sequence([&](Writer& w) {
      w.element(asn1::context(0), issuer_.subject_key_identifier());
      w.constructed(asn1::context_constructed(1), [&](Writer& names) {
        names.constructed(asn1::context_constructed(4),
                          [&](Writer& name) { name.raw(issuer_.subject().der()); });
      });
      w.element(asn1::context(2), issuer_.serial());
    });
    d.extension(oids::authority_key_identifier()).value = out.take();
  });
}

void BadBodies::ask_rsa() {
  const base::Bytes good = big_modulus(256);
  base::Bytes short_one = big_modulus(192), even_third = good;
  short_one.back() |= 1;
  // The low octets are moved until three divides the modulus, and two does not.
  const auto rest_by_three = [](const base::Bytes& number) {
    unsigned rest = 0;
    for (const std::uint8_t octet : number) rest = (rest * 256 + octet) % 3;
    return rest;
  };
  while (rest_by_three(even_third) != 0)
    even_third.back() = static_cast<std::uint8_t>(even_third.back() + 2);
  const auto has_small_factor = [](const base::Bytes& number) {
    for (std::uint32_t divisor = 2; divisor <= 751; ++divisor) {
      std::uint32_t rest = 0;
      for (const std::uint8_t octet : number) rest = (rest * 256 + octet) % divisor;
      if (rest == 0) return true;
    }
    return false;
  };
  while (has_small_factor(short_one)) {
    short_one[150] = static_cast<std::uint8_t>(short_one[150] + 1);
    if (short_one[150] == 0) short_one[149] = static_cast<std::uint8_t>(short_one[149] + 1);
  }
  expect_only_of_rsa_key("rsa_size", rsa_info(short_one, 65'537));
  expect_only_of_rsa_key("rsa_small_factor", rsa_info(even_third, 65'537));
  expect_only_of_rsa_key("rsa_exponent", rsa_info(good, 3));
  expect_only_of_rsa_key("rsa_exponent", rsa_info(good, 65'538));
  expect_only_of_rsa_key("key_of_family", holder_.info);
}

void BadBodies::ask_extensions() {
  expect_only(
      "basic_constraints_critical",
      [](Draft& d) { d.extension(oids::basic_constraints()).critical = false; }, Profile::issuing);
  expect_only("basic_constraints_fit", [](Draft& d) {
    d.add(x509::make_basic_constraints({.ca = true, .path_length = std::nullopt}));
  });
  expect_only(
      "path_length_zero",
      [](Draft& d) {
        d.replace(oids::basic_constraints(),
                  x509::make_basic_constraints({.ca = true, .path_length = 1U}));
      },
      Profile::issuing);
  expect_only("crl_present", [](Draft& d) { d.remove(oids::crl_distribution_points()); });
  expect_only("crl_http", [](Draft& d) {
    d.replace(oids::crl_distribution_points(),
              *x509::make_crl_distribution_points({"ldap://ca.example/issuing"}));
  });
  const auto access = [](const x509::AccessLocations& locations) {
    return [locations](Draft& d) {
      d.replace(oids::authority_information_access(),
                *x509::make_authority_information_access(locations));
    };
  };
  expect_only("ocsp_present", access({.ocsp = {}, .ca_issuers = {"http://ca.example/a.cer"}}));
  expect_only("access_http", access({.ocsp = {"ldap://ca.example"}, .ca_issuers = {}}));
  expect_only("access_not_critical",
              [](Draft& d) { d.extension(oids::authority_information_access()).critical = true; });
  expect_only("unknown_not_critical", [](Draft& d) {
    d.add({.type = asn1::Oid::of("1.2.3"), .critical = true, .value = {5, 0}});
  });
  const auto names = [](std::vector<x509::GeneralName> list) {
    return *x509::make_subject_alternative_names(list);
  };
  expect_only("san_not_critical", [&](Draft& d) {
    d.add(names({x509::email_name("zhang@example.cn")}));
    d.extension(oids::subject_alternative_name()).critical = true;
  });
  expect_only("san_texts", [&](Draft& d) {
    d.add(names({x509::email_name("zhang@example.cn")}));
    base::Bytes& value = d.extension(oids::subject_alternative_name()).value;
    value.at(value.size() - 4) = 0x20;
  });
  expect_only("san_no_wildcard", [&](Draft& d) { d.add(names({x509::dns_name("*.example.cn")})); });
  expect_only(
      "identity_of_person",
      [](Draft& d) { d.add(x509::make_identity_extension(oids::identity_code(), "110")); },
      Profile::application);
  expect_only("identity_text", [](Draft& d) {
    d.add({.type = oids::identity_code(), .critical = false, .value = {5, 0}});
  });
  expect_only("no_netscape", [](Draft& d) {
    d.add({.type = asn1::Oid::of("2.16.840.1.113730.1.1"), .critical = false, .value = {5, 0}});
  });
  expect_only("name_constraints_of_authority", [](Draft& d) {
    d.add({.type = oids::name_constraints(), .critical = false, .value = {0x30, 0}});
  });
}

void BadBodies::ask_profiles() {
  const auto names = [](std::vector<x509::GeneralName> list) {
    return *x509::make_subject_alternative_names(list);
  };
  expect_only(
      "evidence_of_event", [](Draft& d) { d.remove(x509::biometric_info()); }, Profile::event);
  expect_only("evidence_of_event",
              [](Draft& d) { d.add(*x509::make_biometric_info(evidence_of(Profile::event))); });
  expect_only(
      "evidence_hash",
      [](Draft& d) {
        auto evidence = evidence_of(Profile::event);
        evidence[0].hash.pop_back();
        d.replace(x509::biometric_info(), *x509::make_biometric_info(evidence));
      },
      Profile::event);
  expect_only(
      "server_names", [](Draft& d) { d.remove(oids::subject_alternative_name()); },
      Profile::server);
  expect_only(
      "server_name_kinds",
      [&](Draft& d) {
        d.replace(oids::subject_alternative_name(), names({x509::email_name("a@example.cn")}));
      },
      Profile::server);
  expect_only(
      "dns_syntax",
      [&](Draft& d) {
        d.replace(oids::subject_alternative_name(), names({x509::dns_name("-a_b.example.cn")}));
      },
      Profile::server);
  expect_only(
      "period_of_profile", [](Draft& d) { d.body.not_after = kNow + kDay + kDay / 24; },
      Profile::event);
}

void BadBodies::ask_usage() {
  const auto usage = [](x509::KeyUsage bits) {
    return [bits](Draft& d) { d.replace(oids::key_usage(), x509::make_key_usage(bits)); };
  };
  const auto purposes = [](const std::vector<asn1::Oid>& list) {
    return [list](Draft& d) {
      d.replace(oids::extended_key_usage(), x509::make_extended_key_usage(list));
    };
  };
  expect_only("key_usage_critical",
              [](Draft& d) { d.extension(oids::key_usage()).critical = false; });
  expect_only("key_usage_of_authority",
              usage({KeyUsageBit::key_cert_sign, KeyUsageBit::digital_signature}),
              Profile::issuing);
  expect_only("key_usage_of_holder",
              usage({KeyUsageBit::digital_signature, KeyUsageBit::crl_sign}));
  expect_only("key_usage_apart",
              usage({KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment}));
  expect_only("key_usage_enciphers", usage({KeyUsageBit::digital_signature}), Profile::encryption);
  expect_only("key_usage_signs", usage({KeyUsageBit::key_encipherment}));
  expect_only(
      "purpose_of_authority",
      [](Draft& d) { d.add(x509::make_extended_key_usage({oids::purpose_client_auth()})); },
      Profile::issuing);
  expect_only("purpose_present", [](Draft& d) { d.remove(oids::extended_key_usage()); });
  expect_only("purpose_not_any", purposes({oids::any_extended_key_usage()}));
  expect_only("purpose_time_stamping", [](Draft& d) {
    d.replace(oids::extended_key_usage(), x509::make_time_stamping_usage());
  });
  expect_only(
      "purpose_time_stamping_alone",
      [](Draft& d) { d.extension(oids::extended_key_usage()).critical = false; },
      Profile::time_stamp_authority);
  expect_only("purpose_ocsp_signing", purposes({oids::purpose_ocsp_signing()}));
  expect_only("ocsp_no_check", [](Draft& d) { d.add(x509::make_ocsp_no_check()); });
  expect_only("purpose_not_critical",
              [](Draft& d) { d.extension(oids::extended_key_usage()).critical = true; });
}

TEST_F(BadBodies, OfTheFrame) {
  ask_frame();
}
TEST_F(BadBodies, OfTheSubject) {
  ask_subject();
}
TEST_F(BadBodies, OfTheIssuer) {
  ask_issuer();
}
TEST_F(BadBodies, OfTheKey) {
  ask_key();
}
TEST_F(BadBodies, OfAnRsaKey) {
  ask_rsa();
}
TEST_F(BadBodies, OfTheProfiles) {
  ask_profiles();
}
TEST_F(BadBodies, OfTheExtensions) {
  ask_extensions();
}
TEST_F(BadBodies, OfTheUsage) {
  ask_usage();
}

TEST_F(BadBodies, OfEachLint) {
  shown().clear();
  ask_frame();
  ask_subject();
  ask_issuer();
  ask_key();
  ask_rsa();
  ask_profiles();
  ask_extensions();
  ask_usage();
  for (const Lint& lint : lints())
    EXPECT_TRUE(shown().contains(std::string(lint.name))) << lint.name;
}

TEST_F(Lints, ALinterNamesWhatTheBodyBreaks) {
  Linter linter = *Linter::make(x509::sm2_with_sm3_algorithm(), random_);
  EXPECT_OK(linter.check(good(Profile::person).tbs(), &issuer_, Profile::person, kNow));
  Draft draft = good(Profile::person);
  draft.body.not_before = kNow - 2 * kDay;
  draft.remove(oids::crl_distribution_points());
  const base::Status status = linter.check(draft.tbs(), &issuer_, Profile::person, kNow);
  EXPECT_ERROR(status, base::Code::ca_lint);
  EXPECT_EQ(status.error().detail, "the certificate would break: begin_not_backdated, crl_present");
  EXPECT_ERROR(linter.check(base::Bytes{0x30, 0}, &issuer_, Profile::person, kNow),
               base::Code::malformed);
}

}  // namespace
}  // namespace heqi::services::ca
