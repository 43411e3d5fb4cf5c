#include <heqi/pki/crl.h>

#include <algorithm>

#include <heqi/x509/oids.h>

#include "der.h"
#include "issuers.h"

namespace heqi::pki {

namespace oids = x509::oids;
using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

std::string_view name_of(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::unspecified:
      return "unspecified";
    case RevocationReason::key_compromise:
      return "key_compromise";
    case RevocationReason::ca_compromise:
      return "ca_compromise";
    case RevocationReason::affiliation_changed:
      return "affiliation_changed";
    case RevocationReason::superseded:
      return "superseded";
    case RevocationReason::cessation_of_operation:
      return "cessation_of_operation";
    case RevocationReason::certificate_hold:
      return "certificate_hold";
    case RevocationReason::remove_from_crl:
      return "remove_from_crl";
    case RevocationReason::privilege_withdrawn:
      return "privilege_withdrawn";
    case RevocationReason::aa_compromise:
      return "aa_compromise";
  }
  return "unspecified";
}

Result<RevocationReason> parse_reason(std::int64_t number) {
  if (number < 0 || number > 10 || number == 7)
    return base::fail(Code::malformed, "CRLReason " + std::to_string(number));
  return static_cast<RevocationReason>(number);
}

namespace {

enum class Kind : std::uint8_t { full, delta };

bool by_serial(const RevokedEntry& a, const RevokedEntry& b) {
  if (a.serial.size() != b.serial.size()) return a.serial.size() < b.serial.size();
  return a.serial < b.serial;
}

void write_entry(Writer& list, const RevokedEntry& entry) {
  list.sequence([&](Writer& item) {
    item.unsigned_integer(entry.serial);
    item.time(entry.revoked_at);
    if (!entry.reason && !entry.invalidity_date) return;
    item.sequence([&](Writer& extensions) {
      if (entry.reason)
        der::write_extension(extensions, oids::crl_reason(), false, der::encode([&](Writer& w) {
                               w.enumerated(static_cast<std::int64_t>(*entry.reason));
                             }));
      if (entry.invalidity_date)
        der::write_extension(
            extensions, oids::invalidity_date(), false,
            der::encode([&](Writer& w) { w.generalized_time(*entry.invalidity_date); }));
    });
  });
}

Result<RevokedEntry> read_entry(Reader& list, bool extensions_allowed) {
  HEQI_TRY(Reader item, list.sequence());
  RevokedEntry entry;
  HEQI_TRY(ByteView serial, item.unsigned_integer());
  entry.serial = der::trimmed(serial);
  HEQI_TRY(entry.revoked_at, item.time());
  if (item.at_end()) return entry;
  if (!extensions_allowed)
    return base::fail(Code::malformed,
                      der::what_at("an entry with extensions in a version 1 list", item.offset()));
  const std::size_t offset = item.offset();
  HEQI_TRY(const std::vector<x509::Extension> extensions, x509::parse_extensions(item));
  for (const x509::Extension& extension : extensions) {
    HEQI_TRY(Reader value, Reader::over(extension.value));
    if (extension.type == oids::crl_reason()) {
      HEQI_TRY(const std::int64_t number, value.enumerated());
      HEQI_TRY(entry.reason, parse_reason(number));
      HEQI_TRY(value.finish());
    } else if (extension.type == oids::invalidity_date()) {
      HEQI_TRY(entry.invalidity_date, value.generalized_time());
      HEQI_TRY(value.finish());
    } else if (extension.critical || extension.type == oids::certificate_issuer()) {
      return base::fail(Code::unsupported,
                        der::what_at("entry extension " + extension.type.dotted(), offset));
    }
  }
  HEQI_TRY(item.finish());
  return entry;
}

// IssuingDistributionPoint ::= SEQUENCE { distributionPoint [0], onlyContainsUserCerts [1],
// onlyContainsCACerts [2], onlySomeReasons [3], indirectCRL [4], onlyContainsAttributeCerts [5] }
base::Status read_distribution_point(Crl& crl, ByteView value) {
  HEQI_TRY(Reader outer, Reader::over(value));
  HEQI_TRY(Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(std::optional<Reader> point, fields.explicit_tag(0));
  if (point) {
    HEQI_TRY(const std::optional<asn1::Element> names,
             point->optional(asn1::context_constructed(0)));
    if (!names) return base::fail(Code::unsupported, "a distribution point without full name");
    HEQI_TRY(Reader list, point->enter(*names));
    while (!list.at_end()) {
      HEQI_TRY(const asn1::Element name, list.any());
      if (name.tag == asn1::context(6))
        crl.distribution_urls.emplace_back(base::text_of(name.content));
    }
    HEQI_TRY(point->finish());
    if (crl.distribution_urls.empty())
      return base::fail(Code::unsupported, "a distribution point without URL");
  }
  const auto flag = [&](unsigned number) -> Result<bool> {
    HEQI_TRY(const std::optional<asn1::Element> found, fields.optional(asn1::context(number)));
    if (!found) return false;
    if (found->content.size() != 1)
      return base::fail(Code::malformed, der::what_at("BOOLEAN", found->offset));
    return found->content[0] != 0;
  };
  HEQI_TRY(crl.only_user_certificates, flag(1));
  HEQI_TRY(crl.only_ca_certificates, flag(2));
  HEQI_TRY(const std::optional<asn1::Element> reasons, fields.optional(asn1::context(3)));
  HEQI_TRY(const bool indirect, flag(4));
  HEQI_TRY(const bool attribute_certificates, flag(5));
  HEQI_TRY(fields.finish());
  if (reasons || indirect || attribute_certificates)
    return base::fail(Code::unsupported, "a CRL that is indirect or of some reasons only");
  if (crl.only_user_certificates && crl.only_ca_certificates)
    return base::fail(Code::malformed, "a CRL of user certificates only and CA certificates only");
  return {};
}

base::Status read_list_extensions(Crl& crl, Reader& reader, Kind kind) {
  const std::size_t offset = reader.offset();
  HEQI_TRY(const std::vector<x509::Extension> extensions, x509::parse_extensions(reader));
  for (const x509::Extension& extension : extensions) {
    if (extension.type == oids::crl_number()) {
      HEQI_TRY(Reader value, Reader::over(extension.value));
      HEQI_TRY(ByteView number, value.unsigned_integer());
      crl.body.number = der::trimmed(number);
      HEQI_TRY(value.finish());
    } else if (extension.type == oids::authority_key_identifier()) {
      HEQI_TRY(Reader value, Reader::over(extension.value));
      HEQI_TRY(Reader fields, value.sequence());
      HEQI_TRY(const std::optional<asn1::Element> id, fields.optional(asn1::context(0)));
      if (id) crl.body.authority_key_identifier = base::to_bytes(id->content);
    } else if (extension.type == oids::issuing_distribution_point()) {
      HEQI_TRY(read_distribution_point(crl, extension.value));
    } else if (extension.type == oids::freshest_crl()) {
      HEQI_TRY(crl.body.freshest_urls, x509::parse_crl_distribution_points(extension.value));
    } else if (extension.type == oids::delta_crl_indicator() && kind == Kind::delta) {
      HEQI_TRY(Reader value, Reader::over(extension.value));
      HEQI_TRY(ByteView number, value.unsigned_integer());
      crl.body.base_number = der::trimmed(number);
      HEQI_TRY(value.finish());
    } else if (extension.critical || extension.type == oids::delta_crl_indicator()) {
      return base::fail(Code::unsupported,
                        der::what_at("CRL extension " + extension.type.dotted(), offset));
    }
  }
  return {};
}

base::Status read_tbs(Crl& crl, Reader& tbs, x509::AlgorithmIdentifier& inner_algorithm,
                      Kind kind) {
  bool version2 = false;
  if (tbs.peek() == asn1::kInteger) {
    HEQI_TRY(const std::int64_t version, tbs.small_integer());
    if (version != 1) return base::fail(Code::unsupported, "CRL version field not v2");
    version2 = true;
  }
  HEQI_TRY(inner_algorithm, x509::parse_algorithm(tbs));
  HEQI_TRY(crl.body.issuer, x509::Name::parse(tbs));
  HEQI_TRY(crl.body.this_update, tbs.time());
  if (tbs.peek() == asn1::kUtcTime || tbs.peek() == asn1::kGeneralizedTime) {
    HEQI_TRY(crl.body.next_update, tbs.time());
  }
  if (tbs.peek() == asn1::kSequence) {
    HEQI_TRY(Reader list, tbs.sequence());
    while (!list.at_end()) {
      if (crl.body.revoked.size() == kCrlEntriesMax)
        return base::fail(Code::limit_exceeded, "more than 1000000 entries in a CRL");
      HEQI_TRY(RevokedEntry entry, read_entry(list, version2));
      crl.body.revoked.push_back(std::move(entry));
    }
  }
  HEQI_TRY(std::optional<Reader> extensions, tbs.explicit_tag(0));
  if (extensions) {
    if (!version2) return base::fail(Code::malformed, "extensions in a version 1 CRL");
    HEQI_TRY(read_list_extensions(crl, *extensions, kind));
    HEQI_TRY(extensions->finish());
  }
  return tbs.finish();
}

}  // namespace

Result<Bytes> encode_crl_body(const CrlBody& body, const x509::AlgorithmIdentifier& algorithm) {
  if (body.revoked.size() > kCrlEntriesMax)
    return base::fail(Code::limit_exceeded, "more than 1000000 entries in a CRL");
  std::optional<x509::Extension> freshest;  // CRLDistributionPoints under another name (§5.2.6)
  if (!body.freshest_urls.empty()) {
    HEQI_TRY(freshest, x509::make_crl_distribution_points(body.freshest_urls));
  }
  Writer out;
  out.sequence([&](Writer& tbs) {
    tbs.integer(1);
    tbs.raw(x509::encode_algorithm(algorithm));
    tbs.raw(body.issuer.der());
    tbs.time(body.this_update);
    if (body.next_update) tbs.time(*body.next_update);
    if (!body.revoked.empty())
      tbs.sequence([&](Writer& list) {
        for (const RevokedEntry& entry : body.revoked) write_entry(list, entry);
      });
    if (body.number.empty() && body.authority_key_identifier.empty() && body.base_number.empty() &&
        !freshest)
      return;
    tbs.explicit_tag(0, [&](Writer& tagged) {
      tagged.sequence([&](Writer& extensions) {
        if (!body.authority_key_identifier.empty())
          der::write_extension(extensions, oids::authority_key_identifier(), false,
                               der::encode([&](Writer& w) {
                                 w.sequence([&](Writer& id) {
                                   id.element(asn1::context(0), body.authority_key_identifier);
                                 });
                               }));
        if (!body.number.empty())
          der::write_extension(extensions, oids::crl_number(), false,
                               der::encode([&](Writer& w) { w.unsigned_integer(body.number); }));
        if (!body.base_number.empty())
          der::write_extension(
              extensions, oids::delta_crl_indicator(), true,
              der::encode([&](Writer& w) { w.unsigned_integer(body.base_number); }));
        if (freshest)
          der::write_extension(extensions, oids::freshest_crl(), false, freshest->value);
      });
    });
  });
  return out.take();
}

Bytes assemble_crl(ByteView tbs, const x509::AlgorithmIdentifier& algorithm, ByteView signature) {
  return der::encode([&](Writer& out) {
    out.sequence([&](Writer& list) {
      list.raw(tbs);
      list.raw(x509::encode_algorithm(algorithm));
      list.bit_string(signature);
    });
  });
}

Result<Bytes> make_crl(const CrlBody& body, x509::Signer& signer) {
  HEQI_TRY(const Bytes tbs, encode_crl_body(body, signer.algorithm()));
  HEQI_TRY(const Bytes signature, signer.sign(tbs));
  return assemble_crl(tbs, signer.algorithm(), signature);
}

namespace {

Result<Crl> parse_list(ByteView der, Kind kind) {
  Crl crl;
  crl.der = base::to_bytes(der);
  HEQI_TRY(Reader outer, Reader::over(crl.der));
  HEQI_TRY(Reader list, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Element tbs, list.expect(asn1::kSequence));
  crl.tbs_offset = tbs.offset;
  crl.tbs_size = tbs.whole.size();
  HEQI_TRY(crl.signature_algorithm, x509::parse_algorithm(list));
  HEQI_TRY(const ByteView signature, list.bit_string());
  crl.signature = base::to_bytes(signature);
  HEQI_TRY(list.finish());

  HEQI_TRY(Reader fields, list.enter(tbs));
  x509::AlgorithmIdentifier inner;
  HEQI_TRY(read_tbs(crl, fields, inner, kind));
  if (!(inner == crl.signature_algorithm))
    return base::fail(Code::malformed, "the two signature algorithms of the CRL differ");
  std::sort(crl.body.revoked.begin(), crl.body.revoked.end(), by_serial);
  return crl;
}

}  // namespace

Result<Crl> parse_crl(ByteView der) {
  return parse_list(der, Kind::full);
}

Result<Crl> parse_delta_crl(ByteView der) {
  HEQI_TRY(Crl crl, parse_list(der, Kind::delta));
  if (crl.body.base_number.empty() || crl.body.number.empty())
    return base::fail(Code::malformed, "a delta CRL without base or number");
  return crl;
}

const RevokedEntry* find_revoked(const Crl& crl, ByteView serial) {
  RevokedEntry wanted;
  wanted.serial = der::trimmed(serial);
  const auto found =
      std::lower_bound(crl.body.revoked.begin(), crl.body.revoked.end(), wanted, by_serial);
  if (found == crl.body.revoked.end() || found->serial != wanted.serial) return nullptr;
  return &*found;
}

base::Status verify_crl(const Crl& crl, const x509::Certificate& issuer,
                        const Algorithms& algorithms) {
  if (!crl.body.issuer.matches(issuer.subject()))
    return base::fail(Code::untrusted, "the CRL is of another issuer");
  if (!issuer.allows(x509::KeyUsageBit::crl_sign))
    return base::fail(Code::untrusted, "the issuer's key usage does not allow cRLSign");
  if (!key_identifier_fits(crl.body.authority_key_identifier, issuer))
    return base::fail(Code::untrusted, "the CRL names another key of its issuer");
  return algorithms.signatures.verify(crl.signature_algorithm, issuer.public_key(), crl.tbs(),
                                      crl.signature);
}

}  // namespace heqi::pki
