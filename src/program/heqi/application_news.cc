#include "application_news.h"

#include <heqi/api/api.h>

namespace heqi::program {
namespace {

std::string_view event_of(services::contract::News::Kind kind) {
  using Kind = services::contract::News::Kind;
  switch (kind) {
    case Kind::invitation:
      return "invitation";
    case Kind::reminder:
      return "reminder";
    case Kind::completed:
      return "completed";
    case Kind::declined:
      return "declined";
    case Kind::withdrawn:
      return "withdrawn";
    case Kind::expired:
      return "expired";
    case Kind::signing_failed:
      return "signing_failed";
  }
  return "";
}

}  // namespace

base::Status ApplicationNews::put_contract(sql::Transaction& tx, const std::string& application,
                                           const services::contract::News& news) {
  base::JsonWriter json;
  json.begin_object()
      .field("message", "contract-" + news.id)
      .field("kind", "contract")
      .field("contract", news.contract_id)
      .field("event", event_of(news.kind))
      .field("title", news.title);
  if (!news.by.empty()) json.field("by", news.by);
  if (!news.reason.empty()) json.field("reason", news.reason);
  json.end_object();
  HEQI_TRY(outbox_.put(tx, {.topic = std::string(kContractNewsTopic),
                            .recipient = application,
                            .payload = base::to_bytes(base::bytes_of(json.str())),
                            .message_id = "application-" + news.id}));
  return {};
}

base::Status ApplicationNews::tell_contract(const flow::Message& message) {
  return push_.deliver(message.recipient, message.payload);
}

base::Status ApplicationNews::tell_signature(const flow::Message& message) {
  constexpr std::string_view prefix = "ap:";
  const std::string application = message.recipient.substr(prefix.size());
  HEQI_TRY(const services::mss::TransactionStatus status,
           transactions_.query(application, message.flow_id));
  base::JsonWriter json = api::signature_json(status);
  json.field("message", message.message_id).field("kind", "signature").end_object();
  return push_.deliver(application, base::bytes_of(json.str()));
}

base::Status ApplicationNews::tell_revocation(const flow::Message& message) {
  constexpr std::string_view prefix = "ap:";
  base::JsonWriter json;
  json.begin_object()
      .field("message", message.message_id)
      .field("kind", "revocation")
      .field("revocation", message.flow_id)
      .field("state", message.ending ? flow::to_text(message.ending->outcome) : "")
      .field("code", message.ending ? message.ending->code : "")
      .end_object();
  return push_.deliver(message.recipient.substr(prefix.size()), base::bytes_of(json.str()));
}

}  // namespace heqi::program
