#include <heqi/services/mss/enrolments.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/flow/flow.h>

namespace heqi::services::mss {
namespace {

constexpr std::string_view kOpen = "open", kUsed = "used", kVoid = "void";

template <std::size_t N>
base::Status copy_into(std::array<std::uint8_t, N>& to, base::ByteView from) {
  if (from.size() != N) return base::fail(base::Code::internal, "a key of another size");
  std::copy(from.begin(), from.end(), to.begin());
  return {};
}

// MacRandom gives out HMAC(code id, 0), HMAC(code id, 1)…: the code of an id is always the same,
// and nobody without the key centre can make it.
class MacRandom final : public base::Random {
 public:
  MacRandom(KeyCentre& key_centre, std::string code_id)
      : key_centre_(key_centre), code_id_(std::move(code_id)) {}
  base::Status fill(base::MutableByteView out) override {
    for (std::uint8_t& octet : out) {
      if (used_ == block_.size()) {
        HEQI_TRY(block_,
                 key_centre_.mac("enrolment-code",
                                 base::bytes_of(code_id_ + "/" + std::to_string(count_++))));
        used_ = 0;
      }
      octet = block_.expose()[used_++];
    }
    return {};
  }

 private:
  KeyCentre& key_centre_;
  std::string code_id_;
  base::SecretBytes block_;
  std::size_t used_ = 0;
  int count_ = 0;
};

}  // namespace

struct Enrolments::Stored {
  std::string reference, person_id, state, code_id;
  std::int64_t wrong_tries = 0;
  base::Time expires_at;
  std::optional<base::Bytes> register_digest, registered;
  std::string device_id;  // empty until it is used
};

std::string device_id_of(const device::ChannelId& service_channel) {
  return base::to_hex(service_channel);
}

Enrolments::Enrolments(sql::Database& database, Directory& directory, KeyCentre& key_centre,
                       People& people, CertificateAuthority& authority, base::Bytes service_key,
                       const base::Clock& clock, base::Random& random, base::Log& log)
    : database_(database),
      directory_(directory),
      key_centre_(key_centre),
      people_(people),
      authority_(authority),
      service_key_(std::move(service_key)),
      clock_(clock),
      random_(random),
      log_(log) {}

base::Result<std::string> Enrolments::make_text(const std::string& code_id) {
  MacRandom derived(key_centre_, code_id);
  return device::make_enrolment_code(derived);
}

base::Result<Enrolments::IssuedCode> Enrolments::issue_code(sql::Transaction& tx,
                                                            const std::string& person_id) {
  HEQI_TRY(people_.subject_of(person_id));  // identified, or refused
  HEQI_TRY(std::string id, flow::make_id(random_));
  HEQI_TRY(const std::string text, make_text(id));
  HEQI_TRY(const device::EnrolmentCode parsed, device::parse_enrolment_code(text));
  const base::Time now = clock_.now();
  HEQI_TRY(tx.execute("UPDATE mss_enrolments SET state = ?2 WHERE person_id = ?1 AND state = ?3",
                      person_id, kVoid, kOpen));
  HEQI_TRY(
      tx.execute("INSERT INTO mss_enrolments (reference, code_id, person_id, state, wrong_tries, "
                 "created_at, expires_at) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)",
                 parsed.reference, id, person_id, kOpen, now, now + kEnrolmentLifetime));
  log_.info("mss.enrolment_code_made", {{"person", person_id}, {"code", id}});
  return IssuedCode{std::move(id), now + kEnrolmentLifetime};
}

base::Result<std::string> Enrolments::text_of(const std::string& code_id) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT state, expires_at FROM mss_enrolments WHERE code_id = ?1", code_id);
  }));
  if (row.text(0) != kOpen) return base::fail(base::Code::identity_code_void);
  if (clock_.now() >= row.time(1)) return base::fail(base::Code::expired, "the authorisation code");
  return make_text(code_id);
}

base::Result<std::optional<Enrolments::Stored>> Enrolments::find(const std::string& reference) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<std::optional<Stored>> {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT person_id, state, code_id, wrong_tries, expires_at, "
                         "register_digest, registered, device_id FROM mss_enrolments "
                         "WHERE reference = ?1",
                         reference));
    if (!row) return std::optional<Stored>();
    return std::optional<Stored>(Stored{.reference = reference,
                                        .person_id = row->text(0),
                                        .state = row->text(1),
                                        .code_id = row->text(2),
                                        .wrong_tries = row->int64(3),
                                        .expires_at = row->time(4),
                                        .register_digest = row->optional_bytes(5),
                                        .registered = row->optional_bytes(6),
                                        .device_id = row->optional_text(7).value_or("")});
  });
}

