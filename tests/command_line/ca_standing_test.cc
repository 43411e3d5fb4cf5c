// heqi ca: what happens to certificates after they were issued, ceremonies, and broken-off inits.
#include <memory>

#include <filesystem>

#include <heqi/pki/certificate_response.h>
#include <heqi/services/ca/kill_switch.h>
#include <heqi/services/ca/schema.h>
#include <heqi/x509/enveloped_key.h>

#include "key_in_file.h"
#include "serve_command.h"
#include "shell.h"

namespace heqi::program {
namespace {

struct CaOffice : public ::testing::Test {
  // One authority serves all tests: each opening stretches the passphrase for about a second.
  static void SetUpTestSuite() {
    folder = std::make_unique<testing::TemporaryFolder>();
    write(at("pass"), "correct horse battery\n");
    ASSERT_EQ(init("ca").code, 0);
  }
  static void TearDownTestSuite() { folder.reset(); }
  static std::string at(const std::string& name) { return folder->path() + "/" + name; }
  static Ran init(const std::string& name, const std::string& pass = "pass") {
    return run(run_ca, {"init", at(name), "--organization", "测试机构", "--url",
                        "http://127.0.0.1:1", "--passphrase-file", at(pass)});
  }
  static Ran ca(std::vector<std::string> words) {
    words.insert(words.begin() + 1, at("ca"));
    return run(run_ca, words);
  }
  static Ran signing(std::vector<std::string> words) {
    words.insert(words.end(), {"--passphrase-file", at("pass")});
    return ca(std::move(words));
  }
  // issue makes a certificate for a new key and gives its serial number.
  static std::string issue(const std::string& name, std::vector<std::string> more = {}) {
    EXPECT_EQ(shell("openssl genpkey -algorithm SM2 -out " + at("k.pem") +
                    " && openssl req -new -utf8 -key " + at("k.pem") +
                    " -sm3 -sigopt distid:1234567812345678 -subj '/C=CN/CN=" + name + "' -out " +
                    at("c.csr")),
              0);
    std::vector<std::string> words{"issue",    "--csr", at("c.csr"), "--name",          name,
                                   "--holder", name,    "--out",     at(name + ".pem"), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = signing(words);
    EXPECT_EQ(ran.code, 0) << ran.error;
    const std::size_t serial = ran.out.find("\"serial\":\"");
    return serial == std::string::npos
               ? ""
               : ran.out.substr(serial + 10, ran.out.find('"', serial + 10) - serial - 10);
  }
  static std::string standing(const std::string& name) {
    return ca({"inspect", at(name + ".pem"), "--json"}).out;
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder;
  std::error_code ignored_;
};

TEST_F(CaOffice, SuspendsAndReleases) {
  const std::string serial = issue("anna");
  EXPECT_EQ(ca({"suspend", "--serial", serial}).code, 0);
  EXPECT_NE(standing("anna").find("\"standing\":\"suspended\""), std::string::npos);
  EXPECT_EQ(ca({"release", "--serial", serial}).code, 0);
  EXPECT_NE(standing("anna").find("\"standing\":\"good\""), std::string::npos);
  EXPECT_EQ(ca({"release", "--serial", serial}).code, 1);
  EXPECT_EQ(ca({"suspend", "--serial", "00"}).code, 1);
}

TEST_F(CaOffice, TheKillSwitchStopsIssuingAndTellsWhoAndWhy) {
  EXPECT_EQ(ca({"kill-switch", "--halt", "weak keys", "--who", "officer"}).code, 0);
  shell("openssl genpkey -algorithm SM2 -out " + at("k.pem") + " && openssl req -new -utf8 -key " +
        at("k.pem") + " -sm3 -sigopt distid:1234567812345678 -subj /C=CN/CN=bert -out " +
        at("c.csr"));
  const Ran refused =
      signing({"issue", "--csr", at("c.csr"), "--name", "bert", "--holder", "bert"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.error.find("weak keys"), std::string::npos) << refused.error;
  EXPECT_EQ(ca({"kill-switch", "--release", "mended"}).code, 1) << "who?";
  EXPECT_EQ(ca({"kill-switch", "--release", "mended", "--who", "officer"}).code, 0);
  EXPECT_NE(ca({"kill-switch", "--json"}).out.find("\"state\":\"released\""), std::string::npos);
  issue("bert");
}

TEST_F(CaOffice, TheKillSwitchOfAPlatformIsInItsDatabase) {
  EmbeddedOptions options;
  options.folder = at("platform");
  const auto configuration = write_embedded(options);
  ASSERT_OK(configuration);
  const auto database = sql::Database::open({.url = configuration->database});
  ASSERT_OK(database);
  const base::SystemClock clock;
  const sql::Component components[] = {services::ca::schema()};
  ASSERT_OK(sql::apply_migrations(**database, components, clock));
  const auto halted = [&] {
    return (*database)->with_snapshot([&](sql::Transaction& tx) -> base::Status {
      return services::ca::KillSwitch(**database, "issuing", clock).check(tx);
    });
  };
  const auto turn = [&](const std::string& option, const std::string& reason) {
    return run(run_ca,
               {"kill-switch", at("platform/heqi.toml"), option, reason, "--who", "officer"})
        .code;
  };
  EXPECT_OK(halted());
  EXPECT_EQ(turn("--halt", "weak keys"), 0);
  EXPECT_ERROR(halted(), base::Code::ca_halted);
  EXPECT_EQ(turn("--release", "mended"), 0);
  EXPECT_OK(halted());
}

TEST_F(CaOffice, FindsAndRevokesWhatMatches) {
  issue("carla");
  issue("carlo");
  EXPECT_NE(ca({"find", "--subject", "CARL", "--count", "--json"}).out.find("\"2\""),
            std::string::npos);
  EXPECT_EQ(signing({"revoke", "--reason", "4"}).code, 1) << "which?";
  const Ran revoked = signing({"revoke", "--holder", "carla", "--reason", "4", "--json"});
  EXPECT_NE(revoked.out.find("\"revoked\":\"1\""), std::string::npos) << revoked.error;
  EXPECT_NE(standing("carla").find("revoked"), std::string::npos);
  EXPECT_NE(standing("carlo").find("good"), std::string::npos);
  EXPECT_EQ(signing({"revoke", "--holder", "carlo", "--reason", "6"}).code, 1);
}

// shows-part: ECP-KEY-2 (of one CA), ECP-ID-10 (the certificate; capture and the key's end are the
// device's)
TEST_F(CaOffice, AnEventCertificateLastsADayAndCarriesTheHashOfItsEvidence) {
  write(at("strokes"), "handwriting");
  issue("dora", {"--profile", "event", "--evidence", at("strokes")});
  EXPECT_EQ(shell("openssl x509 -in " + at("dora.pem") + " -noout -checkend 86400"), 1);
  EXPECT_EQ(shell("openssl x509 -in " + at("dora.pem") + " -noout -checkend 80000"), 0);
  EXPECT_EQ(shell("openssl x509 -in " + at("dora.pem") +
                  " -outform DER | od -An -v -tx1 | tr -d ' \\n' | "
                  "grep -q $(openssl dgst -sm3 -r " +
                  at("strokes") + " | cut -c1-64)"),
            0);
  EXPECT_EQ(signing({"issue", "--csr", at("c.csr"), "--name", "dora", "--holder", "dora",
                     "--profile", "issuing"})
                .code,
            1);
}

TEST_F(CaOffice, ACeremonyRenewsAndLeavesATranscript) {
  const auto renew = [](const std::string& what, const std::string& witnesses) {
    return signing({"ceremony", "--renew", what, "--witnesses", witnesses});
  };
  EXPECT_EQ(renew("tsa", "Zhang").code, 1) << "one witness";
  EXPECT_EQ(renew("tsa", "Zhang, Zhang").code, 1) << "the same twice";
  EXPECT_EQ(renew("nothing", "Zhang, Li").code, 1);
  for (const std::string what : {"issuing", "tsa", "root-crl"}) {
    const Ran ran = renew(what, "Zhang, Li");
    EXPECT_EQ(ran.code, 0) << what << ran.error;
  }
  issue("erna");  // the renewed authority goes on
  const auto log = base::read_file(at("ca/ceremonies.log"), 1 << 20);
  ASSERT_OK(log);
  const std::string text(base::text_of(*log));
  EXPECT_NE(text.find("\"event\":\"done\",\"what\":\"issuing\",\"witnesses\":[\"Li\",\"Zhang\"]"),
            std::string::npos)
      << text;
  EXPECT_EQ(shell("openssl crl -inform DER -in " + at("ca/root.crl") +
                  " -noout -crlnumber | grep -qE '=(0x)?0*2$'"),
            0);
}

TEST_F(CaOffice, AnInitThatWasBrokenOffIsFinishedByTheNextOne) {
  ASSERT_EQ(init("broken").code, 0);
  write(at("other"), "another passphrase\n");
  // Died before the root's certificate, which counts, was written; and before one of the keys.
  for (const char* name : {"broken/root.cer", "broken/issuing.cer", "broken/keys/tsa.sealed"})
    std::filesystem::remove(at(name));
  EXPECT_EQ(run(run_ca, {"inspect", at("broken")}).code, 1);
  EXPECT_EQ(init("broken", "other").code, 1);
  const Ran again = init("broken");
  EXPECT_EQ(again.code, 0) << again.error;
  EXPECT_EQ(run(run_ca, {"inspect", at("broken")}).code, 0);
  EXPECT_EQ(init("broken").code, 1) << "now it is whole";
}

TEST_F(CaOffice, ThePairIsMadeRecoveredAndEndsTogether) {
  const auto value_in = [](const std::string& json) {
    const std::size_t end = json.rfind('"'), begin = json.rfind('"', end - 1) + 1;
    return json.substr(begin, end - begin);
  };
  const std::string serial = issue("gerda");
  const Ran made = signing({"pair", "--serial", serial, "--out", at("pair.der"), "--json"});
  ASSERT_EQ(made.code, 0) << made.error;
  const auto response = base::read_file(at("pair.der"), 65'536);
  const crypto::PrivateKey old_device = *key_in_file(at("k.pem"));
  const auto read = pki::parse_certificate_response(
      *response, x509::make_public_key_info(old_device.public_key()));
  ASSERT_OK(read);
  const auto key = x509::open_enveloped_key(read->enveloped_key, old_device);
  ASSERT_OK(key);
  EXPECT_TRUE(x509::make_public_key_info(key->public_key()) ==
              read->encryption.front().public_key());

  const std::string fresh = issue("gerda");  // a new device
  const crypto::PrivateKey new_device = *key_in_file(at("k.pem"));
  const Ran asked = signing({"recover", "--ask", value_in(made.out), "--serial", fresh, "--reason",
                             "lost", "--who", "desk", "--json"});
  ASSERT_EQ(asked.code, 0) << asked.error;
  const std::string recovery = value_in(asked.out);
  const auto deliver = [&] {
    return signing({"recover", "--deliver", recovery, "--out", at("key.der")}).code;
  };
  EXPECT_EQ(deliver(), 1);
  EXPECT_EQ(signing({"recover", "--approve", recovery, "--who", "desk"}).code, 1);
  EXPECT_EQ(signing({"recover", "--approve", recovery, "--who", "officer 1"}).code, 0);
  EXPECT_EQ(signing({"recover", "--approve", recovery, "--who", "officer 2"}).code, 0);
  ASSERT_EQ(deliver(), 0);
  const auto again = x509::open_enveloped_key(*base::read_file(at("key.der"), 65'536), new_device);
  ASSERT_OK(again);
  EXPECT_TRUE(again->public_key() == key->public_key());
  EXPECT_NE(ca({"transcript"}).out.find("recovery_approved"), std::string::npos);

  ASSERT_EQ(signing({"revoke", "--serial", serial}).code, 0);
  ASSERT_OK(base::write_file(at("e.der"), read->encryption.front().der()));
  EXPECT_NE(ca({"inspect", at("e.der"), "--json"}).out.find("revoked"), std::string::npos);
}

TEST_F(CaOffice, ALostRegisterIsNotReplacedByAnEmptyOne) {
  ASSERT_EQ(init("lost").code, 0);
  for (const char* name : {"lost/ca.db", "lost/ca.db-wal", "lost/ca.db-shm"})
    std::filesystem::rename(at(name), at(std::string(name) + ".away"), ignored_);
  const Ran refused =
      run(run_ca, {"crl", at("lost"), "--out", at("lost.crl"), "--passphrase-file", at("pass")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.error.find("put its backup there"), std::string::npos) << refused.error;
  EXPECT_FALSE(std::filesystem::exists(at("lost.crl")));
  EXPECT_FALSE(std::filesystem::exists(at("lost/ca.db")));
  std::filesystem::rename(at("lost/ca.db.away"), at("lost/ca.db"));
  EXPECT_EQ(run(run_ca, {"inspect", at("lost")}).code, 0);
}

TEST_F(CaOffice, ProfilesOfTheFolderReplaceTheBuiltInOnes) {
  std::filesystem::create_directories(at("ca/profiles"));
  write(at("ca/profiles/person.profile"),
        "profile = \"person\"\nlifetime_hours = 48\nkey_usage = \"digitalSignature\"\n"
        "purposes = \"emailProtection\"\n");
  issue("frida");
  EXPECT_EQ(shell("openssl x509 -in " + at("frida.pem") + " -noout -checkend 180000"), 1);
  write(at("ca/profiles/person.profile"), "profile = \"person\"\nlifetime = 48\n");
  const Ran broken = ca({"find", "--count"});
  EXPECT_EQ(broken.code, 1);
  EXPECT_NE(broken.error.find("person.profile"), std::string::npos) << broken.error;
  std::filesystem::remove_all(at("ca/profiles"));
}

}  // namespace
}  // namespace heqi::program
