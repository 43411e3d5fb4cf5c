// seal_desk.h: an authority, persons whose keys and certificates lie in files, and a seal.
#pragma once
#include <heqi/base/text.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/sm2_encoding.h>

#include "shell.h"

namespace heqi::program {

struct SealDesk : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }

  // keep writes NAME.key, NAME.pem (with the issuer's certificate) and NAME.one (without).
  void keep(const std::string& name, const testing::Credential& who) {
    const base::SecretBytes der = x509::encode_private_key(who.sm2->key());
    write(at(name + ".key"), base::to_pem("PRIVATE KEY", der.expose()));
    write(at(name + ".pem"),
          x509::to_pem(who.certificate) + x509::to_pem(authority.issuing().certificate));
    write(at(name + ".one"), x509::to_pem(who.certificate));
  }
  void SetUp() override {
    for (const char* name : {"alice", "mallory", "maker"}) keep(name, authority.make_person(name));
    write(at("root.pem"), x509::to_pem(authority.root().certificate));
    write(at("picture.png"), base::text_of(testing::hex(kPicture)));
  }
  // make_seal writes seal.esl: the maker's, for Alice.
  Ran make_seal() {
    return run(run_seal,
               {"make", "--picture", at("picture.png"), "--name", "合契科技有限公司", "--id",
                "11010800000001", "--signers", at("alice.one"), "--key", at("maker.key"),
                "--certificate", at("maker.pem"), "--out", at("seal.esl")});
  }
  // sign_file signs or seals a file as a person, into another.
  Ran sign_file(const std::string& who, const std::string& from, const std::string& to,
                std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"--key", at(who + ".key"), "--certificate", at(who + ".pem"), "--out", to, from});
    return run(run_sign, more);
  }
  Ran verify_file(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--trust", at("root.pem"), "--json", file});
    return run(run_verify, more);
  }

  // A PNG of one red, half transparent pixel.
  static constexpr std::string_view kPicture =
      "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
      "c0d00000048101802c55ceb00000000049454e44ae426082";
  testing::TemporaryFolder folder;
  testing::Authority authority;
};

}  // namespace heqi::program
