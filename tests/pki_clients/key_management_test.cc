// Where encryption keys are made: at one's own key management centre, or at another organisation's.
// Two whole installations; the authority's commands and the holder's are the same with both.
#include <atomic>
#include <filesystem>
#include <thread>

#include <heqi/base/text.h>
#include <heqi/pki/certificate_response.h>
#include <heqi/services/identity/signed_request.h>
#include <heqi/x509/enveloped_key.h>

#include "../command_line/hidden_secret.h"
#include "platform.h"
#include "served_authority.h"

namespace heqi::demo {
namespace {

using base::Code;

// Pair is what a holder has of an answer: its encryption key's file, and who opened it.
struct Pair {
  pki::CertificateResponse answer;
  base::Result<crypto::PrivateKey> key = base::fail(Code::not_found);
};

// World is both installations: made once, since each start stretches a passphrase.
struct World {
  ServedAuthority unit{"sm2"};
  Platform kmc;
  std::string admin;
  std::vector<std::string> officers;
};

class KeyManagement : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    world() = std::make_unique<World>();
    Platform& kmc = world()->kmc;
    ASSERT_OK(kmc.start());
    world()->admin = kmc.token();
    for (const char* name : {"second", "third"}) {
      const auto officer = kmc.add_user(name + std::string("@heqi.invalid"), "administrator");
      ASSERT_OK(officer);
      world()->officers.push_back(*officer);
    }
    register_at_centre("unit", world()->unit.at("ca/application.cer"));
    serve("unit");
  }
  static void TearDownTestSuite() { world().reset(); }
  static std::unique_ptr<World>& world() {
    static std::unique_ptr<World> value;
    return value;
  }
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
    use_centre("unit", kmc_root(kmc));
  }
  std::string at(const std::string& name) const { return unit.at(name); }
  static std::string kmc_root(const Platform& of) { return of.folder() + "/p/data/tls/root.pem"; }

  // certify makes a person's signature key and certificate, and gives its serial number.
  std::string certify(const std::string& name) {
    const Ran made = shell("openssl genpkey -algorithm SM2 -out " + at(name + ".key") +
                           " && openssl req -new -utf8 -key " + at(name + ".key") +
                           " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=" + name +
                           "' -out " + at(name + ".csr"));
    EXPECT_EQ(made.status, 0) << made.output;
    const Ran issued = unit.ca("issue", "--csr " + at(name + ".csr") + " --name " + name +
                                            " --holder " + name + " --profile person --out " +
                                            at(name + ".pem") + " --passphrase-file " + at("pass"));
    EXPECT_EQ(issued.status, 0) << issued.output;
    const Ran serial = shell("openssl x509 -noout -serial -in " + at(name + ".pem"));
    std::string text(base::trim(serial.output.substr(serial.output.find('=') + 1)));
    for (char& c : text)
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c + 32);
    return text;
  }
  Ran pair(const std::string& serial, const std::string& name) {
    return unit.ca("pair", "--serial " + serial + " --out " + at(name + ".pair") +
                               " --passphrase-file " + at("pass"));
  }
  std::string certificates_of(const std::string& holder) {
    return std::string(base::trim(unit.ca("find", "--count --holder " + holder).output));
  }
  Ran recover(const std::string& act) {
    return unit.ca("recover", act + " --passphrase-file " + at("pass"));
  }
  static crypto::PrivateKey key_of(const std::string& path) {
    auto key = program::key_in_file(path);
    EXPECT_OK(key);
    return *std::move(key);
  }
  Pair open_pair(const std::string& name) {
    const crypto::PrivateKey signature = key_of(at(name + ".key"));
    auto answer = pki::parse_certificate_response(
        read(at(name + ".pair")), x509::make_public_key_info(signature.public_key()));
    EXPECT_OK(answer);
    if (!answer) return {};
    Pair out{*std::move(answer)};
    out.key = x509::open_enveloped_key(out.answer.enveloped_key, signature);
    return out;
  }
  // expect_file_travels: a file is encrypted to the encryption certificate with openssl, and only
  // the pair's private key reads it.
  void expect_file_travels(const std::string& name, const Pair& pair) {
    const std::string own = at(name + ".encryption");
    ASSERT_OK(pair.key);
    ASSERT_OK(program::write_software_key(own + ".key", *pair.key));
    write(own + ".cer", pair.answer.encryption.front().der());
    write(at("letter"), base::bytes_of("the price is 12,800 yuan\n"));
    const Ran sent = shell(
        "openssl x509 -inform DER -in " + own + ".cer -out " + own + ".pem && openssl verify " +
        "-vfyopt distid:1234567812345678 -partial_chain -CAfile " + at("issuing.pem") + " " + own +
        ".pem && openssl x509 -noout -pubkey -in " + own + ".pem -out " + own +
        ".pub && openssl rand -hex 16 > " + at("session") + " && openssl enc -sm4-cbc -K $(cat " +
        at("session") + ") -iv 00000000000000000000000000000000 -in " + at("letter") + " -out " +
        at("letter.sm4") + " && openssl pkeyutl -encrypt -pubin -inkey " + own + ".pub -in " +
        at("session") + " -out " + at("session.sm2"));
    ASSERT_EQ(sent.status, 0) << sent.output;
    const auto receive = [&](const std::string& key) {
      return shell("openssl pkeyutl -decrypt -inkey " + key + " -in " + at("session.sm2") +
                   " -out " + at("opened") + " && openssl enc -d -sm4-cbc -K $(cat " +
                   at("opened") + ") -iv 00000000000000000000000000000000 -in " + at("letter.sm4") +
                   " -out " + at("letter.read") + " && cmp " + at("letter") + " " +
                   at("letter.read"));
    };
    const Ran received = receive(own + ".key");
    EXPECT_EQ(received.status, 0) << received.output;
    EXPECT_NE(receive(at(name + ".key")).status, 0) << "the signature key decrypts nothing";
  }
  // journey is a holder's way from the signature certificate to a letter that was read. It does not
  // know where keys are made.
  Pair journey(const std::string& name) {
    const std::string serial = certify(name);
    const Ran made = pair(serial, name);
    EXPECT_EQ(made.status, 0) << made.output;
    if (made.status != 0) return {};
    Pair out = open_pair(name);
    expect_file_travels(name, out);
    return out;
  }

  static Answer centre(const std::string& method, const std::string& path,
                       const std::string& body = "") {
    auto answer = world()->kmc.ask(method, path, base::to_bytes(base::bytes_of(body)));
    EXPECT_OK(answer);
    return answer ? *std::move(answer) : Answer{};
  }
  // register_at_centre is what the centre's administrator does with the authority's certificate,
  // as docs/authority.md says it.
  static void register_at_centre(const std::string& application, const std::string& certificate) {
    const Ran key = shell("openssl x509 -inform DER -in " + certificate +
                          " -noout -pubkey | openssl pkey -pubin -outform DER | tail -c 65 | "
                          "base64 -w0");
    ASSERT_EQ(key.status, 0) << key.output;
    world()->kmc.act_as(world()->admin);
    const Answer added = centre("POST", "/api/v1/applications",
                                R"({"id":")" + application + R"(","name":")" + application +
                                    R"(","public_key":")" + key.output + "\"}");
    ASSERT_EQ(added.status, 201) << added.text("detail");
  }
  static void serve(const std::string& application) {
    world()->kmc.act_as(world()->admin);
    const Answer now =
        centre("POST", "/api/v1/ca/authorities/" + application + "/serve", R"({"keys_max":100})");
    ASSERT_EQ(now.status, 200) << now.text("detail");
  }
  // settings are those of the authority: where its keys are made from now on.
  std::string settings(const std::string& application, const std::string& root) {
    return "url = \"" + kmc.url() + "\"\napplication = \"" + application + "\"\ntls_root = \"" +
           root + "\"\n";
  }
  void use_centre(const std::string& application, const std::string& root) {
    write(at("ca/kmc.toml"), base::bytes_of(settings(application, root)));
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  // holds tells whether a file below a folder has a form of a secret.
  static bool holds(const std::string& folder, const program::Hidden& secret) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      base::Bytes content = read(entry.path());
      if (secret.is_in(content)) return true;
    }
    return false;
  }
  std::string transcript_there() {
    const Ran got = shell("curl -s --cacert " + kmc_root(kmc) + " -H 'Authorization: Bearer " +
                          admin + "' " + kmc.url() + "/api/v1/ca/transcript");
    return got.output;
  }

  ServedAuthority& unit = world()->unit;
  Platform& kmc = world()->kmc;
  const std::string& admin = world()->admin;
};

