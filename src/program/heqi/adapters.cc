#include "adapters.h"

#include <heqi/base/text.h>
#include <heqi/device/messages.h>
#include <heqi/documents/appearance/signature_box.h>
#include <heqi/http/json.h>
#include <heqi/x509/oids.h>

namespace heqi::program {
namespace {

// displayed_time is a time as people in China read it.
std::string displayed_time(base::Time time) {
  const base::CivilTime t = base::civil_time(time + std::chrono::hours(8));
  const std::string utc = base::to_rfc3339(
      base::Time(std::chrono::floor<std::chrono::seconds>(time + std::chrono::hours(8))));
  return utc.substr(0, 10) + " " + utc.substr(11, 8) + (t.year > 0 ? " +08:00" : "");
}

}  // namespace

base::Result<services::mss::KeyCentreEnds> KeyCentre::bind_device(const std::string& device_id,
                                                                  base::ByteView channel_public_key,
                                                                  base::ByteView channel_id) {
  HEQI_TRY(keys::KeyCentreEnds ends,
           module_.bind_device({device_id, base::to_bytes(channel_public_key),
                                base::to_bytes(channel_id), tenant_}));
  return services::mss::KeyCentreEnds{std::move(ends.app_id), std::move(ends.platform_id),
                                      std::move(ends.channel_key), std::move(ends.sealing_key)};
}

base::Result<base::SecretBytes> KeyCentre::mac(std::string_view name, base::ByteView message) {
  HEQI_TRY(base::Bytes mac, module_.mac(name, message));
  base::SecretBytes out = base::SecretBytes::copy_of(mac);
  base::secure_wipe(mac.data(), mac.size());
  return out;
}

base::Result<std::vector<services::mss::EndedKey>> KeyCentre::ended_keys() {
  HEQI_TRY(const std::vector<keys::EndedKey> ended, module_.ended_keys());
  std::vector<services::mss::EndedKey> out;
  for (const keys::EndedKey& key : ended)
    out.push_back({key.key_id, key.device_id, key.public_key});
  return out;
}

base::Status KeyCentre::heard_ended(const std::vector<std::string>& key_ids) {
  return module_.heard_ended(key_ids);
}

base::Status KeyCentre::order_wipe(const std::string& device_id) {
  return module_.order_wipe(device_id);
}

base::Status KeyCentre::end_key(const std::string& device_id, base::ByteView public_key) {
  return module_.end_key(device_id, public_key);
}

base::Result<base::Bytes> SubjectSource::subject_of(const std::string& person_id) {
  HEQI_TRY(const services::identity::Person person, persons_.get(person_id));
  if (!person.is_verified())
    return base::fail(base::Code::denied, "the person's identity is not verified");
  HEQI_TRY(const x509::Name name, x509::Name::make({{x509::oids::country(), "CN"},
                                                    {x509::oids::common_name(), person.name},
                                                    {x509::oids::serial_number(), person.id}}));
  return base::to_bytes(name.der());
}

base::Result<services::mss::Issued> EmbeddedAuthority::issue(const std::string& request_id,
                                                             const std::string& person_id,
                                                             base::ByteView csr) {
  HEQI_TRY(const base::Bytes subject, subjects_.subject_of(person_id));
  HEQI_TRY(x509::Name name, x509::Name::parse(subject));
  HEQI_TRY(const x509::Certificate certificate, authority_.issue({.request_id = request_id,
                                                                  .holder = person_id,
                                                                  .subject = std::move(name),
                                                                  .csr = base::to_bytes(csr)}));
  return services::mss::Issued{
      .ca_id = std::string(kCaId),
      .certificate = base::to_bytes(certificate.der()),
      .chain = {base::to_bytes(hierarchy_.issuing.der()), base::to_bytes(hierarchy_.root.der())}};
}

base::Status EmbeddedAuthority::refuse(const std::string& request_id) {
  return authority_.withdraw(request_id);
}

base::Status EmbeddedAuthority::publish(const services::mss::Issued& issued) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(issued.certificate));
  return authority_.publish(certificate.serial());
}

