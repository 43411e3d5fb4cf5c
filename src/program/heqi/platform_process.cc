#include "platform_process.h"

#include <cstdio>

#include <heqi/api/authority.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/self_test.h>
#include <heqi/flow/runner.h>
#include <heqi/http/client.h>
#include <heqi/services/identity/identity_key.h>
#include <heqi/sql/faults.h>

#include "adapters.h"
#include "authority_desk.h"
#include "external_kmc.h"
#include "installation.h"
#include "legal_services.h"
#include "platform_schema.h"
#include "selfcheck.h"
#include "sites.h"
#include "time_source.h"
#include "verification.h"

namespace heqi::program {
namespace {

constexpr std::size_t kRootsSizeMax = std::size_t{4} << 20;  // of push_roots, octets

// Foundation is what the services stand on.
struct Foundation {
  base::SystemClock clock;
  base::SystemRandom system_random;
  std::unique_ptr<crypto::HashDrbg> random;
  std::unique_ptr<base::FileStore> files, blobs, outbox_folder, evidence;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<keys::ModuleClient> module;
  Installation installation;
  std::string tenant;      // of the key centre
  std::string push_roots;  // PEM; empty: the system's
  ExternalAuthorities external;
  std::unique_ptr<ConnectedKmc> kmc;  // nullptr: the platform's own centre
  std::vector<LegalSettings> legal;
  std::optional<services::identity::IdentityKey> identity_key;
  TimeKeeping time;
  base::Duration update_lead{};
  services::mss::RevocationPolicy revocation_policy{};
};

base::Result<std::unique_ptr<Foundation>> lay_foundation(const Configuration& configuration,
                                                         base::Log& log) {
  HEQI_TRY(crypto::run_self_tests());
  auto out = std::make_unique<Foundation>();
  out->update_lead = update_lead(configuration);
  out->revocation_policy = revocation_policy(configuration);
  HEQI_TRY(out->random,
           crypto::HashDrbg::make(out->system_random, out->clock, base::bytes_of("heqi")));
  HEQI_TRY(out->files, sql::faults::open_folder(configuration.data_folder));
  HEQI_TRY(out->blobs, sql::faults::open_folder(configuration.data_folder + "/blobs"));
  HEQI_TRY(out->outbox_folder, sql::faults::open_folder(configuration.data_folder + "/outbox"));
  HEQI_TRY(out->evidence, sql::faults::open_folder(configuration.data_folder + "/evidence"));
  HEQI_TRY(out->database, sql::Database::open({.url = configuration.database, .log = &log}));
  HEQI_TRY(apply_platform_schema(*out->database, out->clock));
  HEQI_TRY(out->time, open_time_source(configuration.time_source, out->clock, *out->random, log));
  out->module = std::make_unique<keys::ModuleClient>(configuration.module_socket);
  out->tenant = configuration.tenant;
  HEQI_TRY(out->module->status());
  HEQI_TRY(out->installation, open_installation(configuration, {*out->module, *out->files,
                                                                out->clock, *out->random, log}));
  HEQI_TRY(out->external,
           ExternalAuthorities::open(configuration.external_authorities, out->clock));
  if (!configuration.kmc.empty()) {
    HEQI_TRY(out->kmc,
             ConnectedKmc::open(configuration.kmc, {*out->installation.application, *out->database,
                                                    out->clock, *out->random}));
  }
  HEQI_TRY(out->legal, read_legal_settings(configuration.legal_services));
  if (!configuration.push_roots.empty()) {
    HEQI_TRY(const base::Bytes roots, base::read_file(configuration.push_roots, kRootsSizeMax));
    out->push_roots = base::text_of(roots);
  }
  out->identity_key.emplace([module = out->module.get()](base::ByteView message) {
    return module->mac(keys::kIdentityMac, message);
  });
  return out;
}

// keys_of is where the platform's own authority has encryption keys made.
services::kmc::EncryptionKeys& keys_of(ConnectedKmc* external, services::kmc::Centre& own) {
  if (external != nullptr) return external->keys();
  return own;
}

// Running holds the services in the order in which they use each other.
class Running final : public PlatformProcess {
 public:
  Running(const Configuration& configuration, std::unique_ptr<Foundation> foundation,
          documents::appearance::Font font, base::Log& log);
  ~Running() override { stop(); }

