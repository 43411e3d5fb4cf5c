#include "world.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include <heqi/base/local_socket.h>
#include <heqi/base/text.h>
#include <heqi/services/notify/mail.h>
#include <heqi/sql/database.h>

#include "free_port.h"

namespace heqi::faults {
namespace {

using base::Code;
using base::Status;
using program::Outcome;

constexpr useconds_t kPause = 20'000;  // microseconds between two looks
constexpr int kTriesMax = 50;          // of a person with one step
constexpr base::Duration kPatience = std::chrono::seconds(30);

bool answers_on(std::int64_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

// wait_for looks again until is_there, or the child has ended.
Status wait_for(const std::string& what, Child& child, const std::function<bool()>& is_there) {
  for (base::Duration waited{0}; waited < kPatience; waited += base::Duration(kPause)) {
    if (is_there()) return {};
    if (child.ended()) return base::fail(Code::unavailable, what + " ended");
    ::usleep(kPause);
  }
  return base::fail(Code::timeout, what);
}

program::EmbeddedOptions embedded_in(const std::string& folder, const Template& origin) {
  program::EmbeddedOptions options;
  options.folder = folder + "/platform";
  options.port = origin.port;
  options.signing_port = origin.signing_port;
  options.pki_port = origin.pki_port;
  return options;
}

std::vector<std::string> module_command(const std::string& folder) {
  return {HEQI_FAULT_MODULE, "--config", folder + "/platform/heqi-module.toml"};
}
std::vector<std::string> server_command(const std::string& folder) {
  return {HEQI_FAULT_SERVER, "serve", "--config", folder + "/platform/heqi.toml"};
}

std::string device_folder(const std::string& folder, std::size_t index) {
  return folder + "/device-" + std::to_string(index);
}

// copy_devices copies what devices keep, where there are any.
Status copy_devices(const std::string& from, const std::string& to, std::size_t count) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (std::size_t i = 0; i < count; ++i)
    if (fs::exists(device_folder(from, i)))
      fs::copy(device_folder(from, i), device_folder(to, i),
               fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
  return error ? base::fail(Code::storage, error.message()) : Status();
}

bool module_answers(const std::string& folder) {
  return base::LocalConnection::connect(folder + "/platform/module.socket", std::chrono::seconds(1))
      .has_value();
}

}  // namespace

base::Result<std::unique_ptr<Template>> Template::make() {
  auto out = std::make_unique<Template>();
  HEQI_TRY(out->port, program::free_port());
  HEQI_TRY(out->signing_port, program::free_port());
  HEQI_TRY(out->pki_port, program::free_port());
  const std::string folder = out->folder(), log = folder + "/log";
  HEQI_TRY(program::write_embedded(embedded_in(folder, *out)));
  HEQI_TRY(Child module, Child::start(module_command(folder), {}, log));
  HEQI_TRY(wait_for("key centre", module, [&] { return module_answers(folder); }));
  HEQI_TRY(Child server, Child::start(server_command(folder), {}, log));
  HEQI_TRY(wait_for("server", server, [&] { return answers_on(out->port); }));
  HEQI_TRY(const base::Bytes pem,
           base::read_file(folder + "/platform/data/tls/root.pem", 64 * 1024));
  out->root_pem = base::text_of(pem);
  const std::string url = "https://127.0.0.1:" + std::to_string(out->port);
  out->desk = std::make_unique<program::DeskClient>(url, out->root_pem);
  HEQI_TRY(const base::Bytes said, base::read_file(log, 1 << 24));
  HEQI_TRY(out->desk->set_up(base::text_of(said), "admin@heqi.invalid", "a long password"));
  out->parties = {
      {"张三", "zhangsan@example.cn", "11010519491231002X", "48291373056194820517", {}, {}},
      {"李四", "lisi@example.cn", "440308199901010012", "73051629481750639284", {}, {}}};
  for (Party& party : out->parties) {
    HEQI_TRY(party.id, out->desk->add_person(party.name, party.email, party.id_number));
  }
  if (server.end(SIGTERM) != 0 || module.end(SIGTERM) != 0)
    return base::fail(Code::internal, "the programs did not end in order");
  return out;
}

World::World(Template& origin, WorldOptions options)
    : origin_(origin), options_(std::move(options)), parties_(origin.parties) {}

base::Result<std::unique_ptr<World>> World::open(Template& origin, WorldOptions options) {
  std::unique_ptr<World> world(new World(origin, std::move(options)));
  HEQI_TRY(world->copy_template());
  const std::string folder = world->folder();
  world->module_.command = module_command(folder);
  world->server_.command = server_command(folder);
  HEQI_TRY(world->start_service(world->module_, world->options_.module));
  // A key centre or server that dies while it starts is started again like any other.
  (void)wait_for("key centre", *world->module_.child, [&] { return module_answers(folder); });
  HEQI_TRY(world->start_service(world->server_, world->options_.server));
  world->watched_ = true;
  world->watcher_ = std::thread([raw = world.get()] { raw->look_after(); });
  HEQI_TRY(world->wait_until_up());
  for (std::size_t i = 0; i < world->parties_.size(); ++i) {
    HEQI_TRY(world->start_device(i));
  }
  return world;
}

World::~World() {
  watched_ = false;
  if (watcher_.joinable()) watcher_.join();
}

Status World::copy_template() {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::remove(origin_.folder() + "/platform/module.socket", error);
  fs::copy(origin_.folder() + "/platform", platform(), fs::copy_options::recursive, error);
  if (error) return base::fail(Code::storage, error.message());
  // The files name their folder.
  HEQI_TRY(program::write_embedded(embedded_in(folder(), origin_)));
  return copy_devices(origin_.folder(), folder(), parties_.size());
}

Status World::keep() {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::remove(platform() + "/module.socket", error);
  fs::remove_all(origin_.folder() + "/platform", error);
  fs::copy(platform(), origin_.folder() + "/platform", fs::copy_options::recursive, error);
  if (error) return base::fail(Code::storage, error.message());
  HEQI_TRY(program::write_embedded(embedded_in(origin_.folder(), origin_)));
  return copy_devices(folder(), origin_.folder(), parties_.size());
}

Status World::start_service(Service& service, const Environment& environment) {
  if (&service == &server_) server_began_alone_ = !module_answers(folder());
  HEQI_TRY(Child child, Child::start(service.command, environment, folder() + "/services.log"));
  service.child = std::make_unique<Child>(std::move(child));
  return {};
}

Status World::wait_until_up() {
  for (base::Duration waited{0}; waited < kPatience; waited += base::Duration(kPause)) {
    if (module_answers(folder()) && answers_on(origin_.port)) return {};
    ::usleep(kPause);
  }
  return base::fail(Code::timeout, "the platform does not come up: " + logs());
}

bool World::revive(Service& service, const char* name) {
  const std::optional<int> ended = service.child->ended();
  if (!ended) return false;
  // A server that finds no key centre at its start ends in order, and is tried again.
  if (!(&service == &server_ && *ended == 1 && server_began_alone_)) ++deaths_;
  last_death_ = *ended;
  story_.push_back(std::string(name) + " ended: " + std::to_string(*ended));
  if (const Status started = start_service(service, {}); !started)
    story_.push_back(base::to_line(started.error()));
  return true;
}

// look_after is what a service manager does.
void World::look_after() {
  while (watched_) {
    if (!closing_) {
      const std::lock_guard lock(mutex_);
      if (closing_) continue;
      revive(module_, "key centre");
      // The server needs the key centre at its start, and is tried again until it has it.
      revive(server_, "server");
    }
    ::usleep(kPause);
  }
}

Status World::configure_module(const std::string& line) {
  HEQI_TRY(base::Bytes text, base::read_file(module_configuration(), 64 * 1024));
  base::append(text, base::bytes_of("\n" + line + "\n"));
  HEQI_TRY(base::write_file(module_configuration(), text));
  return restart_module();
}

Status World::restart_module() {
  const int before = deaths_;
  ::kill(module_.child->id(), SIGKILL);
  for (base::Duration waited{0}; deaths_ == before; waited += base::Duration(kPause)) {
    if (waited > kPatience) return base::fail(Code::timeout, "the key centre does not end");
    ::usleep(kPause);
  }
  return wait_until_up();
}

void World::note(const std::string& line) {
  const std::lock_guard lock(mutex_);
  story_.push_back(line);
}

std::string World::story() {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const std::string& line : story_) out += line + "\n";
  return out;
}

std::string World::logs() const {
  const auto log = base::read_file(folder() + "/services.log", std::size_t{1} << 24);
  if (!log) return "";
  const std::string text(base::text_of(*log));
  return text.size() < 6'000 ? text : text.substr(text.size() - 6'000);
}

