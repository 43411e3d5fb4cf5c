#include <heqi/services/mss/transactions.h>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/device/messages.h>
#include <heqi/device/sealed_octets.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signed_attributes.h>

namespace heqi::services::mss {
namespace {

constexpr std::string_view kAccepted = "accepted", kDelivered = "delivered";

std::string blob_name(const crypto::Digest& digest) {
  const std::string hex = base::to_hex(digest);
  return hex.substr(0, 2) + "/" + hex;
}

base::Status check_request(const SignatureRequest& request) {
  if (request.data.empty()) return base::fail(base::Code::malformed, "data is mandatory");
  if (request.signer_id.empty()) return base::fail(base::Code::malformed, "signer is mandatory");
  if (request.ap_transaction_id.empty() || request.ap_transaction_id.size() > 128)
    return base::fail(base::Code::malformed, "ap_transaction_id has 1…128 octets");
  if (request.data.size() > kDataSizeMax) return base::fail(base::Code::limit_exceeded, "data");
  if (request.title.empty() || request.title.size() > kTitleSizeMax)
    return base::fail(base::Code::malformed, "title has 1…200 octets");
  if (request.timeout < kTimeoutMin || request.timeout > kTimeoutMax)
    return base::fail(base::Code::malformed, "timeout is 10 seconds to 7 days");
  if (request.statement.empty() || request.statement_certificate.empty())
    return base::fail(base::Code::malformed, "the application's statement is mandatory");
  return {};
}

// check_statement sees that the statement is this application's own, about this request: another
// one's, taken from the wire, does not pass. Whether its certificate is trusted the device decides.
base::Status check_statement(const std::string& ap_id, const SignatureRequest& request,
                             const crypto::Digest& digest) {
  HEQI_TRY(const x509::Certificate certificate,
           x509::parse_certificate(request.statement_certificate));
  HEQI_TRY(const crypto::PublicKey key, certificate.public_key().sm2_key());
  HEQI_TRY(const device::ApplicationStatement statement,
           device::verify_statement(request.statement, key));
  if (statement.application_id != ap_id ||
      statement.application_transaction != request.ap_transaction_id)
    return base::fail(base::Code::denied, "the statement is of another application or request");
  if (statement.digest != digest || statement.size != request.data.size() ||
      statement.title != request.title || statement.form != request.form)
    return base::fail(base::Code::malformed, "the statement is about other data");
  return {};
}

// check_form refuses at once what the signer's device would refuse later.
base::Status check_form(const SignatureRequest& request, base::ByteView certificate,
                        base::Time now) {
  if (request.form != device::SignatureForm::seal) return {};
  HEQI_TRY(const device::SealedOctets sealed, device::read_sealed_octets(request.data));
  HEQI_TRY(const x509::Certificate signer, x509::parse_certificate(certificate));
  return device::check_seal_use(sealed, signer, now);
}

// fingerprint tells a true repeat from another request under the same id.
base::Bytes fingerprint_of(const SignatureRequest& request, const crypto::Digest& digest) {
  crypto::Sm3 hash;
  hash.update(digest).update(crypto::sm3(base::bytes_of(request.signer_id)));
  hash.update(crypto::sm3(base::bytes_of(request.title)));
  if (request.form == device::SignatureForm::seal) hash.update(base::bytes_of("seal"));
  const crypto::Digest all = hash.finish();
  return {all.begin(), all.end()};
}

// fingerprint_of_answer tells a device's repeated answer from a second, different one.
base::Bytes fingerprint_of_answer(std::string_view what, base::ByteView attributes,
                                  base::ByteView signature) {
  crypto::Sm3 hash;
  hash.update(crypto::sm3(base::bytes_of(what)));
  hash.update(crypto::sm3(attributes)).update(crypto::sm3(signature));
  const crypto::Digest all = hash.finish();
  return {all.begin(), all.end()};
}

// shortened cuts text to 200 octets, between characters.
std::string shortened(std::string_view text) {
  text = text.substr(0, 200);
  while (!base::is_utf8(text)) text.remove_suffix(1);
  return std::string(text);
}

int etsi_status_of(const flow::Flow& flow) {
  if (!flow.ending) return flow.step == kAccepted ? 100 : 504;  // accepted, outstanding
  switch (flow.ending->outcome) {
    case flow::Outcome::done:
      return 500;
    case flow::Outcome::expired:
      return 208;
    case flow::Outcome::cancelled:
      return 401;
    case flow::Outcome::failed:
      break;
  }
  const auto code = base::find_error(flow.ending->code);
  return code ? base::error_text(*code).etsi_status : 900;
}

}  // namespace

struct Transactions::Stored {
  std::string id, ap_id, ap_transaction_id, device_id, title;
  device::SignatureForm form = device::SignatureForm::cms_attributes;
  base::Bytes statement, statement_certificate, certificate;
  bool is_certificate_in_use = false;
  crypto::Digest digest{};
  std::optional<base::Bytes> result;
  base::Time created_at, deadline;
};

Transactions::Transactions(sql::Database& database, flow::Engine& engine, Directory& directory,
                           base::FileStore& blobs, CertificateCheck& certificates,
                           const base::Clock& clock, base::Random& random, base::Log& log)
    : database_(database),
      engine_(engine),
      directory_(directory),
      blobs_(blobs),
      certificates_(certificates),
      clock_(clock),
      random_(random),
      log_(log) {
  // However a transaction ends, its row closes with it, so that the signer is free again.
  engine_.define(
      std::string(kFlowKind),
      {.on_end = [](sql::Transaction& tx, const flow::Flow& flow) -> base::Status {
        HEQI_TRY(tx.execute("UPDATE mss_transactions SET open = 0 WHERE id = ?1", flow.id));
        return {};
      }});
}

base::Result<Transactions::Stored> Transactions::load(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(
      const std::optional<sql::Row> row,
      tx.find_row("SELECT t.ap_id, t.ap_transaction_id, t.device_id, t.title, t.statement, "
                  "t.statement_certificate, t.data_digest, t.result, t.created_at, t.deadline, "
                  "c.der, c.state, t.form FROM mss_transactions t JOIN mss_certificates c "
                  "ON c.ca_id = t.ca_id AND c.serial = t.serial WHERE t.id = ?1",
                  id));
  if (!row) return base::fail(base::Code::not_found, "no such transaction");
  Stored stored{.id = id,
                .ap_id = row->text(0),
                .ap_transaction_id = row->text(1),
                .device_id = row->text(2),
                .title = row->text(3),
                .form = static_cast<device::SignatureForm>(row->int64(12)),
                .statement = row->bytes(4),
                .statement_certificate = row->bytes(5),
                .certificate = row->bytes(10),
                .is_certificate_in_use = row->text(11) == "active",
                .digest = {},
                .result = row->optional_bytes(7),
                .created_at = row->time(8),
                .deadline = row->time(9)};
  if (row->bytes(6).size() != stored.digest.size())
    return base::fail(base::Code::internal, "stored digest");
  std::copy(row->bytes(6).begin(), row->bytes(6).end(), stored.digest.begin());
  return stored;
}

base::Result<Transactions::Stored> Transactions::load_for_application(sql::Transaction& tx,
                                                                      const std::string& ap_id,
                                                                      const std::string& id) {
  HEQI_TRY(Stored stored, load(tx, id));
  if (stored.ap_id != ap_id) return base::fail(base::Code::not_found, "no such transaction");
  return stored;
}

base::Result<Transactions::Stored> Transactions::load_for_device(sql::Transaction& tx,
                                                                 const std::string& device_id,
                                                                 const std::string& id) {
  HEQI_TRY(Stored stored, load(tx, id));
  if (stored.device_id != device_id)
    return base::fail(base::Code::not_found, "no such transaction");
  return stored;
}

base::Result<TransactionStatus> Transactions::status_of(sql::Transaction& tx,
                                                        const Stored& stored) {
  HEQI_TRY(const flow::Flow flow, engine_.get_in(tx, stored.id));
  TransactionStatus status{
      .id = stored.id,
      .ap_transaction_id = stored.ap_transaction_id,
      .form = stored.form,
      .step = flow.step,
      .state = flow.ending ? std::string(flow::to_text(flow.ending->outcome)) : "OPEN",
      .code = flow.ending ? flow.ending->code : "",
      .etsi_status = etsi_status_of(flow),
      .created_at = stored.created_at,
      .deadline = stored.deadline,
      .result = {}};
  if (stored.result && status.state == "DONE") {
    HEQI_TRY(status.result, parse_signature_result(*stored.result));
  }
  return status;
}

base::Result<TransactionStatus> Transactions::submit(const std::string& ap_id,
                                                     const SignatureRequest& request) {
  HEQI_TRY(check_request(request));
  const crypto::Digest digest = crypto::sm3(request.data);
  HEQI_TRY(std::optional<TransactionStatus> first, find_first(ap_id, request, digest));
  if (first) return *std::move(first);
  HEQI_TRY(check_statement(ap_id, request, digest));
  HEQI_TRY(const Signer signer, database_.with_snapshot([&](sql::Transaction& tx) {
    return directory_.resolve(tx, request.signer_id, request.trusted_cas);
  }));
  HEQI_TRY(check_form(request, signer.certificate.der, clock_.now()));
  HEQI_TRY(certificates_.check(signer.certificate.der));
  HEQI_TRY(blobs_.write(blob_name(digest), request.data));
  return database_.with_transaction(
      [&](sql::Transaction& tx) { return insert(tx, ap_id, request, digest); });
}

// find_first is the transaction that a repeated request gets, however its signer stands by now.
base::Result<std::optional<TransactionStatus>> Transactions::find_first(
    const std::string& ap_id, const SignatureRequest& request, const crypto::Digest& digest) {
  return database_.with_snapshot(
      [&](sql::Transaction& tx) -> base::Result<std::optional<TransactionStatus>> {
        HEQI_TRY(const std::optional<sql::Row> row,
                 tx.find_row("SELECT id, person_id, title, data_digest, form FROM mss_transactions "
                             "WHERE ap_id = ?1 AND ap_transaction_id = ?2",
                             ap_id, request.ap_transaction_id));
        if (!row) return std::optional<TransactionStatus>();
        if (row->text(1) != request.signer_id || row->text(2) != request.title ||
            !base::same_bytes(row->bytes(3), digest) ||
            row->int64(4) != static_cast<std::int64_t>(request.form))
          return base::fail(base::Code::conflict, "this id was used before for another request");
        HEQI_TRY(const Stored stored, load(tx, row->text(0)));
        HEQI_TRY(TransactionStatus status, status_of(tx, stored));
        return std::optional<TransactionStatus>(std::move(status));
      });
}

base::Result<TransactionStatus> Transactions::insert(sql::Transaction& tx, const std::string& ap_id,
                                                     const SignatureRequest& request,
                                                     const crypto::Digest& digest) {
  const base::Time now = clock_.now();
  HEQI_TRY(const Signer signer, directory_.resolve(tx, request.signer_id, request.trusted_cas));
  HEQI_TRY(std::string id, flow::make_id(random_));
  const flow::NewFlow flow{
      .kind = std::string(kFlowKind),
      .step = std::string(kAccepted),
      .state = {},
      .deadline = now + request.timeout,
      .parties = {{"ap:" + ap_id, std::string(kResultTopic)},
                  {"device:" + signer.device_id, std::string(kDeviceEndTopic)}},
      .sender = "ap:" + ap_id,
      .message_id = request.ap_transaction_id,
      .fingerprint = fingerprint_of(request, digest),
      .id = id};
  HEQI_TRY(
      const flow::Handled started,
      engine_.start_in(tx, flow, [&](flow::Move& move) -> base::Result<base::Bytes> {
        HEQI_TRY(const sql::Row now_open,
                 tx.get_row("SELECT (SELECT COUNT(*) FROM mss_transactions WHERE device_id = ?1 "
                            "AND open = 1), takes_lists FROM mss_devices WHERE device_id = ?1",
                            signer.device_id));
        if (now_open.int64(0) >= (now_open.int64(1) != 0 ? kOpenTransactionsMax : 1))
          return base::fail(base::Code::signer_busy);
        HEQI_TRY(tx.execute(
            "INSERT INTO mss_transactions (id, ap_id, ap_transaction_id, person_id, device_id, "
            "ca_id, serial, title, data_digest, data_size, statement, statement_certificate, "
            "open, created_at, deadline, form) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, ?13, ?14, ?15)",
            move.flow().id, ap_id, request.ap_transaction_id, signer.person_id, signer.device_id,
            signer.certificate.ca_id, signer.certificate.serial, request.title,
            base::ByteView(digest), request.data.size(), request.statement,
            request.statement_certificate, now, now + request.timeout,
            static_cast<std::int64_t>(request.form)));
        return base::to_bytes(move.flow().id);
      }));
  HEQI_TRY(const Stored stored, load(tx, started.flow.id));
  if (started.kind == flow::Handled::Kind::accepted)
    log_.info("mss.accepted", {{"transaction", stored.id}, {"application", ap_id}});
  return status_of(tx, stored);
}

base::Result<TransactionStatus> Transactions::query(const std::string& ap_id,
                                                    const std::string& id) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<TransactionStatus> {
    HEQI_TRY(const Stored stored, load_for_application(tx, ap_id, id));
    return status_of(tx, stored);
  });
}

