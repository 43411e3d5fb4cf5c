// house.h: every service wired as `heqi serve` wires it, without network and processes; time,
// randomness and weather are in the test's hands.
#pragma once
#include <adapters.h>
#include <authority_desk.h>
#include <legal_services.h>

#include <heqi/api/authority.h>
#include <heqi/flow/runner.h>
#include <heqi/http/client.h>
#include <heqi/services/notify/mail.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "module.h"

namespace heqi::testing {

using testing::must;

// RecordingLog keeps every event as one line of text.
class RecordingLog final : public base::Log {
 public:
  void write(base::Severity severity, std::string_view event,
             std::initializer_list<base::LogField> fields) override;
  std::size_t count(std::string_view event) const;
  bool mentions(std::string_view text) const;

 private:
  std::vector<std::string> lines_;
};

// Weather is what a test does to the world around the platform.
struct Weather {
  bool time_is_trusted = true, pki_answers = true;
  // What the authority says to revocations and updates instead of doing them.
  std::optional<base::Code> authority_refuses;
  // What the authority makes of a certificate that it issued, before it answers.
  std::function<void(base::Bytes&)> mistake_of_authority;
  int results_to_refuse = 0;  // so many deliveries of results fail before one is taken
};

class House {
 public:
  // database_url is empty for SQLite in a folder of its own. Another seed is another installation.
  explicit House(std::string database_url = {}, std::uint64_t seed = 20261121);
  ~House();

  // restart ends every object and opens it again over the same files and databases.
  void restart();
  // settle expires what is due and delivers what is waiting.
  void settle();

  std::string add_person(const std::string& name, const std::string& email);
  std::string add_unverified(const std::string& name, const std::string& email);
  std::string code_for(const std::string& person);
  // mails of a kind to an address, oldest first; an empty address is everybody's.
  std::vector<services::notify::Mail> mails(std::string_view kind, std::string_view address = {});
  // link_for is the token of the newest invitation to address.
  std::string link_for(const std::string& address);
  base::Bytes example();  // examples/lease.pdf

  // statement is what the application with the installation's certificate says of data.
  base::Bytes statement(const std::string& application, const std::string& transaction,
                        const std::string& title, base::ByteView data, base::Time expires,
                        device::SignatureForm form = device::SignatureForm::cms_attributes);
  // request is a well-formed request for a signature over text.
  services::mss::SignatureRequest request(const std::string& application,
                                          const std::string& transaction, const std::string& signer,
                                          std::string_view text);
  // seal_request is one for a seal: octets are what is signed with it.
  services::mss::SignatureRequest seal_request(const std::string& application,
                                               const std::string& transaction,
                                               const std::string& signer, base::ByteView octets);
  // number runs a query that gives one number.
  std::int64_t number(std::string_view statement);

  const services::ca::Hierarchy& hierarchy() const;

  FakeClock clock;
  SeededRandom random;
  RecordingLog log;
  Weather weather;
  MemoryStore files, blobs, evidence, mail_folder, module_files, wrapping_files;
  std::string push_roots;                     // PEM, taken at the next restart
  std::vector<program::LegalSettings> legal;  // taken at the next restart
  // Taken at the next restart.
  base::Duration update_lead = services::mss::kUpdateLead;
  services::mss::RevocationPolicy revocation_policy = services::mss::RevocationPolicy::identity;
  std::vector<flow::Message> results;  // of applications that are not the contract platform
  std::vector<flow::Message> device_ends;
  std::vector<flow::Message> revocation_ends;  // to applications
  std::vector<std::string> to_services;  // what the authority told mobile signature services: JSON

  struct Services;
  std::unique_ptr<Services> services;

 private:
  void open();

  TemporaryFolder folder_;
  std::string url_;
  int persons_ = 0;
};

// PkiFetch asks the platform's own public PKI answers, as over HTTP.
class PkiFetch final : public base::Fetch {
 public:
  PkiFetch(const http::Router& router, const Weather& weather)
      : router_(router), weather_(weather) {}
  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override;

