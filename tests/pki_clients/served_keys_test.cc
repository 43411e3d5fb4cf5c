// The keys of a served authority: none of their octets is in the process that serves, and what
// happens where the process that has them is killed.
#include <signal.h>

#include <atomic>
#include <thread>

#include <heqi/base/text.h>
#include <heqi/http/client.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>

#include "../command_line/hidden_tls_key.h"
#include "served_authority.h"

namespace heqi::demo {
namespace {

using program::Hidden;

constexpr std::string_view kPassphrase = "correct horse battery";  // of ServedAuthority

class ServedKeys : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house() = std::make_unique<ServedAuthority>("sm2"); }
  static void TearDownTestSuite() { house().reset(); }
  static std::unique_ptr<ServedAuthority>& house() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  static std::string at(const std::string& name) { return house()->at(name); }
  static std::string server() { return std::to_string(house()->id()); }
  // forms_under_passphrase are all that the keys of the folder could stand in memory as.
  static std::vector<base::Bytes> forms_under_passphrase() {
    const auto files = *base::open_folder(at("ca"));
    const auto passphrase = base::SecretBytes::copy_of(base::bytes_of(kPassphrase));
    const auto keys = program::SealedKeys::open(*files, passphrase);
    const auto wrapping =
        keys::open_under_passphrase({"ca-wrapping-key", "wrapping", 1}, passphrase.expose(),
                                    *files->read("keys/wrapping.sealed", 4'096));
    std::vector<base::Bytes> out{base::to_bytes(wrapping->expose())};
    for (const char* name : {"root", "issuing", "ocsp", "tsa", "application"})
      for (base::Bytes& form : program::forms_of(*keys->get(name)->sm2))
        out.push_back(std::move(form));
    return out;
  }
  static x509::Certificate certificate(const std::string& name) {
    return *x509::parse_certificate(read(at("ca/" + name + ".cer")));
  }
  static base::FetchRequest question(const base::Bytes& nonce) {
    const pki::Sm3Digester digests;
    return {
        .method = "POST",
        .url = house()->plain_url() + "/ocsp",
        .headers = {{"Content-Type", "application/ocsp-request"}},
        .body = pki::encode_ocsp_request(
            {.questions = {*pki::make_cert_id(certificate("issuing"), certificate("tsa").serial(),
                                              x509::oids::sm3(), digests)},
             .nonce = nonce})};
  }
  static base::FetchRequest stamp() {
    return {.method = "POST",
            .url = house()->plain_url() + "/tsa",
            .headers = {{"Content-Type", "application/timestamp-query"}},
            .body = pki::encode_time_stamp_request(
                pki::make_time_stamp_request(base::bytes_of("a contract"), {1, 2, 3}))};
  }
  // enrol applies at EST with the code of an application and gives the HTTP status.
  static std::string enrol(const std::string& id, const std::string& code) {
    return shell("curl -s --cacert " + at("ca/tls/root.pem") + " -u '" + id + ":" + code +
                 "' -H 'Content-Type: application/pkcs10' --data-binary @" + at(id + ".b64") +
                 " -o " + at(id + ".answer") + " -w '%{http_code}' " + house()->tls_url() +
                 "/.well-known/est/simpleenroll")
        .output;
  }
  static void make_request(const std::string& id) {
    ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + at("key.pem") +
                    " && openssl req -new -utf8 -key " + at("key.pem") +
                    " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=" + id +
                    "' -outform DER -out " + at(id + ".der") + " && base64 " + at(id + ".der") +
                    " > " + at(id + ".b64"))
                  .status,
              0);
  }
};

