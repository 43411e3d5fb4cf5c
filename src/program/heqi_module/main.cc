// heqi-module: the key centre's process. It serves keys::Module on a local socket, and nothing
// else.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include <heqi/base/confinement.h>
#include <heqi/base/environment.h>
#include <heqi/base/fault_hooks.h>
#include <heqi/base/hardening.h>
#include <heqi/base/local_socket.h>
#include <heqi/base/scheduling.h>
#include <heqi/base/settings.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/self_test.h>
#include <heqi/device/integrity.h>
#include <heqi/keys/module.h>
#include <heqi/sql/faults.h>

#include "administer.h"

namespace heqi {
namespace {

constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 200'000'000};  // between two looks at the health

struct Configuration {
  std::string socket, database, state_folder, wrapping_folder;
  keys::Place place;
  keys::Exchanges exchanges = keys::Exchanges::joint;
  std::int64_t allowed_user;
  std::int64_t pin_tries;
  base::EnvironmentPolicy environment = base::EnvironmentPolicy::report;
};

base::Result<Configuration> read_configuration(const std::string& path) {
  HEQI_TRY(base::Settings settings, base::Settings::read(path));
  Configuration out;
  HEQI_TRY(out.socket, settings.required_text("socket"));
  HEQI_TRY(out.database, settings.required_text("database"));
  HEQI_TRY(out.state_folder, settings.required_text("state_folder"));
  HEQI_TRY(out.wrapping_folder, settings.required_text("wrapping_folder"));
  HEQI_TRY(out.place.app_id, settings.text("app_id", "heqi"));
  HEQI_TRY(out.place.platform_id, settings.text("platform_id", "mssp"));
  HEQI_TRY(out.allowed_user,
           settings.integer("allowed_user", static_cast<std::int64_t>(::getuid())));
  HEQI_TRY(out.pin_tries, settings.integer("pin_tries", keys::kTriesBeforeLock));
  if (out.pin_tries < 1 || out.pin_tries > keys::kTriesBeforeLock)
    return base::fail(base::Code::malformed, "pin_tries is 1 to 9");
  HEQI_TRY(const std::string exchanges, settings.text("exchanges", "joint"));
  if (exchanges == "joint, blind") {
    out.exchanges = keys::Exchanges::joint_and_blind;
  } else if (exchanges != "joint") {
    return base::fail(base::Code::malformed, "exchanges is \"joint\" or \"joint, blind\"");
  }
  HEQI_TRY(const std::string policy, settings.text("environment", "report"));
  if (policy == "refuse") {
    out.environment = base::EnvironmentPolicy::refuse;
  } else if (policy != "report") {
    return base::fail(base::Code::malformed, "environment is \"report\" or \"refuse\"");
  }
  HEQI_TRY(settings.finish());
  return out;
}

// serve answers the requests of one connection, one after the other.
void serve(keys::Module& module, const Configuration& configuration, base::Log& log,
           base::LocalConnection& connection) {
  const auto user = connection.peer_user();
  if (!user || (*user != 0 && static_cast<std::int64_t>(*user) != configuration.allowed_user)) {
    log.warning("module.stranger_refused",
                {{"user", user ? static_cast<std::int64_t>(*user) : -1}});
    return;
  }
  while (auto request = connection.receive(keys::kModuleMessageSizeMax)) {
    base::Bytes answer = module.handle(*request);
    base::secure_wipe(request->data(), request->size());
    base::wipe_stack();  // before the answer leaves: who has it may look
    HEQI_STOP_AFTER("boundary");
    const base::Status sent = connection.send(answer);
    base::secure_wipe(answer.data(), answer.size());
    if (!sent) return;
  }
}

base::Status run(const std::string& configuration_path) {
  // Blocked in every thread, so that only the waiting one below takes them.
  sigset_t ending;
  sigemptyset(&ending);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  const base::SystemClock clock;
  base::JsonLog log(STDERR_FILENO, clock, "heqi-module");
  HEQI_TRY(const Configuration configuration, read_configuration(configuration_path));
  HEQI_TRY(std::vector<std::string> environment,
           base::check_environment(configuration.environment));
  if (device::uses_development_key()) environment.emplace_back("development_key");
  HEQI_TRY(base::harden_process(log));
  base::compute_uninterrupted();
  const bool embedded = configuration.database.rfind("sqlite:", 0) == 0;
  HEQI_TRY(base::confine_process(embedded ? base::Network::none : base::Network::allowed, log));
  HEQI_TRY(device::check_own_integrity());
  base::SystemRandom system;
  HEQI_TRY(const auto random, crypto::HashDrbg::make(system, clock, base::bytes_of("heqi-module")));
  HEQI_TRY(const auto files, sql::faults::open_folder(configuration.state_folder));
  HEQI_TRY(const auto wrapping_files, sql::faults::open_folder(configuration.wrapping_folder));
  std::vector<device::SelfTest> tests = {{"integrity", device::check_own_integrity},
                                         {"known answers", [] { return crypto::run_self_tests(); }},
                                         {"random source", [&] { return random->reseed(); }}};
  HEQI_TRY(const auto module,
           keys::Module::open({.database_url = configuration.database,
                               .place = configuration.place,
                               .exchanges = configuration.exchanges,
                               .tries_before_lock = static_cast<int>(configuration.pin_tries)},
                              {*files, *wrapping_files, *random, clock, log, std::move(tests),
                               std::move(environment)}));
  HEQI_TRY(const auto listener, base::LocalListener::listen(configuration.socket));
  std::thread waiter([&] {
    // A key centre that cannot write its counters and tries answers nothing any more: it ends, and
    // is started anew.
    while (::sigtimedwait(&ending, nullptr, &kLook) < 0 && module->is_healthy()) continue;
    listener->stop();
  });
  log.info("module.started", {{"socket", configuration.socket}});
  listener->run(
      [&](base::LocalConnection& connection) { serve(*module, configuration, log, connection); });
  waiter.join();
  if (!module->is_healthy())
    return base::fail(base::Code::storage, "the disk refused a write; start the key centre anew");
  log.info("module.stopped");
  return {};
}

base::Status administer_from(const std::string& configuration_path,
                             const std::vector<std::string>& arguments) {
  HEQI_TRY(const Configuration configuration, read_configuration(configuration_path));
  return administer(configuration.socket, arguments);
}

}  // namespace
}  // namespace heqi