 private:
  const http::Router& router_;
  const Weather& weather_;
};

// MoodyAuthority is the installation's own authority, where the weather lets it answer.
class MoodyAuthority final : public services::mss::CertificateAuthority {
 public:
  MoodyAuthority(program::EmbeddedAuthority& real, const Weather& weather)
      : real_(real), weather_(weather) {}
  base::Result<services::mss::Issued> issue(const std::string& request_id,
                                            const std::string& person_id,
                                            base::ByteView csr) override {
    HEQI_TRY(services::mss::Issued issued, real_.issue(request_id, person_id, csr));
    if (weather_.mistake_of_authority) weather_.mistake_of_authority(issued.certificate);
    return issued;
  }
  base::Status refuse(const std::string& request_id) override { return real_.refuse(request_id); }
  base::Status publish(const services::mss::Issued& issued) override {
    return real_.publish(issued);
  }
  base::Status withdraw(const services::mss::Issued& issued) override {
    return real_.withdraw(issued);
  }
  base::Status revoke(const services::mss::RevocationOrder& order) override {
    HEQI_TRY(mood());
    return real_.revoke(order);
  }
  base::Result<services::mss::StartedUpdate> start_update(
      const services::mss::UpdateStart& start) override {
    HEQI_TRY(mood());
    return real_.start_update(start);
  }
  base::Status decline_update(const std::string& prompt) override {
    return real_.decline_update(prompt);
  }
  base::Result<services::mss::Issued> update(const std::string& flow, base::ByteView csr,
                                             base::ByteView signature) override {
    HEQI_TRY(mood());
    return real_.update(flow, csr, signature);
  }
  base::Status publish_update(const std::string& flow) override {
    HEQI_TRY(mood());
    return real_.publish_update(flow);
  }
  base::Status abandon_update(const std::string& flow) override {
    return real_.abandon_update(flow);
  }
  std::vector<base::Bytes> anchors() override { return real_.anchors(); }

 private:
  base::Status mood() const {
    if (weather_.authority_refuses) return base::fail(*weather_.authority_refuses);
    return {};
  }
  program::EmbeddedAuthority& real_;
  const Weather& weather_;
};

// WeatherTime is a clock that is trusted in good weather.
class WeatherTime final : public services::tsa::TimeSource {
 public:
  WeatherTime(const base::Clock& clock, const Weather& weather)
      : clock_(clock), weather_(weather) {}
  base::Result<base::Time> now() override;
  std::optional<base::Duration> accuracy() const override { return std::nullopt; }

 private:
  const base::Clock& clock_;
  const Weather& weather_;
};

// DirectInspection is the inspection of uploads without the process around it.
class DirectInspection final : public services::contract::UploadInspection {
 public:
  base::Result<int> inspect(base::ByteView file) override;
};

// Services are the objects that a restart ends, in the order in which they use each other.
struct House::Services {
  Services(House& house, const std::string& url, const std::string& module_url);
  void add_handlers();
  base::Status take_result(const flow::Message& message);

  House& house;
  LocalModule module;
  std::unique_ptr<sql::Database> database;
  services::ca::Hierarchy hierarchy;
  LocalSigner issuing{module, "issuing"}, status_responder{module, "ocsp"},
      time_stamp_signer{module, "tsa"}, application{module, "application"},
      service_channel{module, "service-channel"};
  services::identity::IdentityKey identity_key;

  flow::Outbox outbox{*database, house.clock, house.random, house.log};
  flow::Engine engine{*database, outbox, house.clock, house.random, house.log};
  services::identity::Persons persons{*database, house.clock, house.random, identity_key};
  services::identity::Accounts accounts{
      *database, house.clock, house.random, house.log, {.memory_kib = 64, .passes = 1}};
  services::identity::Applications applications{*database, house.clock, house.random};
  services::identity::SandboxProvider provider{house.random};
  services::identity::Verifications verifications{*database, persons, provider, house.clock,
                                                  house.random};
  services::identity::LinkSessions link_sessions{*database, house.clock, house.random, house.log,
                                                 identity_key};
  http::Router pki_router, router, signing_router;
  PkiFetch fetch{pki_router, house.weather};
  services::ca::Authority authority;
  program::Register standing{authority};
  services::ocsp::Responder responder{{.issuer = hierarchy.issuing,
                                       .responder = hierarchy.status_responder,
                                       .signer = status_responder,
                                       .source = standing,
                                       .clock = house.clock,
                                       .log = house.log}};
  WeatherTime time{house.clock, house.weather};
  services::tsa::Authority time_stamps{
      hierarchy.time_stamp_authority, time_stamp_signer, time,
      services::tsa::test_policy(),   house.random,      house.log};
  program::Trust trust{hierarchy, "http://pki.test/tsa", fetch, house.clock, house.random};