// shows: ZSA37-DEP-a
TEST_F(ServedKeys, TheServingProcessHasNoOctetOfThemInMemory) {
  HEQI_NEEDS_PROGRAM("curl");
  const Hidden keys = program::hide(forms_under_passphrase);
  make_request("meter-1");
  const std::string code = house()->code_for("meter-1", "device", "meter-1");
  ASSERT_EQ(enrol("meter-1", code), "200");
  http::CurlFetch fetch({.allows_plain = true});
  ASSERT_EQ(fetch.fetch(question(base::Bytes(16, 1)))->status, 200);
  ASSERT_EQ(fetch.fetch(stamp())->status, 200);
  const Hidden::Look serving = keys.look_into(server());
  if (serving.is_closed) GTEST_SKIP() << testing::kMemoryIsClosed;
  EXPECT_GT(serving.octets, std::size_t{1} << 20);
  EXPECT_FALSE(serving.found);
  const Hidden passphrase = program::hide(
      [] { return std::vector<base::Bytes>{base::to_bytes(base::bytes_of(kPassphrase))}; });
  EXPECT_FALSE(passphrase.look_into(server()).found);
  const Hidden tls = program::hide_tls_key(at("ca/tls/server-key.pem")),
               tls_root = program::hide_tls_key(at("ca/tls/root-key.pem"));
  EXPECT_FALSE(tls.look_into(server()).found);
  EXPECT_FALSE(tls_root.look_into(server()).found);
  // The same search finds them in the processes that hold them, where this user may look there:
  // each its own.
  const std::vector<pid_t> holders = program::children_of(server());
  ASSERT_EQ(holders.size(), 2u);
  const std::string of_signatures = std::to_string(holders[0]),
                    of_connections = std::to_string(holders[1]);
  const Hidden::Look holding = keys.look_into(of_signatures);
  EXPECT_TRUE(holding.found || holding.is_closed);
  EXPECT_TRUE(tls.look_into(of_connections).found || holding.is_closed);
  EXPECT_FALSE(tls.look_into(of_signatures).found);
  EXPECT_FALSE(keys.look_into(of_connections).found);
  EXPECT_FALSE(tls_root.look_into(of_connections).found);
  EXPECT_FALSE(passphrase.look_into(of_signatures).found);
  // And in this one, as long as it holds one of them.
  {
    const auto files = *base::open_folder(at("ca"));
    const auto here =
        program::SealedKeys::open(*files, base::SecretBytes::copy_of(base::bytes_of(kPassphrase)));
    const auto ocsp = here->get("ocsp");
    ASSERT_OK(ocsp);
    EXPECT_TRUE(keys.is_in_this_process());
  }
}

// shows: ZSA37-DEP-a
TEST_F(ServedKeys, WhereTheirProcessIsKilledNothingHalfDoneGoesOutAndNothingIsLost) {
  HEQI_NEEDS_PROGRAM("curl");
  constexpr int kApplicants = 4;
  std::vector<std::string> codes;
  for (int i = 0; i < kApplicants; ++i) {
    const std::string id = "killed-" + std::to_string(i);
    make_request(id);
    codes.push_back(house()->code_for(id, "device", id));
  }
  const std::vector<pid_t> holders = program::children_of(server());
  ASSERT_EQ(holders.size(), 2u);
  std::atomic<int> answered{0}, half{0};
  std::atomic<bool> over{false}, killed{false};
  std::vector<std::thread> askers;
  for (std::uint8_t i = 0; i < 4; ++i)
    askers.emplace_back([&, i] {
      http::CurlFetch fetch({.allows_plain = true});
      const base::Bytes nonce(16, i);
      while (!over) {
        const auto got = fetch.fetch(question(nonce));
        if (!got || got->status != 200) continue;  // it has ended, or ends
        const auto answer = pki::parse_ocsp_answer(got->body);
        const bool whole = answer && answer->body.nonce == nonce &&
                           x509::Sm2SignatureVerifier().verify(x509::sm2_with_sm3_algorithm(),
                                                               certificate("ocsp").public_key(),
                                                               answer->tbs(), answer->signature);
        const bool refused = !answer && answer.error().code == base::Code::unavailable;
        if (whole) ++answered;
        if (!whole && !refused) ++half;
      }
    });
  std::vector<std::thread> applicants;
  std::vector<std::string> got(kApplicants);
  for (int i = 0; i < kApplicants; ++i)
    applicants.emplace_back([&, i] {
      const bool last = i + 1 == kApplicants;  // comes when it is too late
      while (last ? !killed : answered < 50 * (i + 1)) std::this_thread::yield();
      if (i + 2 == kApplicants) killed = ::kill(holders[0], SIGKILL) == 0;
      got[static_cast<std::size_t>(i)] =
          enrol("killed-" + std::to_string(i), codes[static_cast<std::size_t>(i)]);
    });
  for (std::thread& one : applicants) one.join();
  const int code = house()->wait();
  over = true;
  for (std::thread& one : askers) one.join();
  EXPECT_EQ(code, 1);
  EXPECT_EQ(half, 0);
  EXPECT_NE(got[kApplicants - 1], "200");
  const std::string log(base::text_of(read(at("server.log"))));
  EXPECT_NE(log.find("process that holds the keys has ended"), std::string::npos) << log;
  house()->start_again();
  for (int i = 0; i < kApplicants; ++i) {
    const std::string id = "killed-" + std::to_string(i);
    EXPECT_EQ(enrol(id, codes[static_cast<std::size_t>(i)]), "200") << got[i];
    const Ran found = house()->ca("find", "--holder " + id);
    EXPECT_EQ(std::count(found.output.begin(), found.output.end(), '\n'), 1) << found.output;
  }
}

}  // namespace
}  // namespace heqi::demo
