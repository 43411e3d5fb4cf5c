#include "ca_ceremony.h"

#include <array>
#include <set>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

using services::ca::Hierarchy;
using services::ca::Profile;

constexpr std::array kKeyNames{"root", "issuing", "ocsp", "tsa", "application"};
constexpr std::string_view kTranscript = "ceremonies.log";
constexpr std::size_t kTranscriptSizeMax = std::size_t{16} << 20;

// Renewable is a certificate of the hierarchy that can be renewed.
struct Renewable {
  std::string_view name, signer;
  Profile profile;
  x509::Certificate Hierarchy::*certificate;
};
constexpr Renewable kRenewables[] = {
    {"issuing", "root", Profile::issuing, &Hierarchy::issuing},
    {"ocsp", "issuing", Profile::status_responder, &Hierarchy::status_responder},
    {"tsa", "issuing", Profile::time_stamp_authority, &Hierarchy::time_stamp_authority},
    {"application", "issuing", Profile::application, &Hierarchy::application},
};

Result<std::vector<std::string>> read_witnesses(std::string_view text) {
  std::set<std::string> names;
  for (const std::string_view name : base::split(text, ','))
    if (!base::trim(name).empty()) names.emplace(base::trim(name));
  if (names.size() < 2)
    return base::fail(Code::malformed, "--witnesses: two different names at least, with commas");
  return std::vector<std::string>(names.begin(), names.end());
}

// note appends one line to the transcript.
Result<std::string> note(Office& office, const RenewalWish& wish, std::string_view event,
                         base::ByteView outcome) {
  HEQI_TRY(const std::vector<std::string> witnesses, read_witnesses(wish.witnesses));
  const auto before = office.files->read(kTranscript, kTranscriptSizeMax);
  if (!before && before.error().code != Code::not_found) return before.error();
  const base::Bytes nothing;
  const base::ByteView earlier = before ? base::ByteView(*before) : base::ByteView(nothing);
  base::JsonWriter json;
  json.begin_object()
      .field("at", base::to_rfc3339(office.randomness->clock.now()))
      .field("event", event)
      .field("what", wish.what)
      .key("witnesses")
      .begin_array();
  for (const std::string& name : witnesses) json.text(name);
  json.end_array();
  if (!outcome.empty()) json.field("sm3", base::to_hex(crypto::sm3(outcome)));
  json.field("before", base::to_hex(crypto::sm3(earlier))).end_object();
  const std::string line = json.str() + "\n";
  HEQI_TRY(office.files->append(kTranscript, base::bytes_of(line)));
  return json.str();
}

Result<base::Bytes> renew(Office& office, x509::Signer& signer, const RenewalWish& wish,
                          CeremonyOutcome& outcome) {
  base::Random& random = *office.randomness->generator;
  HEQI_TRY(const std::string url, read_url(*office.files));
  if (wish.what == "root-crl") {
    HEQI_TRY(office.hierarchy.root_crl,
             services::ca::make_root_crl(office.hierarchy.root, signer, office.hierarchy.root_crl,
                                         office.randomness->clock));
    return office.hierarchy.root_crl;
  }
  for (const Renewable& one : kRenewables) {
    if (one.name != wish.what) continue;
    const bool by_root = one.signer == "root";
    services::ca::Locations of_root;
    if (!url.empty()) of_root.crl = url + "/crl/root.crl";
    HEQI_TRY(outcome.certificate,
             services::ca::renew_certificate(
                 office.hierarchy.*(one.certificate), one.profile,
                 {.signer = signer,
                  .issuer = by_root ? office.hierarchy.root : office.hierarchy.issuing,
                  .locations = by_root ? of_root : locations_at(url)},
                 office.randomness->clock, random));
    office.hierarchy.*(one.certificate) = outcome.certificate;
    return base::to_bytes(outcome.certificate.der());
  }
  return base::fail(Code::malformed, "--renew: " + wish.what + " is not one of those in --help");
}

}  // namespace

std::vector<std::string> hierarchy_keys() {
  return {kKeyNames.begin(), kKeyNames.end()};
}

Result<std::string> renewing_key(std::string_view what) {
  if (what == "root-crl") return std::string("root");
  for (const Renewable& one : kRenewables)
    if (one.name == what) return std::string(one.signer);
  return base::fail(Code::malformed,
                    "--renew: " + std::string(what) + " is not one of those in --help");
}

Result<Hierarchy> make_ca_hierarchy(const HierarchyWish& wish, const OfficeKeys& keys,
                                    Randomness& randomness) {
  return services::ca::hold_ceremony(
      {.root = keys.signer(0),
       .issuing = keys.signer(1),
       .root_key = keys.public_key(0),
       .issuing_key = keys.public_key(1),
       .status_responder_key = keys.public_key(2),
       .time_stamp_authority_key = keys.public_key(3),
       .application_key = keys.public_key(4),
       .organization = wish.organization,
       .locations = locations_at(wish.url),
       .root_crl_url = wish.url.empty() ? "" : wish.url + "/crl/root.crl",
       .application_name = wish.organization + " Application"},
      randomness.clock, *randomness.generator);
}

Result<CeremonyOutcome> hold_renewal(Office& office, x509::Signer& signer,
                                     const RenewalWish& wish) {
  HEQI_TRY(note(office, wish, "begins", {}));
  CeremonyOutcome outcome;
  HEQI_TRY(const base::Bytes made, renew(office, signer, wish, outcome));
  HEQI_TRY(services::ca::save_hierarchy(*office.files, office.hierarchy));
  HEQI_TRY(outcome.transcript_line, note(office, wish, "done", made));
  return outcome;
}

}  // namespace heqi::program
