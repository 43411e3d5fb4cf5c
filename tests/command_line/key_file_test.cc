// A key in a file is opened by a process of its own: who signs with it has none of its octets.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <heqi/x509/signature_verifier.h>

#include <thread>

#include "hidden_secret.h"
#include "key_in_file.h"
#include "key_process.h"
#include "shell.h"
#include "signing_key.h"

namespace heqi::program {
namespace {

using base::Code;

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    key = folder.path() + "/key.pem";
    certificate = folder.path() + "/certificate.pem";
    ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + key), 0);
    ASSERT_EQ(shell("openssl req -x509 -new -key " + key +
                    " -sm3 -sigopt distid:1234567812345678 -subj /CN=a -out " + certificate),
              0);
  }
  static bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) == 0; }

  testing::TemporaryFolder folder;
  std::string key, certificate;
};

// shows: ZSA37-DEP-a
TEST_F(KeyFile, WhoSignsHasNoOctetOfItInMemory) {
  const Hidden d = hide_key_file(key);
  {
    auto opened = open_signing_key({key, certificate}, {});
    ASSERT_OK(opened);
    EXPECT_TRUE(has_children());
    for (const std::string_view message : {"a lease", "", "another lease"}) {
      const auto value = opened->signer->sign(base::bytes_of(message));
      ASSERT_OK(value);
      EXPECT_OK(x509::Sm2SignatureVerifier().verify(opened->signer->algorithm(),
                                                    opened->certificate.public_key(),
                                                    base::bytes_of(message), *value));
    }
    EXPECT_FALSE(d.is_in_this_process());
  }
  EXPECT_FALSE(has_children()) << "the key's process outlives its signer";
  // The same key read here is found: as long as it is held, and not before or after.
  {
    const auto here = key_in_file(key);
    ASSERT_OK(here);
    EXPECT_TRUE(d.is_in_this_process());
  }
}

TEST_F(KeyFile, AMadeOneIsOfTheProcessTooAndNoneIsOverwritten) {
  const std::string path = folder.path() + "/made.pem";
  const auto made = make_key_elsewhere(path);
  ASSERT_OK(made);
  const auto value = made->signer->sign(base::bytes_of("m"));
  ASSERT_OK(value);
  EXPECT_EQ(key_in_file(path)->public_key().encode(), made->public_key.sm2_key()->encode());
  EXPECT_ERROR(make_key_elsewhere(path), Code::conflict);
}

TEST_F(KeyFile, OtherKindsOfKeysSignThereAsWell) {
  const std::string p256 = folder.path() + "/p256.pem", rsa = folder.path() + "/rsa.pem",
                    both = folder.path() + "/rsa.p12", der = folder.path() + "/key.der";
  ASSERT_EQ(shell("openssl ecparam -name prime256v1 -genkey -noout -out " + p256), 0);
  ASSERT_EQ(shell("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -keyout " + rsa +
                  " -out " + rsa + ".cer && openssl pkcs12 -export -inkey " + rsa + " -in " + rsa +
                  ".cer -passout pass:secret -out " + both),
            0);
  ASSERT_EQ(shell("openssl pkey -in " + key + " -outform DER -out " + der), 0);
  for (const std::string& path : {p256, rsa, der}) {
    const auto opened = open_key_elsewhere(path, {});
    ASSERT_OK(opened) << path;
    EXPECT_TRUE(opened->certificates.empty());
    EXPECT_OK(opened->signer->sign(base::bytes_of("m"))) << path;
  }
  const auto password = base::SecretBytes::copy_of(base::bytes_of("secret"));
  const auto opened = open_key_elsewhere(both, password);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->certificates.size(), 1u);
  EXPECT_OK(opened->signer->sign(base::bytes_of("m")));
}

