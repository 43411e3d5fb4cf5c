// The co-signing service that helps to seal: of one's own organisation, or of another one. Two
// whole installations (heqi serve and heqi-module, each with its own folder, address, keys and TLS
// root) and a device of each; which one helps, the key's URI says.
#include <filesystem>

#include "platform.h"
#include "served_authority.h"

namespace heqi::demo {
namespace {

constexpr std::string_view kPicture =
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
    "c0d00000048101802c55ceb00000000049454e44ae426082";

// Of the connections of a service that an authority certifies; every host is its own .localhost.
constexpr std::string_view kSystem = "seals.localhost";

Ran heqi(const std::string& arguments) {
  return shell(std::string(HEQI_PROGRAM) + " " + arguments);
}

// Service is an installation, a device enrolled there, and the certificate of the key that both
// hold a share of.
struct Service {
  std::string at(const std::string& name) const { return platform.folder() + "/" + name; }
  std::string tls_root() const { return at("p/data/tls/root.pem"); }
  std::string key(const std::string& url, const std::string& trust) const {
    return "'heqi-device:socket=" + at("device.socket") + ";server=" + url + ";trust=" + trust +
           "'";
  }
  void start(const std::string& address) {
    ASSERT_OK(platform.start(address));
    write(at("pin"), base::bytes_of("482913\n"));
    write(at("device.toml"),
          base::bytes_of("socket = \"" + at("device.socket") + "\"\nstate_folder = \"" +
                         at("state") + "\"\nkey_folder = \"" + at("keys") + "\"\n"));
    const std::string program =
        std::filesystem::path(HEQI_PROGRAM).parent_path() / "../heqi_device/heqi-device";
    auto started =
        program::Process::start({program, "--config", at("device.toml")}, at("device.log"));
    ASSERT_OK(started);
    device.emplace(*std::move(started));
    ASSERT_OK(program::wait_for_socket(at("device.socket"), *device, std::chrono::seconds(60)));
    const auto code = platform.authorise();
    ASSERT_OK(code);
    const Ran enrolled =
        heqi("device enrol --socket " + at("device.socket") + " --server " + platform.url() +
             " --trust " + tls_root() + " --pin-file " + at("pin") + " --code " + *code);
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    keep_certificate();
  }
  // keep_certificate writes own.one (the device's certificate), own.pem (with its issuer), root.pem
  // and the lists.
  void keep_certificate() {
    const Ran kept =
        heqi("device status --socket " + at("device.socket") + " --certificate " + at("own.one"));
    ASSERT_EQ(kept.status, 0) << kept.output;
    for (const char* name : {"root", "issuing"}) {
      const Ran ran = shell("openssl x509 -inform DER -in " + at("p/data/certificates/") + name +
                            ".cer -out " + at(name) + ".pem");
      ASSERT_EQ(ran.status, 0) << ran.output;
    }
    shell("cat " + at("own.one") + " " + at("issuing.pem") + " > " + at("own.pem"));
  }
  Platform platform;
  std::optional<program::Process> device;
};

class SealServices : public ::testing::Test {
 protected:
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
    inside.start("127.0.0.1");
    outside.start("127.0.0.2");
    write(makers.at("picture.png"), testing::hex(kPicture));
    const Ran made = shell("openssl genpkey -algorithm SM2 -out " + makers.at("maker.key") +
                           " && openssl req -new -utf8 -key " + makers.at("maker.key") +
                           " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=印章制作中心'"
                           " -out " +
                           makers.at("maker.csr"));
    ASSERT_EQ(made.status, 0) << made.output;
    const Ran issued =
        makers.ca("issue", "--csr " + makers.at("maker.csr") +
                               " --name 印章制作中心 --holder maker --profile organization --out " +
                               makers.at("maker.pem") + " --passphrase-file " + makers.at("pass"));
    ASSERT_EQ(issued.status, 0) << issued.output;
    shell("cat " + makers.at("issuing.pem") + " >> " + makers.at("maker.pem"));
  }
  // make_seal makes seal.esl beside a service for its device's certificate.
  void make_seal(const Service& service) {
    const Ran made =
        heqi("seal make --picture " + makers.at("picture.png") +
             " --name 合契科技有限公司 --id 11010800000001 --signers " + service.at("own.one") +
             " --key " + makers.at("maker.key") + " --certificate " + makers.at("maker.pem") +
             " --out " + service.at("seal.esl"));
    ASSERT_EQ(made.status, 0) << made.output;
  }
  // seal is the one command, whose key names who helps.
  Ran seal(const Service& service, const std::string& key) {
    return heqi("sign --key " + key + " --certificate " + service.at("own.pem") + " --seal " +
                service.at("seal.esl") + " --password-file " + service.at("pin") +
                " --box 1:20,20,40,40 --out " + service.at("sealed.ofd") + " " + HEQI_EXAMPLES +
                "/lease.ofd");
  }
  std::string fetched(const std::string& url, const std::string& name) {
    shell("curl -sf " + url + "/crl/" + name + ".crl -o " + makers.at("list"));
    const std::string path = makers.at(name + std::to_string(++lists) + ".crl");
    std::error_code error;
    std::filesystem::rename(makers.at("list"), path, error);
    return error ? "" : " --crl " + path;
  }
  // certify has a third party's authority certify the key that a service holds a share of:
  // there.one, and there.pem with the issuer.
  void certify_elsewhere(const Service& service, const ServedAuthority& authority) {
    const std::string common =
        " --socket " + service.at("device.socket") + " --trust " + service.tls_root();
    const std::string wish = " --pin-file " + service.at("pin") +
                             " --subject 合契科技有限公司 --out " + service.at("there.csr");
    const Ran alone = heqi("device request --server https://127.0.0.3:9 --wait 2" + common + wish);
    EXPECT_NE(alone.status, 0) << "one half signed alone";
    EXPECT_FALSE(std::filesystem::exists(service.at("there.csr")));
    const Ran made = heqi("device request --server " + service.platform.url() + common + wish);
    ASSERT_EQ(made.status, 0) << made.output;
    const Ran possessed = shell("openssl req -verify -noout -vfyopt distid:1234567812345678 -in " +
                                service.at("there.csr"));
    EXPECT_EQ(possessed.status, 0) << possessed.output;
    write(service.at("code"),
          base::bytes_of(authority.code_for("unit-1", "organization", "合契科技有限公司") + "\n"));
    const Ran enrolled =
        heqi("ca enrol " + authority.tls_url() + " --csr " + service.at("there.csr") +
             " --user unit-1 --code-file " + service.at("code") + " --root " +
             authority.at("ca/root.cer") + " --tls-root " + authority.at("ca/tls/root.pem") +
             " --out " + service.at("there.one"));
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    shell("cat " + service.at("there.one") + " " + authority.at("issuing.pem") + " > " +
          service.at("there.pem"));
  }
  // certify_system has a connected authority certify the connections of a service, which then
  // serves as system_url().
  void certify_system(Service& service, const ServedAuthority& authority) {
    const std::string key = service.at("system.key"), csr = service.at("system.csr"),
                      chain = service.at("system.pem");
    const Ran made = shell("openssl ecparam -name prime256v1 -genkey -noout -out " + key +
                           " && openssl req -new -utf8 -key " + key +
                           " -sha256 -subj '/C=CN/CN=" + std::string(kSystem) + "' -out " + csr);
    ASSERT_EQ(made.status, 0) << made.output;
    write(service.at("code"),
          base::bytes_of(authority.code_for("system-1", "server", std::string(kSystem),
                                            "--dns " + std::string(kSystem)) +
                         "\n"));
    const Ran enrolled =
        heqi("ca enrol " + authority.tls_url() + " --csr " + csr + " --user system-1 --code-file " +
             service.at("code") + " --root " + authority.at("ca/root.cer") + " --tls-root " +
             authority.at("ca/tls/root.pem") + " --out " + chain);
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    shell("cat " + authority.at("issuing.pem") + " >> " + chain);
    set(service, "tls_certificate", chain);
    const Ran half = heqi("serve --config " + service.at("p/heqi.toml"));
    EXPECT_NE(half.status, 0);
    EXPECT_TRUE(has(half.output, "belong together")) << half.output;
    ASSERT_OK(service.platform.serve_again("tls_key", key));
  }
  static void set(const Service& service, const std::string& setting, const std::string& value) {
    const std::string file = service.at("p/heqi.toml"), empty = setting + " = \"\"";
    std::string text(base::text_of(read(file)));
    const std::size_t at = text.find(empty);
    ASSERT_NE(at, std::string::npos) << setting;
    write(file, base::bytes_of(text.replace(at, empty.size(), setting + " = \"" + value + "\"")));
  }
  static std::string system_url(const Service& service) {
    const std::string url = service.platform.url();
    return "https://" + std::string(kSystem) + url.substr(url.rfind(':'));
  }
  // verdict trusts the maker's root and the one given.
  std::string verdict(const Service& service, const Service& trusted) {
    shell("cat " + makers.at("root.pem") + " " + trusted.at("root.pem") + " > " +
          makers.at("roots.pem"));
    std::string crls;
    for (const char* name : {"root", "issuing"})
      crls += fetched(makers.plain_url(), name) + fetched(service.platform.pki_url(), name);
    return heqi("verify --json --trust " + makers.at("roots.pem") + crls + " " +
                service.at("sealed.ofd"))
        .output;
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  Service inside, outside;
  ServedAuthority makers{"sm2"};
  int lists = 0;
};

// shows: ZSA37-7.4-h
// shows: ZSA37-DEP-f
TEST_F(SealServices, OfOnesOwnOrOfAThirdPartyHelpsToSealAsTheKeysUriSays) {
  for (Service* service : {&inside, &outside}) {
    SCOPED_TRACE(service->platform.url());
    const Service& other = service == &inside ? outside : inside;
    make_seal(*service);
    const std::string sealed = service->at("sealed.ofd");

    // Nobody there; somebody whose certificate is not trusted; somebody who knows no such device.
    const Ran nobody = seal(*service, service->key("https://127.0.0.3:9", service->tls_root()));
    EXPECT_NE(nobody.status, 0);
    EXPECT_TRUE(has(nobody.output, "unavailable")) << nobody.output;
    const Ran stranger = seal(*service, service->key(service->platform.url(), other.tls_root()));
    EXPECT_NE(stranger.status, 0);
    EXPECT_TRUE(has(stranger.output, "untrusted")) << stranger.output;
    const Ran unknown = seal(*service, service->key(other.platform.url(), other.tls_root()));
    EXPECT_NE(unknown.status, 0);
    EXPECT_TRUE(has(unknown.output, "not_found") || has(unknown.output, "unauthenticated"))
        << unknown.output;
    EXPECT_FALSE(std::filesystem::exists(sealed));

    const Ran done = seal(*service, service->key(service->platform.url(), service->tls_root()));
    ASSERT_EQ(done.status, 0) << done.output;
    const std::string theirs = verdict(*service, *service), others = verdict(*service, other);
    EXPECT_TRUE(has(theirs, "\"certificate\":\"trusted\"")) << theirs;
    EXPECT_TRUE(has(theirs, "\"seal\":\"valid\"")) << theirs;
    EXPECT_FALSE(has(others, "\"certificate\":\"trusted\"")) << others;
    EXPECT_TRUE(has(others, "certificate_untrusted")) << others;
  }
  // The key that seals signs nothing else for a command: it is the person's, for contracts.
  const Ran plain =
      heqi("sign --key " + inside.key(inside.platform.url(), inside.tls_root()) +
           " --certificate " + inside.at("own.pem") + " --password-file " + inside.at("pin") +
           " --out " + inside.at("plain.ofd") + " " + HEQI_EXAMPLES + "/lease.ofd");
  EXPECT_NE(plain.status, 0);
  EXPECT_TRUE(has(plain.output, "unsupported")) << plain.output;
}

// shows: ZSA37-C-a2
// shows: ZSA37-C-g
TEST_F(SealServices, HaveTheirUsersAndTheirOwnCertificatesFromConnectedAuthorities) {
  certify_elsewhere(inside, makers);
  if (HasFatalFailure()) return;
  const auto key_in = [](const std::string& file) {
    return shell("openssl x509 -noout -pubkey -in " + file).output;
  };
  EXPECT_EQ(key_in(inside.at("there.one")), key_in(inside.at("own.one")));
  std::filesystem::rename(inside.at("there.one"), inside.at("own.one"));
  std::filesystem::rename(inside.at("there.pem"), inside.at("own.pem"));
  make_seal(inside);
  ASSERT_EQ(seal(inside, inside.key(inside.platform.url(), inside.tls_root())).status, 0);
  std::filesystem::remove(inside.at("sealed.ofd"));

  // The service's own certificate is of an authority too: its old root vouches for nothing.
  const ServedAuthority connected{"p256"};
  certify_system(inside, connected);
  if (HasFatalFailure()) return;
  const Ran old = seal(inside, inside.key(system_url(inside), inside.tls_root()));
  EXPECT_NE(old.status, 0);
  EXPECT_TRUE(has(old.output, "untrusted")) << old.output;
  const Ran misnamed = seal(inside, inside.key(inside.platform.url(), connected.at("root.pem")));
  EXPECT_NE(misnamed.status, 0);
  EXPECT_TRUE(has(misnamed.output, "untrusted")) << misnamed.output;
  EXPECT_FALSE(std::filesystem::exists(inside.at("sealed.ofd")));
  const Ran done = seal(inside, inside.key(system_url(inside), connected.at("root.pem")));
  ASSERT_EQ(done.status, 0) << done.output;
  // The maker's authority is the third party here: its root alone is enough.
  shell("cp " + makers.at("root.pem") + " " + makers.at("roots.pem"));
  std::string crls;
  for (const char* name : {"root", "issuing"}) crls += fetched(makers.plain_url(), name);
  const auto verified = [&](const std::string& root) {
    return heqi("verify --json --trust " + root + crls + " " + inside.at("sealed.ofd")).output;
  };
  const std::string theirs = verified(makers.at("roots.pem")),
                    ours = verified(inside.at("root.pem"));
  EXPECT_TRUE(has(theirs, "\"certificate\":\"trusted\"")) << theirs;
  EXPECT_TRUE(has(theirs, "\"seal\":\"valid\"")) << theirs;
  EXPECT_TRUE(has(ours, "certificate_untrusted")) << ours;
}

}  // namespace
}  // namespace heqi::demo