Status World::persist(const std::string& what, const std::function<Status()>& step) {
  Status last;
  for (int i = 0; i < kTriesMax; ++i) {
    last = step();
    if (last) return {};
    note(what + ": " + base::to_line(last.error()));
    HEQI_TRY(wait_until_up());
    HEQI_TRY(revive_devices());
    ::usleep(2 * kPause);
  }
  return base::fail(last.error().code, what + ": " + last.error().detail);
}

Status World::start_device(std::size_t index) {
  Party& party = parties_.at(index);
  const bool is_first = devices_.size() <= index || devices_[index] == nullptr;
  party.folder = device_folder(folder(), index);
  const std::string text = "socket = \"" + party.folder + ".socket\"\nstate_folder = \"" +
                           party.folder + "/state\"\nkey_folder = \"" + party.folder +
                           "/key\"\npin_rounds = " + std::to_string(options_.pin_rounds) + "\n";
  HEQI_TRY(base::write_file(party.folder + ".toml", base::bytes_of(text)));
  HEQI_TRY(Child child,
           Child::start({HEQI_FAULT_DEVICE, "--config", party.folder + ".toml"},
                        is_first ? options_.device : Environment{}, party.folder + ".log"));
  devices_.resize(parties_.size());
  devices_[index] = std::make_unique<Child>(std::move(child));
  return wait_for("device", *devices_[index], [&] {
    return base::LocalConnection::connect(party.folder + ".socket", std::chrono::seconds(1))
        .has_value();
  });
}

