#include <heqi/services/mss/device_desk.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>
#include <heqi/services/mss/enrolments.h>
#include <heqi/x509/csr.h>

namespace heqi::services::mss {
namespace {

using device::MessageType;

constexpr std::string_view kIssued = "issued", kInstalled = "installed", kRefused = "refused";
constexpr std::size_t kLapsedInARound = 64;

base::Bytes encode_chain(const std::vector<base::Bytes>& chain) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    for (const base::Bytes& certificate : chain) w.octet_string(certificate);
  });
  return out.take();
}

base::Result<std::vector<base::Bytes>> parse_chain(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader reader, outer.sequence());
  HEQI_TRY(outer.finish());
  std::vector<base::Bytes> chain;
  while (!reader.at_end()) {
    HEQI_TRY(const base::ByteView certificate, reader.octet_string());
    chain.push_back(base::to_bytes(certificate));
  }
  return chain;
}

// check_issued sees that the authority certified what was asked for (§6.2.2 j). Who the request is
// for is the authority's to check before; that its answer is for the same is ours.
base::Status check_issued(base::ByteView der, base::ByteView request) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  HEQI_TRY(const x509::Csr csr, x509::parse_csr(request));
  if (!(certificate.subject() == csr.body.subject))
    return base::fail(base::Code::denied, "the certificate is of another person");
  if (!(certificate.public_key() == csr.body.public_key))
    return base::fail(base::Code::denied, "the certificate is of another key");
  return {};
}

}  // namespace

struct DeviceDesk::Answer {
  MessageType type = MessageType::accepted;
  base::Bytes body;
};

DeviceDesk::DeviceDesk(sql::Database& database, Directory& directory, Transactions& transactions,
                       Revocations& revocations, Updates& updates, CertificateAuthority& authority,
                       x509::Signer& channel_signer, const base::Clock& clock, base::Random& random,
                       base::Log& log)
    : database_(database),
      directory_(directory),
      transactions_(transactions),
      revocations_(revocations),
      updates_(updates),
      authority_(authority),
      channel_signer_(channel_signer),
      clock_(clock),
      random_(random),
      log_(log) {}

base::Status DeviceDesk::save(const std::string& device_id,
                              const device::ChannelPosition& position) {
  return database_.with_transaction([&](sql::Transaction& tx) {
    return directory_.save_channel_state(tx, device_id, device::encode_position(position));
  });
}

base::Result<base::Bytes> DeviceDesk::handle(base::ByteView envelope) {
  device::ChannelKeys keys;
  HEQI_TRY(keys.id, device::find_channel_id(envelope));
  const std::string device_id = device_id_of(keys.id);
  const std::lock_guard turn(turns_[keys.id[0] % turns_.size()]);
  HEQI_TRY(const std::optional<Device> device,
           database_.with_transaction(
               [&](sql::Transaction& tx) { return directory_.find_device(tx, device_id); }));
  if (!device || device->state != "active")
    return base::fail(base::Code::unauthenticated, "the device is not registered");
  HEQI_TRY(const crypto::PublicKey peer, crypto::PublicKey::decode(device->channel_public_key));
  HEQI_TRY(const device::ChannelPosition position, device::parse_position(device->channel_state));
  keys.sends = device::Direction::to_device;
  keys.signer = &channel_signer_;
  keys.peer_key = peer;
  device::Channel channel(std::move(keys), position);

  HEQI_TRY(const device::Message message, channel.open(envelope));
  HEQI_TRY(save(device_id, channel.position()));
  base::Bytes out;
  if (message.type == MessageType::resynchronise) {
    HEQI_TRY(out, channel.resynchronised(message));
  } else {
    const Answer answer = act(*device, message);
    HEQI_TRY(out, channel.seal(answer.type, answer.body));
  }
  HEQI_TRY(save(device_id, channel.position()));
  return out;
}