base::Status EmbeddedAuthority::withdraw(const services::mss::Issued& issued) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(issued.certificate));
  return authority_.revoke(certificate.serial(), pki::RevocationReason::cessation_of_operation);
}

base::Status EmbeddedAuthority::connect(services::mobile::Connections& connections,
                                        services::mobile::CertificateFlows& flows) {
  flows_ = &flows;
  const std::string service(services::mss::kServiceId);
  const auto known = connections.get(service);
  if (known || known.error().code != base::Code::not_found)
    return known ? base::Status() : base::Status(known.error());
  HEQI_TRY(connections.apply(service, "installation"));
  HEQI_TRY(connections.accept(service));
  return {};
}

base::Status EmbeddedAuthority::enter(const services::mss::InUse& certificate,
                                      base::ByteView serial) {
  HEQI_CHECK(flows_ != nullptr);
  return flows_->enter({.service = std::string(services::mss::kServiceId),
                        .user = certificate.person_id,
                        .device = certificate.device_id,
                        .serial = base::to_bytes(serial)});
}

base::Status EmbeddedAuthority::revoke(const services::mss::RevocationOrder& order) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(order.of.certificate));
  HEQI_TRY(enter(order.of, certificate.serial()));
  HEQI_TRY(const services::mobile::Origin origin,
           services::mobile::parse_origin(services::mss::name_of(order.origin)));
  HEQI_TRY(const pki::RevocationReason reason, pki::parse_reason(order.reason));
  return flows_->revoke(std::string(services::mss::kServiceId), {.serial = certificate.serial(),
                                                                 .origin = origin,
                                                                 .asked_by = order.asked_by,
                                                                 .reason = reason,
                                                                 .signature = order.signature});
}

base::Result<services::mss::StartedUpdate> EmbeddedAuthority::start_update(
    const services::mss::UpdateStart& start) {
  const std::string service(services::mss::kServiceId);
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(start.of.certificate));
  HEQI_TRY(enter(start.of, certificate.serial()));
  if (!start.prompt.empty()) {
    const auto answered =
        flows_->answer_prompt(service, start.prompt, services::mobile::PromptAnswer::confirmed);
    if (answered) {
      HEQI_TRY(const services::mobile::FlowStatus begun, flows_->status(service, answered->flow));
      return services::mss::StartedUpdate{begun.id, begun.nonce};
    }
    // The authority's own time for an answer may be over; the person's word is not.
    if (answered.error().code != base::Code::expired) return answered.error();
  }
  HEQI_TRY(const services::mobile::FlowStatus begun,
           flows_->start_update(service, start.id, certificate.serial()));
  return services::mss::StartedUpdate{begun.id, begun.nonce};
}

base::Status EmbeddedAuthority::decline_update(const std::string& prompt) {
  HEQI_TRY(flows_->answer_prompt(std::string(services::mss::kServiceId), prompt,
                                 services::mobile::PromptAnswer::declined));
  return {};
}

base::Result<services::mss::Issued> EmbeddedAuthority::update(const std::string& flow,
                                                              base::ByteView csr,
                                                              base::ByteView signature) {
  HEQI_TRY(services::mobile::Issuer::Issued issued,
           flows_->update(std::string(services::mss::kServiceId), flow, csr, signature));
  return services::mss::Issued{.ca_id = std::string(kCaId),
                               .certificate = std::move(issued.certificate),
                               .chain = std::move(issued.chain)};
}

base::Status EmbeddedAuthority::publish_update(const std::string& flow) {
  return flows_->publish(std::string(services::mss::kServiceId), flow);
}

base::Status EmbeddedAuthority::abandon_update(const std::string& flow) {
  return flows_->refuse(std::string(services::mss::kServiceId), flow, "the service's update ended");
}

