// heqi-device: the native device's process. It serves device::Module on a local socket to its own
// user, and nothing else.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>
#include <thread>

#include <heqi/base/confinement.h>
#include <heqi/base/environment.h>
#include <heqi/base/fault_hooks.h>
#include <heqi/base/hardening.h>
#include <heqi/base/local_socket.h>
#include <heqi/base/log.h>
#include <heqi/base/settings.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/self_test.h>
#include <heqi/device/integrity.h>
#include <heqi/device/module.h>

#ifdef HEQI_FAULT_HOOKS  // tests let the device die at a write
#include <heqi/sql/faults.h>
namespace folders = heqi::sql::faults;
#else
namespace folders = heqi::base;
#endif

#include "machine.h"
#include "pin_terminal.h"

namespace heqi {
namespace {

struct Configuration {
  std::string socket, state_folder, key_folder, name, pin_terminal;
  std::uint32_t pin_rounds = device::MsdOptions().pin_rounds;
  const device::SignatureExchange* exchange = nullptr;
  device::Factors factors = device::kPinAlone;
  bool is_bound_to_machine = false;
  base::EnvironmentPolicy environment = base::EnvironmentPolicy::report;
};

base::Result<Configuration> read_configuration(const std::string& path) {
  HEQI_TRY(base::Settings settings, base::Settings::read(path));
  Configuration out;
  HEQI_TRY(out.socket, settings.required_text("socket"));
  HEQI_TRY(out.state_folder, settings.required_text("state_folder"));
  HEQI_TRY(out.key_folder, settings.required_text("key_folder"));
  HEQI_TRY(out.name, settings.text("name", "heqi-device"));
  HEQI_TRY(const std::string factors, settings.text("factors", "pin"));
  HEQI_TRY(out.factors, device::parse_factor_names(factors));
  HEQI_TRY(out.is_bound_to_machine, settings.boolean("bind_to_machine", false));
  HEQI_TRY(out.pin_terminal, settings.text("pin_terminal", ""));
  if (!out.pin_terminal.empty() && out.factors != device::kPinAlone)
    return base::fail(base::Code::malformed, "pin_terminal takes a PIN and no other factors");
  HEQI_TRY(const std::string exchange, settings.text("exchange", "joint"));
  if (exchange == "blind") {
    out.exchange = &device::blind_exchange();
  } else if (exchange != "joint") {
    return base::fail(base::Code::malformed, "exchange is \"joint\" or \"blind\"");
  }
  HEQI_TRY(const std::string policy, settings.text("environment", "report"));
  if (policy == "refuse") {
    out.environment = base::EnvironmentPolicy::refuse;
  } else if (policy != "report") {
    return base::fail(base::Code::malformed, "environment is \"report\" or \"refuse\"");
  }
#ifdef HEQI_FAULT_HOOKS  // tests have no time for many slow PINs
  HEQI_TRY(const std::int64_t rounds, settings.integer("pin_rounds", out.pin_rounds));
  out.pin_rounds = static_cast<std::uint32_t>(rounds);
#endif
  HEQI_TRY(settings.finish());
  return out;
}

// serve answers the commands of one terminal; commands of several terminals take turns.
void serve(device::Module& module, std::mutex& turn, base::Log& log,
           base::LocalConnection& connection) {
  const auto user = connection.peer_user();
  if (!user || *user != ::getuid()) {
    log.warning("device.stranger_refused",
                {{"user", user ? static_cast<std::int64_t>(*user) : -1}});
    return;
  }
  while (auto command = connection.receive(device::kCommandSizeMax)) {
    base::Bytes reply;
    {
      const std::lock_guard guard(turn);
      reply = module.run(*command);
    }
    base::secure_wipe(command->data(), command->size());
    base::wipe_stack();
    HEQI_STOP_AFTER("boundary");
    if (!connection.send(reply)) return;
  }
}

base::Status run(const std::string& configuration_path) {
  // Blocked in every thread, so that only the waiting one below takes them.
  sigset_t ending;
  sigemptyset(&ending);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const base::SystemClock clock;
  base::JsonLog log(STDERR_FILENO, clock, "heqi-device");
  HEQI_TRY(const Configuration configuration, read_configuration(configuration_path));
  HEQI_TRY(std::vector<std::string> environment,
           base::check_environment(configuration.environment));
  if (device::uses_development_key()) environment.emplace_back("development_key");
  std::unique_ptr<device::PinInput> pin_input;
  if (configuration.pin_terminal.empty()) {
    environment.emplace_back(device::kApplicationTakesPin);
  } else {
    HEQI_TRY(pin_input, open_pin_terminal(configuration.pin_terminal));
  }
  HEQI_TRY(base::harden_process(log));
  HEQI_TRY(base::confine_process(base::Network::none, log));
  HEQI_TRY(device::check_own_integrity());
  base::SystemRandom system;
  HEQI_TRY(const auto random, crypto::HashDrbg::make(system, clock, base::bytes_of("heqi-device")));
  HEQI_TRY(const auto files, folders::open_folder(configuration.state_folder));
  HEQI_TRY(const auto key_files, folders::open_folder(configuration.key_folder));
  device::MsdOptions options;
  options.device_name = configuration.name;
  options.pin_rounds = configuration.pin_rounds;
  options.exchange = configuration.exchange;
  options.factors = configuration.factors;
  if (configuration.is_bound_to_machine) options.machine = describe_machine;
  const auto module =
      device::Module::open({{*files, *key_files, *random, clock},
                            log,
                            {{"environment",
                              [&]() -> base::Status {
                                HEQI_TRY(base::check_environment(configuration.environment));
                                return {};
                              }},
                             {"integrity", device::check_own_integrity},
                             {"known answers", [] { return crypto::run_self_tests(); }},
                             {"random source", [&] { return random->reseed(); }}},
                            std::move(environment),
                            pin_input.get()},
                           options);
  HEQI_TRY(const auto listener, base::LocalListener::listen(configuration.socket));
  std::thread waiter([&] {
    int signal = 0;
    ::sigwait(&ending, &signal);
    listener->stop();
  });
  log.info("device.started",
           {{"socket", configuration.socket}, {"state", device::name_of(module->status().state)}});
  std::mutex turn;
  listener->run([&](base::LocalConnection& connection) { serve(*module, turn, log, connection); });
  waiter.join();
  log.info("device.stopped");
  return {};
}

}  // namespace
}  // namespace heqi

