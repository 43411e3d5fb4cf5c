#include <heqi/testing/postgres.h>

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace heqi::testing {
namespace {

using base::Code;
using base::fail;
namespace fs = std::filesystem;

constexpr auto kStartTimeout = std::chrono::seconds(60);

std::string find_binaries() {
  for (const char* version : {"15", "16", "17", "14"}) {
    const std::string folder = std::string("/usr/lib/postgresql/") + version + "/bin";
    if (::access((folder + "/postgres").c_str(), X_OK) == 0) return folder;
  }
  for (const char* folder : {"/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin"})
    if (::access((std::string(folder) + "/postgres").c_str(), X_OK) == 0) return folder;
  return {};
}

// Runner is who runs the server: PostgreSQL refuses to run as root.
struct Runner {
  uid_t user = ::geteuid();
  gid_t group = ::getegid();
};

base::Result<Runner> find_runner() {
  if (::geteuid() != 0) return Runner{};
  for (const char* name : {"postgres", "nobody"})
    if (const passwd* entry = ::getpwnam(name)) return Runner{entry->pw_uid, entry->pw_gid};
  return fail(Code::unavailable, "PostgreSQL: running as root, and no user postgres or nobody");
}

pid_t spawn(const std::vector<std::string>& command, const Runner& runner, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0), ::dup2(out, 1), ::dup2(out, 2);
  if (::geteuid() == 0 && (::setgid(runner.group) != 0 || ::setuid(runner.user) != 0)) ::_exit(126);
  // The server must not outlive the test: SIGQUIT is its immediate shutdown.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent || ::chdir("/") != 0) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string last_lines(const std::string& path) {
  std::ifstream in(path);
  std::string all((std::istreambuf_iterator<char>(in)), {});
  return all.size() > 600 ? all.substr(all.size() - 600) : all;
}

class Cluster final : public PostgresCluster {
 public:
  Cluster(Options options, Runner runner) : options_(std::move(options)), runner_(runner) {}
  ~Cluster() override {
    (void)stop();
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  base::Status make() {
    std::string name = "/tmp/heqi-pg.XXXXXX";  // short: a socket's path has 107 octets
    if (::mkdtemp(name.data()) == nullptr) return fail(Code::unavailable, "mkdtemp " + name);
    folder_ = name;
    if (::geteuid() == 0 && ::chown(name.c_str(), runner_.user, runner_.group) != 0)
      return fail(Code::unavailable, "chown " + name);
    const std::vector<std::string> command = {options_.binaries + "/initdb",
                                              "-D",
                                              data(),
                                              "-U",
                                              "heqi",
                                              "-A",
                                              "trust",
                                              "-E",
                                              "UTF8",
                                              "--locale=C",
                                              "--no-sync",
                                              "--no-instructions"};
    if (wait_for(spawn(command, runner_, log())) != 0)
      return fail(Code::unavailable, "initdb failed: " + last_lines(log()));
    std::ofstream settings(data() + "/postgresql.conf", std::ios::app);
    settings << "\nlisten_addresses = ''\nunix_socket_directories = '" << folder_ << "'\n"
             << "max_connections = 100\nshared_buffers = '32MB'\n";
    if (!options_.durable) settings << "fsync = off\nfull_page_writes = off\n";
    settings << options_.settings << "\n";
    settings.close();
    if (!settings) return fail(Code::unavailable, "writing postgresql.conf");
    return resume();
  }

  base::Result<std::string> make_database() override {
    const std::string name = "test_" + std::to_string(++databases_);
    PGconn* connection = PQconnectdb(url("postgres").c_str());
    PGresult* made = PQexec(connection, ("CREATE DATABASE " + name).c_str());
    const bool ok = PQresultStatus(made) == PGRES_COMMAND_OK;
    const std::string reason = PQerrorMessage(connection);
    PQclear(made);
    PQfinish(connection);
    if (!ok) return fail(Code::unavailable, "CREATE DATABASE: " + reason);
    return url(name);
  }

  base::Status restart() override {
    HEQI_TRY(stop());
    return resume();
  }

  base::Status stop() override {
    if (server_ <= 0) return {};
    ::kill(server_, SIGQUIT);
    wait_for(server_);
    server_ = -1;
    return {};
  }

  base::Status resume() override {
    server_ = spawn({options_.binaries + "/postgres", "-D", data()}, runner_, log());
    if (server_ < 0) return fail(Code::unavailable, "fork");
    const auto until = std::chrono::steady_clock::now() + kStartTimeout;
    while (std::chrono::steady_clock::now() < until) {
      if (PQping(url("postgres").c_str()) == PQPING_OK) return {};
      int status = 0;
      if (::waitpid(server_, &status, WNOHANG) == server_) {
        server_ = -1;
        return fail(Code::unavailable, "postgres ended at once: " + last_lines(log()));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return fail(Code::unavailable, "postgres did not answer: " + last_lines(log()));
  }

 private:
  std::string data() const { return folder_ + "/data"; }
  std::string log() const { return folder_ + "/log"; }
  std::string url(const std::string& database) const {
    return "postgres:///" + database + "?user=heqi&host=" + folder_;
  }

  Options options_;
  Runner runner_;
  std::string folder_;
  pid_t server_ = -1;
  std::atomic<int> databases_{0};
};

}  // namespace

base::Result<std::unique_ptr<PostgresCluster>> PostgresCluster::start() {
  return start(Options{});
}

base::Result<std::unique_ptr<PostgresCluster>> PostgresCluster::start(const Options& options) {
  Options chosen = options;
  if (chosen.binaries.empty()) chosen.binaries = find_binaries();
  if (chosen.binaries.empty())
    return fail(Code::unavailable, "PostgreSQL is not installed (Debian: postgresql-15)");
  HEQI_TRY(const Runner runner, find_runner());
  auto cluster = std::make_unique<Cluster>(std::move(chosen), runner);
  HEQI_TRY(cluster->make());
  return std::unique_ptr<PostgresCluster>(std::move(cluster));
}

PostgresCluster* shared_postgres() {
  static const std::unique_ptr<PostgresCluster> kShared = []() -> std::unique_ptr<PostgresCluster> {
    auto started = PostgresCluster::start();
    if (started) return std::move(*started);
    std::printf("no PostgreSQL for these tests: %s\n", base::to_line(started.error()).c_str());
    return nullptr;
  }();
  return kShared.get();
}

bool runs_on_postgresql() {
  const char* const engine = std::getenv("HEQI_TEST_ENGINE");
  return engine != nullptr && std::string_view(engine) == "postgresql";
}

std::string usual_database(const std::string& folder, const std::string& name) {
  if (!runs_on_postgresql()) return "sqlite:" + folder + "/" + name;
  PostgresCluster* const cluster = shared_postgres();
  if (cluster == nullptr) base::check_failed("no PostgreSQL here", __FILE__, __LINE__);
  const auto url = cluster->make_database();
  if (!url) base::check_failed("PostgreSQL makes a database", __FILE__, __LINE__);
  return *url;
}

}  // namespace heqi::testing
