// The group pki: what an authority's services answer over HTTP keep-alive, on one core, with SQLite
// and software keys. ocsp_*, tsa: answers for each second of processor time; issue*, revoke_mass:
// for each second of the clock, since they wait for the disk. pki_sign, pki_http and pki_commit are
// the parts; the peer "parts" of a row is 1/(1/sign + 1/http + 1/commit) of what it consists of.
#include <time.h>

#include <atomic>

#include <heqi/base/text.h>
#include <heqi/pki/ocsp.h>

#include <heqi/services/ca/profile.h>

#include "desk.h"
#include "load.h"
#include "openssl_tools.h"
#include "rows.h"

namespace heqi::bench {
namespace {

constexpr int kFilled = 10'000, kMillion = 1'000'000;
constexpr std::size_t kPrepared = 6'000;  // applications of one row
constexpr double kWindow = 2;             // seconds

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

  explicit Served(KeysAt keys) : desk(keys) {}
  PkiDesk desk;
  RegisterSource source{*desk.authority};
  services::ocsp::Responder responder{{.issuer = desk.hierarchy.issuing,
                                       .responder = desk.hierarchy.status_responder,
                                       .signer = desk.signer_of(desk.ocsp),
                                       .source = source,
                                       .clock = desk.clock,
                                       .log = desk.log}};
  services::tsa::SystemTimeSource time{desk.clock};
  services::tsa::Authority time_stamps{desk.hierarchy.time_stamp_authority,
                                       desk.signer_of(desk.tsa),
                                       time,
                                       services::tsa::test_policy(),
                                       desk.random,
                                       desk.log};
};

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string text_of(const base::Bytes& octets) {
  return std::string(base::text_of(octets));
}

http::Router router_of(const http::Handler& handler) {
  http::Router router;
  router.post("/", handler, {.body_size_max = 64 * 1024});
  return router;
}

http::Response octets(base::Bytes content) {
  return http::Response::bytes("application/octet-stream", std::move(content));
}

// ----- the parts, each measured once in a run

double processor_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double sign_figure() {
  static const double figure = [] {
    PkiDesk desk;
    const base::Bytes message(400, 7);
    const double begin = processor_seconds();
    int count = 0;
    while (processor_seconds() - begin < kWindow / 2) {
      if (!desk.issuing.signer.sign(message)) return 0.0;
      ++count;
    }
    return count / (processor_seconds() - begin);
  }();
  return figure;
}

double http_figure() {
  static const double figure = [] {
    const http::Router router =
        router_of([](const http::Request& request) -> base::Result<http::Response> {
          return octets(request.body);
        });
    return serve_under_load(router, {.bodies = {std::string(100, 'x')}}, kWindow)
        .per_processor_second;
  }();
  return figure;
}

// commit_figure is transactions of two rows by one writer, each durable before the next begins.
double commit_figure() {
  static const double figure = [] {
    testing::TemporaryFolder folder;
    const auto database = *sql::Database::open({.url = "sqlite:" + folder.path() + "/two.db"});
    (void)database->with_transaction([](sql::Transaction& tx) {
      return tx.execute("CREATE TABLE two (a INTEGER PRIMARY KEY, b BLOB) STRICT");
    });
    const base::Bytes row(1'000, 7);
    const auto begin = Clock::now();
    std::int64_t count = 0;
    while (since(begin) < kWindow) {
      const auto kept = database->with_transaction([&](sql::Transaction& tx) -> base::Status {
        HEQI_TRY(tx.execute("INSERT INTO two (b) VALUES (?1)", row));
        HEQI_TRY(tx.execute("INSERT INTO two (b) VALUES (?1)", row));
        return {};
      });
      if (!kept) return 0.0;
      ++count;
    }
    return static_cast<double>(count) / since(begin);
  }();
  return figure;
}

double parts(bool signs, bool commits) {
  const double seconds =
      1 / http_figure() + (signs ? 1 / sign_figure() : 0) + (commits ? 1 / commit_figure() : 0);
  return 1 / seconds;
}

// ----- the rows

double ocsp_figure(const base::Bytes& nonce, KeysAt keys) {
  Served served(keys);
  const http::Router router =
      router_of([&](const http::Request& request) -> base::Result<http::Response> {
        return octets(served.responder.answer(request.body));
      });
  return serve_under_load(router, {.bodies = {text_of(served.desk.ocsp_question(nonce))}}, kWindow)
      .per_processor_second;
}

// ocsp_get_figure asks as RFC 6960 A.1 has it: the question stands in the path.
double ocsp_get_figure() {
  Served served(KeysAt::here);
  http::Router router;
  router.get("/ocsp/{request*}",
             [&](const http::Request& request) -> base::Result<http::Response> {
               HEQI_TRY(const base::Bytes question,
                        base::parse_base64(request.path_text("request")));
               return octets(served.responder.answer(question));
             },
             {.takes_escaped_slashes = true});
  const std::string question = base::to_base64(served.desk.ocsp_question({}));
  return serve_under_load(
             router,
             {.method = "GET", .path = "/ocsp/" + http::percent_encoded(question), .bodies = {""}},
             kWindow)
      .per_processor_second;
}

double stamp_figure(KeysAt keys) {
  Served served(keys);
  const http::Router router =
      router_of([&](const http::Request& request) -> base::Result<http::Response> {
        return octets(served.time_stamps.answer(request.body));
      });
  return serve_under_load(router, {.bodies = {text_of(served.desk.stamp_question())}}, kWindow)
      .per_processor_second;
}

// issue_figure issues to new holders over HTTP: their keys and requests are made beforehand. Each
// is linted, recorded, signed, and durable before the answer leaves.
double issue_figure(int filled, KeysAt keys) {
  Served served(keys);
  served.desk.fill(filled);
  Load load{.bodies = {}, .connections = 16, .workers = 16, .once = true};
  const x509::Name name =
      *x509::Name::make({{x509::oids::country(), "CN"}, {x509::oids::common_name(), "holder"}});
  for (std::size_t i = 0; i < kPrepared; ++i) {
    PkiKey key(served.desk.random);
    load.bodies.push_back(text_of(served.desk.apply(key).csr));
  }
  std::atomic<std::uint64_t> number{0};
  const http::Router router =
      router_of([&](const http::Request& request) -> base::Result<http::Response> {
        const std::string id = std::to_string(++number);
        HEQI_TRY(const x509::Certificate issued,
                 served.desk.authority->issue({.request_id = "http:" + id,
                                               .holder = "holder",
                                               .subject = name,
                                               .csr = request.body}));
        return octets(base::to_bytes(issued.der()));
      });
  return serve_under_load(router, load, 0).per_second;
}

double mass_figure() {
  PkiDesk desk;
  desk.fill(kFilled);
  const auto begin = Clock::now();
  const auto ended =
      desk.books->revoke_all({.holder = "filler"}, pki::RevocationReason::superseded);
  return ended && *ended == kFilled ? kFilled / since(begin) : 0;
}

// fill_figure is how fast the fixture of a million certificates is made, with real signatures;
// find_figure how many questions about subjects a second it answers (0.2: one in five seconds).
double fill_figure() {
  PkiDesk desk;
  const auto begin = Clock::now();
  desk.fill(kMillion);
  return kMillion / since(begin);
}

double find_figure() {
  PkiDesk desk;
  desk.fill(kMillion);
  const auto begin = Clock::now();
  const auto found = desk.books->count({.profile = services::ca::Profile::person,
                                        .subject_part = "application",
                                        .recorded_from = desk.clock.now() - std::chrono::hours(1)});
  return found && *found >= kMillion ? 1 / since(begin) : 0;
}

void add_rows(std::vector<Row>& rows) {
  const auto add = [&](std::string name, std::function<double()> figure,
                       std::vector<Peer> peers = {}) {
    Row row;
    row.name = std::move(name);
    row.figure = std::move(figure);
    row.peers = std::move(peers);
    rows.push_back(std::move(row));
  };
  const auto peer = [](std::string who, std::function<double()> figure) {
    Peer out;
    out.who = std::move(who);
    out.figure = std::move(figure);
    return out;
  };
  add("pki_sign", sign_figure);
  add("pki_http", http_figure);
  add("pki_commit", commit_figure);
  add("ocsp_cached", [] { return ocsp_figure({}, KeysAt::here); },
      {peer("parts", [] { return parts(false, false); }), peer("openssl", openssl_ocsp_figure)});
  add("ocsp_get", ocsp_get_figure, {peer("parts", [] { return parts(false, false); })});
  add("ocsp_fresh", [] { return ocsp_figure(base::Bytes(16, 7), KeysAt::here); },
      {peer("parts", [] { return parts(true, false); })});
  add("ocsp_fresh_apart", [] { return ocsp_figure(base::Bytes(16, 7), KeysAt::elsewhere); },
      {peer("parts", [] { return parts(true, false); })});
  add("tsa_apart", [] { return stamp_figure(KeysAt::elsewhere); },
      {peer("parts", [] { return parts(true, false); })});
  add("tsa", [] { return stamp_figure(KeysAt::here); },
      {peer("parts", [] { return parts(true, false); }), peer("openssl", openssl_ts_figure)});
  const auto issuing_parts = peer("parts", [] { return parts(true, true); });
  add("issue", [] { return issue_figure(0, KeysAt::here); }, {issuing_parts});
  add("issue_apart", [] { return issue_figure(0, KeysAt::elsewhere); }, {issuing_parts});
  add("issue_at_10k", [] { return issue_figure(kFilled, KeysAt::here); }, {issuing_parts});
  add("revoke_mass", mass_figure);
  add("issue_at_1m", [] { return issue_figure(kMillion, KeysAt::here); }, {issuing_parts});
  add("fill_1m", fill_figure);
  add("find_at_1m", find_figure);
}

const Group group("pki", add_rows);

}  // namespace
}  // namespace heqi::bench