// shows: ZSA37-DEP-f
TEST_F(KeyManagement, OfOnesOwnOrOfAThirdPartyIsAMatterOfOneFile) {
  std::filesystem::remove(at("ca/kmc.toml"));
  const Pair own = journey("own");
  ASSERT_OK(own.key);
  EXPECT_FALSE(has(transcript_there(), "authority:later/"));
  use_centre("later", kmc_root(kmc));
  const std::string early = certify("early");
  const auto refused = [&](std::string_view why) {
    const Ran ran = pair(early, "early");
    EXPECT_NE(ran.status, 0);
    EXPECT_TRUE(has(ran.output, why)) << ran.output;
    EXPECT_FALSE(std::filesystem::exists(at("early.pair")));
    EXPECT_EQ(certificates_of("early"), "count / 数量  1") << "nothing is half issued";
  };
  refused("its administrator registers");
  register_at_centre("later", at("ca/application.cer"));
  refused("one of its administrators says which authorities it serves");
  serve("later");
  use_centre("later", at("ca/tls/root.pem"));
  refused("does not vouch for this connection");
  use_centre("later", kmc_root(kmc));

  const Pair there = journey("there");
  ASSERT_OK(there.key);
  const std::string told = transcript_there();
  EXPECT_TRUE(has(told, "authority:later/")) << told;
  EXPECT_TRUE(has(unit.ca("transcript", "").output, "made_elsewhere"));
  const Ran again = pair(early, "early");
  EXPECT_EQ(again.status, 0) << again.output;
  EXPECT_EQ(certificates_of("early"), "count / 数量  2");
  std::filesystem::remove(at("ca/kmc.toml"));
  ASSERT_OK(journey("home").key);
}

