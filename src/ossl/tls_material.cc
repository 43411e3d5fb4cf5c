#include <heqi/ossl/tls_material.h>

#include <algorithm>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <heqi/ossl/signer.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/oids.h>

#include "openssl_types.h"

namespace heqi::ossl {
namespace {

namespace oids = x509::oids;

using Octets = std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>>;

constexpr std::size_t kSerialSize = 16;

// parse_address reads an IPv4 or IPv6 address; empty where name is none.
base::Bytes parse_address(const std::string& name) {
  const Octets octets(a2i_IPADDRESS(name.c_str()));
  if (!octets) return ERR_clear_error(), base::Bytes();
  const unsigned char* data = ASN1_STRING_get0_data(octets.get());
  return base::Bytes(data, data + ASN1_STRING_length(octets.get()));
}

bool is_dns_name(const std::string& name) {
  if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.') return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      continue;
    }
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*';
    if (!allowed || ++label > 63) return false;
  }
  return true;
}

base::Result<x509::GeneralName> general_name(const std::string& name) {
  const base::Bytes address = parse_address(name);
  if (!address.empty()) return x509::ip_name(address);
  if (!is_dns_name(name))
    return base::fail(base::Code::malformed, "neither an address nor a DNS name: " + name);
  return x509::dns_name(name);
}

// random_serial is positive and of 16 octets.
base::Result<base::Bytes> random_serial(base::Random& random) {
  HEQI_TRY(base::Bytes serial, base::random_bytes(random, kSerialSize));
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);
  return serial;
}

struct NewKey {
  base::SecretBytes pem;
  KeyPair pair;
};

base::Result<NewKey> new_key() {
  NewKey out;
  HEQI_TRY(out.pem, make_p256_key_pem());
  HEQI_TRY(out.pair, parse_private_key_pem(out.pem.expose()));
  return out;
}

// whole_seconds drops what certificates cannot state.
base::Time whole_seconds(base::Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

}  // namespace

base::Result<TlsRoot> make_tls_root(const TlsRootOptions& options, const base::Clock& clock,
                                    base::Random& random) {
  HEQI_TRY(NewKey key, new_key());
  x509::CertificateBody body;
  HEQI_TRY(body.serial, random_serial(random));
  HEQI_TRY(body.subject, x509::Name::make({{oids::common_name(), options.common_name}}));
  body.issuer = body.subject;
  body.not_before = whole_seconds(clock.now()) - std::chrono::hours(1);
  body.not_after = body.not_before + options.valid_for;
  body.public_key = key.pair.public_key;
  body.extensions = {
      x509::make_basic_constraints({true, 0U}),
      x509::make_key_usage({x509::KeyUsageBit::key_cert_sign, x509::KeyUsageBit::crl_sign}),
      x509::make_subject_key_identifier(body.public_key)};
  HEQI_TRY(const x509::Certificate certificate, x509::make_certificate(body, *key.pair.signer));
  TlsRoot out;
  out.certificate_pem = x509::to_pem(certificate);
  out.key_pem = std::move(key.pem);
  return out;
}

base::Result<TlsServerMaterial> make_tls_server_material(const TlsRoot& root,
                                                         const TlsServerOptions& options,
                                                         const base::Clock& clock,
                                                         base::Random& random) {
  HEQI_TRY(const std::vector<x509::Certificate> roots,
           x509::parse_certificates_pem(root.certificate_pem));
  if (roots.size() != 1)
    return base::fail(base::Code::malformed, "TLS root: not exactly one certificate");
  HEQI_TRY(KeyPair root_key, parse_private_key_pem(root.key_pem.expose()));
  if (!(root_key.public_key == roots[0].public_key()))
    return base::fail(base::Code::malformed, "TLS root: key and certificate do not fit");
  if (options.names.empty() || options.names.size() > kTlsNamesMax)
    return base::fail(base::Code::malformed, "TLS server: not 1 to 64 names");
  std::vector<x509::GeneralName> names;
  for (const std::string& name : options.names) {
    HEQI_TRY(x509::GeneralName parsed, general_name(name));
    names.push_back(std::move(parsed));
  }
  HEQI_TRY(NewKey key, new_key());
  x509::CertificateBody body;
  HEQI_TRY(body.serial, random_serial(random));
  body.issuer = roots[0].subject();
  HEQI_TRY(body.subject, x509::Name::make({{oids::common_name(), options.names[0].substr(0, 64)}}));
  body.not_before = whole_seconds(clock.now()) - std::chrono::hours(1);
  body.not_after = std::min<base::Time>(body.not_before + options.valid_for, roots[0].not_after());
  if (body.not_after <= clock.now())
    return base::fail(base::Code::expired, "TLS root: its period has ended");
  body.public_key = key.pair.public_key;
  HEQI_TRY(x509::Extension alternative_names, x509::make_subject_alternative_names(names));
  body.extensions = {x509::make_basic_constraints({}),
                     x509::make_key_usage({x509::KeyUsageBit::digital_signature}),
                     x509::make_extended_key_usage({oids::purpose_server_auth()}),
                     std::move(alternative_names),
                     x509::make_subject_key_identifier(body.public_key),
                     x509::make_authority_key_identifier(roots[0].subject_key_identifier())};
  HEQI_TRY(const x509::Certificate certificate, x509::make_certificate(body, *root_key.signer));
  TlsServerMaterial out;
  out.certificate_chain_pem = x509::to_pem(certificate) + root.certificate_pem;
  out.key_pem = std::move(key.pem);
  out.not_after = body.not_after;
  return out;
}

base::Result<bool> needs_renewal(std::string_view certificate_chain_pem,
                                 const std::vector<std::string>& names, const base::Clock& clock) {
  HEQI_TRY(const std::vector<x509::Certificate> chain,
           x509::parse_certificates_pem(certificate_chain_pem));
  if (chain.empty()) return base::fail(base::Code::malformed, "no certificate");
  const x509::Certificate& server = chain[0];
  const auto period = server.not_after() - server.not_before();
  if (clock.now() + period / 3 > server.not_after()) return true;
  for (const std::string& name : names) {
    HEQI_TRY(const x509::GeneralName wanted, general_name(name));
    bool found = false;
    for (const x509::GeneralName& stated : server.subject_alternative_names())
      found = found || (stated.kind == wanted.kind && stated.value == wanted.value);
    if (!found) return true;
  }
  return false;
}

}  // namespace heqi::ossl
