// ACME (RFC 8555): the clients that Debian packages obtain certificates, and lies get none.
#include <heqi/base/text.h>

#include <filesystem>

#include "served_authority.h"

namespace heqi::demo {
namespace {

class Acme : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house() = std::make_unique<ServedAuthority>("p256"); }
  static void TearDownTestSuite() { house().reset(); }
  static std::unique_ptr<ServedAuthority>& house() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  void SetUp() override { std::filesystem::create_directories(webroot_); }
  // open_web serves the challenges as any web server would.
  void open_web() { open_web(house()->challenge_port()); }
  void open_web(std::uint16_t port) {
    auto web =
        program::Process::start({"/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1",
                                 "--directory", house()->at("web"), std::to_string(port)},
                                web_log(port));
    ASSERT_OK(web);
    web_.emplace(*std::move(web));
    ASSERT_OK(program::wait_for_port(port, *web_, std::chrono::seconds(30)));
  }
  static std::string web_log(std::uint16_t port) {
    return house()->at("web-" + std::to_string(port) + ".log");
  }
  static std::string directory() { return house()->tls_url() + "/acme/directory"; }
  static std::string root() { return house()->at("ca/tls/root.pem"); }
  static void expect_chain(const std::string& file) {
    const Ran verified = shell("openssl verify -x509_strict -purpose sslserver -CAfile " +
                               house()->at("root.pem") + " -untrusted " + file + " " + file);
    EXPECT_EQ(verified.status, 0) << verified.output;
    const Ran name = shell("openssl x509 -in " + file + " -noout -checkhost localhost");
    EXPECT_NE(name.output.find("does match"), std::string::npos) << name.output;
  }
  Ran acme_tiny(const ServedAuthority& authority) {
    return acme_tiny("subjectAltName=DNS:localhost", authority.tls_url() + "/acme/directory",
                     authority.at("ca/tls/root.pem"));
  }
  Ran acme_tiny(const std::string& names = "subjectAltName=DNS:localhost",
                const std::string& directory_url = directory(),
                const std::string& trusted = root()) {
    return shell(
        "cd " + house()->at("") +
        " && openssl genrsa -out account.pem 2048 2>/dev/null"
        " && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.key"
        " && openssl req -new -sha256 -key server.key -subj / -addext " +
        names + " -out server.csr && SSL_CERT_FILE=" + trusted +
        " acme-tiny --account-key account.pem --csr server.csr --acme-dir " + webroot_ +
        " --directory-url " + directory_url + " --disable-check > tiny.pem");
  }

  std::string webroot_ = house()->at("web/.well-known/acme-challenge");
  std::optional<program::Process> web_;
};

TEST_F(Acme, AcmeTinyObtainsACertificate) {
  HEQI_NEEDS_PROGRAM("acme-tiny");
  open_web();
  const Ran ran = acme_tiny();
  ASSERT_EQ(ran.status, 0) << ran.output;
  expect_chain(house()->at("tiny.pem"));
}

TEST_F(Acme, WithoutTheAnswerToTheChallengeThereIsNone) {
  HEQI_NEEDS_PROGRAM("acme-tiny");
  const Ran ran = acme_tiny();  // no web server
  EXPECT_NE(ran.status, 0);
  EXPECT_NE(ran.output.find("Challenge did not pass"), std::string::npos) << ran.output;
}

// Whoever may order could else have the authority ask the machines of its own network.
// shows-part: ECP-ADM-4b (no way from outside through the challenges; the layers themselves are
// separated elsewhere; mutant: tests/mutants/ECP-ADM-4b.addresses)
TEST_F(Acme, ServersInPrivateNetworksAreNotAskedUnlessTheOperatorAllowsIt) {
  HEQI_NEEDS_PROGRAM("acme-tiny");
  const ServedAuthority careful("p256", "public");
  open_web(careful.challenge_port());
  const Ran ran = acme_tiny(careful);
  EXPECT_NE(ran.status, 0);
  EXPECT_NE(ran.output.find("not a public address"), std::string::npos) << ran.output;
  const std::string seen(base::text_of(read(web_log(careful.challenge_port()))));
  EXPECT_EQ(seen.find("acme-challenge"), std::string::npos) << seen;
}

