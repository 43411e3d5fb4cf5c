#include "external_kmc.h"

#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/settings.h>
#include <heqi/base/text.h>
#include <heqi/services/identity/signed_request.h>
#include <heqi/services/kmc/transcript.h>
#include <heqi/x509/enveloped_key.h>

namespace heqi::program {

using base::Code;
using base::Result;
using services::kmc::Delivery;

namespace {

constexpr std::size_t kRootSizeMax = 256 * 1024, kKmcAnswerSizeMax = 64 * 1024;
constexpr std::string_view kMakePath = "/api/v1/encryption-keys";
constexpr std::string_view kRecoverPath = "/api/v1/encryption-key-recoveries";

Result<ExternalKmcSettings> read_kmc_settings(const std::string& folder, base::Settings& in) {
  ExternalKmcSettings out;
  HEQI_TRY(out.url, in.required_text("url"));
  if (!out.url.starts_with("https://")) return base::fail(Code::malformed, "url is https://…");
  while (out.url.ends_with('/')) out.url.pop_back();
  HEQI_TRY(out.application, in.required_text("application"));
  HEQI_TRY(out.key, in.text("key", out.key));
  HEQI_TRY(out.tls_root, in.required_text("tls_root"));
  HEQI_TRY(in.finish());
  if (!out.tls_root.starts_with('/')) out.tls_root = folder + "/" + out.tls_root;
  return out;
}

// is_about_who tells the refusals that are about this authority itself. Whoever asked it is known
// well, and is not to sign in again.
bool is_about_who(Code code) {
  return code == Code::unauthenticated || code == Code::identity_clock_skew ||
         code == Code::identity_replayed;
}

std::string text_in(const http::Json& json, std::string_view name) {
  const http::Json* const found = json.find(name);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

}  // namespace

Result<ExternalKmcSettings> read_external_kmc(const std::string& path) {
  auto in = base::Settings::read(path);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  auto out = in ? read_kmc_settings(folder, *in) : Result<ExternalKmcSettings>(in.error());
  if (!out) return base::fail(out.error().code, path + ": " + out.error().detail);
  return out;
}

base::Error ExternalKmc::unreached(const base::Error& error) const {
  const std::string centre = "the key management centre " + settings_.url;
  if (error.code == Code::untrusted)
    return base::fail(Code::untrusted, centre + ": " + settings_.tls_root +
                                           " does not vouch for this connection (" + error.detail +
                                           ")");
  return base::fail(error.code, centre + " gave no answer (" + error.detail +
                                    "); no certificate was issued: ask again once it answers, and "
                                    "the same key comes");
}

base::Error ExternalKmc::refused(const base::FetchAnswer& answer) const {
  const std::string centre = "the key management centre " + settings_.url;
  const auto json = http::parse_json(answer.body);
  const auto code = json ? base::find_error(text_in(*json, "id")) : std::nullopt;
  if (!code || answer.status >= 500)
    return unreached(base::fail(Code::unavailable, "HTTP status " + std::to_string(answer.status)));
  const std::string why =
      ": " + std::string(base::error_text(*code).id) + ": " + text_in(*json, "detail");
  if (is_about_who(*code))
    return base::fail(Code::denied, centre + " does not take requests of the application " +
                                        settings_.application + " with its key " + settings_.key +
                                        why + "; its administrator registers this authority's key");
  return base::fail(*code, centre + why);
}

Result<http::Json> ExternalKmc::ask(const std::string& path, std::string body) {
  base::FetchRequest request;
  request.method = "POST";
  request.url = settings_.url + path;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = base::to_bytes(body);
  request.answer_size_max = kKmcAnswerSizeMax;
  HEQI_TRY(services::identity::sign_request(request, settings_.application, settings_.key,
                                            world_.signer, world_.clock.now(), world_.random));
  const Result<base::FetchAnswer> answer = fetch_.fetch(request);
  if (!answer) return unreached(answer.error());
  if (answer->status / 100 != 2) return refused(*answer);
  auto json = http::parse_json(answer->body);
  if (!json) return unreached(json.error());
  return json;
}

// delivery_in takes an answer only if it is to what was asked, and its parts belong together.
Result<Delivery> ExternalKmc::delivery_in(const http::Json& answer, std::string_view name,
                                          const std::string& id) const {
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(answer));
  HEQI_TRY(const std::string answered, reader.required_text(name));
  HEQI_TRY(const base::Bytes octets, reader.required_base64("public_key", crypto::kPointSize));
  HEQI_TRY(base::Bytes enveloped,
           reader.required_base64("enveloped_key", x509::kEnvelopedKeySizeMax));
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(octets));
  HEQI_TRY(const crypto::PublicKey stated, x509::stated_public_key(enveloped));
  if (answered != id || !(stated == key))
    return base::fail(Code::untrusted, "the key management centre " + settings_.url +
                                           " answered with another key than was asked for");
  return Delivery{x509::make_public_key_info(key), std::move(enveloped)};
}

