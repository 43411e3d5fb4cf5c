#include "facts.h"

#include <heqi/x509/oids.h>

#include <algorithm>

namespace heqi::pki {

namespace oids = x509::oids;

using asn1::Element;
using asn1::Reader;
using base::Code;
using base::Result;
using base::Status;

namespace {

// small_tagged reads [number] IMPLICIT INTEGER of one octet.
Result<std::optional<std::int64_t>> small_tagged(Reader& fields, unsigned number) {
  HEQI_TRY(const std::optional<Element> element, fields.optional(asn1::context(number)));
  if (!element) return std::optional<std::int64_t>();
  if (element->content.size() != 1 || element->content[0] > 0x7f)
    return base::fail(Code::malformed, "skipCerts is not in 0…127");
  return std::optional<std::int64_t>(element->content[0]);
}

Status read_policy_constraints(Facts& facts, base::ByteView der) {
  HEQI_TRY(Reader value, Reader::over(der));
  HEQI_TRY(Reader fields, value.sequence());
  HEQI_TRY(value.finish());
  HEQI_TRY(facts.require_explicit_policy, small_tagged(fields, 0));
  HEQI_TRY(facts.inhibit_policy_mapping, small_tagged(fields, 1));
  return fields.finish();
}

// read_mappings refuses mappings to or from anyPolicy (§6.1.4 a).
Status read_mappings(Facts& facts, base::ByteView der) {
  HEQI_TRY(Reader value, Reader::over(der));
  HEQI_TRY(Reader list, value.sequence());
  HEQI_TRY(value.finish());
  while (!list.at_end()) {
    if (facts.policy_mappings.size() == kPolicyMappingsMax)
      return base::fail(Code::limit_exceeded, "more than 64 policy mappings");
    HEQI_TRY(Reader pair, list.sequence());
    HEQI_TRY(asn1::Oid from, pair.oid());
    HEQI_TRY(asn1::Oid to, pair.oid());
    HEQI_TRY(pair.finish());
    if (from == oids::any_policy() || to == oids::any_policy())
      return base::fail(Code::untrusted, "anyPolicy is mapped");
    facts.policy_mappings.emplace_back(std::move(from), std::move(to));
  }
  return {};
}

Status read_inhibit_any(Facts& facts, base::ByteView der) {
  HEQI_TRY(Reader value, Reader::over(der));
  HEQI_TRY(facts.inhibit_any_policy, value.small_integer());
  if (*facts.inhibit_any_policy < 0)
    return base::fail(Code::malformed, "inhibitAnyPolicy is negative");
  return value.finish();
}

bool is_read_here(const asn1::Oid& type) {
  return type == oids::name_constraints() || type == oids::policy_constraints() ||
         type == oids::inhibit_any_policy() || type == oids::policy_mappings();
}

}  // namespace

Result<Facts> read_facts(const x509::Certificate& certificate) {
  for (const asn1::Oid& type : certificate.unknown_critical_extensions())
    if (!is_read_here(type))
      return base::fail(Code::untrusted, "unknown critical extension " + type.dotted());
  Facts facts;
  for (const x509::Extension& extension : certificate.extensions()) {
    if (extension.type == oids::name_constraints()) {
      HEQI_TRY(facts.name_constraints, parse_name_constraints(extension.value));
    }
    if (extension.type == oids::policy_constraints()) {
      HEQI_TRY(read_policy_constraints(facts, extension.value));
    }
    if (extension.type == oids::inhibit_any_policy()) {
      HEQI_TRY(read_inhibit_any(facts, extension.value));
    }
    if (extension.type == oids::policy_mappings()) {
      HEQI_TRY(read_mappings(facts, extension.value));
    }
  }
  return facts;
}

bool serves(const x509::Certificate& certificate, const asn1::Oid& purpose) {
  const std::vector<asn1::Oid>& stated = certificate.extended_key_usage();
  return certificate.find_extension(oids::extended_key_usage()) == nullptr ||
         std::any_of(stated.begin(), stated.end(), [&](const asn1::Oid& one) {
           return one == purpose || one == oids::any_extended_key_usage();
         });
}

bool states_revocation_source(const x509::Certificate& certificate) {
  return certificate.find_extension(oids::crl_distribution_points()) != nullptr ||
         !certificate.access_locations().ocsp.empty();
}

}  // namespace heqi::pki