base::Status Enrolments::count_wrong_try(const Stored& stored) {
  log_.warning("mss.enrolment_wrong_code", {{"reference", stored.reference}});
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("UPDATE mss_enrolments SET wrong_tries = wrong_tries + 1 "
                   "WHERE reference = ?1 AND state = ?2",
                   stored.reference, kOpen));
    HEQI_TRY(const std::int64_t voided,
             tx.execute("UPDATE mss_enrolments SET state = ?2 "
                        "WHERE reference = ?1 AND state = ?3 AND wrong_tries >= ?4",
                        stored.reference, kVoid, kOpen, kEnrolmentTriesMax));
    if (voided == 0) return {};
    log_.warning("mss.enrolment_code_void", {{"code", stored.code_id}});
    if (!told_) return {};
    return told_(tx, stored.person_id, stored.code_id);
  });
}

base::Result<base::Bytes> Enrolments::enrol(base::ByteView register_der) {
  const base::Error refused = base::fail(base::Code::unauthenticated, "the code is not valid");
  HEQI_TRY(const std::string reference, device::find_reference(register_der));
  HEQI_TRY(const std::optional<Stored> stored, find(reference));
  if (!stored) return refused;
  const crypto::Digest digest = crypto::sm3(register_der);
  // The answer was lost on its way: the same device asks the same again.
  if (stored->state == kUsed && stored->register_digest &&
      base::same_bytes(*stored->register_digest, digest))
    return *stored->registered;
  const bool used = stored->state == kUsed;
  if ((stored->state != kOpen && !used) || clock_.now() >= stored->expires_at) return refused;

  HEQI_TRY(const std::string text, make_text(stored->code_id));
  HEQI_TRY(const device::EnrolmentCode code, device::parse_enrolment_code(text));
  const auto message = device::parse_register(register_der, code.key);
  if (!message && message.error().code == base::Code::unauthenticated) {
    if (!used) {
      HEQI_TRY(count_wrong_try(*stored));
    }
    return refused;
  }
  if (!message) return message.error();
  // The answer was lost, and the device has begun anew with another message: it is told again, and
  // nobody else.
  if (used) {
    HEQI_TRY(const std::optional<Device> device,
             database_.with_transaction([&](sql::Transaction& tx) {
               return directory_.find_device(tx, stored->device_id);
             }));
    if (!device || !base::same_bytes(device->channel_public_key, message->device_key))
      return refused;
  }
  return register_device(*stored, *message, code.key, register_der);
}

base::Result<base::Bytes> Enrolments::register_device(const Stored& stored,
                                                      const device::Register& message,
                                                      const device::EnrolmentKey& key,
                                                      base::ByteView register_der) {
  device::Registered answer;
  HEQI_TRY(answer.subject, people_.subject_of(stored.person_id));
  answer.anchors = authority_.anchors();
  HEQI_TRY(random_.fill(answer.service_channel));
  HEQI_TRY(random_.fill(answer.key_channel));
  const std::string device_id = device_id_of(answer.service_channel);
  HEQI_TRY(const KeyCentreEnds ends,
           key_centre_.bind_device(device_id, message.device_key, answer.key_channel));
  answer.app_id = ends.app_id;
  answer.platform_id = ends.platform_id;
  HEQI_TRY(copy_into(answer.service_key, service_key_));
  HEQI_TRY(copy_into(answer.key_centre_key, ends.channel_key));
  HEQI_TRY(copy_into(answer.key_centre_sealing_key, ends.sealing_key));
  const base::Bytes encoded = device::encode_registered(answer, key, register_der);

  const Device device{.id = device_id,
                      .person_id = stored.person_id,
                      .channel_public_key = base::to_bytes(message.device_key),
                      .channel_state = device::encode_position({}),
                      .state = "active"};
  const base::Status done = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        const std::int64_t rows,
        tx.execute("UPDATE mss_enrolments SET state = ?2, device_id = ?3, register_digest = ?4, "
                   "registered = ?5 WHERE reference = ?1 AND state = ?6",
                   stored.reference, kUsed, device_id, base::ByteView(crypto::sm3(register_der)),
                   encoded, stored.state));
    if (rows != 1) return base::fail(base::Code::conflict, "the code was used just now");
    return directory_.add_device(tx, device);
  });
  HEQI_TRY(done);
  log_.info("mss.device_registered", {{"device", device_id}, {"person", stored.person_id}});
  return encoded;
}

}  // namespace heqi::services::mss