base::Status ExternalKmc::write_down(std::string event, const std::string& subject,
                                     const std::string& who, const std::string& detail) {
  return world_.database.with_transaction([&](sql::Transaction& tx) {
    return services::kmc::append(tx, {.at = world_.clock.now(),
                                      .event = event,
                                      .subject = subject,
                                      .who = who,
                                      .detail = settings_.url + " " + detail,
                                      .digest = {}});
  });
}

Result<Delivery> ExternalKmc::make(const std::string& id, const std::string& holder,
                                   const crypto::PublicKey& receiver) {
  base::JsonWriter json;
  json.begin_object()
      .field("id", id)
      .field("holder", holder)
      .field("receiver", base::to_base64(receiver.encode()))
      .end_object();
  HEQI_TRY(const http::Json answer, ask(std::string(kMakePath), json.str()));
  HEQI_TRY(Delivery delivery, delivery_in(answer, "id", id));
  HEQI_TRY(write_down("made_elsewhere", id, holder, ""));
  return delivery;
}

Result<std::string> ExternalKmc::ask_recovery(const services::kmc::RecoveryRequest& request) {
  base::JsonWriter json;
  json.begin_object()
      .field("id", request.key_id)
      .field("asked_by", request.asked_by)
      .field("reason", request.reason)
      .field("receiver", base::to_base64(request.receiver.encode()))
      .end_object();
  HEQI_TRY(const http::Json answer, ask(std::string(kRecoverPath), json.str()));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(answer));
  HEQI_TRY(const std::string recovery, reader.required_text("recovery", {.size_max = 64}));
  HEQI_TRY(write_down("recovery_asked_elsewhere", request.key_id, request.asked_by,
                      recovery + ": " + request.reason));
  return recovery;
}

Result<Delivery> ExternalKmc::recover(const std::string& recovery) {
  const auto octets = base::parse_hex(recovery);
  if (!octets || octets->empty())
    return base::fail(Code::malformed, "the id of a case is hexadecimal");
  HEQI_TRY(const http::Json answer,
           ask(std::string(kRecoverPath) + "/" + recovery + "/deliver", ""));
  HEQI_TRY(Delivery delivery, delivery_in(answer, "recovery", recovery));
  HEQI_TRY(write_down("recovered_elsewhere", recovery, settings_.application, ""));
  return delivery;
}

Result<std::unique_ptr<ConnectedKmc>> ConnectedKmc::open(const std::string& path,
                                                         const ExternalKmc::World& world) {
  HEQI_TRY(ExternalKmcSettings settings, read_external_kmc(path));
  HEQI_TRY(const base::Bytes root, base::read_file(settings.tls_root, kRootSizeMax));
  return std::unique_ptr<ConnectedKmc>(
      new ConnectedKmc(std::move(settings), std::string(base::text_of(root)), world));
}

}  // namespace heqi::program
