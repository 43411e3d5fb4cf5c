#include <heqi/pki/path.h>

#include "installation.h"

namespace heqi::services::ca {
namespace {

TEST_F(Installation, ABodyThatALintStopsNeverReachesTheRealKey) {
  CountingSigner counting(issuing_.signer);
  Locations unreachable = locations_;
  unreachable.crl = "ldap://127.0.0.1/issuing.crl";
  Authority authority(*database_, hierarchy_.issuing, counting,
                      AuthorityOptions{.locations = unreachable}, clock_, random_, log_);
  const auto refused = authority.issue(application("r1", "alice", alice_));
  EXPECT_ERROR(refused, base::Code::ca_lint);
  EXPECT_NE(refused.error().detail.find("crl_http"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(counting.asked(), 0);
  const auto rows = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.get_row("SELECT COUNT(*) FROM ca_certificates"); });
  ASSERT_OK(rows);
  EXPECT_EQ(rows->int64(0), 0) << "nothing is recorded as about to be issued";
  // The same request at an authority without the fault.
  EXPECT_OK(authority_->issue(application("r1", "alice", alice_)));
}

// DamagingSigner is a key whose signatures come out wrong.
class DamagingSigner final : public x509::Signer {
 public:
  explicit DamagingSigner(x509::Signer& below) : below_(below) {}
  x509::AlgorithmIdentifier algorithm() const override { return below_.algorithm(); }
  base::Result<base::Bytes> sign(base::ByteView message) override {
    HEQI_TRY(base::Bytes signature, below_.sign(message));
    signature.back() ^= 1;
    return signature;
  }

 private:
  x509::Signer& below_;
};

TEST_F(Installation, ASignatureThatDoesNotVerifyNeverLeaves) {
  DamagingSigner damaging(issuing_.signer);
  Authority authority(*database_, hierarchy_.issuing, damaging,
                      AuthorityOptions{.locations = locations_}, clock_, random_, log_);
  EXPECT_ERROR(authority.issue(application("r1", "alice", alice_)), base::Code::invalid_signature);
  const auto rows = database_->with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT COUNT(*) FROM ca_certificates WHERE der IS NOT NULL");
  });
  ASSERT_OK(rows);
  EXPECT_EQ(rows->int64(0), 0);
  // The same request goes on where the key is whole, with the body that was recorded.
  EXPECT_OK(authority_->issue(application("r1", "alice", alice_)));
  const auto recorded = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.get_row("SELECT COUNT(*) FROM ca_certificates"); });
  EXPECT_EQ(recorded->int64(0), 1);
}

TEST_F(Installation, WhatAnEarlierTryRecordedIsSignedOnlyWhereItStillMayBe) {
  DamagingSigner damaging(issuing_.signer);
  Authority broken(*database_, hierarchy_.issuing, damaging,
                   AuthorityOptions{.locations = locations_}, clock_, random_, log_);
  EXPECT_ERROR(broken.issue(application("r1", "alice", alice_)), base::Code::invalid_signature);
  clock_.advance(std::chrono::hours(24 * 3));
  CountingSigner counting(issuing_.signer);
  Authority later(*database_, hierarchy_.issuing, counting,
                  AuthorityOptions{.locations = locations_}, clock_, random_, log_);
  const auto refused = later.issue(application("r1", "alice", alice_));
  ASSERT_ERROR(refused, base::Code::ca_lint);
  EXPECT_NE(refused.error().detail.find("begin_not_backdated"), std::string::npos)
      << refused.error().detail;
  EXPECT_EQ(counting.asked(), 0);
  ASSERT_OK(later.withdraw("r1"));
  EXPECT_OK(later.issue(application("r2", "alice", alice_)));
}

