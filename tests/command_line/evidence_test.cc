// Verdicts without network: what became of certificates and seals comes in files.
#include <heqi/base/text.h>
#include <heqi/crypto/sm2.h>

#include "../../src/documents/ofd/tests/ofd_world.h"
#include "shell.h"

namespace heqi::program {
namespace {

namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;
using seal::kNow;
using seal::kSealedAt;
using seal::must;

// Everybody's certificate names where its status is to be had, and nobody can ask there.
struct OfflineVerdict : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  testing::Credential person(const std::string& name) {
    testing::CertificateWish wish;
    wish.common_name = name;
    wish.crl_and_ocsp_urls = true;
    return desk.authority.make(wish);
  }
  void SetUp() override {
    desk.alice = person("Alice"), desk.maker = person("Maker");
    write(at("root.pem"), x509::to_pem(desk.authority.root().certificate));
    write(at("sealed.ofd"), base::text_of(desk.sealed(ofd::contract())));
    write(at("signed.ofd"), base::text_of(desk.signed_by(ofd::contract(), desk.alice)));
    keep_lists();
  }
  void keep_lists() {
    write(at("issuing.crl"), base::text_of(desk.authority.make_crl(kSealedAt)));
    write(at("root.crl"), base::to_pem("X509 CRL", desk.authority.make_root_crl(kSealedAt)));
  }
  void keep_status(const std::string& name, base::Time made,
                   const std::vector<seal::SealStatusEntry>& entries) {
    write(
        at(name),
        base::text_of(must(seal::make_status_list(made, made + std::chrono::hours(24 * 30), entries,
                                                  desk.maker.certificate, *desk.maker.signer))));
  }
  // verdict_of gives the document's verdict; the rest of the report stays in said.
  std::string verdict_of(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"--trust", at("root.pem"), "--at", base::to_rfc3339(kNow), "--json", at(file)});
    const Ran ran = run(run_verify, more);
    said = ran.out + ran.error;
    const std::string mark = "\"verdict\":\"";
    const std::size_t begin = ran.out.find(mark);
    if (begin == std::string::npos) return "";
    const std::size_t from = begin + mark.size();
    return ran.out.substr(from, ran.out.find('"', from) - from);
  }
  std::vector<std::string> lists() const {
    return {"--crl", at("issuing.crl"), "--crl", at("root.crl")};
  }

  testing::TemporaryFolder folder;
  ofd::SealingDesk desk;
  std::string said;
};

// shows: ZSA37-7.4-c
TEST_F(OfflineVerdict, IsValidWithListsAndUndecidedWithout) {
  for (const std::string file : {"sealed.ofd", "signed.ofd"}) {
    SCOPED_TRACE(file);
    EXPECT_EQ(verdict_of(file), "INDETERMINATE") << said;
    EXPECT_NE(said.find("revocation_unknown"), std::string::npos) << said;
    EXPECT_EQ(verdict_of(file, lists()), "VALID") << said;
  }
}

TEST_F(OfflineVerdict, TakesAnAnswerAboutOneCertificateToo) {
  write(at("alice.ocsp"),
        base::text_of(desk.authority.make_ocsp_answer(desk.alice.certificate, kSealedAt)));
  EXPECT_EQ(verdict_of("signed.ofd", {"--ocsp", at("alice.ocsp")}), "VALID") << said;
  // Of the seal's maker nothing is said.
  EXPECT_EQ(verdict_of("sealed.ofd", {"--ocsp", at("alice.ocsp")}), "INDETERMINATE") << said;
  EXPECT_NE(said.find("seal_maker_untrusted"), std::string::npos) << said;
}

TEST_F(OfflineVerdict, IsInvalidForWhomTheListNames) {
  desk.authority.revoke(desk.alice.certificate, kSealedAt - std::chrono::hours(1));
  keep_lists();
  EXPECT_EQ(verdict_of("sealed.ofd", lists()), "INVALID") << said;
  EXPECT_EQ(verdict_of("signed.ofd", lists()), "INVALID") << said;
  EXPECT_NE(said.find("certificate_revoked"), std::string::npos) << said;
}