DeviceDesk::Answer DeviceDesk::act(const Device& device, const device::Message& message) {
  auto answer = act_on(device, message);
  if (answer) return *std::move(answer);
  const base::Error& error = answer.error();
  log_.warning("mss.device_refused",
               {{"device", device.id}, {"code", base::error_text(error.code).id}});
  const bool hides = error.code == base::Code::internal || error.code == base::Code::storage;
  return {
      MessageType::failure,
      device::encode_failure({error.code, hides ? std::string() : error.detail.substr(0, 200)})};
}

base::Result<DeviceDesk::Answer> DeviceDesk::act_on(const Device& device,
                                                    const device::Message& message) {
  switch (message.type) {
    case MessageType::poll:
      return poll(device, message.body);
    case MessageType::sign_answer: {
      HEQI_TRY(const device::SignAnswer answer, device::parse_sign_answer(message.body));
      HEQI_TRY(take_sign_answer(device, answer));
      return Answer{};
    }
    case MessageType::sign_answers: {
      HEQI_TRY(base::Bytes results, take_sign_answers(device, message.body));
      return Answer{MessageType::sign_results, std::move(results)};
    }
    case MessageType::certificate_request:
      return apply_for_certificate(device, message.body);
    case MessageType::certificate_acknowledge:
      return acknowledge_certificate(device, message.body);
    case MessageType::update_request:
      return take_update_request(device, message.body);
    case MessageType::revocation_request:
      return take_revocation(device, message.body);
    case MessageType::question_answer:
      return take_answer(device, message.body);
    case MessageType::certificate_cleared:
      return take_cleared(device, message.body);
    default:
      return base::fail(base::Code::unsupported,
                        "message type " + std::to_string(static_cast<int>(message.type)));
  }
}

// poll gives an order to clear before all else, and questions last: a document waits for nobody.
base::Result<DeviceDesk::Answer> DeviceDesk::poll(const Device& device, base::ByteView body) {
  HEQI_TRY(const device::Poll asked, device::parse_poll(body));
  HEQI_TRY(const auto order, revocations_.clear_order_for(device.id));
  if (order)
    return Answer{MessageType::certificate_clear, device::encode_certificate_clear(*order)};
  if (asked.takes == device::Poll::Takes::lists && !device.takes_lists) {
    HEQI_TRY(database_.with_transaction(
        [&](sql::Transaction& tx) { return directory_.note_lists(tx, device.id); }));
  }
  HEQI_TRY(const std::optional<Delivery> next, transactions_.next_for(device.id, asked.after));
  if (!next && asked.takes != device::Poll::Takes::documents && asked.after.empty()) {
    HEQI_TRY(std::optional<Answer> question, question_for(device));
    if (question) return *std::move(question);
  }
  if (!next) return Answer{MessageType::idle, {}};
  return Answer{MessageType::sign_request,
                device::encode_sign_request({.transaction_id = next->id,
                                             .data = next->data,
                                             .statement = next->statement,
                                             .certificate = next->statement_certificate})};
}

// check_may_apply: who gave a certificate up comes back with another authorisation code, hence as
// another device.
base::Status DeviceDesk::check_may_apply(const Device& device) {
  HEQI_TRY(const std::optional<sql::Row> revoked,
           database_.with_snapshot([&](sql::Transaction& tx) {
             return tx.find_row(
                 "SELECT id FROM mss_revocations WHERE device_id = ?1 "
                 "AND clear_ordered_at IS NOT NULL",
                 device.id);
           }));
  if (revoked) return base::fail(base::Code::denied, "the device's certificate was revoked");
  return {};
}

base::Result<DeviceDesk::Answer> DeviceDesk::take_revocation(const Device& device,
                                                             base::ByteView body) {
  HEQI_TRY(const device::RevocationRequest request, device::parse_revocation_request(body));
  HEQI_TRY(revocations_.take_request(device, request));
  HEQI_TRY(const auto order, revocations_.clear_order_for(device.id));
  if (!order) return Answer{};
  return Answer{MessageType::certificate_clear, device::encode_certificate_clear(*order)};
}