int main(int argc, char** argv) {
  const bool asks = argc == 2 && std::string_view(argv[1]) == "--help";
  const bool configured = argc >= 3 && std::string_view(argv[1]) == "--config";
  const bool administers =
      configured && argc >= 5 && argc <= 7 && std::string_view(argv[3]) == "--administer";
  if (asks || !configured || (argc != 3 && !administers)) {
    std::fprintf(
        asks ? stdout : stderr,
        "heqi-module --config FILE\n\n"
        "The key centre. FILE holds: socket, database (sqlite:/… or postgres://…), state_folder,\n"
        "wrapping_folder (the root wrapping key; readable by this user only), and optionally\n"
        "app_id, platform_id, allowed_user (the user id that may connect; default: its own),\n"
        "environment (\"report\", or \"refuse\" to serve as root), exchanges (\"joint\", or\n"
        "\"joint, blind\" to help sign also what it does not learn) and pin_tries (1 to 9 wrong\n"
        "PINs lock a key; default 9, with delays after 3 and 6).\n\n%s",
        heqi::administer_help().c_str());
    return asks ? 0 : 2;
  }
  const heqi::base::Status ended =
      administers ? heqi::administer_from(argv[2], {argv + 4, argv + argc}) : heqi::run(argv[2]);
  if (ended) return 0;
  std::fprintf(stderr, "heqi-module: %s\n", heqi::base::to_line(ended.error()).c_str());
  return 1;
}
