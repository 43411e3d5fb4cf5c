#include <heqi/services/notify/notifier.h>

#include <heqi/services/notify/mail.h>

namespace heqi::services::notify {
namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr sql::Migration kMigrations[] = {
    {1, "notices", R"(
CREATE TABLE notify_notices (
  notice_id {text} PRIMARY KEY,
  kind {text} NOT NULL,
  created_at {int64} NOT NULL,
  attempts {int64} NOT NULL,
  filed_at {int64},
  mailed_at {int64},
  last_error {text} NOT NULL
) {strict};
)"},
};

constexpr std::size_t kMailSizeMax = std::size_t{1} << 20;

std::string select(std::string_view rest) {
  return "SELECT notice_id, kind, created_at, attempts, filed_at, mailed_at, last_error FROM "
         "notify_notices " +
         std::string(rest);
}

Delivery delivery_of(const sql::Row& row) {
  return {row.text(0),          row.text(1),          row.time(2), row.int64(3),
          row.optional_time(4), row.optional_time(5), row.text(6)};
}

bool is_over(Code code) {
  return code == Code::identity_code_void || code == Code::expired || code == Code::not_found;
}

std::string domain_of(const std::string& address) {
  return address.substr(address.find('@'));
}

}  // namespace

const sql::Component& schema() {
  static const sql::Component component{"notify", kMigrations};
  return component;
}

Notifier::Notifier(sql::Database& database, flow::Outbox& outbox, base::FileStore& folder,
                   const base::Clock& clock, NotifierOptions options)
    : database_(database),
      folder_(folder),
      outbox_(outbox),
      clock_(clock),
      options_(std::move(options)) {
  outbox_.handle(std::string(kTopic),
                 [this](const flow::Message& message) { return deliver(message); });
}

Status Notifier::send(sql::Transaction& transaction, const Notice& notice) {
  HEQI_TRY(check_notice(notice));
  HEQI_TRY(const std::int64_t added,
           transaction.execute("INSERT INTO notify_notices (notice_id, kind, created_at, attempts, "
                               "last_error) VALUES (?1, ?2, ?3, 0, '') ON CONFLICT DO NOTHING",
                               notice.id, kind_name(notice.kind), clock_.now()));
  if (added == 0) return {};
  flow::Outgoing message;
  message.topic = kTopic;
  message.recipient = notice.to_address;
  message.payload = base::to_bytes(encode_notice(notice));
  message.message_id = "notice:" + notice.id;
  HEQI_TRY(outbox_.put(transaction, message));
  return {};
}

Result<Delivery> Notifier::get_delivery(const std::string& notice_id) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<Delivery> {
    HEQI_TRY(const sql::Row row, transaction.get_row(select("WHERE notice_id = ?1"), notice_id));
    return delivery_of(row);
  });
}

std::string Notifier::mail_server() const {
  return options_.smtp ? options_.smtp->host + ":" + std::to_string(options_.smtp->port) : "";
}

Result<std::int64_t> Notifier::count_since(sql::Transaction& transaction, Kind kind,
                                           base::Duration window) {
  HEQI_TRY(const sql::Row row,
           transaction.get_row("SELECT COUNT(*) FROM notify_notices WHERE kind = ?1 AND "
                               "created_at > ?2",
                               kind_name(kind), clock_.now() - window));
  return row.int64(0);
}

Result<std::vector<Delivery>> Notifier::list(std::size_t limit) {
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) -> Result<std::vector<Delivery>> {
        HEQI_TRY(const auto rows,
                 transaction.query(select("ORDER BY created_at DESC, notice_id LIMIT ?1"), limit));
        std::vector<Delivery> deliveries;
        for (const sql::Row& row : rows) deliveries.push_back(delivery_of(row));
        return deliveries;
      });
}

Result<Mail> Notifier::read(const std::string& notice_id) {
  if (!files_only()) return base::fail(Code::denied, "notices go to a mail server here");
  HEQI_TRY(const Delivery known, get_delivery(notice_id));
  if (!known.filed_at) return base::fail(Code::not_found, "the notice is not written yet");
  HEQI_TRY(const base::Bytes file, folder_.read(known.notice_id + ".eml", kMailSizeMax));
  return parse_mail(file);
}

Status Notifier::deliver(const flow::Message& message) {
  HEQI_TRY(const Notice notice, decode_notice(message.payload));
  const Status outcome = file_and_mail(notice, message);
  const std::string error = outcome ? std::string() : base::to_line(outcome.error());
  const auto counted = database_.with_transaction([&](sql::Transaction& transaction) {
    return transaction.execute(
        "UPDATE notify_notices SET attempts = attempts + 1, last_error = ?2 WHERE notice_id = ?1",
        notice.id, error);
  });
  if (!counted) return counted.error();
  return outcome;
}

Status Notifier::record(std::string_view notice_id, std::string_view column) {
  const std::string name(column);
  const auto written = database_.with_transaction([&](sql::Transaction& transaction) {
    return transaction.execute(
        "UPDATE notify_notices SET " + name + " = COALESCE(" + name + ", ?2) WHERE notice_id = ?1",
        notice_id, clock_.now());
  });
  return written ? Status() : written.error();
}

Status Notifier::file_and_mail(const Notice& notice, const flow::Message& message) {
  std::string code;
  if (!notice.code_id.empty()) {
    if (!options_.codes) return base::fail(Code::unsupported, "notices carry no codes here");
    auto found = options_.codes(notice.code_id);
    // A code that can no longer be used is not worth another try.
    if (!found && is_over(found.error().code))
      return base::fail(Code::denied, "the code can no longer be used");
    if (!found) return found.error();
    code = std::move(found).value();
  }
  const NoticeText text = render_notice(notice, code);
  Mail mail;
  mail.from_name = options_.from_name;
  mail.from_address = options_.from_address;
  mail.to_name = notice.to_name;
  mail.to_address = notice.to_address;
  mail.subject = text.subject;
  mail.body = text.body;
  mail.message_id = notice.id + domain_of(options_.from_address);
  mail.label = kind_name(notice.kind);
  mail.date = message.created_at;  // the same bytes at every attempt
  HEQI_TRY(const base::Bytes encoded, encode_mail(mail));

  const Status filed = folder_.create(notice.id + ".eml", encoded);
  if (!filed && filed.error().code != Code::conflict) return filed.error();
  HEQI_TRY(record(notice.id, "filed_at"));
  if (!options_.smtp) return {};
  HEQI_TRY(const Delivery delivery, get_delivery(notice.id));
  if (delivery.mailed_at) return {};
  HEQI_TRY(http::send_mail(*options_.smtp, {mail.from_address, {mail.to_address}}, encoded));
  return record(notice.id, "mailed_at");
}

}  // namespace heqi::services::notify
