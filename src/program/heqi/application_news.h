// application_news.h: what applications are told: how their signing transactions and contracts
// ended.
#pragma once
#include <heqi/flow/outbox.h>
#include <heqi/services/contract/ports.h>
#include <heqi/services/identity/application_push.h>
#include <heqi/services/mss/transactions.h>

namespace heqi::program {

// kContractNewsTopic: the outbox topic for an application's contracts; recipient: its id.
inline constexpr std::string_view kContractNewsTopic = "application.contract";

// ApplicationNews is the way of news from the outbox to applications that registered an address;
// the others ask (GB/T 38646 §8.1.3).
class ApplicationNews {
 public:
  ApplicationNews(flow::Outbox& outbox, services::mss::Transactions& transactions,
                  services::identity::ApplicationPush& push)
      : outbox_(outbox), transactions_(transactions), push_(push) {}

  // put_contract writes news of a contract with the transaction that made them.
  base::Status put_contract(sql::Transaction& tx, const std::string& application,
                            const services::contract::News& news);
  // tell_contract delivers what put_contract wrote; tell_signature the end of a signing transaction
  // (services::mss::kResultTopic). Both fail as ApplicationPush does.
  base::Status tell_contract(const flow::Message& message);
  base::Status tell_signature(const flow::Message& message);
  // tell_revocation delivers the end of a revocation that an application asked for
  // (services::mss::kRevocationTopic).
  base::Status tell_revocation(const flow::Message& message);

 private:
  flow::Outbox& outbox_;
  services::mss::Transactions& transactions_;
  services::identity::ApplicationPush& push_;
};

}  // namespace heqi::program
