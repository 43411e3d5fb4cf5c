// The keys of TLS connections of a running platform: in no process that serves, and what strangers'
// clients make of it.
#include <signal.h>

#include <atomic>
#include <thread>

#include <heqi/base/text.h>

#include "../command_line/hidden_tls_key.h"
#include "platform.h"
#include "shell.h"

namespace heqi::demo {
namespace {

using program::Hidden;

class TlsKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
    ASSERT_OK(platform.start());
  }
  std::string at(const std::string& name) const { return platform.folder() + "/" + name; }
  std::string server() const { return std::to_string(platform.id()); }
  // connects asks openssl s_client; more are its options.
  Ran connects(const std::string& trusted, const std::string& more) const {
    const std::string where = platform.url().substr(platform.url().find("//") + 2);
    return shell("openssl s_client -verify_return_error -verify_ip 127.0.0.1 -CAfile " + trusted +
                 " -connect " + where + " " + more +
                 " </dev/null 2>&1 | grep -E 'error|Peer sig|"
                 "Verify return code|Protocol|New,'");
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  static base::FetchRequest page_of(const std::string& url) {
    base::FetchRequest request;
    request.url = url + "/trust";
    return request;
  }
  // is_reached makes a connection of its own.
  static bool is_reached(const std::string& url, const std::string& root_pem) {
    http::CurlFetch fetch({.trusted_pem = root_pem});
    const auto answer = fetch.fetch(page_of(url));
    return answer && answer->status == 200;
  }
  // expect_only_in_its_process looks for the key of file.
  void expect_only_in_its_process(const std::string& file) {
    const Hidden key = program::hide_tls_key(file);
    const Hidden::Look serving = key.look_into(server());
    if (serving.is_closed) GTEST_SKIP() << testing::kMemoryIsClosed;
    EXPECT_GT(serving.octets, std::size_t{1} << 20);
    EXPECT_FALSE(serving.found) << file;
    const std::vector<pid_t> holders = program::processes_of_keys(server());
    ASSERT_EQ(holders.size(), 1u);
    const Hidden::Look holding = key.look_into(std::to_string(holders[0]));
    EXPECT_TRUE(holding.found || holding.is_closed) << file;
  }

  Platform platform;
};

// shows: ZSA37-DEP-a
TEST_F(TlsKeys, OfAPlatformAreInAnotherProcessWhileItServes) {
  const std::string root = at("p/data/tls/root.pem");
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const Ran ran = connects(root, version);
    EXPECT_TRUE(has(ran.output, "Peer signature type: ECDSA")) << ran.output;
    EXPECT_TRUE(has(ran.output, "Verify return code: 0 (ok)")) << ran.output;
  }
  EXPECT_EQ(shell("curl -sS --fail -o /dev/null --cacert " + root + " " + platform.url() + "/trust")
                .status,
            0);
  expect_only_in_its_process(at("p/data/tls/server-key.pem"));
  // The root's made the certificate, and is in no process any more.
  const Hidden root_key = program::hide_tls_key(at("p/data/tls/root-key.pem"));
  EXPECT_FALSE(root_key.look_into(server()).found);
  for (const pid_t holder : program::processes_of_keys(server()))
    EXPECT_FALSE(root_key.look_into(std::to_string(holder)).found);
}

// shows: ZSA37-DEP-a
TEST_F(TlsKeys, OfAnotherAuthoritysCertificateAreThereToo) {
  struct Kind {
    const char* made_with;
    std::vector<std::pair<const char*, const char*>> wanted;  // options, and what signs then
  };
  const Kind kinds[] = {
      {"rsa:2048",
       {{"-tls1_2 -sigalgs RSA+SHA256", "RSA"},
        {"-tls1_2 -sigalgs RSA-PSS+SHA384", "RSA-PSS"},
        {"-tls1_3", "RSA-PSS"}}},
      {"ec -pkeyopt ec_paramgen_curve:P-384", {{"-tls1_2", "ECDSA"}, {"-tls1_3", "ECDSA"}}}};
  for (const Kind& kind : kinds) {
    const std::string key = at("own.key"), certificate = at("own.pem");
    ASSERT_EQ(shell(std::string("openssl req -x509 -nodes -subj /CN=own -days 3 -addext "
                                "subjectAltName=IP:127.0.0.1 -newkey ") +
                    kind.made_with + " -keyout " + key + " -out " + certificate)
                  .status,
              0);
    std::string settings(base::text_of(read(at("p/heqi.toml"))));
    const std::size_t place = settings.find("tls_certificate = ");
    ASSERT_NE(place, std::string::npos);
    settings.replace(place, settings.find('\n', place) - place,
                     "tls_certificate = \"" + certificate + "\"");
    write(at("p/heqi.toml"), base::bytes_of(settings));
    ASSERT_OK(platform.serve_again("tls_key", key));
    for (const auto& [options, form] : kind.wanted) {
      const Ran ran = connects(certificate, options);
      EXPECT_TRUE(has(ran.output, "Peer signature type: " + std::string(form) + "\n"))
          << ran.output;
      EXPECT_TRUE(has(ran.output, "Verify return code: 0 (ok)")) << ran.output;
    }
    expect_only_in_its_process(key);
    if (HasFatalFailure() || IsSkipped()) return;
  }
}

TEST_F(TlsKeys, WhoseProcessIsKilledAreOpenedByAnother) {
  const std::string root(base::text_of(read(at("p/data/tls/root.pem")))), url = platform.url();
  http::CurlFetch standing({.trusted_pem = root});  // keeps its connection
  const base::FetchRequest page = page_of(url);
  ASSERT_EQ(standing.fetch(page)->status, 200);
  std::atomic<bool> over{false};
  std::atomic<int> reached{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i)
    clients.emplace_back([&] {
      while (!over) reached += is_reached(url, root) ? 1 : 0;
    });
  // next is the process that is there as soon as handshakes succeed again.
  const auto next = [&](pid_t before) {
    std::vector<pid_t> there;
    for (const int until = reached + 3; there.size() != 1 || there[0] == before || reached < until;)
      there = program::processes_of_keys(server());
    return there[0];
  };
  pid_t there = next(-1);
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(::kill(there, SIGKILL), 0);
    const auto answer = standing.fetch(page);
    EXPECT_TRUE(answer && answer->status == 200) << "round " << round;
    there = next(there);
  }
  over = true;
  for (std::thread& one : clients) one.join();
  EXPECT_TRUE(is_reached(url, root));
  const std::string log(base::text_of(read(at("platform.log"))));
  EXPECT_TRUE(has(log, "tls.key_process_ended")) << log;
  EXPECT_TRUE(has(log, "tls.key_process_started")) << log;
  EXPECT_EQ(::kill(platform.id(), 0), 0);
  expect_only_in_its_process(at("p/data/tls/server-key.pem"));
}

}  // namespace
}  // namespace heqi::demo
