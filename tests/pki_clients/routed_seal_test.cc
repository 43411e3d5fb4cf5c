// A seal whose certificates another organisation's authority issued, set in place of one's own.
#include <filesystem>

#include <heqi/base/text.h>

#include "served_authority.h"

namespace heqi::demo {
namespace {

// A PNG of one red, half transparent pixel.
constexpr std::string_view kPicture =
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
    "c0d00000048101802c55ceb00000000049454e44ae426082";

class RoutedSeal : public ::testing::Test {
 protected:
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
    write(own.at("picture.png"), testing::hex(kPicture));
    own.stop();
    std::filesystem::create_directories(own.at("ca/external/codes"));
    std::filesystem::copy(partner.at("ca/root.cer"), own.at("ca/external/root.cer"));
    std::filesystem::copy(partner.at("ca/tls/root.pem"), own.at("ca/external/tls.pem"));
    write(own.at("ca/external/partner.toml"),
          base::bytes_of("url = \"" + partner.tls_url() +
                         "\"\nprofiles = \"organization, person\"\nroot = \"root.cer\"\n"
                         "tls_root = \"tls.pem\"\ncodes = \"codes\"\n"));
    own.start_again();
  }
  // certify enrols at one's own desk; NAME.key and NAME.pem (with the partner's issuer) are made.
  void certify(const std::string& id, const std::string& profile, const std::string& name) {
    write(own.at("ca/external/codes/" + id),
          base::bytes_of(partner.code_for(id, profile, name) + "\n"));
    const std::string code = own.code_for(id, profile, name);
    const std::string key = own.at(id + ".key"), csr = own.at(id + ".csr");
    const Ran made =
        shell("openssl genpkey -algorithm SM2 -out " + key + " && openssl req -new -utf8 -key " +
              key + " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=" + name +
              "' -outform DER -out " + csr);
    ASSERT_EQ(made.status, 0) << made.output;
    const std::string answer = own.at(id + ".p7");
    const Ran enrolled = shell(
        "base64 " + csr + " | curl -sS --fail-with-body --cacert " + own.at("ca/tls/root.pem") +
        " -u '" + id + ":" + code + "' -H 'Content-Type: application/pkcs10' --data-binary @- -o " +
        answer + " " + own.tls_url() + "/.well-known/est/simpleenroll; status=$?; cat " + answer +
        "; base64 -d " + answer + " | openssl pkcs7 -inform DER -print_certs -out " +
        own.at(id + ".one") + "; exit $status");
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    shell("cat " + own.at(id + ".one") + " " + partner.at("issuing.pem") + " > " +
          own.at(id + ".pem"));
  }
  Ran heqi(const std::string& arguments) const {
    return shell(std::string(HEQI_PROGRAM) + " " + arguments);
  }
  // seal has seal.esl made for a holder and lease.ofd sealed with it.
  Ran seal(const std::string& holder, const std::string& out) const {
    const Ran made = heqi("seal make --picture " + own.at("picture.png") +
                          " --name 合契科技有限公司 --id 11010800000001 --signers " +
                          own.at(holder + ".one") + " --key " + own.at("maker.key") +
                          " --certificate " + own.at("maker.pem") + " --out " + own.at("seal.esl"));
    if (made.status != 0) return made;
    return heqi("sign --key " + own.at(holder + ".key") + " --certificate " +
                own.at(holder + ".pem") + " --seal " + own.at("seal.esl") +
                " --box 1:20,20,40,40 --out " + out + " " + HEQI_EXAMPLES + "/lease.ofd");
  }
  void fetch_lists() const {
    for (const char* name : {"issuing", "root"})
      ASSERT_EQ(shell("curl -s " + partner.plain_url() + "/crl/" + name + ".crl -o " +
                      own.at(name) + ".crl")
                    .status,
                0);
  }
  std::string verdict(const std::string& file, const ServedAuthority& trusted) const {
    return heqi("verify --json --trust " + trusted.at("ca/root.cer") + " --crl " +
                own.at("issuing.crl") + " --crl " + own.at("root.crl") + " " + file)
        .output;
  }

  ServedAuthority own{"sm2"}, partner{"sm2"};
};

// shows: ZSA37-7.4-e
TEST_F(RoutedSeal, OfAUnitAndOfAPersonHoldsUnderThePartnersRootAndNotUnderOnesOwn) {
  certify("maker", "organization", "印章制作中心");
  certify("unit", "organization", "合契科技有限公司");
  certify("alice", "person", "Alice");
  fetch_lists();
  for (const std::string holder : {"unit", "alice"}) {
    SCOPED_TRACE(holder);
    const std::string file = own.at(holder + ".ofd");
    const Ran sealed = seal(holder, file);
    ASSERT_EQ(sealed.status, 0) << sealed.output;
    const std::string theirs = verdict(file, partner), ours = verdict(file, own);
    EXPECT_NE(theirs.find("\"certificate\":\"trusted\""), std::string::npos) << theirs;
    EXPECT_NE(theirs.find("\"seal\":\"valid\""), std::string::npos) << theirs;
    EXPECT_EQ(ours.find("\"certificate\":\"trusted\""), std::string::npos) << ours;
    EXPECT_NE(ours.find("certificate_untrusted"), std::string::npos) << ours;
  }
  // What the partner revokes is revoked for those who verify here.
  const std::string serial = std::string(base::trim(
      shell("openssl x509 -noout -serial -in " + own.at("unit.one") + " | cut -d= -f2 | tr A-F a-f")
          .output));
  const Ran revoked =
      partner.ca("revoke", "--serial " + serial + " --passphrase-file " + partner.at("pass"));
  ASSERT_EQ(revoked.status, 0) << revoked.output;
  fetch_lists();
  const std::string after = verdict(own.at("unit.ofd"), partner);
  EXPECT_NE(after.find("certificate_revoked"), std::string::npos) << after;
}

}  // namespace
}  // namespace heqi::demo