TEST_F(KeyFile, WhatIsNoKeyIsRefusedByName) {
  const std::string text = folder.path() + "/text", sealed = folder.path() + "/sealed.pem",
                    other = folder.path() + "/no.p12";
  ASSERT_OK(base::write_file(text, base::bytes_of("no key")));
  ASSERT_OK(base::write_file(other, base::bytes_of("no PKCS#12")));
  ASSERT_EQ(shell("openssl pkey -in " + key + " -aes128 -passout pass:secret -out " + sealed), 0);
  EXPECT_ERROR(open_key_elsewhere(folder.path() + "/nobody.pem", {}), Code::not_found);
  EXPECT_ERROR(open_key_elsewhere(sealed, {}), Code::unsupported);
  EXPECT_FALSE(open_key_elsewhere(text, {}));
  EXPECT_FALSE(open_key_elsewhere(other, {}));
  EXPECT_FALSE(has_children());
}

TEST_F(KeyFile, AProcessThatEndedSignsNothing) {
  auto opened = open_key_elsewhere(key, {});
  ASSERT_OK(opened);
  const std::vector<pid_t> children = children_of("self");
  ASSERT_EQ(children.size(), 1u);
  ASSERT_EQ(::kill(children[0], SIGKILL), 0);
  EXPECT_ERROR(opened->signer->sign(base::bytes_of("m")), Code::unavailable);
  EXPECT_ERROR(opened->signer->sign(base::bytes_of("m")), Code::unavailable);
}

// What several threads ask for at once is signed together; each gets its own.
TEST_F(KeyFile, ManyThreadsSignWithOneProcessAtOnce) {
  for (const int connections : {1, 3, kKeyConnectionsMax}) {
    const auto opened = open_key_elsewhere(key, {}, {.connections = connections});
    ASSERT_OK(opened);
    std::vector<std::thread> threads;
    std::vector<int> wrong(8);
    for (std::size_t i = 0; i < wrong.size(); ++i)
      threads.emplace_back([&, i] {
        for (int round = 0; round < 40; ++round) {
          const std::string message(static_cast<std::size_t>(round) * 700, static_cast<char>(i));
          const auto value = opened->signer->sign(base::bytes_of(message));
          wrong[i] += !value || !x509::Sm2SignatureVerifier().verify(
                                    opened->signer->algorithm(), opened->public_key,
                                    base::bytes_of(message), *value);
        }
      });
    for (std::thread& one : threads) one.join();
    EXPECT_EQ(wrong, std::vector<int>(wrong.size())) << connections;
  }
  EXPECT_ERROR(open_key_elsewhere(key, {}, {.connections = kKeyConnectionsMax + 1}),
               Code::unavailable);
}

TEST_F(KeyFile, TheProcessHearsNoSignalToEndAndOutlivesNobody) {
  pid_t child = 0;
  {
    const auto opened = open_key_elsewhere(key, {});
    ASSERT_OK(opened);
    child = children_of("self").at(0);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ASSERT_EQ(::kill(child, signal), 0);
    EXPECT_OK(opened->signer->sign(base::bytes_of("m")));
    EXPECT_NE(::getsid(child), ::getsid(0)) << "the keys of a terminal end it";
  }
  EXPECT_NE(::kill(child, 0), 0);
}

TEST_F(KeyFile, TheProcessGoesOnAfterItWasStopped) {
  const auto opened = open_key_elsewhere(key, {});
  ASSERT_OK(opened);
  ASSERT_OK(opened->signer->sign(base::bytes_of("m")));
  const pid_t child = children_of("self").at(0);
  const auto state_is = [child](std::string_view wanted) {
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    std::string id, name, state;
    status >> id >> name >> state;
    return state == wanted;
  };
  while (!state_is("S")) std::this_thread::yield();  // it waits
  ASSERT_EQ(::kill(child, SIGSTOP), 0);
  while (!state_is("T")) std::this_thread::yield();
  ASSERT_EQ(::kill(child, SIGCONT), 0);
  while (state_is("T")) std::this_thread::yield();
  EXPECT_OK(opened->signer->sign(base::bytes_of("m")));
  EXPECT_OK(opened->signer->sign(base::bytes_of("m")));
}

TEST_F(KeyFile, WhereNoSuchProgramIsThereNothingIsOpened) {
  EXPECT_ERROR(open_key_elsewhere(key, {}, {.program = folder.path() + "/heqi"}),
               Code::unavailable);
}

}  // namespace
}  // namespace heqi::program
