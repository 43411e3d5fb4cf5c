// lint_extensions.cc: which extensions are there, and where they point to.
#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/x509/biometric_info.h>
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
  return c.profile == Profile::person || c.profile == Profile::organization ||
         c.profile == Profile::event || c.profile == Profile::encryption ||
         c.certificate.identity_extensions().empty();
}
bool evidence_is_an_events(const Candidate& c) {
  return is_absent(c.certificate, x509::biometric_info()) == (c.profile != Profile::event);
}
bool evidence_is_hashed_by_sm3_or_sha2(const Candidate& c) {
  const x509::Extension* extension = c.certificate.find_extension(x509::biometric_info());
  if (extension == nullptr || c.profile != Profile::event) return true;  // the lint above speaks
  const auto hashes = x509::parse_biometric_info(extension->value);
  if (!hashes || extension->critical) return false;
  return std::all_of(hashes->begin(), hashes->end(), [](const x509::EvidenceHash& one) {
    return (one.hash_algorithm == oids::sm3() || one.hash_algorithm == oids::sha256()) &&
           one.hash.size() == 32;
  });
}
bool server_has_names(const Candidate& c) {
  return c.profile != Profile::server ||
         !is_absent(c.certificate, oids::subject_alternative_name());
}
bool server_names_are_dns_or_addresses(const Candidate& c) {
  using Kind = x509::GeneralName::Kind;
  if (c.profile != Profile::server) return true;
  const auto& names = c.certificate.subject_alternative_names();
  return std::all_of(names.begin(), names.end(), [](const x509::GeneralName& name) {
    return name.kind == Kind::dns || name.kind == Kind::ip_address;
  });
}
bool dns_names_are_of_preferred_syntax(const Candidate& c) {
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           label.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
               "*") == std::string_view::npos;
  };
  const auto& names = c.certificate.subject_alternative_names();
  return std::all_of(names.begin(), names.end(), [&](const x509::GeneralName& name) {
    if (name.kind != x509::GeneralName::Kind::dns || name.text.empty()) return true;
    const auto labels = base::split(name.text, '.');
    return name.text.size() <= 253 && std::all_of(labels.begin(), labels.end(), is_label);
  });
}
bool identity_has_a_text(const Candidate& c) {
  const auto identity = c.certificate.identity_extensions();
  return std::none_of(identity.begin(), identity.end(),
                      [](const x509::IdentityExtension& one) { return one.text.empty(); });
}
bool has_nothing_of_netscape(const Candidate& c) {
  static const asn1::Oid netscape = asn1::Oid::of("2.16.840.1.113730");
  const auto& all = c.certificate.extensions();
  return std::none_of(all.begin(), all.end(), [](const x509::Extension& extension) {
    const base::ByteView arcs = extension.type.content(), root = netscape.content();
    return arcs.size() > root.size() && base::same_bytes(arcs.first(root.size()), root);
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
    {"evidence_of_event", "GM/Y 5013 §5.2.1", "evidence and event do not come together",
     evidence_is_an_events},
    {"evidence_hash", "RFC 3739 §3.2.5", "a hash of evidence is not SM3 or SHA-256, or critical",
     evidence_is_hashed_by_sm3_or_sha2},
    {"server_names", "RFC 9525 §2", "a server has no subjectAltName", server_has_names},
    {"server_name_kinds", "RFC 9525 §2", "a server's name is neither a DNS name nor an address",
     server_names_are_dns_or_addresses},
    {"dns_syntax", "RFC 5280 §4.2.1.6", "a DNS name is not in preferred syntax",
     dns_names_are_of_preferred_syntax},
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