base::Status take_authority_message(services::mss::Updates& updates, const flow::Message& message) {
  if (message.ending)
    return updates.take_flow_end(message.flow_id, flow::to_text(message.ending->outcome),
                                 message.ending->code);
  HEQI_TRY(const http::Json json, http::parse_json(message.payload));
  const auto text = [&](std::string_view name) {
    const http::Json* field = json.find(name);
    return field != nullptr && field->text() != nullptr ? *field->text() : std::string();
  };
  if (text("kind") != "certificate_update_prompt") return {};
  HEQI_TRY(base::Bytes serial, base::parse_hex(text("certificate")));
  return updates.take_prompt(
      {.id = text("prompt"), .device_id = text("device"), .serial = std::move(serial)});
}

std::vector<base::Bytes> EmbeddedAuthority::anchors() {
  return {base::to_bytes(hierarchy_.issuing.der())};
}

base::Result<services::ocsp::Standing> Register::standing(base::ByteView serial) {
  HEQI_TRY(const services::ca::Standing known, authority_.standing(serial));
  services::ocsp::Standing standing{
      .status = pki::CertStatus::unknown, .revoked_at = known.revoked_at, .reason = known.reason};
  if (known.state == services::ca::Standing::State::good) standing.status = pki::CertStatus::good;
  if (known.state == services::ca::Standing::State::revoked)
    standing.status = pki::CertStatus::revoked;
  return standing;
}

base::Result<std::string> ContractSignatures::submit(
    const services::contract::SigningRequest& request) {
  const base::Time expires =
      std::chrono::floor<std::chrono::seconds>(clock_.now() + request.timeout);
  HEQI_TRY(base::Bytes statement,
           device::make_statement({.application_id = std::string(kApplicationId),
                                   .application_transaction = request.transaction,
                                   .title = request.title,
                                   .size = request.data.size(),
                                   .digest = crypto::sm3(request.data),
                                   .form = device::SignatureForm::cms_attributes,
                                   .expires = expires},
                                  application_));
  HEQI_TRY(const services::mss::TransactionStatus status,
           transactions_.submit(std::string(kApplicationId),
                                {.ap_transaction_id = request.transaction,
                                 .signer_id = request.person_id,
                                 .data = request.data,
                                 .title = request.title,
                                 .statement = std::move(statement),
                                 .statement_certificate = base::to_bytes(certificate_.der()),
                                 .trusted_cas = {std::string(kCaId)},
                                 .timeout = request.timeout}));
  return status.id;
}

base::Status ContractSignatures::cancel(const std::string& transaction, std::string_view reason) {
  HEQI_TRY(
      transactions_.cancel_by_application_id(std::string(kApplicationId), transaction, reason));
  return {};
}

base::Result<documents::pdf::Appearance> Drawings::draw(
    const std::string& signer, base::Time time, const std::string& code,
    const services::contract::Handwriting& handwriting, double width_points, double height_points) {
  documents::appearance::SignatureBox box;
  box.width = width_points;
  box.height = height_points;
  box.signer = signer;
  box.date = displayed_time(time);
  box.code = code;
  if (!handwriting.strokes.empty()) {
    documents::appearance::Strokes& drawn = box.strokes.emplace();
    drawn.width = handwriting.width;
    drawn.height = handwriting.height;
    for (const auto& stroke : handwriting.strokes) {
      auto& line = drawn.lines.emplace_back();
      for (const auto& point : stroke) line.push_back({point.x, point.y});
    }
  }
  return documents::appearance::make_signature_box(font_, box);
}

base::Result<services::contract::Person> Parties::find(const std::string& person_id) {
  HEQI_TRY(const services::identity::Person person, persons_.get(person_id));
  return services::contract::Person{person.id, person.name, person.is_verified()};
}

std::string News::name_of(const std::string& owner) {
  constexpr std::string_view user = "user:";
  if (!owner.starts_with(user)) return owner.substr(owner.find(':') + 1);
  const auto found = accounts_.get(owner.substr(user.size()));
  return found ? found->email : "Heqi";
}

