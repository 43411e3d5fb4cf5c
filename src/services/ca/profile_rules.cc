// profile_rules.cc: reads profile files.
#include "profile_rules.h"

#include <algorithm>

#include <heqi/base/settings.h>
#include <heqi/base/text.h>
#include <heqi/services/ca/profile.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ca {
namespace {

namespace oids = x509::oids;
using x509::KeyUsageBit;

constexpr std::string_view kNames[kProfiles] = {
    "root",        "issuing", "status_responder", "time_stamp_authority",
    "application", "person",  "organization",     "device",
    "server",      "event",   "encryption"};
constexpr std::int64_t kLifetimeHoursMax = 200'000;
constexpr std::size_t kProfileSizeMax = 16'384;

constexpr std::pair<std::string_view, KeyUsageBit> kUsages[] = {
    {"digitalSignature", KeyUsageBit::digital_signature},
    {"nonRepudiation", KeyUsageBit::non_repudiation},
    {"keyEncipherment", KeyUsageBit::key_encipherment},
    {"dataEncipherment", KeyUsageBit::data_encipherment},
    {"keyAgreement", KeyUsageBit::key_agreement},
    {"keyCertSign", KeyUsageBit::key_cert_sign},
    {"cRLSign", KeyUsageBit::crl_sign},
};
constexpr std::pair<std::string_view, const asn1::Oid& (*)()> kPurposes[] = {
    {"serverAuth", oids::purpose_server_auth},
    {"clientAuth", oids::purpose_client_auth},
    {"codeSigning", oids::purpose_code_signing},
    {"emailProtection", oids::purpose_email_protection},
    {"timeStamping", oids::purpose_time_stamping},
    {"OCSPSigning", oids::purpose_ocsp_signing},
    {"documentSigning", oids::purpose_document_signing},
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(text, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

base::Error unknown(std::string_view key, std::string_view word) {
  return base::fail(base::Code::malformed,
                    std::string(key) + " does not know \"" + std::string(word) + "\"");
}

base::Result<x509::KeyUsage> read_usage(std::string_view text) {
  x509::KeyUsage usage;
  for (const std::string_view word : words_of(text)) {
    const auto* found = std::find_if(std::begin(kUsages), std::end(kUsages),
                                     [&](const auto& one) { return one.first == word; });
    if (found == std::end(kUsages)) return unknown("key_usage", word);
    usage.add(found->second);
  }
  return usage;
}

base::Result<std::vector<asn1::Oid>> read_purposes(std::string_view text) {
  std::vector<asn1::Oid> purposes;
  for (const std::string_view word : words_of(text)) {
    const auto* found = std::find_if(std::begin(kPurposes), std::end(kPurposes),
                                     [&](const auto& one) { return one.first == word; });
    if (found == std::end(kPurposes)) return unknown("purposes", word);
    purposes.push_back(found->second());
  }
  return purposes;
}

base::Result<std::vector<asn1::Oid>> read_policies(std::string_view text) {
  std::vector<asn1::Oid> policies;
  for (const std::string_view word : words_of(text)) {
    HEQI_TRY(asn1::Oid policy, asn1::Oid::parse_dotted(word));
    policies.push_back(std::move(policy));
  }
  return policies;
}

base::Result<Presence> read_presence(base::Settings& settings, std::string_view key) {
  HEQI_TRY(const std::string word, settings.text(key, "none"));
  if (word == "none") return Presence::none;
  if (word == "optional") return Presence::optional;
  if (word == "required") return Presence::required;
  return unknown(key, word);
}

base::Result<Review> read_review(base::Settings& settings) {
  HEQI_TRY(const std::string word, settings.text("review", "two_person"));
  if (word == "automatic") return Review::automatic;
  if (word == "manual") return Review::manual;
  if (word == "two_person") return Review::two_person;
  return unknown("review", word);
}

}  // namespace

std::string_view name_of(Profile profile) {
  return kNames[static_cast<std::size_t>(profile)];
}

base::Result<Profile> parse_profile_name(std::string_view name) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return unknown("profile", name);
  return static_cast<Profile>(found - std::begin(kNames));
}

base::Result<Rules> parse_rules(std::string_view text) {
  HEQI_TRY(base::Settings settings, base::Settings::parse(text));
  Rules rules;
  HEQI_TRY(const std::string name, settings.required_text("profile"));
  HEQI_TRY(rules.profile, parse_profile_name(name));
  HEQI_TRY(const std::int64_t hours, settings.integer("lifetime_hours", 0));
  if (hours < 1 || hours > kLifetimeHoursMax)
    return base::fail(base::Code::malformed, "lifetime_hours is not in 1…200000");
  rules.lifetime = std::chrono::hours(hours);
  HEQI_TRY(const std::string usage, settings.required_text("key_usage"));
  HEQI_TRY(rules.usage, read_usage(usage));
  HEQI_TRY(const std::string purposes, settings.text("purposes", ""));
  HEQI_TRY(rules.purposes, read_purposes(purposes));
  HEQI_TRY(const std::string policies, settings.text("policies", ""));
  HEQI_TRY(rules.policies, read_policies(policies));
  HEQI_TRY(rules.identity, read_presence(settings, "identity"));
  HEQI_TRY(rules.alternative_names, read_presence(settings, "alternative_names"));
  HEQI_TRY(rules.evidence, read_presence(settings, "evidence"));
  HEQI_TRY(rules.review, read_review(settings));
  HEQI_TRY(settings.finish());
  return rules;
}

const Profiles& Profiles::built_in() {
  static const Profiles profiles = [] {
    Profiles out;
    out.rules_.resize(kProfiles);
    for (const std::string_view text : profile_texts()) {
      auto rules = parse_rules(text);
      if (!rules) std::abort();  // a file of this program's own source
      const auto index = static_cast<std::size_t>(rules->profile);
      out.rules_[index] = *std::move(rules);
    }
    return out;
  }();
  return profiles;
}

base::Result<Profiles> Profiles::load(const base::FileStore& files) {
  constexpr std::string_view ending = ".profile";
  Profiles out = built_in();
  HEQI_TRY(const std::vector<std::string> names, files.list(""));
  for (const std::string& name : names) {
    if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
    HEQI_TRY(const base::Bytes text, files.read(name, kProfileSizeMax));
    auto rules = parse_rules(base::text_of(text));
    if (!rules) return base::fail(rules.error().code, name + ": " + rules.error().detail);
    const auto index = static_cast<std::size_t>(rules->profile);
    out.rules_[index] = *std::move(rules);
  }
  return out;
}

}  // namespace heqi::services::ca
