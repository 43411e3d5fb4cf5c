#include <heqi/base/text.h>
#include <heqi/flow/flow.h>
#include <heqi/http/multipart.h>

#include "caller.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kNoticesMax = 50;
constexpr std::int64_t kMailTestsMax = 5;  // in kMailTestsWindow
constexpr base::Duration kMailTestsWindow = std::chrono::minutes(10);

// inspect says whether a file may become a contract, before anybody is asked for more.
base::Result<Response> inspect(Services& services, const Request& request) {
  HEQI_TRY(authenticate_sender(services, request));
  HEQI_TRY(const http::Upload upload, http::get_upload(request, "application/pdf"));
  if (upload.content.empty()) return base::fail(base::Code::document_empty, "the file is empty");
  if (upload.content.size() > services::contract::kDocumentSizeMax)
    return base::fail(base::Code::limit_exceeded, "a document has at most 50 MiB");
  HEQI_TRY(const int pages, services.desk.inspect(upload.content));
  base::JsonWriter json;
  json.begin_object().field("pages", std::int64_t{pages}).end_object();
  return Response::json(json);
}

base::Result<Response> show_mail(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  base::JsonWriter json;
  json.begin_object()
      .field("mode", services.notifier.files_only() ? "folder" : "smtp")
      .field("server", services.notifier.mail_server())
      .field("sender", services.notifier.sender())
      .end_object();
  return Response::json(json);
}

// test_mail sends a notice on the way that every notice goes.
base::Result<Response> test_mail(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_administrator(services, request));
  HEQI_TRY(const auto user, services.accounts.get(caller.id));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::notify::Notice notice;
  HEQI_TRY(notice.to_address, reader.required_text("to", {.size_max = 254}));
  HEQI_TRY(reader.finish());
  notice.kind = services::notify::Kind::mail_test;
  notice.to_name = notice.to_address;
  notice.by = user.email;
  HEQI_TRY(const std::string id, flow::make_id(services.desk.random));
  notice.id = "mail-test-" + id;
  const auto sent = services.database.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const std::int64_t recent,
             services.notifier.count_since(tx, notice.kind, kMailTestsWindow));
    if (recent >= kMailTestsMax)
      return base::fail(base::Code::rate_limited, "a few tests in ten minutes are enough");
    return services.notifier.send(tx, notice);
  });
  HEQI_TRY(sent);
  base::JsonWriter json;
  json.begin_object().field("notice", notice.id).end_object();
  return Response::json(json, 202);
}

void write_delivery(base::JsonWriter& json, const services::notify::Delivery& delivery) {
  json.field("id", delivery.notice_id)
      .field("kind", delivery.kind)
      .field("created_at", base::to_rfc3339(delivery.created_at))
      .field("attempts", delivery.attempts);
  if (delivery.filed_at) json.field("filed_at", base::to_rfc3339(*delivery.filed_at));
  if (delivery.mailed_at) json.field("mailed_at", base::to_rfc3339(*delivery.mailed_at));
  if (!delivery.last_error.empty()) json.field("error", delivery.last_error);
}

base::Result<Response> list_notices(Services& services, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({}));
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const auto deliveries, services.notifier.list(kNoticesMax));
  base::JsonWriter json;
  json.begin_object().key("notices").begin_array();
  for (const auto& delivery : deliveries) {
    json.begin_object();
    write_delivery(json, delivery);
    // Where there is no mail server, the desk is where the mail arrives.
    if (const auto mail = services.notifier.read(delivery.notice_id))
      json.field("to_name", mail->to_name)
          .field("to_address", mail->to_address)
          .field("subject", mail->subject);
    json.end_object();
  }
  json.end_array().end_object();
  return Response::json(json);
}

// show_notice gives a notice with its text, links and codes in it: only where whoever runs the
// installation has no mail server, so that a trial needs none.
base::Result<Response> show_notice(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const auto delivery, services.notifier.get_delivery(request.path_text("notice")));
  HEQI_TRY(const auto mail, services.notifier.read(delivery.notice_id));
  base::JsonWriter json;
  json.begin_object();
  write_delivery(json, delivery);
  json.field("to_name", mail.to_name)
      .field("to_address", mail.to_address)
      .field("subject", mail.subject)
      .field("body", mail.body)
      .end_object();
  return Response::json(json).with_header("Cache-Control", "no-store");
}

base::Result<Response> selfcheck(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(std::string facts, services.desk.selfcheck());
  return Response::json_text(std::move(facts));
}

}  // namespace

void add_desk_routes(http::Router& router, Services& services) {
  router.post("/api/v1/inspections", [&](const Request& r) { return inspect(services, r); },
              {.body_size_max = http::kUploadSizeMax});
  router.get("/api/v1/mail", [&](const Request& r) { return show_mail(services, r); });
  router.post("/api/v1/mail/tests", [&](const Request& r) { return test_mail(services, r); });
  router.get("/api/v1/notices", [&](const Request& r) { return list_notices(services, r); });
  router.get("/api/v1/notices/{notice}",
             [&](const Request& r) { return show_notice(services, r); });
  router.get("/api/v1/selfcheck", [&](const Request& r) { return selfcheck(services, r); });
}

}  // namespace heqi::api
