#include <heqi/flow/jobs.h>

#include "check_input.h"

namespace heqi::flow {
namespace {

std::string message_id_of(const std::string& kind, const std::string& key) {
  return "job:" + kind + ":" + key;
}

}  // namespace

base::Status Jobs::schedule(sql::Transaction& transaction, const Job& job) {
  HEQI_TRY(check_name("a job's key", job.key));
  Outgoing message;
  message.topic = job.kind;
  message.payload = job.payload;
  message.message_id = message_id_of(job.kind, job.key);
  message.due = job.due;
  HEQI_TRY(outbox_.put(transaction, message));
  return {};
}

base::Status Jobs::cancel(sql::Transaction& transaction, const std::string& kind,
                          const std::string& key) {
  return outbox_.withdraw(transaction, message_id_of(kind, key));
}

void Jobs::handle(std::string kind, Handler handler, TopicOptions options) {
  outbox_.handle(std::move(kind), std::move(handler), options);
}

}  // namespace heqi::flow