// revive_devices is what a person does whose device has gone dark.
Status World::revive_devices() {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const auto ended = devices_[i]->ended();
    if (!ended) continue;
    ++deaths_;
    last_death_ = *ended;
    note("device " + std::to_string(i) + " ended: " + std::to_string(*ended));
    HEQI_TRY(start_device(i));
  }
  return {};
}

base::Result<Outcome> World::with_terminal(
    std::size_t index,
    const std::function<base::Result<Outcome>(program::Terminal&, program::Person&,
                                              terminal::TerminalClient&)>& act) {
  const Party& party = parties_.at(index);
  HEQI_TRY(terminal::TerminalClient device,
           terminal::TerminalClient::connect(party.folder + ".socket"));
  const base::SystemClock clock;
  program::TerminalOptions options;
  options.server = server_url();
  options.patience = std::chrono::seconds(5);
  options.interval = base::Duration(kPause);
  program::Terminal terminal(device, origin_.desk->fetch(), clock, std::move(options));
  program::PersonWithPin person(base::SecretBytes::copy_of(base::bytes_of(party.pin)));
  return act(terminal, person, device);
}

base::Result<std::vector<std::string>> World::mails(std::string_view kind, const std::string& to,
                                                    bool (*is_wanted)(std::string_view)) {
  HEQI_TRY(const auto outbox, base::open_folder(platform() + "/data/outbox"));
  HEQI_TRY(const std::vector<std::string> names, outbox->list(""));
  std::vector<std::string> lines;
  for (const std::string& name : names) {
    HEQI_TRY(const base::Bytes content, outbox->read(name, 1 << 20));
    HEQI_TRY(const services::notify::Mail mail, services::notify::parse_mail(content));
    if (mail.label != kind || mail.to_address != to) continue;
    for (std::string_view line : base::split(mail.body, '\n'))
      if (is_wanted(base::trim(line))) lines.emplace_back(base::trim(line));
  }
  return lines;
}

