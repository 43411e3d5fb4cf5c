#include "serve_command.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>

#include <heqi/base/file_store.h>

#include "arguments.h"
#include "platform_process.h"
#include "process.h"
#include "qr_code.h"
#include "trust_page.h"

namespace heqi::program {
namespace {

constexpr Option kOptions[] = {
    {"--config", "FILE", "the configuration", "配置文件"},
    {"--embedded", "DIR", "make the configuration in DIR and start heqi-module too",
     "在目录中生成配置并启动密钥中心"},
    {"--address", "A", "with --embedded: listen on A (default 127.0.0.1)", "监听地址"},
    {"--port", "N", "with --embedded: port of HTTPS (default 8443)", "HTTPS 端口"},
    {"--signing-port", "N", "with --embedded: port of the signing site (default: the next one)",
     "签署站点端口"},
    {"--web", "DIR", "with --embedded: folder of the pages", "网页目录"},
    {"--pki-port", "N", "with --embedded: port of OCSP, CRL, time-stamps (default 8080)",
     "证书服务端口"},
    {"--database", "D", "with --embedded: sqlite (default) or a postgres:// URL", "数据库"},
};
constexpr Syntax kSyntax{.command = "heqi serve",
                         .operands = "",
                         .english = "Runs the platform until it is told to stop.",
                         .chinese = "运行平台。",
                         .options = kOptions};

base::Result<std::int64_t> number_of(const Arguments& arguments, std::string_view name,
                                     std::int64_t otherwise) {
  const auto text = arguments.find(name);
  if (!text) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0 || value > 65535)
    return base::fail(base::Code::malformed, std::string(name) + " is a port, 0…65535");
  return value;
}

constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 200'000'000};  // between two looks at the health

// wait_for_the_end returns the signal that ends the platform, or an error where it cannot go on.
// look is called now and then.
base::Result<int> wait_for_the_end(const sigset_t& ending, const PlatformProcess& platform,
                                   const std::function<void()>& look) {
  for (;;) {
    const int signal = ::sigtimedwait(&ending, nullptr, &kLook);
    if (signal > 0) return signal;
    if (!platform.is_healthy())
      return base::fail(base::Code::storage, "the disk refused a write; start the platform anew");
    if (look) look();
  }
}

// is_reachable tells whether phones on the same network can come here.
bool is_reachable(const Configuration& configuration) {
  return configuration.address != "localhost" && configuration.address != "::1" &&
         !configuration.address.starts_with("127.");
}

// print_way_in says how a browser learns to trust the connection, and shows the address for the
// cameras of phones that can come here.
base::Status print_way_in(const Configuration& configuration) {
  if (!configuration.tls_certificate.empty()) return {};  // nothing of ours is to be trusted
  HEQI_TRY(const auto files, base::open_folder(configuration.data_folder));
  const auto root = files->read("tls/root.pem", 64 * 1024);
  if (!root) return {};  // a certificate of somebody else's: nothing of ours is to be trusted
  if (is_reachable(configuration)) {
    HEQI_TRY(const std::string code, qr_text(configuration.public_url));
    std::fprintf(stderr, "\n%s\nA phone on this network opens it by this code 手机扫码打开: %s\n",
                 code.c_str(), configuration.public_url.c_str());
  }
  std::fprintf(stderr,
               "A browser first trusts the connection 首次请先信任连接证书: %s/trust\n"
               "Fingerprint (SHA-256) 指纹: %s\n\n",
               configuration.public_url.c_str(), tls_fingerprint(base::text_of(*root)).c_str());
  return {};
}

// serve runs until a signal, or until the disk refuses a write: what was acknowledged is safe, and
// a new start finds it.
base::Result<int> serve(const Configuration& configuration, base::Log& log,
                        const std::function<void()>& look = {}) {
  sigset_t ending;
  sigemptyset(&ending);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  HEQI_TRY(const auto platform, PlatformProcess::start(configuration, log));
  std::fprintf(stderr, "Heqi answers at 合契已就绪: %s\n", configuration.public_url.c_str());
  HEQI_TRY(print_way_in(configuration));
  const base::Result<int> ended = wait_for_the_end(ending, *platform, look);
  platform->stop();
  if (!ended) return ended.error();
  log.info("platform.stopped");
  return kExitDone;
}

base::Result<int> run(const Arguments& arguments) {
  const base::SystemClock clock;
  base::JsonLog log(STDERR_FILENO, clock, "heqi");
  if (const auto config = arguments.find("--config")) {
    HEQI_TRY(const Configuration configuration, read_configuration(*config));
    return serve(configuration, log);
  }
  EmbeddedOptions options;
  if (!arguments.has("--embedded"))
    return base::fail(base::Code::malformed, "--config FILE or --embedded DIR is needed");
  options.folder = arguments.get("--embedded");
  options.address = arguments.find("--address").value_or(options.address);
  HEQI_TRY(options.port, number_of(arguments, "--port", options.port));
  HEQI_TRY(options.signing_port, number_of(arguments, "--signing-port", options.signing_port));
  options.web_folder = arguments.get("--web");
  HEQI_TRY(options.pki_port, number_of(arguments, "--pki-port", options.pki_port));
  const std::string database = arguments.find("--database").value_or("sqlite");
  if (database != "sqlite") options.database = database;
  HEQI_TRY(const Configuration configuration, write_embedded(options));
  HEQI_TRY(const std::string module, find_program("heqi-module"));
  const std::vector<std::string> command = {module, "--config",
                                            options.folder + "/heqi-module.toml"};
  HEQI_TRY(Process process, Process::start(command, ""));
  HEQI_TRY(wait_for_socket(configuration.module_socket, process, std::chrono::seconds(20)));
  // The key centre that died is started again; elsewhere the service manager does that.
  return serve(configuration, log, [&] {
    if (process.is_running()) return;
    log.error("platform.key_centre_died");
    if (auto again = Process::start(command, "")) process = *std::move(again);
  });
}

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"\n";
}

}  // namespace

base::Result<Configuration> write_embedded(const EmbeddedOptions& options) {
  std::error_code error;
  const std::string folder = std::filesystem::absolute(options.folder, error).string();
  if (error) return base::fail(base::Code::storage, options.folder);
  HEQI_TRY(const auto files, base::open_folder(folder));
  Configuration out;
  out.address = options.address;
  out.port = options.port;
  out.signing_port = options.signing_port;
  out.pki_port = options.pki_port;
  const std::string host = options.address == "0.0.0.0" ? "127.0.0.1" : options.address;
  out.public_url = "https://" + host + ":" + std::to_string(options.port);
  out.pki_url = "http://127.0.0.1:" + std::to_string(options.pki_port);
  complete_signing_site(out);
  if (!options.web_folder.empty())
    out.web_folder = std::filesystem::absolute(options.web_folder, error).string();
  out.database = options.database.empty() ? "sqlite:" + folder + "/heqi.db" : options.database;
  out.data_folder = folder + "/data";
  out.module_socket = folder + "/module.socket";
  out.time_source = "system";
  HEQI_TRY(files->write("heqi.toml", base::bytes_of(encode_configuration(out))));
  const std::string module = "socket = " + in_quotes(out.module_socket) +
                             "database = " + in_quotes("sqlite:" + folder + "/module.db") +
                             "state_folder = " + in_quotes(folder + "/module") +
                             "wrapping_folder = " + in_quotes(folder + "/module-wrapping");
  HEQI_TRY(files->write("heqi-module.toml", base::bytes_of(module)));
  return out;
}

int run_serve(CommandLine arguments) {
  return run_command(kSyntax, arguments, run);
}

}  // namespace heqi::program