base::Result<TransactionStatus> Transactions::cancel(const std::string& ap_id,
                                                     const std::string& id,
                                                     std::string_view reason) {
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Result<TransactionStatus> {
    HEQI_TRY(const Stored stored, load_for_application(tx, ap_id, id));
    HEQI_TRY(engine_.finish_in(tx, id, flow::Ending::cancelled("cancelled", shortened(reason))));
    return status_of(tx, stored);
  });
}

base::Result<TransactionStatus> Transactions::cancel_by_application_id(
    const std::string& ap_id, const std::string& ap_transaction_id, std::string_view reason) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT id FROM mss_transactions WHERE ap_id = ?1 AND ap_transaction_id = ?2",
                      ap_id, ap_transaction_id);
  }));
  return cancel(ap_id, row.text(0), reason);
}

base::Result<std::optional<Delivery>> Transactions::next_for(const std::string& device_id,
                                                             const std::string& after) {
  const base::Time now = clock_.now();
  HEQI_TRY(
      const std::optional<Stored> next,
      database_.with_transaction([&](sql::Transaction& tx) -> base::Result<std::optional<Stored>> {
        base::Time since{};
        if (!after.empty()) {
          HEQI_TRY(const Stored last, load_for_device(tx, device_id, after));
          since = last.created_at;
        }
        HEQI_TRY(const std::optional<sql::Row> row,
                 tx.find_row("SELECT id FROM mss_transactions WHERE device_id = ?1 "
                             "AND open = 1 AND deadline > ?2 "
                             "AND (created_at > ?3 OR (created_at = ?3 AND id > ?4)) "
                             "ORDER BY created_at, id",
                             device_id, now, since, after));
        if (!row) return std::optional<Stored>();
        HEQI_TRY(Stored stored, load(tx, row->text(0)));
        const flow::Event event{.flow_id = stored.id,
                                .sender = "device:" + device_id,
                                .message_id = stored.id + ":delivered",
                                .fingerprint = {},
                                .expected_steps = {std::string(kAccepted)}};
        HEQI_TRY(const flow::Handled handled, engine_.handle_in(tx, event, [&](flow::Move& move) {
          move.go_to(std::string(kDelivered));
          return base::Result<base::Bytes>(base::Bytes());
        }));
        if (!handled.flow.is_open()) return std::optional<Stored>();
        return std::optional<Stored>(std::move(stored));
      }));
  if (!next) return std::optional<Delivery>();
  HEQI_TRY(base::Bytes data, blobs_.read(blob_name(next->digest), kDataSizeMax));
  return std::optional<Delivery>(Delivery{.id = next->id,
                                          .title = next->title,
                                          .data = std::move(data),
                                          .statement = next->statement,
                                          .statement_certificate = next->statement_certificate,
                                          .deadline = next->deadline});
}