TEST_F(KeyManagement, NobodyBetweenReadsAKeyAndTheCentreHasNoSignatureKey) {
  const Pair there = journey("passed");
  ASSERT_OK(there.key);
  const program::Hidden signature = program::hide_key_file(at("passed.key"));
  const program::Hidden encryption = program::hide_key_file(at("passed.encryption.key"));
  EXPECT_FALSE(holds(kmc.folder(), signature));
  EXPECT_FALSE(holds(kmc.folder(), encryption)) << "it is wrapped";
  EXPECT_FALSE(holds(at("ca"), signature));
  EXPECT_FALSE(holds(at("ca"), encryption));
  base::Bytes passed = read(at("passed.pair"));
  EXPECT_FALSE(encryption.is_in(passed));
  base::Bytes file = base::to_bytes(there.key->encode().expose());
  EXPECT_TRUE(encryption.is_in(file)) << "the search itself works";
  // Changed on the way to the holder: at any place of the two encrypted parts, or another holder's.
  const Pair other = journey("other");
  const crypto::PrivateKey holder = key_of(at("passed.key"));
  for (std::size_t place = 0; place < there.answer.enveloped_key.size(); ++place) {
    base::Bytes changed = there.answer.enveloped_key;
    changed[place] ^= 1;
    EXPECT_FALSE(x509::open_enveloped_key(changed, holder)) << place;
  }
  EXPECT_ERROR(x509::open_enveloped_key(other.answer.enveloped_key, holder),
               Code::invalid_signature);
  std::vector<std::string> processes{std::to_string(kmc.id())};
  for (const pid_t one : program::children_of(processes[0]))
    processes.push_back(std::to_string(one));
  EXPECT_EQ(processes.size(), 3U) << "heqi serve, heqi-module and who has its TLS key";
  for (const std::string& process : processes) {
    const program::Hidden::Look look = signature.look_into(process);
    if (look.is_closed) GTEST_SKIP() << testing::kMemoryIsClosed;
    EXPECT_FALSE(look.found);
  }
}

