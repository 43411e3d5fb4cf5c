#include "terminal.h"

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/device/channel.h>
#include <heqi/http/json.h>

#include <algorithm>
#include <thread>

#include "pin_entry.h"

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::Result;
using base::SecretBytes;
using base::Status;
using device::Step;

namespace {

constexpr unsigned kRecoveriesMax = 3;
constexpr base::Duration kMessageTimeout = std::chrono::seconds(60);
constexpr std::size_t kDocumentSizeMax = std::size_t{80} << 20;
constexpr std::size_t kLinkSizeMax = 2'048;

// is_passing tells whether the same may go well a little later.
bool is_passing(Code code) {
  return code == Code::unavailable || code == Code::timeout || code == Code::rate_limited;
}

// error_of reads the platform's problem+json.
base::Error error_of(const base::FetchAnswer& answer) {
  const base::Error plain = base::fail(answer.status >= 500 ? Code::unavailable : Code::denied,
                                       "the server answered " + std::to_string(answer.status));
  const auto json = http::parse_json(answer.body);
  if (!json) return plain;
  const http::Json* id = json->find("id");
  if (id == nullptr || id->text() == nullptr) return plain;
  const auto code = base::find_error(*id->text());
  if (!code) return plain;
  const http::Json* detail = json->find("detail");
  const bool told = detail != nullptr && detail->text() != nullptr;
  return base::fail(*code, told ? *detail->text() : "");
}

// Link is "https://host/s/SECRET" in two parts.
struct Link {
  std::string server, path;
};
Result<Link> parse_link(std::string_view text) {
  const auto refuse = [] {
    return base::fail(Code::malformed, "link: not of the form https://host/s/SECRET");
  };
  const std::size_t scheme = text.find("://");
  if (text.size() > kLinkSizeMax || scheme == std::string_view::npos) return refuse();
  const std::size_t slash = text.find('/', scheme + 3);
  if (slash == std::string_view::npos || slash == scheme + 3) return refuse();
  Link link{std::string(text.substr(0, slash)), std::string(text.substr(slash))};
  while (link.path.ends_with('/')) link.path.pop_back();
  const std::string secret = link.path.starts_with("/s/") ? link.path.substr(3) : "";
  const bool plain = std::all_of(secret.begin(), secret.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
  if (secret.empty() || !plain) return refuse();
  return link;
}

std::string_view path_of(device::Destination destination) {
  switch (destination) {
    case device::Destination::registration:
      return "/device/v1/register";
    case device::Destination::service:
      return "/device/v1/service";
    case device::Destination::key_centre:
      return "/device/v1/key-centre";
  }
  return "";
}

std::string_view progress_of(device::Destination destination) {
  return destination == device::Destination::registration ? "registering / 正在登记"
         : destination == device::Destination::service
             ? "talking to the signature service / 正在与签名服务通信"
             : "signing with the key centre / 正在与密钥中心联合运算";
}

// refusal_of tells when the next PIN is taken: a second later rather than earlier.
base::Error refusal_of(const Step& step) {
  if (!step.retry_at) return base::fail(step.refusal, "");
  const base::Time second = std::chrono::ceil<std::chrono::seconds>(*step.retry_at);
  std::string detail = "try again at " + base::to_rfc3339(second);
  if (step.tries_left) detail += "; tries after that: " + std::to_string(*step.tries_left);
  return base::fail(step.refusal, detail);
}

Result<base::FetchAnswer> ask(base::Fetch& fetch, base::FetchRequest request) {
  request.timeout = kMessageTimeout;
  HEQI_TRY(base::FetchAnswer answer, fetch.fetch(request));
  if (answer.status < 200 || answer.status > 299) return error_of(answer);
  return answer;
}

// with_factors puts what the key asks for beside the PIN behind it.
Result<SecretBytes> with_factors(Person& person, SecretBytes pin, device::Factors set,
                                 Person::WhichKey which) {
  if (set == device::kPinAlone) return pin;
  std::vector<EnteredFactor> more;
  for (const device::Factor kind :
       {device::Factor::gesture, device::Factor::passphrase, device::Factor::released_key}) {
    if ((set & static_cast<device::Factors>(kind)) == 0) continue;
    HEQI_TRY(SecretBytes value, person.factor(kind, which));
    more.push_back({kind, std::move(value)});
  }
  return join_entered(pin, more);
}

}  // namespace

Result<SecretBytes> Person::factor(device::Factor kind, WhichKey) {
  return base::fail(Code::unsupported,
                    "the key asks for more than a PIN, and nobody is here to give it: " +
                        device::factor_names(static_cast<device::Factors>(kind)));
}

base::Status OneTry::take(const device::Display& display) {
  if (display.tries_left && taken_ == display.transaction_id)
    return base::fail(Code::cosign_wrong_pin, std::to_string(*display.tries_left) + " tries left");
  taken_ = display.transaction_id;
  return {};
}

Result<std::optional<SecretBytes>> PersonWithPin::confirm(const device::Display& display) {
  HEQI_TRY(once_.take(display));
  if (on_display_) on_display_(display);
  return std::optional<SecretBytes>(pin_.clone());
}

void Terminal::pause() const {
  if (options_.wait)
    options_.wait(options_.interval);
  else
    std::this_thread::sleep_for(options_.interval);
}

Result<std::string> Terminal::url_of(std::string_view path) const {
  std::string server = options_.server.empty() ? link_server_ : options_.server;
  if (server.empty()) return base::fail(Code::malformed, "--server is needed");
  while (server.ends_with('/')) server.pop_back();
  return server + std::string(path);
}

Result<Bytes> Terminal::post_message(const Step& step) {
  base::FetchRequest request;
  request.method = "POST";
  HEQI_TRY(request.url, url_of(path_of(step.destination)));
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = step.message;
  request.answer_size_max = device::kEnvelopeSizeMax;
  HEQI_TRY(base::FetchAnswer answer, ask(fetch_, std::move(request)));
  return std::move(answer.body);
}

// carry brings one message there and its answer back. A message that was lost is not sent again:
// the device is asked anew and finds its place by itself.
Result<Step> Terminal::carry(const Step& step, Run& run) {
  if (run.person != nullptr) run.person->progress(progress_of(step.destination));
  auto answer = post_message(step);
  if (answer) return device_.deliver(*answer);
  const bool may_recover = is_passing(answer.error().code) && run.recoveries < kRecoveriesMax &&
                           step.destination != device::Destination::registration;
  if (!may_recover) return std::move(answer).error();
  ++run.recoveries;
  pause();
  return ask_device(run);
}

Result<Step> Terminal::ask_device(const Run& run) {
  return run.takes_lists ? device_.collect() : device_.poll();
}

Result<Terminal::Asking> Terminal::asking() {
  const auto status = device_.status();
  // A device without a module around it has no screen.
  if (!status && status.error().code == Code::unsupported) return Asking{};
  if (!status) return status.error();
  const auto& found = status->environment;
  const bool here =
      std::find(found.begin(), found.end(), device::kApplicationTakesPin) != found.end();
  return Asking{!here, status->factors, status->next_factors};
}

base::Status Terminal::inspect(const device::Display& display) {
  if (!options_.inspect || display.kind != device::Display::Kind::document) return {};
  HEQI_TRY(const Bytes data, device_.data(display.transaction_id));
  return options_.inspect(display, data);
}

Result<Step> Terminal::decide(const Step& step, Run& run) {
  if (!step.display) return base::fail(Code::malformed, "device: nothing is displayed");
  const device::Display& display = *step.display;
  const bool other = !run.transaction_id.empty() && display.transaction_id != run.transaction_id;
  if (other)
    return base::fail(Code::conflict,
                      "the device waits for a decision on another document: " + display.title);
  if (std::find(run.left_out.begin(), run.left_out.end(), display.transaction_id) !=
      run.left_out.end()) {
    run.patience = Patience::none;
    return Step{};  // nothing else waits
  }
  run.display = display;
  if (options_.on_display) options_.on_display(display);
  if (display.kind == device::Display::Kind::list) return decide_list(display, run);
  if (base::Status whole = inspect(display); !whole) {
    run.refusal = std::move(whole).error();
    return device_.cancel(display.transaction_id);
  }
  return give_pin(display, run);
}

Result<Step> Terminal::give_pin(const device::Display& display, Run& run) {
  HEQI_TRY(const Asking asked, asking());
  if (asked.at_module) {
    auto step_after = device_.confirm(display, SecretBytes());
    const bool refused = !step_after && step_after.error().code == Code::cancelled;
    return refused ? device_.cancel(display.transaction_id) : std::move(step_after);
  }
  const bool is_list = display.kind == device::Display::Kind::list;
  HEQI_TRY(std::optional<SecretBytes> pin,
           is_list ? run.person->confirm_list(display, run.items) : run.person->confirm(display));
  if (!pin) return device_.cancel(display.transaction_id);
  HEQI_TRY(SecretBytes given,
           with_factors(*run.person, *std::move(pin), asked.factors, Person::WhichKey::present));
  return device_.confirm(display, std::move(given));
}

Result<Outcome> Terminal::outcome_of(Step step, Run& run) {
  Outcome outcome{step.outcome, run.display, std::move(step.message), run.items, {}};
  const bool is_local = outcome.what == "local_key";
  if (outcome.result.empty() || is_local) return outcome;
  HEQI_TRY(outcome.results, device::parse_sign_results(std::exchange(outcome.result, {})));
  return outcome;
}

Result<Outcome> Terminal::follow(Step step, Run& run) {
  run.deadline = clock_.steady() + options_.patience;
  for (;;) {
    switch (step.kind) {
      case Step::Kind::send: {
        HEQI_TRY(step, carry(step, run));
        break;
      }
      case Step::Kind::choose_pin: {
        if (run.person == nullptr) return Outcome{"choose_pin", {}};
        HEQI_TRY(const Asking asked, asking());
        SecretBytes pin;
        if (!asked.at_module) {
          HEQI_TRY(pin, run.person->choose_pin());
          HEQI_TRY(pin, with_factors(*run.person, std::move(pin), asked.next_factors,
                                     Person::WhichKey::next));
        }
        HEQI_TRY(step, device_.choose_pin(std::move(pin)));
        break;
      }
      case Step::Kind::confirm: {
        if (run.person == nullptr) return Outcome{"confirm", step.display};
        HEQI_TRY(step, decide(step, run));
        break;
      }
      case Step::Kind::idle: {
        if (run.earlier) return *std::move(run.earlier);
        if (run.patience == Patience::none) return Outcome{"idle", run.display};
        if (clock_.steady() > run.deadline)
          return base::fail(Code::timeout, "nothing came for the device");
        pause();
        HEQI_TRY(step, ask_device(run));
        break;
      }
      case Step::Kind::finished: {
        if (step.outcome == device::kUnlocked) {
          if (run.person != nullptr) run.person->progress("the key is unlocked / 密钥已解锁");
          HEQI_TRY(step, ask_device(run));
          break;
        }
        if (run.refusal) return *std::move(run.refusal);
        HEQI_TRY(Outcome outcome, outcome_of(std::move(step), run));
        if (run.display || (run.transaction_id.empty() && !run.takes_lists)) return outcome;
        // Unfinished business of an earlier run came to its end first.
        if (!outcome.results.empty()) run.earlier = std::move(outcome);
        HEQI_TRY(step, ask_device(run));
        break;
      }
      case Step::Kind::refused:
        return refusal_of(step);
    }
  }
}

Result<Outcome> Terminal::enrol(std::string_view code, Person& person) {
  HEQI_TRY(const device::Information before, device_.information());
  if (before.stage == device::Stage::empty) {
    HEQI_TRY(device_.initialise());
  }
  HEQI_TRY(Step step, device_.enrol(std::string(code)));
  Run run{&person, Patience::until_something_comes, {}};
  return follow(std::move(step), run);
}

Result<Outcome> Terminal::enrol(std::string_view code, const SecretBytes& pin) {
  PersonWithPin person(pin.clone());
  return enrol(code, person);
}

Result<std::string> Terminal::server_of(std::string_view text) {
  HEQI_TRY(Link link, parse_link(text));
  return std::move(link.server);
}

Result<std::string> Terminal::begin(std::string_view text, Person& person) {
  HEQI_TRY(const Link link, parse_link(text));
  link_server_ = link.server;
  base::FetchRequest request;
  request.method = "POST";
  request.url = link.server + link.path + "/sign";
  person.progress("asking for the document / 正在请求文件");
  HEQI_TRY(const base::FetchAnswer answer, ask(fetch_, std::move(request)));
  HEQI_TRY(const http::Json json, http::parse_json(answer.body));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  return reader.required_text("transaction", {.size_max = 64});
}

Result<Outcome> Terminal::sign(std::string_view link, Person& person) {
  HEQI_TRY(const std::string transaction, begin(link, person));
  HEQI_TRY(Step step, device_.poll());
  Run run{&person, Patience::until_something_comes, transaction};
  return follow(std::move(step), run);
}

Result<Outcome> Terminal::sign(std::string_view link, const SecretBytes& pin) {
  PersonWithPin person(pin.clone());
  return sign(link, person);
}

Result<std::optional<device::Display>> Terminal::look() {
  HEQI_TRY(Step step, device_.poll());
  Run run{nullptr, Patience::none, {}};
  HEQI_TRY(Outcome outcome, follow(std::move(step), run));
  return std::move(outcome.display);
}

Result<Outcome> Terminal::finish(Person& person) {
  HEQI_TRY(Step step, device_.poll());
  Run run{&person, Patience::none, {}};
  return follow(std::move(step), run);
}

base::Status Terminal::drop_own(std::string_view transaction_id) {
  HEQI_TRY(const device::Information now, device_.information());
  if (now.waiting_transaction != transaction_id) return {};
  HEQI_TRY(device_.poll());  // drops an exchange that broke off; the question stands again
  HEQI_TRY(device_.cancel(now.waiting_transaction));
  return {};
}

Result<Outcome> Terminal::change_pin(Person& person) {
  HEQI_TRY(drop_own("pin-change"));
  HEQI_TRY(Step step, device_.change_pin());
  Run run{&person, Patience::none, {}};
  return follow(std::move(step), run);
}

Result<Outcome> Terminal::refresh_shares(Person& person) {
  HEQI_TRY(drop_own("share-refresh"));
  HEQI_TRY(Step step, device_.refresh_shares());
  Run run{&person, Patience::none, {}};
  return follow(std::move(step), run);
}

Result<Outcome> Terminal::use_local_key(const device::LocalRequest& request, Person& person) {
  HEQI_TRY(Step step, device_.use_local_key(request));
  Run run{&person, Patience::none, {}};
  auto outcome = follow(std::move(step), run);
  // Nobody comes back to what this program asked for: the device is not left waiting for a PIN, nor
  // for an answer that never comes (poll drops what is under way).
  if (!outcome && run.display) {
    static_cast<void>(device_.poll());
    static_cast<void>(device_.cancel(run.display->transaction_id));
  }
  return outcome;
}

Result<Outcome> Terminal::revoke_certificate(int reason, Person& person) {
  HEQI_TRY(drop_own("certificate-revocation"));
  auto shown = device_.revoke_certificate(reason);
  if (!shown && shown.error().code == Code::device_state) {
    HEQI_TRY(const std::optional<Outcome> earlier, finish_revocation());
    if (earlier) return *earlier;
    shown = device_.revoke_certificate(reason);
  }
  HEQI_TRY(Step step, std::move(shown));
  Run run{&person, Patience::none, {}};
  return follow(std::move(step), run);
}

Result<std::optional<Outcome>> Terminal::finish_revocation() {
  HEQI_TRY(const device::Information now, device_.information());
  if (now.stage != device::Stage::enrolled || !now.waiting_transaction.empty())
    return std::optional<Outcome>();
  HEQI_TRY(Step step, device_.poll());
  Run run{nullptr, Patience::none, {}};
  HEQI_TRY(Outcome outcome, follow(std::move(step), run));
  const bool is_it = outcome.what == "certificate_revoked" || outcome.what == "revocation_asked";
  return is_it ? std::optional<Outcome>(std::move(outcome)) : std::nullopt;
}

Result<std::optional<device::Display>> Terminal::waiting_update() {
  HEQI_TRY(auto waiting, look());
  if (waiting && waiting->kind != device::Display::Kind::certificate_update)
    return base::fail(Code::conflict,
                      "something else waits for a decision first: " + waiting->title);
  return waiting;
}

Result<Outcome> Terminal::update_certificate(Person& person) {
  HEQI_TRY(const auto waiting, waiting_update());
  if (!waiting) return Outcome{"idle", {}};
  return finish(person);
}

Result<Outcome> Terminal::decline_update() {
  HEQI_TRY(const auto waiting, waiting_update());
  if (!waiting) return Outcome{"idle", {}};
  return cancel(waiting->transaction_id);
}

Result<Outcome> Terminal::unbind() {
  HEQI_TRY(Step step, device_.unbind());
  Run run{nullptr, Patience::none, {}};
  return follow(std::move(step), run);
}

Result<Outcome> Terminal::cancel(std::string transaction_id) {
  HEQI_TRY(Step step, device_.cancel(std::move(transaction_id)));
  Run run{nullptr, Patience::none, {}};
  return follow(std::move(step), run);
}

namespace {

Result<base::FetchAnswer> post_json(base::Fetch& fetch, std::string url, base::Bytes body) {
  base::FetchRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  return ask(fetch, std::move(request));
}

// authorisation_of exchanges the one-time code for a session of the link.
Result<std::string> authorisation_of(base::Fetch& fetch, const Link& link, std::string_view code) {
  const std::string base = link.server + link.path;
  if (code.empty()) {
    HEQI_TRY(post_json(fetch, base + "/code", {}));
    return base::fail(
        Code::unauthenticated,
        "a one-time code was sent; say it with --code / 验证码已发送，请用 --code 输入");
  }
  base::JsonWriter json;
  json.begin_object().field("code", code).end_object();
  HEQI_TRY(const base::FetchAnswer answer,
           post_json(fetch, base + "/session", base::to_bytes(json.str())));
  HEQI_TRY(const http::Json said, http::parse_json(answer.body));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(said));
  HEQI_TRY(const std::string session, reader.required_text("session", {.size_max = 64}));
  return "Bearer " + session;
}

}  // namespace

Result<Bytes> fetch_document(base::Fetch& fetch, std::string_view text, std::string_view code) {
  HEQI_TRY(const Link link, parse_link(text));
  base::FetchRequest request;
  HEQI_TRY(std::string authorisation, authorisation_of(fetch, link, code));
  request.headers = {{"Authorization", std::move(authorisation)}};
  request.url = link.server + link.path + "/document";
  request.answer_size_max = kDocumentSizeMax;
  HEQI_TRY(base::FetchAnswer answer, ask(fetch, std::move(request)));
  return std::move(answer.body);
}

Status decline_invitation(base::Fetch& fetch, std::string_view text, std::string_view code,
                          std::string_view reason) {
  HEQI_TRY(const Link link, parse_link(text));
  HEQI_TRY(std::string authorisation, authorisation_of(fetch, link, code));
  base::JsonWriter json;
  json.begin_object().field("reason", reason).end_object();
  base::FetchRequest request;
  request.method = "POST";
  request.url = link.server + link.path + "/decline";
  request.headers = {{"Content-Type", "application/json"},
                     {"Authorization", std::move(authorisation)}};
  request.body = base::to_bytes(json.str());
  HEQI_TRY(ask(fetch, std::move(request)));
  return {};
}

}  // namespace heqi::program
