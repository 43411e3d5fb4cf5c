#include "form_rules.h"

#include <heqi/x509/oids.h>

#include <algorithm>

namespace heqi::pki {

namespace oids = x509::oids;
using base::Status;

namespace {

base::Error because(std::string_view what) {
  return base::fail(base::Code::untrusted, std::string(what));
}

bool is_critical(const x509::Certificate& certificate, const asn1::Oid& type) {
  const x509::Extension* extension = certificate.find_extension(type);
  return extension != nullptr && extension->critical;
}

bool has(const x509::Certificate& certificate, const asn1::Oid& type) {
  return certificate.find_extension(type) != nullptr;
}

// check_coherence finds what contradicts itself: others read another meaning into it.
Status check_coherence(const x509::Certificate& own) {
  if (!own.is_ca() && has(own, oids::key_usage()) && own.allows(KeyUsageBit::key_cert_sign))
    return because("has keyCertSign although it is not a CA's (RFC 5280 §4.2.1.9)");
  if (is_critical(own, oids::authority_key_identifier()))
    return because("has a critical authorityKeyIdentifier (RFC 5280 §4.2.1.1)");
  if (is_critical(own, oids::subject_key_identifier()))
    return because("has a critical subjectKeyIdentifier (RFC 5280 §4.2.1.2)");
  if (own.subject().empty() && !is_critical(own, oids::subject_alternative_name()))
    return because("has neither a subject nor a critical subjectAltName (RFC 5280 §4.2.1.6)");
  if (!has(own, oids::name_constraints())) return {};
  if (!own.is_ca())
    return because("has name constraints although it is not a CA's (RFC 5280 §4.2.1.10)");
  if (!is_critical(own, oids::name_constraints()))
    return because("has name constraints that are not critical (RFC 5280 §4.2.1.10)");
  return {};
}

// check_conformance finds what a conforming CA would have written besides; many do not.
Status check_conformance(const x509::Certificate& own) {
  if (!own.is_self_issued() && !has(own, oids::authority_key_identifier()))
    return because("has no authorityKeyIdentifier (RFC 5280 §4.2.1.1)");
  if (own.is_ca() && !has(own, oids::subject_key_identifier()))
    return because("has no subjectKeyIdentifier (RFC 5280 §4.2.1.2)");
  if (own.is_ca() && !is_critical(own, oids::basic_constraints()))
    return because("has basic constraints that are not critical (RFC 5280 §4.2.1.9)");
  if (std::all_of(own.serial().begin(), own.serial().end(), [](auto octet) { return octet == 0; }))
    return because("has the serial number 0 (RFC 5280 §4.1.2.2)");
  return {};
}

}  // namespace

Status check_form(const x509::Certificate& certificate, CertificateForm form) {
  HEQI_TRY(check_coherence(certificate));
  if (form == CertificateForm::strict) return check_conformance(certificate);
  return {};
}

}  // namespace heqi::pki
