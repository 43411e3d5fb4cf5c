// heqi/services/notify/notifier.h: delivers notices: a .eml file each, and SMTP where configured.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/flow/outbox.h>
#include <heqi/http/smtp.h>
#include <heqi/services/notify/mail.h>
#include <heqi/services/notify/notice.h>

namespace heqi::services::notify {

inline constexpr std::string_view kTopic = "notify.mail";

// CodeSource gives the text of an authorisation code by its id while it can still be used; else it
// fails with identity_code_void, expired or not_found, and the notice is given up. Owned here,
// wired in program.
using CodeSource = std::function<base::Result<std::string>(const std::string& code_id)>;

struct NotifierOptions {
  std::string from_name = "合契 Heqi";
  std::string from_address = "notice@heqi.invalid";
  std::optional<http::SmtpOptions> smtp = std::nullopt;
  CodeSource codes = {};
};

// Delivery tells what became of a notice.
struct Delivery {
  std::string notice_id, kind;
  base::Time created_at;
  std::int64_t attempts = 0;
  std::optional<base::Time> filed_at, mailed_at;  // .eml written; taken by the mail server
  std::string last_error;
};

// Notifier puts notices into the outbox, and is its handler for kTopic. Thread-safe.
class Notifier {
 public:
  // The references live longer than the notifier; it registers itself with outbox.
  Notifier(sql::Database& database, flow::Outbox& outbox, base::FileStore& folder,
           const base::Clock& clock, NotifierOptions options);
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // send makes notice leave with transaction. A second notice of the same id is dropped. Fails
  // with malformed (check_notice).
  base::Status send(sql::Transaction& transaction, const Notice& notice);

  // get_delivery fails with not_found.
  base::Result<Delivery> get_delivery(const std::string& notice_id);

  // files_only: there is no mail server, and whoever reads the folder reads all mail.
  bool files_only() const { return !options_.smtp; }
  // mail_server is "host:port", empty where there is none; sender the address in From.
  std::string mail_server() const;
  const std::string& sender() const { return options_.from_address; }
  // count_since counts the notices of kind within the last window.
  base::Result<std::int64_t> count_since(sql::Transaction& transaction, Kind kind,
                                         base::Duration window);
  // list is the newest deliveries first.
  base::Result<std::vector<Delivery>> list(std::size_t limit);
  // read is a filed notice as it was written. Fails with not_found; denied unless files_only.
  base::Result<Mail> read(const std::string& notice_id);

 private:
  base::Status deliver(const flow::Message& message);
  base::Status file_and_mail(const Notice& notice, const flow::Message& message);
  base::Status record(std::string_view notice_id, std::string_view column);

  sql::Database& database_;
  base::FileStore& folder_;
  flow::Outbox& outbox_;
  const base::Clock& clock_;
  NotifierOptions options_;
};

// schema is this service's component for sql::apply_migrations.
const sql::Component& schema();

}  // namespace heqi::services::notify
