#include "house.h"

#include <heqi/testing/postgres.h>

#include <heqi/base/text.h>
#include <heqi/device/messages.h>
#include <heqi/documents/second_opinion/upload.h>

#include "platform_schema.h"

namespace heqi::testing {
namespace {

services::ca::Locations pki_locations() {
  return {.crl = "http://pki.test/crl/issuing.crl",
          .ocsp = "http://pki.test/ocsp",
          .issuer_certificate = "http://pki.test/certificates/issuing.cer"};
}

std::unique_ptr<keys::Module> open_module(House& house, const std::string& url) {
  return must(keys::Module::open({.database_url = url, .place = {}},
                                 {.files = house.module_files,
                                  .wrapping_files = house.wrapping_files,
                                  .random = house.random,
                                  .clock = house.clock,
                                  .log = house.log}));
}

std::unique_ptr<sql::Database> open_database(House& house, const std::string& url) {
  auto database = must(sql::Database::open({.url = url, .log = &house.log}));
  EXPECT_OK(program::apply_platform_schema(*database, house.clock));
  return database;
}

x509::PublicKeyInfo key_info(LocalModule& module, std::string_view name) {
  return x509::make_public_key_info(must(crypto::PublicKey::decode(must(module.public_key(name)))));
}

services::ca::Hierarchy open_hierarchy(House& house, LocalModule& module) {
  auto known = services::ca::load_hierarchy(house.files);
  if (known) return *std::move(known);
  using keys::Purpose;
  for (const auto& [name, purpose] : {std::pair{"root", Purpose::certificates},
                                      {"issuing", Purpose::certificates},
                                      {"ocsp", Purpose::status_answers},
                                      {"tsa", Purpose::time_stamps},
                                      {"application", Purpose::statements},
                                      {"service-channel", Purpose::channel}})
    must(module.make_key(name, purpose));
  LocalSigner root(module, "root"), issuing(module, "issuing");
  auto made = must(services::ca::hold_ceremony({.root = root,
                                                .issuing = issuing,
                                                .root_key = key_info(module, "root"),
                                                .issuing_key = key_info(module, "issuing"),
                                                .status_responder_key = key_info(module, "ocsp"),
                                                .time_stamp_authority_key = key_info(module, "tsa"),
                                                .application_key = key_info(module, "application"),
                                                .organization = "Heqi Test",
                                                .locations = pki_locations(),
                                                .root_crl_url = "http://pki.test/crl/root.crl",
                                                .application_name = "Heqi Test Contracts"},
                                               house.clock, house.random));
  EXPECT_OK(services::ca::save_hierarchy(house.files, made));
  return made;
}

// id_number is a valid number (GB 11643) for a person that does not exist.
std::string id_number(int sequence) {
  std::string number = "11010519491231";
  const std::string tail = std::to_string(100 + sequence);
  number += tail;
  unsigned sum = 0;
  for (char c : number) sum = (sum * 2 + static_cast<unsigned>(c - '0')) % 11;
  const unsigned check = (12 - sum * 2 % 11) % 11;
  number.push_back(check == 10 ? 'X' : static_cast<char>('0' + check));
  return number;
}

}  // namespace

void RecordingLog::write(base::Severity, std::string_view event,
                         std::initializer_list<base::LogField> fields) {
  std::string line(event);
  for (const base::LogField& field : fields) {
    line.append(" ").append(field.name).append("=");
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      line.append(*text);
    else
      line.append(std::to_string(std::get<std::int64_t>(field.value)));
  }
  lines_.push_back(std::move(line));
}

std::size_t RecordingLog::count(std::string_view event) const {
  std::size_t found = 0;
  for (const std::string& line : lines_)
    if (line == event || line.starts_with(std::string(event) + " ")) ++found;
  return found;
}

bool RecordingLog::mentions(std::string_view text) const {
  for (const std::string& line : lines_)
    if (line.find(text) != std::string::npos) return true;
  return false;
}

base::Result<base::FetchAnswer> PkiFetch::fetch(const base::FetchRequest& request) {
  constexpr std::string_view host = "http://pki.test";
  if (!weather_.pki_answers) return base::fail(base::Code::unavailable, "no network");
  if (!request.url.starts_with(host)) return base::fail(base::Code::unavailable, request.url);
  http::Request asked;
  asked.method = http::find_method(request.method).value_or(http::Method::get);
  asked.target = request.url.substr(host.size());
  asked.body = request.body;
  http::Response answer = router_.answer(std::move(asked));
  return base::FetchAnswer{answer.status, answer.content_type, std::move(answer.body)};
}

base::Result<base::Time> WeatherTime::now() {
  if (!weather_.time_is_trusted) return base::fail(base::Code::time_untrusted, "bad weather");
  return clock_.now();
}

base::Result<int> DirectInspection::inspect(base::ByteView file) {
  HEQI_TRY(const auto upload, documents::second_opinion::inspect_upload(file));
  return static_cast<int>(upload.pages);
}

static services::identity::IdentityKey identity_key_in(LocalModule& module) {
  return services::identity::IdentityKey(
      [&module](base::ByteView message) -> base::Result<base::Bytes> {
        HEQI_TRY(const base::SecretBytes made, module.mac(keys::kIdentityMac, message));
        return base::to_bytes(made.expose());
      });
}

House::Services::Services(House& given, const std::string& url, const std::string& module_url)
    : house(given),
      module(open_module(given, module_url)),
      database(open_database(given, url)),
      hierarchy(open_hierarchy(given, module)),
      identity_key(identity_key_in(module)),
      authority(*database, hierarchy.issuing, issuing, {.locations = pki_locations()}, given.clock,
                given.random, given.log),
      enrolments(*database, directory, module, subjects, embedded,
                 must(module.public_key("service-channel")), given.clock, given.random, given.log),
      notifier(*database, outbox, given.mail_folder, given.clock,
               {.codes =
                    [this](const std::string& id) {
                      return id.starts_with(services::identity::kLinkCodePrefix)
                                 ? link_sessions.text_of(id)
                                 : enrolments.text_of(id);
                    }}),
      drawings(must(documents::appearance::Font::open())),
      platform({*database, engine, outbox, given.blobs, signatures, trust, trust, uploads, drawings,
                parties, news, given.clock, given.random, given.log}),
      api{*database,
          accounts,
          applications,
          persons,
          verifications,
          link_sessions,
          "https://heqi.test",
          enrolments,
          desk,
          transactions,
          key_endings,
          revocations,
          platform,
          evidence_packages,
          handovers,
          genuineness,
          notifier,
          [this](base::ByteView envelope) {
            return module.call(keys::Operation::device_message, base::to_bytes(envelope));
          },
          [](base::ByteView) -> base::Result<std::string> { return std::string("{}"); },
          std::string(program::kCaId),
          {[this](base::ByteView file) { return uploads.inspect(file); },
           []() -> base::Result<std::string> { return std::string("{}"); },
           "https://sign.heqi.test", given.random},
          std::string(program::kApplicationId),
          must(module.public_key("application"))} {
  add_handlers();
  enrolments.on_void(
      [this](sql::Transaction& tx, const std::string& person, const std::string& code) {
        return news.tell_code_void(tx, person, code);
      });
  revocations.tell([this](sql::Transaction& tx, const services::mss::CertificateNews& told) {
    return news.tell_certificate(tx, told);
  });
  updates.tell([this](sql::Transaction& tx, const services::mss::CertificateNews& told) {
    return news.tell_certificate(tx, told);
  });
  EXPECT_OK(embedded.connect(connections, certificate_flows));
  api::add_routes(router, api);
  api::add_authority_routes(router, api, authority_parts);
  enrolment_office.add_routes(router);
  api::add_signing_routes(signing_router, api);
  api::add_pki_routes(pki_router, pki);
  runner.look_after([this] { return key_endings.round(); });
  runner.look_after([this] { return desk.round(); });
  runner.look_after([this] { return revocations.round(); });
  runner.look_after([this] { return updates.round(); });
  EXPECT_OK(outbox.release_claims());
}

void House::Services::add_handlers() {
  outbox.handle(std::string(services::mss::kResultTopic),
                [this](const flow::Message& message) { return take_result(message); });
  outbox.handle(std::string(program::kContractNewsTopic), [this](const flow::Message& message) {
    return application_news.tell_contract(message);
  });
  outbox.handle(std::string(services::mss::kUpdatePublishTopic),
                [this](const flow::Message& message) { return updates.take_publishing(message); });
  outbox.handle(std::string(services::mss::kUpdateEndTopic),
                [this](const flow::Message& message) { return updates.take_end(message); });
  outbox.handle(std::string(services::mss::kUpdatedTopic),
                [this](const flow::Message& message) { return updates.take_updated(message); });
  outbox.handle(std::string(services::mss::kAgreedTopic),
                [this](const flow::Message& message) { return revocations.take_agreed(message); });
  outbox.handle(std::string(services::mss::kRevokedTopic),
                [this](const flow::Message& message) { return revocations.take_revoked(message); });
  outbox.handle(std::string(services::mss::kRevocationTopic), [this](const flow::Message& message) {
    house.revocation_ends.push_back(message);
    return application_news.tell_revocation(message);
  });
  outbox.handle(std::string(services::mobile::kMessageTopic), [this](const flow::Message& message) {
    if (message.recipient == services::mss::kServiceId)
      return program::take_authority_message(updates, message);
    house.to_services.push_back(services::mobile::text_of_message(message));
    return base::Status();
  });
  outbox.handle(std::string(services::mobile::kEndTopic), [this](const flow::Message& message) {
    return certificate_flows.take_end(message);
  });
  outbox.handle(std::string(services::mobile::kPublishTopic), [this](const flow::Message& message) {
    return certificate_flows.take_publishing(message);
  });
  outbox.handle(std::string(services::mss::kDeviceEndTopic), [this](const flow::Message& message) {
    house.device_ends.push_back(message);
    return base::Status();
  });
}

// take_result does what PlatformProcess does, and keeps what goes to other applications.
base::Status House::Services::take_result(const flow::Message& message) {
  if (house.weather.results_to_refuse > 0) {
    --house.weather.results_to_refuse;
    return base::fail(base::Code::unavailable, "the application does not answer");
  }
  const std::string own = "ap:" + std::string(program::kApplicationId);
  if (message.recipient != own) {
    house.results.push_back(message);
    return application_news.tell_signature(message);
  }
  HEQI_TRY(const services::mss::TransactionStatus status,
           transactions.query(std::string(program::kApplicationId), message.flow_id));
  services::contract::SigningOutcome outcome;
  outcome.transaction = status.ap_transaction_id;
  outcome.code =
      status.code.empty() ? (status.state == "EXPIRED" ? "expired" : "cancelled") : status.code;
  if (status.result)
    outcome.signed_by = services::contract::Signed{
        status.result->signed_attributes, status.result->signature, status.result->certificate};
  return platform.take_outcome(outcome);
}

House::House(std::string database_url, std::uint64_t seed)
    : clock(*base::parse_rfc3339("2026-11-21T08:00:00Z")),
      random(seed),
      url_(database_url.empty() ? usual_database(folder_.path(), "heqi.db")
                                : std::move(database_url)) {
  open();
}

House::~House() = default;

void House::open() {
  services = std::make_unique<Services>(*this, url_, "sqlite:" + folder_.path() + "/module.db");
  if (services->applications.get("bank")) return;  // opened before
  for (const std::string id : {"bank", "shop", "desk"})
    EXPECT_OK(services->applications.add(id, id));
}

void House::restart() {
  services.reset();
  open();
}

void House::settle() {
  for (;;) {
    const auto moved = services->runner.run_once();
    ASSERT_OK(moved);
    if (*moved == 0) return;
  }
}

const services::ca::Hierarchy& House::hierarchy() const {
  return services->hierarchy;
}

std::string House::add_unverified(const std::string& name, const std::string& email) {
  return must(services->persons.add(
                  {.name = name, .email = email, .id_number = id_number(++persons_)}))
      .id;
}

std::string House::add_person(const std::string& name, const std::string& email) {
  const std::string id = add_unverified(name, email);
  const auto verification = must(services->verifications.start(id, id_number(persons_)));
  must(services->verifications.submit(verification.id, base::bytes_of(verification.challenge)));
  return id;
}

std::string House::code_for(const std::string& person) {
  const auto issued = must(services->database->with_transaction(
      [&](sql::Transaction& tx) { return services->enrolments.issue_code(tx, person); }));
  return must(services->enrolments.text_of(issued.id));
}

std::vector<services::notify::Mail> House::mails(std::string_view kind, std::string_view address) {
  std::vector<services::notify::Mail> found;
  for (const auto& [name, content] : mail_folder.files) {
    auto mail = must(services::notify::parse_mail(content));
    if (mail.label == kind && (address.empty() || mail.to_address == address))
      found.push_back(std::move(mail));
  }
  return found;
}

std::string House::link_for(const std::string& address) {
  constexpr std::string_view prefix = "https://sign.heqi.test/s/";
  std::string link;
  base::Time newest{};
  for (const auto& mail : mails("invitation", address)) {
    const std::size_t at = mail.body.find(prefix);
    HEQI_CHECK(at != std::string::npos);
    const std::size_t begin = at + prefix.size(), end = mail.body.find('\n', begin);
    if (mail.date >= newest) link = mail.body.substr(begin, end - begin), newest = mail.date;
  }
  EXPECT_FALSE(link.empty()) << "no invitation to " << address;
  return link;
}

base::Bytes House::example() {
  return must(base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20));
}

