// The key of a server's TLS connections is opened, and where it is certified here also made, by a
// process of its own: who serves has none of its octets.
#include <signal.h>

#include <heqi/ossl/tls_key.h>

#include "hidden_tls_key.h"
#include "key_connections.h"
#include "shell.h"
#include "tls_elsewhere.h"

namespace heqi::program {
namespace {

using base::Bytes;
using base::Code;
using base::TlsSignature;

// Events keeps what a log is told.
class Events final : public base::Log {
 public:
  void write(base::Severity, std::string_view event,
             std::initializer_list<base::LogField>) override {
    all.emplace_back(event);
  }
  int count(std::string_view event) const {
    return static_cast<int>(std::count(all.begin(), all.end(), event));
  }
  std::vector<std::string> all;
};

class TlsElsewhere : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  // make_pair makes NAME.pem and NAME.cer of what `openssl req -newkey` takes.
  void make_pair(const std::string& name, const std::string& kind) {
    ASSERT_EQ(shell("openssl req -x509 -newkey " + kind + " -nodes -subj /CN=localhost -keyout " +
                    at(name + ".pem") + " -out " + at(name + ".cer") + " 2>/dev/null"),
              0);
  }
  static bool signs(const http::TlsIdentity& identity) {
    return identity.key->sign(TlsSignature::ecdsa, Bytes(32, 1)).has_value();
  }
  static pid_t only_process() {
    const auto all = processes_of_keys("self");
    return all.size() == 1 ? all[0] : -1;
  }