// shows-part: MSSP-6.2.1-e (the profile checker is the path validation and the X.509 parser of this
// project)
TEST_F(Installation, EveryCertificateChainsToTheRoot) {
  pki::TrustStore trust({hierarchy_.root});
  const x509::Sm2SignatureVerifier verifier;
  const pki::Sm3Digester digester;
  const pki::Crl root_crl = *pki::parse_crl(hierarchy_.root_crl);
  const pki::Crl crl = *pki::parse_crl(*authority_->crl());
  for (const x509::Certificate* leaf :
       {&hierarchy_.status_responder, &hierarchy_.time_stamp_authority, &hierarchy_.application}) {
    pki::PathOptions options;
    options.at = options.now = kNow;
    options.intermediates = {hierarchy_.issuing};
    options.crls = {root_crl, crl};
    const auto path = pki::validate_path(*leaf, trust, options, {verifier, digester});
    EXPECT_EQ(path.status, pki::PathStatus::trusted) << path.reason;
  }
}

TEST_F(Installation, AHierarchyComesBackFromItsFiles) {
  testing::MemoryStore files;
  EXPECT_ERROR(load_hierarchy(files), base::Code::not_found);
  ASSERT_OK(save_hierarchy(files, hierarchy_));
  EXPECT_TRUE(load_hierarchy(files)->issuing == hierarchy_.issuing);
}

// shows: MSSP-6.2.2-n
TEST_F(Installation, AnIssuedCertificateIsNotGoodBeforeItIsPublished) {
  const auto certificate = authority_->issue(application("r1", "alice", alice_));
  ASSERT_OK(certificate);
  EXPECT_EQ(authority_->standing(certificate->serial())->state, Standing::State::unknown);
  ASSERT_OK(authority_->publish(certificate->serial()));
  EXPECT_OK(authority_->publish(certificate->serial()));
  EXPECT_EQ(authority_->standing(certificate->serial())->state, Standing::State::good);
}

// shows: MSSP-6.2.2-o
TEST_F(Installation, TheSameRequestGetsTheSameCertificate) {
  const Application asked = application("r1", "alice", alice_);
  const auto first = authority_->issue(asked), second = authority_->issue(asked);
  ASSERT_OK(first);
  EXPECT_TRUE(*first == *second);
}

// shows: ZSA37-PKI-f
TEST_F(Installation, PersonsOrganisationsAndDevicesHaveProfilesOfTheirOwn) {
  const auto issue = [&](Profile profile) {
    Key key(random_);
    Application asked = application(std::string(name_of(profile)), "holder", key);
    asked.profile = profile;
    return authority_->issue(asked);
  };
  const auto person = issue(Profile::person), organization = issue(Profile::organization),
             device = issue(Profile::device);
  for (const auto* signer : {&person, &organization}) {
    ASSERT_OK(*signer);
    EXPECT_TRUE((*signer)->allows(x509::KeyUsageBit::non_repudiation));
    EXPECT_TRUE((*signer)->has_purpose(x509::oids::purpose_document_signing()));
    EXPECT_FALSE((*signer)->has_purpose(x509::oids::purpose_client_auth()));
  }
  ASSERT_OK(device);
  EXPECT_FALSE(device->allows(x509::KeyUsageBit::non_repudiation));
  EXPECT_TRUE(device->has_purpose(x509::oids::purpose_client_auth()));
  EXPECT_FALSE(device->has_purpose(x509::oids::purpose_document_signing()));
  Key key(random_);
  Application server = application("server", "holder", key);
  server.profile = Profile::server;
  EXPECT_ERROR(authority_->issue(server), base::Code::malformed) << "a server has names";
  Application event = application("event", "holder", key);
  event.profile = Profile::event;
  EXPECT_ERROR(authority_->issue(event), base::Code::malformed) << "an event has evidence";
  Application named = application("named", "holder", key);
  named.alternative_names = {x509::dns_name("a.example.cn")};
  EXPECT_ERROR(authority_->issue(named), base::Code::denied) << "a person has no DNS name";
}