TEST_F(Acme, DehydratedObtainsACertificateAndRevokesIt) {
  HEQI_NEEDS_PROGRAM("dehydrated");
  open_web();
  write(house()->at("dehydrated.conf"),
        base::bytes_of("CA=" + directory() + "\nWELLKNOWN=" + webroot_ +
                       "\nBASEDIR=" + house()->at("dehydrated") + "\nCURL_OPTS=\"--cacert " +
                       root() + "\"\nKEY_ALGO=rsa\nKEYSIZE=2048\n"));
  std::filesystem::create_directories(house()->at("dehydrated"));
  const std::string dehydrated = "dehydrated -f " + house()->at("dehydrated.conf") + " ";
  const Ran registered = shell(dehydrated + "--register --accept-terms");
  ASSERT_EQ(registered.status, 0) << registered.output;
  const Ran ran = shell(dehydrated + "--cron --domain localhost");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const std::string chain = house()->at("dehydrated/certs/localhost/fullchain.pem");
  expect_chain(chain);
  const Ran revoked =
      shell(dehydrated + "--revoke " + house()->at("dehydrated/certs/localhost/cert.pem"));
  EXPECT_EQ(revoked.status, 0) << revoked.output;
  const Ran status =
      shell("openssl ocsp -issuer " + house()->at("issuing.pem") + " -cert " + chain + " -url " +
            house()->plain_url() + "/ocsp -CAfile " + house()->at("chain.pem"));
  EXPECT_NE(status.output.find(": revoked"), std::string::npos) << status.output;
}

TEST_F(Acme, CertbotObtainsACertificate) {
  HEQI_NEEDS_PROGRAM("certbot");
  open_web();
  const std::string folder = house()->at("certbot");
  const Ran ran =
      shell("REQUESTS_CA_BUNDLE=" + root() +
            " certbot certonly -n --agree-tos -m "
            "admin@example.cn --server " +
            directory() + " --webroot -w " + house()->at("web") + " -d localhost --config-dir " +
            folder + "/config --work-dir " + folder + "/work --logs-dir " + folder + "/logs");
  if (ran.output.find("localhost") != std::string::npos &&
      ran.output.find("Requested name localhost") != std::string::npos)
    GTEST_SKIP() << "certbot takes no name without a dot: " << ran.output;
  ASSERT_EQ(ran.status, 0) << ran.output;
  expect_chain(folder + "/config/live/localhost/fullchain.pem");
}

TEST_F(Acme, RequestsThatAreNotSignedNotFreshOrNotForHereAreRefused) {
  const auto post = [&](const std::string& path, const std::string& body) {
    return shell("curl -s --cacert " + root() + " -H 'Content-Type: application/jose+json' -d '" +
                 body + "' " + house()->tls_url() + "/acme" + path)
        .output;
  };
  EXPECT_NE(post("/new-account", "{}").find("malformed"), std::string::npos);
  EXPECT_NE(post("/new-order", "not json").find("malformed"), std::string::npos);
  // {"alg":"none",…} and {"alg":"HS256",…}
  EXPECT_NE(post("/new-account",
                 R"({"protected":"eyJhbGciOiJub25lIiwidXJsIjoieCJ9","payload":"","signature":""})")
                .find("badSignatureAlgorithm"),
            std::string::npos);
  EXPECT_NE(
      post("/new-account",
           R"({"protected":"eyJhbGciOiJIUzI1NiIsInVybCI6IngifQ","payload":"","signature":""})")
          .find("badSignatureAlgorithm"),
      std::string::npos);
  const Ran plain = shell("curl -s -o /dev/null -w '%{http_code}' --cacert " + root() +
                          " -d '{}' " + house()->tls_url() + "/acme/new-account");
  EXPECT_EQ(plain.output, "415");
}

}  // namespace
}  // namespace heqi::demo
