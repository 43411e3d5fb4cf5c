// Whatever breaks in the first start, the next one holds a ceremony to its end: one hierarchy whose
// certificates fit the keys that the key centre signs with.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include <heqi/base/text.h>
#include <heqi/keys/module_client.h>
#include <heqi/pki/crl.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "child.h"
#include "free_port.h"
#include "serve_command.h"

namespace heqi::faults {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

bool answers_on(std::int64_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int done = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::close(descriptor);
  return done == 0;
}

// Installation is a folder in which a platform is started for the first time.
class Installation {
 public:
  Installation() {
    program::EmbeddedOptions options;
    options.folder = folder_.path() + "/p";
    options.port = *program::free_port();
    options.signing_port = *program::free_port();
    options.pki_port = *program::free_port();
    configuration_ = *program::write_embedded(options);
  }
  // start runs both programs until the platform answers or one of them has ended; true: it answers.
  bool start(const Environment& module, const Environment& server) {
    end();
    std::filesystem::remove(configuration_.module_socket);
    module_ = std::make_unique<Child>(*Child::start(
        {HEQI_FAULT_MODULE, "--config", folder_.path() + "/p/heqi-module.toml"}, module, log()));
    keys::ModuleClient client(configuration_.module_socket);
    if (!wait([&] { return client.status().has_value(); })) return false;
    server_ = std::make_unique<Child>(*Child::start(
        {HEQI_FAULT_SERVER, "serve", "--config", folder_.path() + "/p/heqi.toml"}, server, log()));
    return wait([&] { return answers_on(configuration_.port); });
  }
  void end() {
    if (server_) server_->end(SIGTERM);
    if (module_) module_->end(SIGTERM);
    server_.reset();
    module_.reset();
  }
  // expect_whole looks at what stands there while the platform runs.
  void expect_whole() {
    const auto files = base::open_folder(configuration_.data_folder);
    const auto ceremony = (*files)->read("ceremony-id", 64);
    ASSERT_OK(ceremony);
    const auto folder = base::open_folder(configuration_.data_folder + "/certificates");
    const auto hierarchy = services::ca::load_hierarchy(**folder);
    ASSERT_OK(hierarchy);
    const x509::Sm2SignatureVerifier verifier;
    EXPECT_OK(x509::verify_issued_by(hierarchy->issuing, hierarchy->root.public_key(), verifier));
    const auto root_crl = pki::parse_crl(hierarchy->root_crl);
    ASSERT_OK(root_crl);
    EXPECT_OK(pki::verify_crl(*root_crl, hierarchy->root, {verifier, pki::Sm3Digester()}));
    keys::ModuleClient client(configuration_.module_socket);
    const std::pair<const char*, const x509::Certificate*> certified[] = {
        {"issuing", &hierarchy->issuing},
        {"ocsp", &hierarchy->status_responder},
        {"tsa", &hierarchy->time_stamp_authority},
        {"application", &hierarchy->application}};
    for (const auto& [name, certificate] : certified) {
      EXPECT_OK(x509::verify_issued_by(*certificate,
                                       certificate == &hierarchy->issuing
                                           ? hierarchy->root.public_key()
                                           : hierarchy->issuing.public_key(),
                                       verifier))
          << name;
      const auto point = client.public_key(std::string(name) + "." +
                                           std::string(base::trim(base::text_of(*ceremony))));
      ASSERT_OK(point);
      EXPECT_EQ(*point, certificate->public_key().key) << name;
    }
  }
  std::string said() const {
    const auto text = base::read_file(log(), 1 << 24);
    return text ? std::string(base::text_of(*text)) : "";
  }
  std::string at(const std::string& name) const { return folder_.path() + "/" + name; }

 private:
  std::string log() const { return folder_.path() + "/log"; }
  bool wait(const std::function<bool()>& done) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
      if (done()) return true;
      if (module_->ended() || (server_ && server_->ended())) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  testing::TemporaryFolder folder_;
  program::Configuration configuration_;
  std::unique_ptr<Child> module_, server_;
};

enum class Program : std::uint8_t { module, server };

std::uint64_t count_calls(Program program) {
  Installation installation;
  const Environment counting{{"HEQI_FAULT", "count:" + installation.at("count")}};
  EXPECT_TRUE(installation.start(program == Program::module ? counting : Environment(),
                                 program == Program::server ? counting : Environment()))
      << installation.said();
  const auto text = base::read_file(installation.at("count"), 64);
  return text ? std::stoull(std::string(base::text_of(*text))) : 0;
}

void drive(Program program, const std::string& fault) {
  SCOPED_TRACE((program == Program::module ? "key centre " : "server ") + fault);
  Installation installation;
  const Environment broken{{"HEQI_FAULT", fault}};
  installation.start(program == Program::module ? broken : Environment(),
                     program == Program::server ? broken : Environment());
  ASSERT_TRUE(installation.start({}, {})) << installation.said();
  installation.expect_whole();
}

void drive_some(Program program, const std::string& kind, std::uint64_t count) {
  const std::uint64_t calls = count_calls(program);
  ASSERT_GT(calls, 20U);
  const std::uint64_t step = std::max<std::uint64_t>(1, calls / count);
  for (std::uint64_t call = 1; call <= calls && !::testing::Test::HasFailure(); call += step)
    drive(program, kind + std::to_string(call));
}

TEST(FirstStart, TheServerDiesAtSomeCalls) {
  drive_some(Program::server, "kill:", 3);
}
TEST(FirstStart, TheKeyCentreDiesAtSomeCalls) {
  drive_some(Program::module, "kill:", 2);
}
TEST(FirstStart, AWriteOfTheServerFailsAtSomeCalls) {
  drive_some(Program::server, "eio:", 2);
}
TEST(FirstStart, TheServerDiesAtEveryCall) {
  drive_some(Program::server, "kill:", ~std::uint64_t{0});
}
TEST(FirstStart, TheKeyCentreDiesAtEveryCall) {
  drive_some(Program::module, "kill:", ~std::uint64_t{0});
}

}  // namespace
}  // namespace heqi::faults