base::Result<DeviceDesk::Answer> DeviceDesk::take_answer(const Device& device,
                                                         base::ByteView body) {
  HEQI_TRY(const device::QuestionAnswer answer, device::parse_question_answer(body));
  if (answer.decision == device::QuestionAnswer::Decision::confirmed) {
    // A revocation is agreed to by its request.
    HEQI_TRY(const device::UpdateActivation activation, updates_.confirm(device, answer.id));
    return Answer{MessageType::update_activation, device::encode_update_activation(activation)};
  }
  const base::Status declined = updates_.decline(device, answer.id);
  if (declined) return Answer{};
  if (declined.error().code != base::Code::not_found) return declined.error();
  HEQI_TRY(revocations_.decline(device, answer.id));
  return Answer{};
}

base::Result<std::optional<DeviceDesk::Answer>> DeviceDesk::question_for(const Device& device) {
  using Question = std::optional<Answer>;
  HEQI_TRY(const auto activation, updates_.activation_for(device.id));
  if (activation)
    return Question(
        Answer{MessageType::update_activation, device::encode_update_activation(*activation)});
  HEQI_TRY(auto question, revocations_.question_for(device.id));
  if (!question) {
    HEQI_TRY(question, updates_.question_for(device.id));
  }
  if (!question) return Question();
  return Question(
      Answer{MessageType::certificate_question, device::encode_certificate_question(*question)});
}

base::Result<DeviceDesk::Answer> DeviceDesk::take_update_request(const Device& device,
                                                                 base::ByteView body) {
  HEQI_TRY(const device::UpdateRequest request, device::parse_update_request(body));
  HEQI_TRY(const Issued issued, updates_.take_request(device, request));
  return Answer{MessageType::certificate_install,
                device::encode_certificate_install(
                    {.certificate = issued.certificate, .chain = issued.chain})};
}

base::Result<DeviceDesk::Answer> DeviceDesk::take_cleared(const Device& device,
                                                          base::ByteView body) {
  HEQI_TRY(const device::CertificateClear confirmed, device::parse_certificate_clear(body));
  HEQI_TRY(revocations_.cleared(device.id, confirmed));
  return Answer{};
}

base::Result<DeviceDesk::Answer> DeviceDesk::apply_for_certificate(const Device& device,
                                                                   base::ByteView body) {
  HEQI_TRY(const device::CertificateRequest request, device::parse_certificate_request(body));
  HEQI_TRY(check_may_apply(device));
  // The same request again is the same application: the CA gives the first certificate.
  const std::string request_id = base::to_hex(crypto::sm3(request.csr));
  HEQI_TRY(end_former(device, request_id));
  HEQI_TRY(const Issued issued, authority_.issue(request_id, device.person_id, request.csr));
  if (const base::Status right = check_issued(issued.certificate, request.csr); !right) {
    HEQI_TRY(authority_.refuse(request_id));
    log_.warning("mss.authority_mistaken",
                 {{"device", device.id}, {"error", base::to_line(right.error())}});
    return right.error();
  }
  const base::Status stored = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute(
        "INSERT INTO mss_applications (device_id, request_id, ca_id, certificate, chain, state, "
        "issued_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (device_id) DO UPDATE SET "
        "request_id = excluded.request_id, ca_id = excluded.ca_id, "
        "certificate = excluded.certificate, chain = excluded.chain, state = excluded.state, "
        "issued_at = excluded.issued_at",
        device.id, request_id, issued.ca_id, issued.certificate, encode_chain(issued.chain),
        kIssued, clock_.now()));
    return {};
  });
  HEQI_TRY(stored);
  log_.info("mss.certificate_issued", {{"device", device.id}, {"request", request_id}});
  return Answer{MessageType::certificate_install,
                device::encode_certificate_install(
                    {.certificate = issued.certificate, .chain = issued.chain})};
}