int main(int argc, char** argv) {
  const bool asks = argc == 2 && std::string_view(argv[1]) == "--help";
  if (asks || argc != 3 || std::string_view(argv[1]) != "--config") {
    std::fprintf(
        asks ? stdout : stderr,
        "heqi-device --config FILE\n\n"
        "One person's device. FILE holds: socket, state_folder, key_folder (the wrap key:\n"
        "kept out of backups, readable by this user only), and optionally name, environment\n"
        "(\"report\", or \"refuse\" to serve as root), exchange (\"joint\", or \"blind\": the key\n"
        "centre does not learn what is signed, and has to allow it), pin_terminal (the "
        "module's\n"
        "own screen, as /dev/tty8: the PIN is entered there, and no command may carry one),\n"
        "factors (\"pin\", or more of \"pin, gesture, passphrase, released_key\": all of them are\n"
        "needed for each use of the key; for the next key, or from the next change of the PIN on)\n"
        "and bind_to_machine (true: the next key works on this machine only).\n\n"
        "一个人的签名设备。配置文件包含 socket、state_folder、key_folder（包裹密钥，不进备份，\n"
        "仅本用户可读），可选 name、environment（report 或 refuse）、exchange（joint，或 "
        "blind：密钥中心\n"
        "不知道签名内容，且须由其允许）、pin_terminal（模块自己的终端：PIN 只在该处输入）、\n"
        "factors（每次使用密钥所需的全部要素）、bind_to_"
        "machine（true：下一个密钥只在本机可用）。\n");
    return asks ? 0 : 2;
  }
  const heqi::base::Status status = heqi::run(argv[2]);
  if (status) return 0;
  std::fprintf(stderr, "heqi-device: %s\n", heqi::base::to_line(status.error()).c_str());
  return 1;
}