  program::SubjectSource subjects{persons};
  program::EmbeddedAuthority embedded{authority, hierarchy, subjects};
  MoodyAuthority moody{embedded, house.weather};
  services::mss::Directory directory{*database, house.clock};
  services::mss::Transactions transactions{*database, engine,      directory,    house.blobs,
                                           trust,     house.clock, house.random, house.log};
  services::mss::Enrolments enrolments;
  services::mss::Revocations revocations{{*database, engine, directory, transactions, moody, module,
                                          subjects, house.clock, house.random, house.log},
                                         house.revocation_policy};
  services::mss::Updates updates{{*database, engine, directory, transactions, moody, module,
                                  subjects, house.clock, house.random, house.log},
                                 house.update_lead};
  services::mss::DeviceDesk desk{*database, directory,       transactions, revocations,  updates,
                                 moody,     service_channel, house.clock,  house.random, house.log};

  services::mss::KeyEndings key_endings{*database, directory, transactions,
                                        embedded,  module,    house.log};

  http::CurlFetch push_fetch{{.trusted_pem = house.push_roots}};
  services::identity::SignedPush signed_push{application, std::string(program::kApplicationId),
                                             house.clock, house.random};
  services::identity::ApplicationPush push{applications, push_fetch, signed_push};
  program::ApplicationNews application_news{outbox, transactions, push};
  services::notify::Notifier notifier;
  program::ContractSignatures signatures{transactions, application, hierarchy.application,
                                         house.clock};
  DirectInspection uploads;
  program::Drawings drawings;
  program::Parties parties{persons};
  program::News news{
      persons, accounts, notifier, application_news, "https://heqi.test", "https://sign.heqi.test"};
  services::contract::Platform platform;
  services::contract::EvidencePackages evidence_packages{{*database, house.blobs, platform, trust,
                                                          trust, application, hierarchy.application,
                                                          house.clock}};
  program::LegalPosts legal_services{house.legal, signed_push};
  services::contract::Handovers handovers{{*database, outbox, platform, evidence_packages, trust,
                                           legal_services, house.clock, house.random, house.log}};
  services::contract::Genuineness genuineness{platform, house.clock};
  flow::Runner runner{engine, outbox, house.log};
  api::Services api;
  program::ExternalAuthorities external;  // none
  program::EnrolmentOffice enrolment_office{
      {*database, authority, hierarchy, services::ca::Profiles::built_in(), external,
       house.evidence, house.clock, house.random, house.log},
      "https://heqi.test",
      {}};
  LocalVault vault{module};
  services::kmc::Centre encryption_keys{*database, vault, house.clock, house.random, house.log};
  services::kmc::ServedAuthorities served_authorities{*database, house.clock, house.log};
  program::MobileIssuer mobile_issuer{authority, enrolment_office.books(), hierarchy, house.clock};
  services::mobile::Connections connections{*database, house.clock, house.log};
  services::mobile::Acceptances acceptances{*database, connections, house.clock, house.random,
                                            house.log};
  services::mobile::CertificateFlows certificate_flows{
      *database,     engine,      outbox,       connections, acceptances,
      mobile_issuer, house.clock, house.random, house.log,   house.update_lead};
  api::AuthorityParts authority_parts{
      authority,
      enrolment_office.books(),
      enrolment_office.desk(),
      encryption_keys,
      encryption_keys,
      served_authorities,
      connections,
      acceptances,
      certificate_flows,
      [this](base::ByteView content) { return enrolment_office.evidence().keep(content); },
      [this](base::ByteView serial) {
        return program::make_key_pair(authority, enrolment_office.books(), encryption_keys, serial);
      }};
  api::PkiServices pki{authority, hierarchy, responder, time_stamps};
};

}  // namespace heqi::testing