TEST_F(KeyManagement, ALostKeyComesBackThroughTheThirdPartysOfficers) {
  const Pair lost = journey("lost");
  ASSERT_OK(lost.key);
  const std::string old_serial = base::to_hex(lost.answer.signature.front().serial());
  const std::string fresh = certify("fresh");
  const Ran asked = recover("--ask pair-" + old_serial + " --serial " + fresh +
                            " --who clerk --reason 'the phone is lost' --json");
  ASSERT_EQ(asked.status, 0) << asked.output;
  const auto json = http::parse_json(base::bytes_of(asked.output));
  ASSERT_OK(json);
  const std::string recovery = Answer{0, "", *json}.text("case");
  const std::string deliver = "--deliver " + recovery + " --out " + at("recovered");
  EXPECT_NE(recover(deliver).status, 0) << "nobody has approved";
  const Ran here = recover("--approve " + recovery + " --who officer");
  EXPECT_NE(here.status, 0);
  EXPECT_TRUE(has(here.output, "its officers approve, there")) << here.output;
  for (const std::string& officer : world()->officers) {
    EXPECT_NE(recover(deliver).status, 0) << "two have to approve";
    kmc.act_as(officer);
    EXPECT_EQ(centre("POST", "/api/v1/ca/recoveries/" + recovery + "/approve").status, 204);
  }
  const Ran given = recover(deliver);
  ASSERT_EQ(given.status, 0) << given.output;
  const auto key = x509::open_enveloped_key(read(at("recovered")), key_of(at("fresh.key")));
  ASSERT_OK(key);
  EXPECT_TRUE(key->public_key() == lost.key->public_key());
  EXPECT_FALSE(x509::open_enveloped_key(read(at("recovered")), key_of(at("lost.key"))));
}

TEST_F(KeyManagement, WhereTheCentreIsKilledNothingIsHalfIssuedAndTheSameKeysComeAfterwards) {
  constexpr int kHolders = 3;
  std::vector<std::string> serials;
  for (int i = 0; i < kHolders; ++i) serials.push_back(certify("h" + std::to_string(i)));
  std::atomic<int> done{0};
  std::thread asker([&] {
    for (int i = 0; i < kHolders; ++i) {
      const std::string name = "h" + std::to_string(i);
      pair(serials[static_cast<std::size_t>(i)], name);
      ++done;
    }
  });
  while (done < 1) std::this_thread::yield();
  kmc.kill();
  asker.join();
  std::map<std::string, base::Bytes> had;
  for (int i = 0; i < kHolders; ++i) {
    const std::string name = "h" + std::to_string(i);
    if (std::filesystem::exists(at(name + ".pair")))
      had[name] = open_pair(name).answer.encryption.front().public_key().key;
  }
  EXPECT_GE(had.size(), 1U);
  const Ran down = pair(certify("late"), "late");
  EXPECT_NE(down.status, 0);
  EXPECT_TRUE(has(down.output, "gave no answer")) << down.output;
  EXPECT_TRUE(has(down.output, "ask again once it answers")) << down.output;
  EXPECT_EQ(certificates_of("late"), "count / 数量  1");

  ASSERT_OK(kmc.serve_again("time_source", "system"));
  for (int i = 0; i < kHolders; ++i) {
    const std::string name = "h" + std::to_string(i);
    const Ran again = pair(serials[static_cast<std::size_t>(i)], name);
    EXPECT_EQ(again.status, 0) << again.output;
    const Pair now = open_pair(name);
    ASSERT_OK(now.key);
    if (had.contains(name)) {
      EXPECT_EQ(now.answer.encryption.front().public_key().key, had[name]);
    }
  }
}

TEST_F(KeyManagement, ARequestThatWasSeenBeforeOrIsAStrangersGetsNoKey) {
  const crypto::PrivateKey own = key_of([&] {
    shell("openssl genpkey -algorithm SM2 -out " + at("own.key") +
          " && openssl req -new -x509 -key " + at("own.key") +
          " -sm3 -sigopt distid:1234567812345678 -subj /CN=raw -outform DER -out " + at("own.cer"));
    return at("own.key");
  }());
  register_at_centre("raw", at("own.cer"));
  testing::SeededRandom random(7);
  const base::SystemClock clock;
  http::CurlFetch fetch({.trusted_pem = std::string(base::text_of(read(kmc_root(kmc))))});
  const auto request_of = [&](const std::string& application) {
    base::FetchRequest request;
    request.method = "POST";
    request.url = kmc.url() + "/api/v1/encryption-keys";
    request.headers = {{"Content-Type", "application/json"}};
    request.body =
        base::to_bytes(base::bytes_of(R"({"id":"k","holder":"h","receiver":")" +
                                      base::to_base64(own.public_key().encode()) + "\"}"));
    EXPECT_OK(
        services::identity::sign_request(request, application, "1", own, clock.now(), random));
    return request;
  };
  const auto status_of = [&](const base::FetchRequest& request) {
    const auto answer = fetch.fetch(request);
    EXPECT_OK(answer);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status_of(request_of("nobody")), 401);
  EXPECT_EQ(status_of(request_of("raw")), 403) << "registered, and not served";
  serve("raw");
  const base::FetchRequest once = request_of("raw");
  EXPECT_EQ(status_of(once), 201);
  EXPECT_EQ(status_of(once), 401);
  EXPECT_EQ(status_of(request_of("raw")), 201) << "asked again is not seen before";
  EXPECT_TRUE(has(transcript_there(), "raw/k"));
}