  base::Status open(const Configuration& configuration);
  void stop() override;
  bool is_healthy() const override { return f_->database->healthy(); }

 private:
  void handle_endings();
  base::Status show_setup(const Configuration& configuration);
  base::Result<std::unique_ptr<http::Server>> listen(const Configuration& configuration,
                                                     std::int64_t port, const http::Router& router);
  base::Status tell_application(const flow::Message& message);

  std::unique_ptr<Foundation> f_;
  base::Log& log_;
  flow::Outbox outbox_{*f_->database, f_->clock, *f_->random, log_};
  flow::Engine engine_{*f_->database, outbox_, f_->clock, *f_->random, log_};

  services::identity::Persons persons_{*f_->database, f_->clock, *f_->random, *f_->identity_key};
  services::identity::Accounts accounts_{*f_->database, f_->clock, *f_->random, log_};
  services::identity::Applications applications_{*f_->database, f_->clock, *f_->random};
  services::identity::SandboxProvider provider_{*f_->random};
  services::identity::Verifications verifications_{*f_->database, persons_, provider_, f_->clock,
                                                   *f_->random};

  services::identity::LinkSessions link_sessions_{*f_->database, f_->clock, *f_->random, log_,
                                                  *f_->identity_key};

  http::CurlFetch fetch_{{.trusted_pem = f_->installation.tls_root_pem, .allows_plain = true}};
  services::ca::Authority authority_;
  Register register_{authority_};
  services::ocsp::Responder responder_{{.issuer = f_->installation.hierarchy.issuing,
                                        .responder = f_->installation.hierarchy.status_responder,
                                        .signer = *f_->installation.status_responder,
                                        .source = register_,
                                        .clock = f_->clock,
                                        .log = log_}};
  services::tsa::Authority time_stamps_;
  Trust trust_;

  KeyCentre key_centre_{*f_->module, f_->tenant};
  SubjectSource subjects_{persons_};
  EmbeddedAuthority embedded_{authority_, f_->installation.hierarchy, subjects_};
  services::mss::Directory directory_{*f_->database, f_->clock};
  services::mss::Transactions transactions_{*f_->database, engine_,   directory_,  *f_->blobs,
                                            trust_,        f_->clock, *f_->random, log_};
  services::mss::Enrolments enrolments_{
      *f_->database, directory_,  key_centre_,
      subjects_,     embedded_,   f_->installation.service_channel_key,
      f_->clock,     *f_->random, log_};
  services::mss::Revocations revocations_{
      {*f_->database, engine_, directory_, transactions_, embedded_, key_centre_, subjects_,
       f_->clock, *f_->random, log_},
      f_->revocation_policy};
  services::mss::Updates updates_{{*f_->database, engine_, directory_, transactions_, embedded_,
                                   key_centre_, subjects_, f_->clock, *f_->random, log_},
                                  f_->update_lead};
  services::mss::DeviceDesk desk_{*f_->database,
                                  directory_,
                                  transactions_,
                                  revocations_,
                                  updates_,
                                  embedded_,
                                  *f_->installation.service_channel,
                                  f_->clock,
                                  *f_->random,
                                  log_};

  services::mss::KeyEndings key_endings_{*f_->database, directory_,  transactions_,
                                         embedded_,     key_centre_, log_};

  http::CurlFetch push_fetch_;
  services::identity::SignedPush signed_push_{*f_->installation.application,
                                              std::string(kApplicationId), f_->clock, *f_->random};
  services::identity::ApplicationPush push_{applications_, push_fetch_, signed_push_};
  ApplicationNews application_news_{outbox_, transactions_, push_};
  services::notify::Notifier notifier_;
  ContractSignatures signatures_{transactions_, *f_->installation.application,
                                 f_->installation.hierarchy.application, f_->clock};
  WorkerInspection uploads_;
  Drawings drawings_;
  Parties parties_{persons_};
  News news_;
  services::contract::Platform platform_;
  services::contract::EvidencePackages evidence_packages_{
      {*f_->database, *f_->blobs, platform_, trust_, trust_, *f_->installation.application,
       f_->installation.hierarchy.application, f_->clock}};
  LegalPosts legal_services_{std::move(f_->legal), signed_push_};
  services::contract::Handovers handovers_{{*f_->database, outbox_, platform_, evidence_packages_,
                                            trust_, legal_services_, f_->clock, *f_->random, log_}};
  services::contract::Genuineness genuineness_{platform_, f_->clock};