base::Status Transactions::handle_answer(const std::string& device_id, const std::string& id,
                                         base::Bytes fingerprint, const flow::Step& step) {
  HEQI_TRY(const flow::Handled handled,
           database_.with_transaction([&](sql::Transaction& tx) -> base::Result<flow::Handled> {
             HEQI_TRY(load_for_device(tx, device_id, id));
             const flow::Event event{.flow_id = id,
                                     .sender = "device:" + device_id,
                                     .message_id = id + ":answer",
                                     .fingerprint = fingerprint,
                                     .expected_steps = {}};
             return engine_.handle_in(tx, event, step);
           }));
  HEQI_TRY(handled.to_result());
  return {};
}

// verify_answer: the value is the signer's, over what this transaction asked for and nothing else.
base::Status Transactions::verify_answer(const Stored& stored, base::ByteView signed_attributes,
                                         base::ByteView signature) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(stored.certificate));
  const auto verify = [&](base::ByteView octets) {
    return x509::Sm2SignatureVerifier().verify(x509::sm2_with_sm3_algorithm(),
                                               certificate.public_key(), octets, signature);
  };
  if (stored.form == device::SignatureForm::seal) {
    if (!signed_attributes.empty())
      return base::fail(base::Code::malformed, "a seal has no signed attributes");
    HEQI_TRY(const base::Bytes sealed, blobs_.read(blob_name(stored.digest), kDataSizeMax));
    return verify(sealed);
  }
  HEQI_TRY(const x509::SignedAttributes attributes,
           x509::parse_signed_attributes(signed_attributes));
  if (!base::same_bytes(attributes.message_digest, stored.digest))
    return base::fail(base::Code::invalid_signature, "the message digest is not that of the data");
  HEQI_TRY(x509::verify_signing_certificate(attributes, certificate));
  return verify(signed_attributes);
}