// shows: ECP-PKI-1   mutant: tests/mutants/ECP-PKI-1
TEST_F(Installation, ARequestWithIdentityDataIsCertifiedAsItWasVerified) {
  const auto identity = [](std::string_view number) {
    return x509::make_identity_extension(x509::oids::identity_resident_id(), number);
  };
  Application asked = application("r1", "alice", alice_);
  const auto request = [&](std::string_view number) {
    return *x509::make_csr(
        {.subject = name("alice"), .public_key = alice_.info, .extensions = {identity(number)}},
        alice_.signer);
  };
  asked.csr = request("110101199003070011");
  EXPECT_ERROR(authority_->issue(asked), base::Code::denied);
  asked.identity = {identity("110101199003070999")};
  EXPECT_ERROR(authority_->issue(asked), base::Code::denied);
  asked.identity = {identity("110101199003070011")};
  Application forged = asked;
  forged.csr[forged.csr.size() / 2] ^= 1;
  EXPECT_FALSE(authority_->issue(forged).has_value());
  forged.csr = asked.csr;
  forged.csr.back() ^= 1;
  EXPECT_FALSE(authority_->issue(forged).has_value());
  const auto issued = authority_->issue(asked);
  ASSERT_OK(issued);
  EXPECT_EQ(issued->subject(), name("alice"));
  EXPECT_EQ(issued->public_key(), alice_.info);
  ASSERT_EQ(issued->identity_extensions().size(), 1U);
  EXPECT_EQ(issued->identity_extensions()[0].text, "110101199003070011");
}

// Clients choose PrintableString where UTF8String was verified: strongSwan does.
TEST_F(Installation, ASubjectInAnotherStringTypeIsTheSameAndTheVerifiedOneIsCertified) {
  base::Bytes der = base::to_bytes(name("alice").der());
  const base::Bytes text = base::to_bytes(
      "\x0c\x05"
      "alice");
  const auto place = std::search(der.begin(), der.end(), text.begin(), text.end());
  ASSERT_NE(place, der.end());
  *place = 0x13;
  const auto written = x509::Name::parse(der);
  ASSERT_OK(written);
  ASSERT_FALSE(*written == name("alice"));
  Application asked = application("r1", "alice", alice_);
  asked.csr = *x509::make_csr({.subject = *written, .public_key = alice_.info, .extensions = {}},
                              alice_.signer);
  const auto issued = authority_->issue(asked);
  ASSERT_OK(issued);
  EXPECT_EQ(issued->subject(), name("alice"));
}

// shows: MSSP-6.2.2-h, MSSP-5.2-b
TEST_F(Installation, ABadRequestIsRefusedAndNothingIsIssued) {
  Application other = application("r1", "alice", alice_);
  other.subject = name("bob");
  EXPECT_ERROR(authority_->issue(other), base::Code::denied);
  Application forged = application("r2", "alice", alice_);
  forged.csr.back() ^= 1;
  EXPECT_FALSE(authority_->issue(forged).has_value());
  ASSERT_OK(authority_->issue(application("r3", "alice", alice_)));
  EXPECT_ERROR(authority_->issue(application("r4", "mallory", alice_)), base::Code::conflict);
}

TEST_F(Installation, ARevokedCertificateIsInTheNextListAndStaysRevoked) {
  const auto certificate = authority_->issue(application("r1", "alice", alice_));
  ASSERT_OK(authority_->publish(certificate->serial()));
  const pki::Crl before = *pki::parse_crl(*authority_->crl());
  EXPECT_EQ(pki::find_revoked(before, certificate->serial()), nullptr);
  ASSERT_OK(authority_->revoke(certificate->serial(), pki::RevocationReason::key_compromise));
  clock_.advance(std::chrono::hours(1));
  ASSERT_OK(authority_->revoke(certificate->serial(), pki::RevocationReason::superseded));
  const pki::Crl after = *pki::parse_crl(*authority_->crl());
  const auto* entry = pki::find_revoked(after, certificate->serial());
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->reason, pki::RevocationReason::key_compromise);
  EXPECT_EQ(entry->revoked_at, kNow);
  EXPECT_OK(pki::verify_crl(after, hierarchy_.issuing,
                            {x509::Sm2SignatureVerifier(), pki::Sm3Digester()}));
  EXPECT_ERROR(authority_->publish(certificate->serial()), base::Code::revoked);
  EXPECT_ERROR(authority_->revoke(base::Bytes{1}, pki::RevocationReason::unspecified),
               base::Code::not_found);
  EXPECT_EQ(authority_->standing(base::Bytes{1})->state, Standing::State::unknown);
}

}  // namespace
}  // namespace heqi::services::ca
