#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/certificate_profile.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

// Faults collects what is wrong.
class Faults {
 public:
  void unless(bool holds, const char* what) {
    if (!holds) found_.emplace_back(what);
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  std::vector<std::string> found_;
};

bool is_zero(const base::Bytes& serial) {
  for (const std::uint8_t octet : serial)
    if (octet != 0) return false;
  return true;
}

bool is_printable_country(const NameAttribute& attribute) {
  return attribute.value.size() == 4 && attribute.value[0] == asn1::kPrintableString.number;
}

void check_name(const Name& name, const char* empty, const char* country, const char* broken,
                Faults& faults) {
  faults.unless(!name.empty(), empty);
  for (const NameAttribute& attribute : name.attributes()) {
    if (attribute.type == oids::country()) faults.unless(is_printable_country(attribute), country);
    faults.unless(attribute.text.rfind("#", 0) != 0 ||
                      attribute.text.size() != 1 + 2 * attribute.value.size(),
                  broken);
  }
}

void check_frame(const Certificate& c, Faults& faults) {
  faults.unless(c.version() == 3, "the version is not 3");
  faults.unless(!is_zero(c.serial()), "the serial number is zero");
  faults.unless(c.signature_algorithm() == sm2_with_sm3_algorithm(),
                "the signature algorithm is not SM2 with SM3 without parameters");
  faults.unless(c.not_before() < c.not_after(), "the period is empty");
  check_name(c.issuer(), "the issuer is empty", "the issuer's country is not two printable letters",
             "a text of the issuer has characters not of its type", faults);
  check_name(c.subject(), "the subject is empty",
             "the subject's country is not two printable letters",
             "a text of the subject has characters not of its type", faults);
  const PublicKeyInfo& key = c.public_key();
  faults.unless(key.algorithm.oid == oids::ec_public_key() && key.is_sm2(),
                "the key's algorithm is not id-ecPublicKey with the SM2 curve");
  faults.unless(key.key.size() == crypto::kPointSize && key.sm2_key().has_value(),
                "the key is not an uncompressed point of the curve");
}

// check_form compares the signed octets with the one encoding of what was read from them. What the
// reader tolerates (an explicit FALSE, GeneralizedTime before 2050, unique identifiers) shows here.
void check_form(const Certificate& c, Faults& faults) {
  CertificateBody body;
  body.serial = c.serial();
  body.issuer = c.issuer();
  body.not_before = c.not_before();
  body.not_after = c.not_after();
  body.subject = c.subject();
  body.public_key = c.public_key();
  body.extensions = c.extensions();
  const auto tbs = encode_body(body, c.signature_algorithm());
  faults.unless(tbs && base::same_bytes(*tbs, c.tbs()),
                "the signed octets are not the DER form of what they say");
}

// has checks that an extension is there with the criticality stated.
bool has(const Certificate& c, const asn1::Oid& type, bool critical) {
  const Extension* extension = c.find_extension(type);
  return extension != nullptr && extension->critical == critical;
}

void check_extensions(const Certificate& c, ProfileRole role, Faults& faults) {
  const bool is_authority = role != ProfileRole::end_entity;
  faults.unless(has(c, oids::key_usage(), true), "keyUsage is not there and critical");
  faults.unless(has(c, oids::subject_key_identifier(), false),
                "subjectKeyIdentifier is not there, or critical");
  faults.unless(role == ProfileRole::root || has(c, oids::authority_key_identifier(), false),
                "authorityKeyIdentifier is not there, or critical");
  faults.unless(role == ProfileRole::root || !c.authority_key_identifier().key_identifier.empty(),
                "authorityKeyIdentifier names no key");
  faults.unless(c.is_ca() == is_authority, "basicConstraints does not fit the role");
  faults.unless(!is_authority || has(c, oids::basic_constraints(), true),
                "basicConstraints of an authority is not critical");
  const bool signs_certificates = c.key_usage() && c.allows(KeyUsageBit::key_cert_sign);
  faults.unless(signs_certificates == is_authority, "keyCertSign does not fit the role");
  faults.unless(role != ProfileRole::root || c.is_self_issued(), "a root is not self-issued");
  faults.unless(role == ProfileRole::root || !c.is_self_issued(),
                "subject and issuer are the same");
  const Extension* alternative_names = c.find_extension(oids::subject_alternative_name());
  faults.unless(alternative_names == nullptr || !alternative_names->critical || c.subject().empty(),
                "subjectAltName is critical beside a subject");
  const bool stamps_time = c.has_purpose(oids::purpose_time_stamping());
  faults.unless(!stamps_time || (c.extended_key_usage().size() == 1 &&
                                 has(c, oids::extended_key_usage(), true)),
                "timeStamping is not the only purpose, or not critical");
  faults.unless(c.unknown_critical_extensions().empty(), "an unknown extension is critical");
}

}  // namespace

std::vector<std::string> find_profile_faults(const Certificate& certificate, ProfileRole role) {
  Faults faults;
  check_frame(certificate, faults);
  check_form(certificate, faults);
  check_extensions(certificate, role, faults);
  return faults.take();
}

}  // namespace heqi::x509
