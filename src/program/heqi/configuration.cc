#include "configuration.h"

#include <algorithm>

namespace heqi::program {
namespace {

constexpr std::int64_t kUpdateLeadDaysMax = 180;  // a person's certificate is made for a year
constexpr std::string_view kOfIdentity = "identity";

std::string text_line(std::string_view key, std::string_view value) {
  std::string line(key);
  line.append(" = \"");
  for (char c : value) {
    if (c == '"' || c == '\\') line.push_back('\\');
    line.push_back(c);
  }
  return line.append("\"\n");
}

}  // namespace

base::Duration update_lead(const Configuration& configuration) {
  return std::chrono::hours(24 * configuration.update_lead_days);
}

services::mss::RevocationPolicy revocation_policy(const Configuration& configuration) {
  return configuration.revocation_policy == kOfIdentity ? services::mss::RevocationPolicy::identity
                                                        : services::mss::RevocationPolicy::none;
}

void complete_signing_site(Configuration& configuration) {
  if (configuration.signing_port == 0) configuration.signing_port = configuration.port + 1;
  if (!configuration.signing_url.empty()) return;
  const std::string& url = configuration.public_url;
  const std::size_t host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  const std::size_t end =
      std::min(url.find_first_of(":/", url[host] == '[' ? url.find(']') : host), url.size());
  configuration.signing_url = url.substr(0, end) + ":" + std::to_string(configuration.signing_port);
}

base::Result<Configuration> read_configuration(const std::string& path) {
  HEQI_TRY(base::Settings settings, base::Settings::read(path));
  Configuration out;
  HEQI_TRY(out.address, settings.text("address", out.address));
  HEQI_TRY(out.port, settings.integer("port", out.port));
  HEQI_TRY(out.signing_port, settings.integer("signing_port", out.signing_port));
  HEQI_TRY(out.signing_url, settings.text("signing_url", out.signing_url));
  HEQI_TRY(out.web_folder, settings.text("web_folder", out.web_folder));
  HEQI_TRY(out.pki_address, settings.text("pki_address", out.pki_address));
  HEQI_TRY(out.pki_port, settings.integer("pki_port", out.pki_port));
  HEQI_TRY(out.public_url, settings.required_text("public_url"));
  HEQI_TRY(out.pki_url, settings.required_text("pki_url"));
  HEQI_TRY(out.database, settings.required_text("database"));
  HEQI_TRY(out.data_folder, settings.required_text("data_folder"));
  HEQI_TRY(out.module_socket, settings.required_text("module_socket"));
  HEQI_TRY(out.tenant, settings.text("tenant", out.tenant));
  HEQI_TRY(out.organization, settings.text("organization", out.organization));
  HEQI_TRY(out.time_source, settings.text("time_source", out.time_source));
  HEQI_TRY(out.push_roots, settings.text("push_roots", out.push_roots));
  HEQI_TRY(out.external_authorities,
           settings.text("external_authorities", out.external_authorities));
  HEQI_TRY(out.kmc, settings.text("kmc", out.kmc));
  HEQI_TRY(out.tls_certificate, settings.text("tls_certificate", out.tls_certificate));
  HEQI_TRY(out.tls_key, settings.text("tls_key", out.tls_key));
  HEQI_TRY(out.legal_services, settings.text("legal_services", out.legal_services));
  HEQI_TRY(out.challenge_port, settings.integer("challenge_port", out.challenge_port));
  HEQI_TRY(out.challenge_addresses, settings.text("challenge_addresses", out.challenge_addresses));
  HEQI_TRY(out.update_lead_days, settings.integer("update_lead_days", out.update_lead_days));
  HEQI_TRY(out.revocation_policy, settings.text("revocation_policy", out.revocation_policy));
  HEQI_TRY(out.smtp_host, settings.text("smtp_host", out.smtp_host));
  HEQI_TRY(out.smtp_port, settings.integer("smtp_port", out.smtp_port));
  HEQI_TRY(settings.finish());
  for (const std::int64_t port : {out.port, out.signing_port, out.pki_port, out.challenge_port})
    if (port < 0 || port > 65535) return base::fail(base::Code::malformed, "a port is 0…65535");
  complete_signing_site(out);
  if (out.tenant.empty() || out.tenant.size() > 64)
    return base::fail(base::Code::malformed, "tenant has 1…64 octets");
  if (out.tls_certificate.empty() != out.tls_key.empty())
    return base::fail(base::Code::malformed, "tls_certificate and tls_key belong together");
  if (out.challenge_addresses != "public" && out.challenge_addresses != "any")
    return base::fail(base::Code::malformed, "challenge_addresses is \"public\" or \"any\"");
  // A longer lead would ask about the certificate that an update has just brought.
  if (out.update_lead_days < 1 || out.update_lead_days > kUpdateLeadDaysMax)
    return base::fail(base::Code::malformed,
                      "update_lead_days is 1 to " + std::to_string(kUpdateLeadDaysMax));
  if (out.revocation_policy != kOfIdentity && out.revocation_policy != "none")
    return base::fail(base::Code::malformed, "revocation_policy is \"identity\" or \"none\"");
  return out;
}

std::string encode_configuration(const Configuration& c) {
  return text_line("address", c.address) + "port = " + std::to_string(c.port) + "\n" +
         "signing_port = " + std::to_string(c.signing_port) + "\n" +
         text_line("signing_url", c.signing_url) + text_line("web_folder", c.web_folder) +
         text_line("pki_address", c.pki_address) + "pki_port = " + std::to_string(c.pki_port) +
         "\n" + text_line("public_url", c.public_url) + text_line("pki_url", c.pki_url) +
         text_line("database", c.database) + text_line("data_folder", c.data_folder) +
         text_line("module_socket", c.module_socket) + text_line("tenant", c.tenant) +
         text_line("organization", c.organization) + text_line("time_source", c.time_source) +
         text_line("push_roots", c.push_roots) +
         text_line("external_authorities", c.external_authorities) + text_line("kmc", c.kmc) +
         text_line("tls_certificate", c.tls_certificate) + text_line("tls_key", c.tls_key) +
         text_line("legal_services", c.legal_services) +
         "challenge_port = " + std::to_string(c.challenge_port) + "\n" +
         text_line("challenge_addresses", c.challenge_addresses) +
         "update_lead_days = " + std::to_string(c.update_lead_days) + "\n" +
         text_line("revocation_policy", c.revocation_policy) + text_line("smtp_host", c.smtp_host) +
         "smtp_port = " + std::to_string(c.smtp_port) + "\n";
}

}  // namespace heqi::program
