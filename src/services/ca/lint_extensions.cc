// lint_extensions.cc: which extensions are there, and where they point to.
#include <algorithm>

#include <heqi/x509/oids.h>

#include "lint_groups.h"

namespace heqi::services::ca {
namespace {

namespace oids = x509::oids;

bool is_http(const std::string& url) {
  // Plain HTTP: a check of the server's certificate would need the very status that is asked for.
  return url.rfind("http://", 0) == 0 && url.size() > 7 && url.find(' ') == std::string::npos;
}

bool all_are_http(const std::vector<std::string>& urls) {
  return std::all_of(urls.begin(), urls.end(), is_http);
}

// is_self_contained: a root, and a responder whose status nobody asks for.
bool is_self_contained(Profile profile) {
  return profile == Profile::root || profile == Profile::status_responder;
}

bool authority_has_basic_constraints(const Candidate& c) {
  return !is_authority(c.profile) || has(c.certificate, oids::basic_constraints(), true);
}
bool basic_constraints_fit_the_profile(const Candidate& c) {
  return is_absent(c.certificate, oids::basic_constraints()) ||
         c.certificate.is_ca() == is_authority(c.profile);
}
bool issuing_authority_is_the_last(const Candidate& c) {
  const auto& constraints = c.certificate.basic_constraints();
  return c.profile != Profile::issuing || !constraints || !constraints->ca ||
         constraints->path_length == 0U;
}
bool has_list_of_revoked(const Candidate& c) {
  return is_self_contained(c.profile) || has(c.certificate, oids::crl_distribution_points(), false);
}
bool lists_of_revoked_are_http(const Candidate& c) {
  return all_are_http(c.certificate.crl_distribution_points());
}
bool holder_has_status_location(const Candidate& c) {
  return is_authority(c.profile) || is_self_contained(c.profile) ||
         !c.certificate.access_locations().ocsp.empty();
}
bool access_is_not_critical(const Candidate& c) {
  return is_absent(c.certificate, oids::authority_information_access()) ||
         has(c.certificate, oids::authority_information_access(), false);
}
bool access_locations_are_http(const Candidate& c) {
  const x509::AccessLocations& access = c.certificate.access_locations();
  return all_are_http(access.ocsp) && all_are_http(access.ca_issuers);
}
bool nothing_unknown_is_critical(const Candidate& c) {
  return c.certificate.unknown_critical_extensions().empty();
}
bool alternative_names_are_not_critical(const Candidate& c) {
  return is_absent(c.certificate, oids::subject_alternative_name()) ||
         has(c.certificate, oids::subject_alternative_name(), false);
}
bool alternative_names_have_texts(const Candidate& c) {
  using Kind = x509::GeneralName::Kind;
  const auto& names = c.certificate.subject_alternative_names();
  return (is_absent(c.certificate, oids::subject_alternative_name()) || !names.empty()) &&
         std::none_of(names.begin(), names.end(), [](const x509::GeneralName& name) {
           // What is not printable ASCII reads as no text.
           const bool is_text =
               name.kind == Kind::email || name.kind == Kind::dns || name.kind == Kind::uri;
           return name.value.empty() || (is_text && name.text.empty());
         });
}
bool alternative_names_have_no_wildcard(const Candidate& c) {
  const auto& names = c.certificate.subject_alternative_names();
  return std::none_of(names.begin(), names.end(), [](const x509::GeneralName& name) {
    return name.kind == x509::GeneralName::Kind::dns && name.text.find('*') != std::string::npos;
  });
}
bool identity_is_a_persons(const Candidate& c) {
  return c.profile == Profile::person || c.certificate.identity_extensions().empty();
}
bool identity_has_a_text(const Candidate& c) {
  const auto identity = c.certificate.identity_extensions();
  return std::none_of(identity.begin(), identity.end(),
                      [](const x509::IdentityExtension& one) { return one.text.empty(); });
}
bool has_nothing_of_netscape(const Candidate& c) {
  const auto& all = c.certificate.extensions();
  return std::none_of(all.begin(), all.end(), [](const x509::Extension& extension) {
    return extension.type.dotted().rfind("2.16.840.1.113730.", 0) == 0;
  });
}
bool authority_constrains_no_names_in_passing(const Candidate& c) {
  return is_authority(c.profile) || is_absent(c.certificate, oids::name_constraints());
}

constexpr Lint kLints[] = {
    {"basic_constraints_critical", "RFC 5280 §4.2.1.9",
     "basicConstraints of an authority is not there and critical", authority_has_basic_constraints},
    {"basic_constraints_fit", "RFC 5280 §4.2.1.9", "basicConstraints does not fit the profile",
     basic_constraints_fit_the_profile},
    {"path_length_zero", "GB/T 20518 §5.2.4", "an issuing authority may have authorities below it",
     issuing_authority_is_the_last},
    {"crl_present", "GB/T 20518 §5.2.4", "cRLDistributionPoints is not there, or critical",
     has_list_of_revoked},
    {"crl_http", "RFC 5280 §8", "a cRLDistributionPoint is not an http URL",
     lists_of_revoked_are_http},
    {"ocsp_present", "GB/T 20518 §5.2.4", "no OCSP location is stated", holder_has_status_location},
    {"access_not_critical", "RFC 5280 §4.2.2.1", "authorityInformationAccess is critical",
     access_is_not_critical},
    {"access_http", "RFC 5280 §8", "a location of authorityInformationAccess is not an http URL",
     access_locations_are_http},
    {"unknown_not_critical", "RFC 5280 §4.2", "an unknown extension is critical",
     nothing_unknown_is_critical},
    {"san_not_critical", "RFC 5280 §4.2.1.6", "subjectAltName is critical beside a subject",
     alternative_names_are_not_critical},
    {"san_texts", "RFC 5280 §4.2.1.6", "subjectAltName is empty, or a name of it is",
     alternative_names_have_texts},
    {"san_no_wildcard", "RFC 5280 §4.2.1.6", "subjectAltName has a wildcard",
     alternative_names_have_no_wildcard},
    {"identity_of_person", "GM/T 0015 §5.2.4", "an identity extension is not a person's",
     identity_is_a_persons},
    {"identity_text", "GM/T 0015 §5.2.4", "an identity extension has no text", identity_has_a_text},
    {"no_netscape", "RFC 5280 §4.2", "an extension of Netscape is there", has_nothing_of_netscape},
    {"name_constraints_of_authority", "RFC 5280 §4.2.1.10",
     "nameConstraints stands in a certificate that is no authority's",
     authority_constrains_no_names_in_passing},
};

}  // namespace

std::span<const Lint> extension_lints() {
  return kLints;
}

}  // namespace heqi::services::ca