base::Result<services::notify::Notice> News::notice_of(const services::contract::News& news,
                                                       const std::string& recipient) {
  using Kind = services::contract::News::Kind;
  using services::notify::Kind::completed;
  services::notify::Notice notice;
  notice.id = news.id + "-" + recipient;
  notice.title = news.title;
  switch (news.kind) {
    case Kind::invitation:
    case Kind::reminder:
      notice.kind = news.kind == Kind::reminder ? services::notify::Kind::reminder
                                                : services::notify::Kind::invitation;
      notice.by = name_of(news.by);
      notice.link = signing_url_ + news.link;
      notice.until = news.until;
      break;
    case Kind::completed:
      notice.kind = completed;
      // A party has a link of its own; who sent the contract has the desk.
      notice.link = news.link.empty() ? public_url_ + "/#/contracts/" + news.contract_id
                                      : signing_url_ + news.link;
      break;
    case Kind::declined:
      notice.kind = services::notify::Kind::declined;
      notice.by = name_of(news.by);
      notice.reason = news.reason;
      break;
    case Kind::withdrawn:
      notice.kind = services::notify::Kind::withdrawn;
      notice.by = name_of(news.by);
      notice.reason = news.reason;
      break;
    case Kind::expired:
      notice.kind = services::notify::Kind::expired;
      break;
    case Kind::signing_failed:
      notice.kind = services::notify::Kind::signing_failed;
      notice.reason = news.reason;
      break;
  }
  return notice;
}

base::Status News::tell_person(sql::Transaction& tx, const std::string& person_id,
                               const services::contract::News& news) {
  HEQI_TRY(const services::identity::Person person, persons_.get_in(tx, person_id));
  HEQI_TRY(services::notify::Notice notice, notice_of(news, person_id));
  notice.to_name = person.name;
  notice.to_address = person.email;
  return notifier_.send(tx, notice);
}

base::Status News::tell_owner(sql::Transaction& tx, const std::string& owner,
                              const services::contract::News& news) {
  constexpr std::string_view user = "user:", application = "application:";
  if (owner.starts_with(application))
    return applications_.put_contract(tx, owner.substr(application.size()), news);
  HEQI_TRY(const services::identity::User found, accounts_.get(owner.substr(user.size())));
  HEQI_TRY(services::notify::Notice notice, notice_of(news, found.id));
  notice.to_name = found.email;
  notice.to_address = found.email;
  return notifier_.send(tx, notice);
}

base::Status News::tell_certificate(sql::Transaction& tx,
                                    const services::mss::CertificateNews& news) {
  using Kind = services::mss::CertificateNews::Kind;
  HEQI_TRY(const services::identity::Person person, persons_.get_in(tx, news.person_id));
  services::notify::Notice notice;
  notice.to_name = person.name;
  notice.to_address = person.email;
  notice.title = news.subject;
  switch (news.kind) {
    case Kind::asked_to_revoke:
      notice.kind = services::notify::Kind::revocation_asked;
      notice.by = news.by.empty() ? "Heqi" : news.by;
      notice.until = news.until;
      break;
    case Kind::revoked:
      notice.kind = services::notify::Kind::certificate_revoked;
      break;
    case Kind::not_revoked:
      notice.kind = services::notify::Kind::certificate_kept;
      notice.reason = news.reason;
      break;
    case Kind::asked_to_update:
      notice.kind = services::notify::Kind::update_asked;
      notice.until = news.until;
      break;
    case Kind::updated:
      notice.kind = services::notify::Kind::certificate_updated;
      break;
    case Kind::not_updated:
      notice.kind = services::notify::Kind::update_failed;
      notice.reason = news.reason;
      break;
  }
  notice.id = std::string(services::notify::kind_name(notice.kind)) + "-" + news.flow;
  return notifier_.send(tx, notice);
}

base::Status News::tell_code_void(sql::Transaction& tx, const std::string& person_id,
                                  const std::string& code_id) {
  HEQI_TRY(const services::identity::Person person, persons_.get_in(tx, person_id));
  services::notify::Notice notice;
  notice.id = "code-void-" + code_id;
  notice.kind = services::notify::Kind::code_void;
  notice.to_name = person.name;
  notice.to_address = person.email;
  notice.reason = "输错次数过多 / too many wrong tries";
  return notifier_.send(tx, notice);
}

}  // namespace heqi::program