// shows: ZSA37-DEP-f
TEST_F(KeyManagement, OfAThirdPartyServesThePlatformsDeskToo) {
  Platform desk;
  ASSERT_OK(desk.start());
  std::string chief = desk.token();
  const auto added = desk.add_user("clerk@heqi.invalid", "operator");
  ASSERT_OK(added);
  const auto ask = [&](const std::string& as, const std::string& path, const std::string& body) {
    desk.act_as(as);
    auto answer = desk.ask("POST", "/api/v1/ca/" + path, base::to_bytes(base::bytes_of(body)));
    EXPECT_OK(answer);
    return answer ? *std::move(answer) : Answer{};
  };
  // pair_of certifies a person over EST and asks the desk for the pair; it gives the HTTP status.
  const auto pair_of = [&](const std::string& name) {
    const Answer applied = ask(*added, "applications",
                               R"({"id":")" + name + R"(","profile":"person","holder":")" + name +
                                   R"(","subject":{"common_name":")" + name + R"("}})");
    EXPECT_EQ(applied.status, 201) << applied.text("detail");
    ask(chief, "applications/" + name + "/approve", "");
    const std::string code = ask(*added, "applications/" + name + "/code", "").text("code");
    const Ran enrolled = shell(
        "openssl genpkey -algorithm SM2 -out " + at(name + ".key") +
        " && openssl req -new -utf8 -key " + at(name + ".key") +
        " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=" + name +
        "' -outform DER | base64 > " + at("csr.b64") + " && curl -sf --cacert " + kmc_root(desk) +
        " -u '" + name + ":" + code + "' -H 'Content-Type: application/pkcs10' --data-binary @" +
        at("csr.b64") + " " + desk.url() +
        "/.well-known/est/simpleenroll | base64 -d | openssl pkcs7 -inform DER "
        "-print_certs | openssl x509 -noout -serial");
    EXPECT_EQ(enrolled.status, 0) << enrolled.output;
    const std::string serial(base::trim(enrolled.output.substr(enrolled.output.find('=') + 1)));
    return shell("curl -s --cacert " + kmc_root(desk) + " -H 'Authorization: Bearer " + chief +
                 "' -X POST -o " + at(name + ".pair") + " -w '%{http_code}' " + desk.url() +
                 "/api/v1/ca/certificates/" + serial + "/pair")
        .output;
  };
  EXPECT_EQ(pair_of("own"), "201");
  EXPECT_OK(open_pair("own").key);
  register_at_centre("desk", desk.folder() + "/p/data/certificates/application.cer");
  serve("desk");
  write(desk.folder() + "/kmc.toml", base::bytes_of(settings("desk", kmc_root(kmc))));
  ASSERT_OK(desk.serve_again("kmc", desk.folder() + "/kmc.toml"));
  EXPECT_EQ(pair_of("there"), "201") << base::text_of(read(at("there.pair")));
  EXPECT_OK(open_pair("there").key);
  EXPECT_TRUE(has(transcript_there(), "authority:desk/"));
  kmc.kill();
  EXPECT_EQ(pair_of("late"), "503");
  EXPECT_TRUE(has(std::string(base::text_of(read(at("late.pair")))), "ask again once it answers"));
  ASSERT_OK(kmc.serve_again("time_source", "system"));
  EXPECT_FALSE(desk.serve_again("kmc", desk.folder() + "/nowhere.toml"));
  EXPECT_TRUE(
      has(std::string(base::text_of(read(desk.folder() + "/platform.log"))), "nowhere.toml"));
}

}  // namespace
}  // namespace heqi::demo