base::Status Transactions::complete(const std::string& device_id, const std::string& id,
                                    base::ByteView signed_attributes, base::ByteView signature) {
  HEQI_TRY(const Stored stored, database_.with_snapshot([&](sql::Transaction& tx) {
    return load_for_device(tx, device_id, id);
  }));
  if (!stored.result && !stored.is_certificate_in_use)
    return base::fail(base::Code::revoked, "the certificate");
  HEQI_TRY(verify_answer(stored, signed_attributes, signature));
  const base::Bytes result =
      encode_signature_result({.signed_attributes = base::to_bytes(signed_attributes),
                               .signature = base::to_bytes(signature),
                               .certificate = stored.certificate});
  const flow::Step finish = [&](flow::Move& move) -> base::Result<base::Bytes> {
    HEQI_TRY(move.transaction().execute("UPDATE mss_transactions SET result = ?2 WHERE id = ?1", id,
                                        result));
    move.finish(flow::Ending::done(), result);
    return base::Bytes();
  };
  HEQI_TRY(handle_answer(device_id, id,
                         fingerprint_of_answer("signed", signed_attributes, signature), finish));
  log_.info("mss.signed", {{"transaction", id}});
  return {};
}

base::Status Transactions::refuse(const std::string& device_id, const std::string& id,
                                  base::Code reason) {
  const std::string code(base::error_text(reason).id);
  const flow::Step finish = [&](flow::Move& move) {
    move.finish(reason == base::Code::expired     ? flow::Ending::expired()
                : reason == base::Code::cancelled ? flow::Ending::cancelled(code, "by the signer")
                                                  : flow::Ending::failed(code, "by the device"));
    return base::Result<base::Bytes>(base::Bytes());
  };
  HEQI_TRY(handle_answer(device_id, id, fingerprint_of_answer(code, {}, {}), finish));
  log_.info("mss.refused", {{"transaction", id}, {"code", code}});
  return {};
}

base::Status Transactions::end_with_certificate(std::string_view ca_id, base::ByteView serial) {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query("SELECT id FROM mss_transactions WHERE ca_id = ?1 AND serial = ?2 AND open = 1",
                    ca_id, serial);
  }));
  const base::Error reason = base::fail(base::Code::revoked, "the certificate was revoked");
  for (const sql::Row& row : rows) {
    HEQI_TRY(engine_.finish(row.text(0), flow::Ending::failed(reason)));
  }
  return {};
}

base::Result<TransactionStatus> Transactions::status_for_device(const std::string& device_id,
                                                                const std::string& id) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<TransactionStatus> {
    HEQI_TRY(const Stored stored, load_for_device(tx, device_id, id));
    return status_of(tx, stored);
  });
}

}  // namespace heqi::services::mss