base::Bytes House::statement(const std::string& application, const std::string& transaction,
                             const std::string& title, base::ByteView data, base::Time expires,
                             device::SignatureForm form) {
  return must(device::make_statement({.application_id = application,
                                      .application_transaction = transaction,
                                      .title = title,
                                      .size = data.size(),
                                      .digest = crypto::sm3(data),
                                      .form = form,
                                      .expires = std::chrono::floor<std::chrono::seconds>(expires)},
                                     services->application));
}

services::mss::SignatureRequest House::request(const std::string& application,
                                               const std::string& transaction,
                                               const std::string& signer, std::string_view text) {
  services::mss::SignatureRequest out;
  out.ap_transaction_id = transaction;
  out.signer_id = signer;
  out.data = base::to_bytes(text);
  out.title = "租赁合同";
  out.statement =
      statement(application, transaction, out.title, out.data, clock.now() + out.timeout);
  out.statement_certificate = base::to_bytes(hierarchy().application.der());
  out.trusted_cas = {std::string(program::kCaId)};
  return out;
}

services::mss::SignatureRequest House::seal_request(const std::string& application,
                                                    const std::string& transaction,
                                                    const std::string& signer,
                                                    base::ByteView octets) {
  services::mss::SignatureRequest out =
      request(application, transaction, signer, base::text_of(octets));
  out.form = device::SignatureForm::seal;
  out.title = "采购合同";
  out.statement =
      statement(application, transaction, out.title, out.data, clock.now() + out.timeout, out.form);
  return out;
}

std::int64_t House::number(std::string_view query) {
  return must(services->database->with_snapshot(
                  [&](sql::Transaction& tx) { return tx.get_row(query); }))
      .int64(0);
}

}  // namespace heqi::testing