// try_enrol goes on where the device stands: with the code, or without it where it was used.
Status World::try_enrol(std::size_t index) {
  const Party& party = parties_.at(index);
  HEQI_TRY(const Outcome outcome,
           with_terminal(index,
                         [&](program::Terminal& terminal, program::Person& person,
                             terminal::TerminalClient& device) -> base::Result<Outcome> {
                           HEQI_TRY(const device::Information information, device.information());
                           if (information.stage == device::Stage::enrolled) {
                             HEQI_TRY(terminal.finish(person));  // the acknowledgement may wait
                             return Outcome{"certificate_installed", {}};
                           }
                           if (information.stage == device::Stage::registered ||
                               information.stage == device::Stage::keyed)
                             return terminal.finish(person);
                           HEQI_TRY(const std::vector<std::string> codes,
                                    mails("authorisation_code", party.email, program::is_code));
                           base::Result<Outcome> last =
                               base::fail(Code::not_found, "no code came yet");
                           for (const std::string& code : codes) {
                             last = terminal.enrol(code, person);
                             if (last || last.error().code != Code::unauthenticated) break;
                           }
                           return last;
                         }));
  if (outcome.what == "certificate_installed") return {};
  return base::fail(Code::conflict, "enrolment: " + outcome.what);
}

Status World::enrol(std::size_t index) {
  const std::string who = parties_.at(index).email;
  HEQI_TRY(persist("authorise " + who, [&] { return origin_.desk->authorise(party(index).id); }));
  return persist("enrol " + who, [&] { return try_enrol(index); });
}

Status World::make_contract() {
  HEQI_TRY(const base::Bytes document,
           base::read_file(std::string(HEQI_EXAMPLES) + "/lease.pdf", std::size_t{50} << 20));
  HEQI_TRY(persist("create contract", [&]() -> Status {
    HEQI_TRY(contract_, origin_.desk->create_contract("房屋租赁合同", document,
                                                      {parties_[0].id, parties_[1].id}));
    return {};
  }));
  return persist("start contract", [&]() -> Status {
    const Status started = origin_.desk->start_contract(contract_);
    // The answer to an earlier try was lost.
    if (!started && started.error().code == Code::conflict) return {};
    return started;
  });
}

Status World::try_sign(std::size_t index, const std::string& link) {
  const auto outcome = with_terminal(index,
                                     [&](program::Terminal& terminal, program::Person& person,
                                         terminal::TerminalClient&) -> base::Result<Outcome> {
                                       auto made = terminal.sign(link, person);
                                       // "You have signed already": what the device still has to
                                       // tell or to hear.
                                       if (!made && made.error().code == Code::conflict) {
                                         HEQI_TRY(terminal.finish(person));
                                         return Outcome{"signed", {}};
                                       }
                                       return made;
                                     });
  if (!outcome) return outcome.error();
  if (outcome->what != "signed") return base::fail(Code::conflict, outcome->what);
  if (outcome->display) told_.push_back({index, outcome->display->transaction_id});
  return {};
}

