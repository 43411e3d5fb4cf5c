#include <heqi/services/acme/payloads.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/x509/oids.h>

namespace heqi::services::acme {

using base::ByteView;
using base::Code;
using base::Result;

namespace {

constexpr std::size_t kNameSizeMax = 253;
constexpr std::size_t kContactSizeMax = 1'024;

// check_name takes DNS names in lower case as they are certified; wildcards need a challenge that
// is not served here.
base::Status check_name(const std::string& name) {
  const auto is_good = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
               std::string_view::npos;
  };
  const auto labels = base::split(name, '.');
  if (name.size() <= kNameSizeMax && std::all_of(labels.begin(), labels.end(), is_good) &&
      labels.back().find_first_not_of("0123456789") != std::string_view::npos)
    return {};
  return base::fail(Code::identity_refused, "\"" + name + "\" is no name that is certified here");
}

Result<std::set<std::string>> names_of(const x509::Csr& csr) {
  std::set<std::string> names;
  const std::string common_name = csr.body.subject.common_name();
  if (!common_name.empty()) names.insert(common_name);
  const x509::Extension* extension =
      x509::find_extension(csr.body.extensions, x509::oids::subject_alternative_name());
  if (extension == nullptr) return names;
  HEQI_TRY(const std::vector<x509::GeneralName> list,
           x509::parse_alternative_names(extension->value));
  for (const x509::GeneralName& one : list) {
    if (one.kind != x509::GeneralName::Kind::dns || one.text.empty())
      return base::fail(Code::ca_lint, "the CSR asks for a name that is no DNS name");
    names.insert(one.text);
  }
  return names;
}

}  // namespace

Result<AccountWish> parse_account_wish(ByteView payload) {
  HEQI_TRY(const http::Json json, http::parse_json(payload));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  HEQI_TRY(const auto only_existing, reader.optional_boolean("onlyReturnExisting"));
  HEQI_TRY(const auto contacts, reader.optional_texts("contact", 8));
  AccountWish out;
  out.only_existing = only_existing.value_or(false);
  for (const std::string& one : contacts) {
    if (one.find('\n') != std::string::npos)
      return base::fail(Code::malformed, "a contact with a line break");
    out.contact += one + "\n";
  }
  if (out.contact.size() > kContactSizeMax) return base::fail(Code::malformed, "contacts too long");
  return out;
}

Result<bool> parse_account_update(ByteView payload) {
  HEQI_TRY(const http::Json json, http::parse_json(payload));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  HEQI_TRY(const auto wanted, reader.optional_text("status"));
  return wanted && *wanted == "deactivated";
}

Result<std::vector<std::string>> parse_order(ByteView payload) {
  HEQI_TRY(const http::Json json, http::parse_json(payload));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  HEQI_TRY(std::vector<http::JsonReader> list, reader.required_objects("identifiers", kNamesMax));
  std::set<std::string> names;
  for (http::JsonReader& one : list) {
    HEQI_TRY(const std::string type, one.required_text("type"));
    HEQI_TRY(const std::string value, one.required_text("value"));
    if (type != "dns") return base::fail(Code::identity_refused, "identifiers of type " + type);
    HEQI_TRY(check_name(value));
    names.insert(value);
  }
  if (names.empty()) return base::fail(Code::malformed, "an order without identifiers");
  return std::vector<std::string>(names.begin(), names.end());
}

Result<Finalization> parse_finalization(ByteView payload) {
  HEQI_TRY(const http::Json json, http::parse_json(payload));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  HEQI_TRY(const std::string text,
           reader.required_text("csr", {.size_min = 1, .size_max = 32'768}));
  Finalization out;
  HEQI_TRY(out.der, base::parse_base64url(text));
  auto csr = x509::parse_csr(out.der);
  if (!csr) return base::fail(Code::ca_lint, "the CSR cannot be read: " + csr.error().detail);
  HEQI_TRY(out.names, names_of(*csr));
  out.csr = *std::move(csr);
  return out;
}

Result<Revocation> parse_revocation(ByteView payload) {
  HEQI_TRY(const http::Json json, http::parse_json(payload));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  HEQI_TRY(const std::string text,
           reader.required_text("certificate", {.size_min = 1, .size_max = kRequestSizeMax}));
  HEQI_TRY(const auto reason, reader.optional_integer("reason", {.min = 0, .max = 10}));
  Revocation out;
  out.reason = reason.value_or(0);
  HEQI_TRY(out.der, base::parse_base64url(text));
  HEQI_TRY(out.certificate, x509::parse_certificate(out.der));
  return out;
}

Result<KeyChange> parse_key_change(ByteView payload) {
  HEQI_TRY(const http::Json json, http::parse_json(payload));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  KeyChange out;
  HEQI_TRY(out.account_url, reader.required_text("account"));
  const http::Json* old_key = json.find("oldKey");
  if (old_key == nullptr) return base::fail(Code::malformed, "oldKey is missing");
  HEQI_TRY(out.old_key, parse_web_key(*old_key));
  return out;
}

}  // namespace heqi::services::acme