TEST_F(OfflineVerdict, IsInvalidForASealWhoseMakerIsRevoked) {
  desk.authority.revoke(desk.maker.certificate, kSealedAt - std::chrono::hours(1));
  keep_lists();
  EXPECT_EQ(verdict_of("sealed.ofd", lists()), "INVALID") << said;
  EXPECT_NE(said.find("seal_maker_bad"), std::string::npos) << said;
  EXPECT_EQ(verdict_of("signed.ofd", lists()), "VALID") << said;
}

TEST_F(OfflineVerdict, TakesNoListsOfStrangers) {
  testing::Authority stranger(99);
  write(at("issuing.crl"), base::text_of(stranger.make_crl(kSealedAt)));
  EXPECT_EQ(verdict_of("sealed.ofd", lists()), "INDETERMINATE") << said;
}

TEST_F(OfflineVerdict, TakesNoListOfTheFutureOrOfLongAgo) {
  write(at("issuing.crl"), base::text_of(desk.authority.make_crl(kNow + std::chrono::hours(48))));
  EXPECT_EQ(verdict_of("signed.ofd", lists()), "INDETERMINATE") << said;
  write(at("issuing.crl"),
        base::text_of(desk.authority.make_crl(kSealedAt - std::chrono::hours(24 * 60))));
  EXPECT_EQ(verdict_of("signed.ofd", lists()), "INDETERMINATE") << said;
}

// shows: ZSA37-7.4-b
TEST_F(OfflineVerdict, KnowsTheNewestListOfWithdrawnSeals) {
  const seal::SealStatusEntry withdrawn{"11010800000001", kSealedAt - std::chrono::hours(1)};
  keep_status("old", kSealedAt - std::chrono::hours(3), {});
  keep_status("new", kSealedAt, {withdrawn});
  keep_status("future", kNow + std::chrono::hours(24), {});
  std::vector<std::string> with = lists();
  with.insert(with.end(), {"--status", at("old")});
  EXPECT_EQ(verdict_of("sealed.ofd", with), "VALID") << said;
  with.insert(with.end(), {"--status", at("new"), "--status", at("future")});
  EXPECT_EQ(verdict_of("sealed.ofd", with), "INVALID") << said;
  EXPECT_NE(said.find("seal_withdrawn"), std::string::npos) << said;
}

TEST_F(OfflineVerdict, OfASealAloneKnowsTheSameFiles) {
  write(at("seal.esl"), base::text_of(desk.sealing(desk.alice).seal));
  const auto inspect = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"inspect", at("seal.esl"), "--trust", at("root.pem"), "--json"});
    return run(run_seal, more);
  };
  const std::string unproved = "\"step\":\"maker_certificate\",\"outcome\":\"unproved\"";
  EXPECT_NE(inspect({}).out.find(unproved), std::string::npos);
  desk.authority.revoke(desk.maker.certificate, kSealedAt - std::chrono::hours(1));
  const base::Time now = base::SystemClock().now() - std::chrono::hours(1);
  write(at("issuing.crl"), base::text_of(desk.authority.make_crl(now)));
  EXPECT_EQ(inspect(lists()).code, 1);
}

TEST_F(OfflineVerdict, RefusesFilesThatAreNoEvidence) {
  for (const std::string option : {"--crl", "--ocsp", "--status", "--certificates"}) {
    SCOPED_TRACE(option);
    EXPECT_EQ(run(run_verify, {option, at("none"), at("sealed.ofd")}).code, 2);
    EXPECT_EQ(run(run_verify, {option, at("sealed.ofd"), at("sealed.ofd")}).code, 2);
  }
  EXPECT_EQ(run(run_verify, {"--crl", at("root.pem"), at("sealed.ofd")}).code, 2);
  EXPECT_EQ(run(run_verify, {"--at", "yesterday", at("sealed.ofd")}).code, 2);
}

}  // namespace
}  // namespace heqi::program
