// The group pki: what an authority's services cost on one core, in this process (no HTTP), with
// SQLite and software keys. pki_sign and pki_commit are the parts that the others consist of.
#include <heqi/pki/ocsp.h>

#include "desk.h"
#include "rows.h"

namespace heqi::bench {
namespace {

constexpr int kFilled = 10'000;
constexpr int kPrepared = 2'000;  // applications

// Served is a desk with its responder and its time-stamp authority.
struct Served {
  // RegisterSource asks the register for every answer, as the platform does.
  class RegisterSource final : public services::ocsp::StandingSource {
   public:
    explicit RegisterSource(services::ca::Authority& authority) : authority_(authority) {}
    base::Result<services::ocsp::Standing> standing(base::ByteView serial) override {
      HEQI_TRY(const services::ca::Standing known, authority_.standing(serial));
      services::ocsp::Standing out{.status = pki::CertStatus::unknown,
                                   .revoked_at = known.revoked_at,
                                   .reason = known.reason};
      if (known.state == services::ca::Standing::State::good) out.status = pki::CertStatus::good;
      if (known.state == services::ca::Standing::State::revoked)
        out.status = pki::CertStatus::revoked;
      return out;
    }

   private:
    services::ca::Authority& authority_;
  };

  PkiDesk desk;
  RegisterSource source{*desk.authority};
  services::ocsp::Responder responder{{.issuer = desk.hierarchy.issuing,
                                       .responder = desk.hierarchy.status_responder,
                                       .signer = desk.ocsp.signer,
                                       .source = source,
                                       .clock = desk.clock,
                                       .log = desk.log}};
  services::tsa::SystemTimeSource time{desk.clock};
  services::tsa::Authority time_stamps{
      desk.hierarchy.time_stamp_authority, desk.tsa.signer, time,
      services::tsa::test_policy(),        desk.random,     desk.log};
};

Operation answers(const base::Bytes& question) {
  auto served = std::make_shared<Served>();
  const base::Bytes asked = question.empty() ? served->desk.ocsp_question({}) : question;
  const bool fresh = !question.empty();
  return [served, asked, fresh] {
    static const base::Bytes nonce(16, 7);
    const base::Bytes request = fresh ? served->desk.ocsp_question(nonce) : asked;
    return served->responder.answer(request).size() > 100;
  };
}

Operation issues(int filled) {
  auto served = std::make_shared<Served>();
  served->desk.fill(filled);
  // The holders' work is done beforehand; every key is another one.
  auto waiting = std::make_shared<std::vector<services::ca::Application>>();
  return [served, waiting] {
    if (waiting->empty())
      for (int i = 0; i < kPrepared; ++i) {
        PkiKey key(served->desk.random);
        waiting->push_back(served->desk.apply(key));
      }
    const services::ca::Application next = std::move(waiting->back());
    waiting->pop_back();
    return served->desk.authority->issue(next).has_value();
  };
}

void add_rows(std::vector<Row>& rows) {
  const auto add = [&](std::string name, double amount, Prepare prepare) {
    rows.push_back({.name = std::move(name),
                    .amount = amount,
                    .primitives = {"sm2"},
                    .prepare = std::move(prepare),
                    .peers = {}});
  };
  add("pki_sign", 1, [] {
    auto served = std::make_shared<Served>();
    return Operation([served] {
      return served->desk.issuing.signer.sign(base::bytes_of("to be signed")).has_value();
    });
  });
  add("ocsp_cached", 1, [] { return answers({}); });
  add("ocsp_fresh", 1, [] { return answers({1}); });
  add("tsa", 1, [] {
    auto served = std::make_shared<Served>();
    const base::Bytes question = served->desk.stamp_question();
    return Operation(
        [served, question] { return served->time_stamps.answer(question).size() > 100; });
  });
  add("issue", 1, [] { return issues(0); });
  add("issue_at_10k", 1, [] { return issues(kFilled); });
  // What was revoked is put back after each round; that is in the figure.
  add("revoke_mass", kFilled, [] {
    auto served = std::make_shared<Served>();
    served->desk.fill(kFilled);
    return Operation([served] {
      const auto ended =
          served->desk.books->revoke_all({.holder = "filler"}, pki::RevocationReason::superseded);
      const auto reset = served->desk.database->with_transaction([](sql::Transaction& tx) {
        return tx.execute(
            "UPDATE ca_certificates SET state = 'published', revoked_at = NULL, reason = NULL "
            "WHERE holder = 'filler'");
      });
      return ended && *ended == kFilled && reset;
    });
  });
}

const Group group("pki", add_rows);

}  // namespace
}  // namespace heqi::bench