  const std::string curve = "ec -pkeyopt ec_paramgen_curve:P-256";
  Events log;
  testing::FakeClock clock{base::Time{}};
  const TlsSurroundings around{clock, log};
  testing::TemporaryFolder folder;
};

// shows: ZSA37-DEP-a
TEST_F(TlsElsewhere, WhoServesHasNoOctetOfAGivenKey) {
  for (const std::string& kind : {curve, std::string("rsa:2048")}) {
    make_pair("given", kind);
    if (HasFatalFailure()) return;
    const Hidden key = hide_tls_key(at("given.pem"));
    {
      const auto opened = open_tls_identity(at("given.cer"), at("given.pem"), around);
      ASSERT_OK(opened);
      const bool is_rsa = kind != curve;
      EXPECT_OK(
          opened->key->sign(is_rsa ? TlsSignature::rsa_pkcs1 : TlsSignature::ecdsa, Bytes(32, 1)));
      EXPECT_FALSE(key.is_in_this_process()) << kind;
      const Hidden::Look holding = key.look_into(std::to_string(only_process()));
      EXPECT_TRUE(holding.found || holding.is_closed) << kind;
    }
    EXPECT_TRUE(processes_of_keys("self").empty()) << "the process outlives the identity";
    // The same search finds it here, as long as it is here.
    const auto here = ossl::parse_tls_key(*base::read_file(at("given.pem"), 65'536));
    ASSERT_OK(here);
    EXPECT_TRUE(key.is_in_this_process()) << kind;
  }
}

// shows: ZSA37-DEP-a
TEST_F(TlsElsewhere, ALocalKeyAndItsRootAreMadeThere) {
  const auto made = open_local_tls(at("tls"), {"localhost", "127.0.0.1"}, around);
  ASSERT_OK(made);
  EXPECT_TRUE(signs(made->identity));
  for (const char* name : {"tls/root-key.pem", "tls/server-key.pem"})
    EXPECT_FALSE(hide_tls_key(at(name)).is_in_this_process()) << name;
  // Of the root nothing stays in either.
  const Hidden::Look holding =
      hide_tls_key(at("tls/root-key.pem")).look_into(std::to_string(only_process()));
  EXPECT_FALSE(holding.found);
  EXPECT_EQ(shell("openssl verify -CAfile " + at("tls/root.pem") + " " + at("tls/server.pem") +
                  " >/dev/null"),
            0);
  EXPECT_EQ(shell("test $(stat -c %a " + at("tls/root-key.pem") + ") = 600 -a $(stat -c %a " +
                  at("tls/server-key.pem") + ") = 600"),
            0);
}

TEST_F(TlsElsewhere, ALocalKeyIsKeptUntilItHasToBeAnother) {
  const auto key_of = [&](const std::vector<std::string>& names) {
    const auto opened = open_local_tls(at("tls"), names, around);
    EXPECT_OK(opened);
    return opened ? opened->identity.key->public_key() : Bytes();
  };
  const Bytes first = key_of({"localhost"});
  EXPECT_EQ(key_of({"localhost"}), first);
  const Bytes second = key_of({"localhost", "ca.example"});
  EXPECT_NE(second, first);
  EXPECT_EQ(key_of({"ca.example"}), second);
  // A start that was broken off leaves a key beside the certificate of another.
  make_pair("other", curve);
  if (HasFatalFailure()) return;
  ASSERT_EQ(shell("cp " + at("other.pem") + " " + at("tls/server-key.pem")), 0);
  const Bytes third = key_of({"ca.example"});
  EXPECT_NE(third, second);
  // Without its root nobody trusts it.
  ASSERT_EQ(shell("rm " + at("tls/root.pem")), 0);
  EXPECT_NE(key_of({"ca.example"}), third);
  EXPECT_ERROR(open_local_tls(at("tls"), {"no name"}, around), Code::malformed);
  EXPECT_ERROR(open_local_tls(at("tls"), std::vector<std::string>(65, "localhost"), around),
               Code::unavailable);
  ASSERT_EQ(shell("cp " + at("other.pem") + " " + at("tls/root-key.pem")), 0);
  EXPECT_ERROR(open_local_tls(at("tls"), {"new.example"}, around), Code::malformed);
}

TEST_F(TlsElsewhere, WhatIsNoKeyOfTheCertificateIsRefusedByName) {
  make_pair("one", curve);
  make_pair("other", curve);
  make_pair("edwards", "ed25519");
  make_pair("weak", "rsa:1024");
  if (HasFatalFailure()) return;
  ASSERT_EQ(shell("openssl pkey -in " + at("one.pem") + " -aes128 -passout pass:secret -out " +
                  at("sealed.pem")),
            0);
  const auto code_of = [&](const std::string& certificate, const std::string& key) {
    const auto opened = open_tls_identity(at(certificate), at(key), around);
    return opened ? Code::internal : opened.error().code;
  };
  EXPECT_EQ(code_of("one.cer", "other.pem"), Code::conflict);
  EXPECT_EQ(code_of("edwards.cer", "edwards.pem"), Code::unsupported);
  EXPECT_EQ(code_of("weak.cer", "weak.pem"), Code::unsupported);
  EXPECT_EQ(code_of("one.cer", "sealed.pem"), Code::malformed);
  EXPECT_EQ(code_of("one.cer", "one.cer"), Code::malformed);
  EXPECT_EQ(code_of("one.pem", "one.pem"), Code::malformed);
  EXPECT_EQ(code_of("one.cer", "nobody.pem"), Code::not_found);
  EXPECT_EQ(code_of("nobody.cer", "one.pem"), Code::not_found);
  EXPECT_TRUE(processes_of_keys("self").empty());
}

Code refusal(const std::shared_ptr<KeyConnections>& process, KeyAct act, std::size_t key,
             const Bytes& content) {
  const auto answer = process->ask(act, key, content);
  return answer ? Code::internal : answer.error().code;
}

// shows: ZSA37-DEP-a
TEST_F(TlsElsewhere, NoKeySignsWhatTheOtherKindIsFor) {
  make_pair("given", curve);
  if (HasFatalFailure()) return;
  Bytes handshake(33, 7);
  handshake[0] = static_cast<std::uint8_t>(TlsSignature::ecdsa);
  const auto tls =
      KeyConnections::start({.source = KeyWish::Source::tls_file, .path = at("given.pem")}, {});
  ASSERT_OK(tls);
  ASSERT_OK((*tls)->first_answer());
  EXPECT_OK((*tls)->ask(KeyAct::tls, 0, handshake));
  EXPECT_EQ(refusal(*tls, KeyAct::sign, 0, Bytes(100, 7)), Code::unsupported);
  EXPECT_EQ(refusal(*tls, KeyAct::sign, 1, Bytes(100, 7)), Code::unsupported);
  for (const KeyAct act : {KeyAct::make_sealed, KeyAct::envelop, KeyAct{9}, KeyAct{0}})
    EXPECT_EQ(refusal(*tls, act, 0, Bytes(10, 7)), Code::unsupported);
  EXPECT_EQ(refusal(*tls, KeyAct::tls, 1, handshake), Code::not_found);
  EXPECT_EQ(refusal(*tls, KeyAct::tls, 0, {}), Code::malformed);
  EXPECT_EQ(refusal(*tls, KeyAct::tls, 0, Bytes{1}), Code::malformed);
  for (const int form : {0, 2, 3, 4, 255}) {
    handshake[0] = static_cast<std::uint8_t>(form);
    EXPECT_EQ(refusal(*tls, KeyAct::tls, 0, handshake), Code::unsupported) << form;
  }
  handshake[0] = static_cast<std::uint8_t>(TlsSignature::ecdsa);
  EXPECT_OK((*tls)->ask(KeyAct::tls, 0, handshake));

  ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + at("sm2.pem")), 0);
  for (const char* name : {"given.pem", "sm2.pem"}) {
    const auto documents =
        KeyConnections::start({.source = KeyWish::Source::file, .path = at(name)}, {});
    ASSERT_OK(documents);
    ASSERT_OK((*documents)->first_answer());
    EXPECT_EQ(refusal(*documents, KeyAct::tls, 0, handshake), Code::unsupported) << name;
    EXPECT_OK((*documents)->ask(KeyAct::sign, 0, handshake));
  }
}

TEST_F(TlsElsewhere, AnotherProcessTakesThePlaceOfOneThatEnded) {
  const auto opened = open_local_tls(at("tls"), {"localhost"}, around);
  ASSERT_OK(opened);
  const pid_t first = only_process();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  EXPECT_TRUE(signs(opened->identity));
  const pid_t second = only_process();
  EXPECT_NE(second, first);
  EXPECT_EQ(log.count("tls.key_process_ended"), 1);
  EXPECT_EQ(log.count("tls.key_process_started"), 1);
  // One start a second: what cannot stay is not started for each handshake.
  ASSERT_EQ(::kill(second, SIGKILL), 0);
  EXPECT_FALSE(signs(opened->identity));
  EXPECT_FALSE(signs(opened->identity));
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(signs(opened->identity));
  EXPECT_EQ(log.count("tls.key_process_started"), 2);
  EXPECT_FALSE(hide_tls_key(at("tls/server-key.pem")).is_in_this_process());
}

TEST_F(TlsElsewhere, AProcessThatStandsStillIsNotWaitedForForEver) {
  const auto opened = open_local_tls(at("tls"), {"localhost"}, around);
  ASSERT_OK(opened);
  const pid_t first = only_process();
  ASSERT_EQ(::kill(first, SIGSTOP), 0);
  EXPECT_TRUE(signs(opened->identity));
  EXPECT_NE(only_process(), first);
}

// shows: ZSA37-DEP-a
TEST_F(TlsElsewhere, AFileThatHasAnotherKeyByThenSignsNothing) {
  const auto opened = open_local_tls(at("tls"), {"localhost"}, around);
  ASSERT_OK(opened);
  make_pair("other", curve);
  if (HasFatalFailure()) return;
  ASSERT_EQ(shell("cp " + at("other.pem") + " " + at("tls/server-key.pem")), 0);
  ASSERT_EQ(::kill(only_process(), SIGKILL), 0);
  EXPECT_ERROR(opened->identity.key->sign(TlsSignature::ecdsa, Bytes(32, 1)), Code::conflict);
  EXPECT_ERROR(opened->identity.key->sign(TlsSignature::ecdsa, Bytes(32, 1)), Code::unavailable);
  EXPECT_EQ(log.count("tls.no_key"), 1);
  EXPECT_TRUE(processes_of_keys("self").empty());
}

}  // namespace
}  // namespace heqi::program