  EnrolmentOffice enrolment_office_;
  ModuleVault vault_{*f_->module};
  services::kmc::Centre centre_{*f_->database, vault_, f_->clock, *f_->random, log_};
  services::kmc::ServedAuthorities served_authorities_{*f_->database, f_->clock, log_};
  services::kmc::EncryptionKeys& encryption_keys_ = keys_of(f_->kmc.get(), centre_);

  MobileIssuer mobile_issuer_{authority_, enrolment_office_.books(), f_->installation.hierarchy,
                              f_->clock};
  services::mobile::Connections connections_{*f_->database, f_->clock, log_};
  services::mobile::Acceptances acceptances_{*f_->database, connections_, f_->clock, *f_->random,
                                             log_};
  services::mobile::CertificateFlows certificate_flows_{
      *f_->database,  engine_,   outbox_,     connections_, acceptances_,
      mobile_issuer_, f_->clock, *f_->random, log_,         f_->update_lead};

  api::Services services_;
  api::AuthorityParts authority_parts_{
      authority_,
      enrolment_office_.books(),
      enrolment_office_.desk(),
      encryption_keys_,
      centre_,
      served_authorities_,
      connections_,
      acceptances_,
      certificate_flows_,
      [this](base::ByteView content) { return enrolment_office_.evidence().keep(content); },
      [this](base::ByteView serial) {
        return make_key_pair(authority_, enrolment_office_.books(), encryption_keys_, serial);
      }};
  api::PkiServices pki_services_{authority_, f_->installation.hierarchy, responder_, time_stamps_};
  Sites sites_;
  http::Router router_, signing_router_, pki_router_;
  flow::Runner runner_{engine_, outbox_, log_};
  std::unique_ptr<http::Server> server_, signing_server_, pki_server_;
};

services::notify::NotifierOptions notifier_options(
    const Configuration& configuration, services::mss::Enrolments& enrolments,
    services::identity::LinkSessions& link_sessions) {
  services::notify::NotifierOptions options;
  options.codes = [&enrolments, &link_sessions](const std::string& id) {
    return id.starts_with(services::identity::kLinkCodePrefix) ? link_sessions.text_of(id)
                                                               : enrolments.text_of(id);
  };
  if (!configuration.smtp_host.empty()) {
    http::SmtpOptions smtp;
    smtp.host = configuration.smtp_host;
    smtp.port = static_cast<std::uint16_t>(configuration.smtp_port);
    const bool local = smtp.host == "localhost" || smtp.host == "127.0.0.1";
    smtp.security = local ? http::SmtpSecurity::none : http::SmtpSecurity::starttls;
    options.smtp = std::move(smtp);
  }
  return options;
}

ChallengeOptions challenges_of(const Configuration& configuration) {
  return {.port = static_cast<std::uint16_t>(configuration.challenge_port),
          .addresses = configuration.challenge_addresses == "any" ? http::Addresses::any
                                                                  : http::Addresses::public_only};
}

Running::Running(const Configuration& configuration, std::unique_ptr<Foundation> foundation,
                 documents::appearance::Font font, base::Log& log)
    : f_(std::move(foundation)),
      log_(log),
      authority_(*f_->database, f_->installation.hierarchy.issuing, *f_->installation.issuing,
                 {.locations = locations_of(configuration)}, f_->clock, *f_->random, log),
      time_stamps_(f_->installation.hierarchy.time_stamp_authority,
                   *f_->installation.time_stamp_authority, *f_->time.source, f_->time.policy,
                   *f_->random, log),
      trust_(f_->installation.hierarchy, configuration.pki_url + "/tsa", fetch_, f_->clock,
             *f_->random),
      push_fetch_({.trusted_pem = f_->push_roots, .allows_plain = true}),
      notifier_(*f_->database, outbox_, *f_->outbox_folder, f_->clock,
                notifier_options(configuration, enrolments_, link_sessions_)),
      drawings_(std::move(font)),
      news_(persons_, accounts_, notifier_, application_news_, configuration.public_url,
            configuration.signing_url),
      platform_({*f_->database, engine_, outbox_, *f_->blobs, signatures_, trust_, trust_, uploads_,
                 drawings_, parties_, news_, f_->clock, *f_->random, log}),
      enrolment_office_({*f_->database, authority_, f_->installation.hierarchy,
                         services::ca::Profiles::built_in(), f_->external, *f_->evidence, f_->clock,
                         *f_->random, log},
                        configuration.public_url, challenges_of(configuration)),
      services_{
          *f_->database,
          accounts_,
          applications_,
          persons_,
          verifications_,
          link_sessions_,
          configuration.public_url,
          enrolments_,
          desk_,
          transactions_,
          key_endings_,
          revocations_,
          platform_,
          evidence_packages_,
          handovers_,
          genuineness_,
          notifier_,
          [this](base::ByteView envelope) { return f_->module->device_message(envelope); },
          [this](base::ByteView file) -> base::Result<std::string> {
            return verification_report(file, trust_.anchors(), trust_.algorithms(), f_->clock);
          },
          std::string(kCaId),
          {[this](base::ByteView file) { return uploads_.inspect(file); },
           [configuration] { return selfcheck_report(configuration); }, configuration.signing_url,
           *f_->random},
          std::string(kApplicationId),
          f_->installation.application->public_key()} {}

// tell_application carries the end of a signing transaction to the application that asked, be it
// the contract platform.
base::Status Running::tell_application(const flow::Message& message) {
  const std::string own = "ap:" + std::string(kApplicationId);
  if (message.recipient != own) return application_news_.tell_signature(message);
  HEQI_TRY(const services::mss::TransactionStatus status,
           transactions_.query(std::string(kApplicationId), message.flow_id));
  services::contract::SigningOutcome outcome;
  outcome.transaction = status.ap_transaction_id;
  outcome.code =
      status.code.empty() ? (status.state == "EXPIRED" ? "expired" : "cancelled") : status.code;
  if (status.result)
    outcome.signed_by = services::contract::Signed{
        status.result->signed_attributes, status.result->signature, status.result->certificate};
  return platform_.take_outcome(outcome);
}

void Running::handle_endings() {
  outbox_.handle(std::string(services::mss::kResultTopic),
                 [this](const flow::Message& message) { return tell_application(message); });
  outbox_.handle(std::string(kContractNewsTopic), [this](const flow::Message& message) {
    return application_news_.tell_contract(message);
  });
  outbox_.handle(
      std::string(services::mss::kUpdatePublishTopic),
      [this](const flow::Message& message) { return updates_.take_publishing(message); });
  outbox_.handle(std::string(services::mss::kUpdateEndTopic),
                 [this](const flow::Message& message) { return updates_.take_end(message); });
  outbox_.handle(std::string(services::mss::kUpdatedTopic),
                 [this](const flow::Message& message) { return updates_.take_updated(message); });
  outbox_.handle(std::string(services::mss::kAgreedTopic), [this](const flow::Message& message) {
    return revocations_.take_agreed(message);
  });
  outbox_.handle(std::string(services::mss::kRevokedTopic), [this](const flow::Message& message) {
    return revocations_.take_revoked(message);
  });
  outbox_.handle(
      std::string(services::mss::kRevocationTopic),
      [this](const flow::Message& message) { return application_news_.tell_revocation(message); });
  outbox_.handle(std::string(services::mobile::kMessageTopic),
                 [this](const flow::Message& message) {
                   if (message.recipient == services::mss::kServiceId)
                     return take_authority_message(updates_, message);
                   return push_.deliver(message.recipient,
                                        base::bytes_of(services::mobile::text_of_message(message)));
                 });
  outbox_.handle(std::string(services::mobile::kEndTopic), [this](const flow::Message& message) {
    return certificate_flows_.take_end(message);
  });
  outbox_.handle(
      std::string(services::mobile::kPublishTopic),
      [this](const flow::Message& message) { return certificate_flows_.take_publishing(message); });
  // The device hears at its next message; its person reads the notice.
  outbox_.handle(std::string(services::mss::kDeviceEndTopic), [this](const flow::Message& message) {
    log_.info("mss.device_told", {{"device", message.recipient}, {"transaction", message.flow_id}});
    return base::Status();
  });
}

// listen opens one of the two origins: same address, same certificate, another port.
base::Result<std::unique_ptr<http::Server>> Running::listen(const Configuration& configuration,
                                                            std::int64_t port,
                                                            const http::Router& router) {
  http::ServerOptions options;
  options.address = configuration.address;
  options.port = static_cast<std::uint16_t>(port);
  options.tls = f_->installation.tls;
  options.workers = 8;
  return http::Server::start(std::move(options), router, *f_->random, log_);
}

// show_setup prints, as long as nobody administers the platform, the link that makes somebody the
// administrator. The token stands behind the #: no server and no log sees it.
base::Status Running::show_setup(const Configuration& configuration) {
  HEQI_TRY(const auto token, accounts_.open_setup());
  if (!token) return {};
  std::fprintf(stderr,
               "\nOpen this link to become the administrator 打开此链接设置首位管理员:\n"
               "  %s/#/setup/%s\n\n",
               configuration.public_url.c_str(), token->c_str());
  return {};
}

base::Status Running::open(const Configuration& configuration) {
  HEQI_TRY(show_setup(configuration));
  handle_endings();
  enrolments_.on_void(
      [this](sql::Transaction& tx, const std::string& person, const std::string& code) {
        return news_.tell_code_void(tx, person, code);
      });
  revocations_.tell([this](sql::Transaction& tx, const services::mss::CertificateNews& news) {
    return news_.tell_certificate(tx, news);
  });
  updates_.tell([this](sql::Transaction& tx, const services::mss::CertificateNews& news) {
    return news_.tell_certificate(tx, news);
  });
  HEQI_TRY(embedded_.connect(connections_, certificate_flows_));
  HEQI_TRY(sites_, open_sites(configuration, f_->installation, log_));
  api::add_routes(router_, services_);
  api::add_authority_routes(router_, services_, authority_parts_);
  enrolment_office_.add_routes(router_);
  add_platform_pages(router_, sites_);
  api::add_signing_routes(signing_router_, services_);
  add_signing_pages(signing_router_, sites_);
  api::add_pki_routes(pki_router_, pki_services_);
  http::ServerOptions pki;
  pki.address = configuration.pki_address;
  pki.port = static_cast<std::uint16_t>(configuration.pki_port);
  HEQI_TRY(pki_server_, http::Server::start(std::move(pki), pki_router_, *f_->random, log_));
  runner_.look_after([this] { return key_endings_.round(); });
  runner_.look_after([this] { return desk_.round(); });
  runner_.look_after([this] { return revocations_.round(); });
  runner_.look_after([this] { return updates_.round(); });
  runner_.look_after([this] { return certificate_flows_.prompt_updates(); });
  HEQI_TRY(runner_.start());
  HEQI_TRY(signing_server_, listen(configuration, configuration.signing_port, signing_router_));
  HEQI_TRY(server_, listen(configuration, configuration.port, router_));
  log_.info("platform.started",
            {{"url", configuration.public_url}, {"signing_url", configuration.signing_url}});
  return {};
}

void Running::stop() {
  if (server_) server_->stop();
  if (signing_server_) signing_server_->stop();
  runner_.stop();
  if (pki_server_) pki_server_->stop();
}

}  // namespace

base::Result<std::unique_ptr<PlatformProcess>> PlatformProcess::start(
    const Configuration& configuration, base::Log& log) {
  HEQI_TRY(std::unique_ptr<Foundation> foundation, lay_foundation(configuration, log));
  HEQI_TRY(documents::appearance::Font font, documents::appearance::Font::open());
  auto running =
      std::make_unique<Running>(configuration, std::move(foundation), std::move(font), log);
  HEQI_TRY(running->open(configuration));
  return std::unique_ptr<PlatformProcess>(std::move(running));
}

}  // namespace heqi::program