Status World::sign(std::size_t index) {
  const Party& party = parties_.at(index);
  std::string link;
  HEQI_TRY(persist("invitation of " + party.email, [&]() -> Status {
    HEQI_TRY(const auto links, mails("invitation", party.email, program::is_link));
    for (const std::string& one : links)
      if (!followed_.contains(one)) link = one;
    return link.empty() ? base::fail(Code::not_found, "no invitation yet") : Status();
  }));
  HEQI_TRY(persist("sign " + party.email, [&] { return try_sign(index, link); }));
  followed_.insert(link);
  return persist("signature of " + party.email, [&] {
    return origin_.desk->wait_for_signatures(contract_, index + 1, kPatience);
  });
}

Status World::finish() {
  HEQI_TRY(persist("complete",
                   [&] { return origin_.desk->wait_for_state(contract_, "complete", kPatience); }));
  return persist("download", [&]() -> Status {
    HEQI_TRY(document_, origin_.desk->download(contract_));
    return {};
  });
}

Status World::run() {
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    HEQI_TRY(enrol(i));
  }
  HEQI_TRY(make_contract());
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    HEQI_TRY(sign(i));
  }
  return finish();
}

base::Result<device::Information> World::information(std::size_t index) {
  HEQI_TRY(auto device, terminal::TerminalClient::connect(parties_.at(index).folder + ".socket"));
  return device.information();
}

// try_update goes on where the device stands: with the new pair only the rest has to be told.
Status World::try_update(std::size_t index, base::ByteView old) {
  HEQI_TRY(const Outcome outcome,
           with_terminal(index,
                         [&](program::Terminal& terminal, program::Person& person,
                             terminal::TerminalClient& device) -> base::Result<Outcome> {
                           HEQI_TRY(const device::Information information, device.information());
                           if (!base::same_bytes(information.certificate, old)) {
                             HEQI_TRY(terminal.finish(person));
                             return Outcome{"certificate_updated", {}};
                           }
                           return terminal.update_certificate(person);
                         }));
  if (outcome.what == "certificate_updated") return {};
  return base::fail(Code::conflict, "update: " + outcome.what);
}

Status World::update(std::size_t index) {
  const std::string who = parties_.at(index).email;
  base::Bytes old;
  HEQI_TRY(persist("look at the device of " + who, [&]() -> Status {
    HEQI_TRY(const device::Information now, information(index));
    old = now.certificate;
    return {};
  }));
  return persist("update " + who, [&] { return try_update(index, old); });
}

Status World::try_revoke(std::size_t index) {
  constexpr int kKeyCompromise = 1;  // RFC 5280 §5.3.1
  HEQI_TRY(const Outcome outcome,
           with_terminal(index,
                         [&](program::Terminal& terminal, program::Person& person,
                             terminal::TerminalClient& device) -> base::Result<Outcome> {
                           HEQI_TRY(const device::Information information, device.information());
                           if (information.certificate.empty()) {
                             // The confirmation may wait; to a device without a certificate the
                             // service has nothing else to say.
                             const auto rest = terminal.finish(person);
                             if (!rest && rest.error().code != Code::revoked) return rest.error();
                             return Outcome{"certificate_revoked", {}};
                           }
                           return terminal.revoke_certificate(kKeyCompromise, person);
                         }));
  if (outcome.what == "certificate_revoked") return {};
  return base::fail(Code::conflict, "revocation: " + outcome.what);
}

Status World::revoke(std::size_t index) {
  return persist("revoke " + parties_.at(index).email, [&] { return try_revoke(index); });
}

namespace {

// ChangingPin confirms with one PIN and chooses another.
class ChangingPin final : public program::Person {
 public:
  ChangingPin(std::string_view old_one, std::string_view next)
      : old_(base::SecretBytes::copy_of(base::bytes_of(old_one))),
        next_(base::SecretBytes::copy_of(base::bytes_of(next))) {}
  base::Result<base::SecretBytes> choose_pin() override { return next_.clone(); }
  base::Result<std::optional<base::SecretBytes>> confirm(const device::Display& display) override {
    HEQI_TRY(once_.take(display));
    return std::optional<base::SecretBytes>(old_.clone());
  }