base::Result<std::size_t> DeviceDesk::round() {
  const base::Time before = clock_.now() - kInstallLifetime;
  HEQI_TRY(const std::vector<sql::Row> lapsed, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT device_id FROM mss_applications WHERE state = ?1 AND issued_at < ?2 "
        "ORDER BY issued_at LIMIT ?3",
        kIssued, before, kLapsedInARound);
  }));
  for (const sql::Row& row : lapsed) {
    HEQI_TRY(end_lapsed(row.text(0), before));
  }
  return lapsed.size();
}

base::Status DeviceDesk::end_lapsed(const std::string& device_id, base::Time before) {
  HEQI_TRY(const base::Bytes id, base::parse_hex(device_id));
  const std::lock_guard turn(turns_[id.at(0) % turns_.size()]);
  HEQI_TRY(const std::optional<sql::Row> still, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row(
        "SELECT request_id FROM mss_applications WHERE device_id = ?1 AND state = ?2 "
        "AND issued_at < ?3",
        device_id, kIssued, before);
  }));
  if (!still) return {};  // its device came meanwhile
  HEQI_TRY(authority_.refuse(still->text(0)));
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("UPDATE mss_applications SET state = ?2 WHERE device_id = ?1", device_id,
                      kRefused);
  }));
  log_.warning("mss.certificate_lapsed", {{"device", device_id}});
  return {};
}

// end_former ends what an earlier request of the device got: the key is certified once.
base::Status DeviceDesk::end_former(const Device& device, const std::string& request_id) {
  HEQI_TRY(const std::optional<sql::Row> former, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row(
        "SELECT request_id FROM mss_applications WHERE device_id = ?1 AND state = ?2 "
        "AND request_id <> ?3",
        device.id, kIssued, request_id);
  }));
  if (!former) return {};
  return authority_.refuse(former->text(0));
}

base::Result<DeviceDesk::Answer> DeviceDesk::acknowledge_certificate(const Device& device,
                                                                     base::ByteView body) {
  HEQI_TRY(const device::CertificateAcknowledge acknowledge,
           device::parse_certificate_acknowledge(body));
  HEQI_TRY(const bool was_update, updates_.acknowledge(device, acknowledge));
  if (was_update) return Answer{};
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row(
        "SELECT ca_id, certificate, chain, state FROM mss_applications "
        "WHERE device_id = ?1",
        device.id);
  }));
  const base::Bytes der = row.bytes(1);
  if (!base::same_bytes(crypto::sm3(der), acknowledge.certificate_digest))
    return base::fail(base::Code::conflict, "another certificate was issued");
  if (!acknowledge.reason.empty()) {
    // First at the CA: whatever breaks after it, nobody is left with a certificate in force.
    HEQI_TRY(authority_.withdraw({.ca_id = row.text(0), .certificate = der, .chain = {}}));
    HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
      return tx.execute("UPDATE mss_applications SET state = ?2 WHERE device_id = ?1", device.id,
                        kRefused);
    }));
    log_.warning("mss.certificate_refused",
                 {{"device", device.id}, {"reason", acknowledge.reason}});
    return Answer{};
  }
  HEQI_TRY(std::vector<base::Bytes> chain, parse_chain(row.bytes(2)));
  HEQI_TRY(
      authority_.publish({.ca_id = row.text(0), .certificate = der, .chain = std::move(chain)}));
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute("UPDATE mss_applications SET state = ?2 WHERE device_id = ?1", device.id,
                        kInstalled));
    return directory_.add_certificate(tx, {.ca_id = row.text(0),
                                           .device_id = device.id,
                                           .serial = certificate.serial(),
                                           .der = der,
                                           .not_before = certificate.not_before(),
                                           .not_after = certificate.not_after()});
  });
  HEQI_TRY(kept);
  log_.info("mss.certificate_installed", {{"device", device.id}});
  return Answer{};
}

}  // namespace heqi::services::mss