 private:
  base::SecretBytes old_, next_;
  program::OneTry once_;
};

}  // namespace

Status World::try_change_pin(std::size_t index, const std::string& next) {
  Party& party = parties_.at(index);
  ChangingPin person(party.pin, next);
  const auto outcome = with_terminal(index,
                                     [&](program::Terminal& terminal, program::Person&,
                                         terminal::TerminalClient&) -> base::Result<Outcome> {
                                       auto made = terminal.change_pin(person);
                                       if (made || made.error().code != Code::cosign_wrong_pin)
                                         return made;
                                       // The new one is in force: what broke off was the word of
                                       // it.
                                       HEQI_TRY(terminal.cancel("pin-change"));
                                       return Outcome{"pin_changed", {}};
                                     });
  if (!outcome) return outcome.error();
  if (outcome->what != "pin_changed")
    return base::fail(Code::conflict, "change of the PIN: " + outcome->what);
  party.pin = next;
  return {};
}

Status World::change_pin(std::size_t index, const std::string& next) {
  return persist("change the PIN of " + parties_.at(index).email,
                 [&] { return try_change_pin(index, next); });
}

Status World::refresh(std::size_t index) {
  return persist("refresh " + parties_.at(index).email, [&]() -> Status {
    const auto outcome = with_terminal(
        index, [](program::Terminal& terminal, program::Person& person, terminal::TerminalClient&) {
          return terminal.refresh_shares(person);
        });
    if (!outcome) return outcome.error();
    if (outcome->what == "refreshed") return {};
    return base::fail(Code::conflict, "refresh: " + outcome->what);
  });
}

Status World::try_unbind(std::size_t index) {
  HEQI_TRY(const Outcome outcome,
           with_terminal(index,
                         [](program::Terminal& terminal, program::Person&,
                            terminal::TerminalClient& device) -> base::Result<Outcome> {
                           HEQI_TRY(const device::Information information, device.information());
                           if (information.stage != device::Stage::enrolled)
                             return Outcome{"unbound", {}};
                           return terminal.unbind();
                         }));
  if (outcome.what == "unbound") return {};
  return base::fail(Code::conflict, "unbinding: " + outcome.what);
}

Status World::unbind(std::size_t index) {
  return persist("unbind " + parties_.at(index).email, [&] { return try_unbind(index); });
}

Status World::wait_until_delivered() {
  return persist("everything delivered", [&]() -> Status {
    HEQI_TRY(const auto database, sql::Database::open({.url = this->database()}));
    HEQI_TRY(const sql::Row left, database->with_snapshot([](sql::Transaction& t) {
      return t.get_row(
          "SELECT COUNT(*) FROM flow_outbox WHERE delivered_at IS NULL AND dead_at IS NULL");
    }));
    if (left.int64(0) != 0) return base::fail(Code::timeout, "messages wait");
    return {};
  });
}

Status World::close() {
  for (int i = 0; i < 3; ++i) {
    HEQI_TRY(wait_until_delivered());
    int server_ended = 0, module_ended = 0;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      server_ended = server_.child->end(SIGTERM);
      module_ended = module_.child->end(SIGTERM);
    }
    if (server_ended == 0 && module_ended == 0) break;
    if (i == 2) return base::fail(Code::internal, "the programs do not end in order");
    // The fault came at the very end: once more.
    note("at the end: " + std::to_string(server_ended) + " " + std::to_string(module_ended));
    HEQI_TRY(start_service(module_, {}));
    HEQI_TRY(start_service(server_, {}));
    closing_ = false;
    HEQI_TRY(wait_until_up());
  }
  watched_ = false;
  watcher_.join();
  for (const auto& device : devices_) device->end(SIGTERM);
  return {};
}

}  // namespace heqi::faults
