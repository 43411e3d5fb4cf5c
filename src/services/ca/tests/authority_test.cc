#include <heqi/services/ca/authority.h>

#include <heqi/base/text.h>
#include <heqi/pki/path.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/ca/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ca {
namespace {

const base::Time kNow = *base::parse_rfc3339("2026-11-21T08:00:00Z");

x509::Name name(std::string common_name) {
  return *x509::Name::make(
      {{x509::oids::country(), "CN"}, {x509::oids::common_name(), std::move(common_name)}});
}

class Installation : public ::testing::Test {
 protected:
  struct Key {
    explicit Key(base::Random& random)
        : signer(*crypto::PrivateKey::generate(random), random),
          info(x509::make_public_key_info(signer.public_key())) {}
    x509::SoftwareSm2Signer signer;
    x509::PublicKeyInfo info;
  };

  void SetUp() override {
    hierarchy_ = *hold_ceremony({.root = root_.signer,
                                 .issuing = issuing_.signer,
                                 .root_key = root_.info,
                                 .issuing_key = issuing_.info,
                                 .status_responder_key = ocsp_.info,
                                 .time_stamp_authority_key = tsa_.info,
                                 .application_key = application_.info,
                                 .organization = "测试机构",
                                 .locations = {.crl = "http://127.0.0.1/crl/issuing.crl",
                                               .ocsp = "http://127.0.0.1/ocsp",
                                               .issuer_certificate = {}},
                                 .root_crl_url = "http://127.0.0.1/crl/root.crl",
                                 .application_name = "Contracts"},
                                clock_, random_);
    database_ = *sql::Database::open({.url = "sqlite:" + folder_.path() + "/ca.db"});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    authority_.emplace(*database_, hierarchy_.issuing, issuing_.signer,
                       Locations{.crl = "http://127.0.0.1/crl/issuing.crl",
                                 .ocsp = "http://127.0.0.1/ocsp",
                                 .issuer_certificate = {}},
                       clock_, random_, log_);
  }

  Application application(const std::string& id, const std::string& holder, Key& key) {
    return {.request_id = id,
            .holder = holder,
            .subject = name(holder),
            .csr = *x509::make_csr(
                {.subject = name(holder), .public_key = key.info, .extensions = {}}, key.signer)};
  }

  testing::TemporaryFolder folder_;
  testing::SeededRandom random_{11};
  testing::FakeClock clock_{kNow};
  base::NullLog log_;
  Key root_{random_}, issuing_{random_}, ocsp_{random_}, tsa_{random_}, application_{random_},
      alice_{random_};
  Hierarchy hierarchy_;
  std::unique_ptr<sql::Database> database_;
  std::optional<Authority> authority_;
};

// CountingSigner counts how often the real key was asked.
class CountingSigner final : public x509::Signer {
 public:
  explicit CountingSigner(x509::Signer& below) : below_(below) {}
  x509::AlgorithmIdentifier algorithm() const override { return below_.algorithm(); }
  base::Result<base::Bytes> sign(base::ByteView message) override {
    ++asked_;
    return below_.sign(message);
  }
  int asked() const { return asked_; }

 private:
  x509::Signer& below_;
  int asked_ = 0;
};

TEST_F(Installation, ABodyThatALintStopsNeverReachesTheRealKey) {
  CountingSigner counting(issuing_.signer);
  Authority authority(*database_, hierarchy_.issuing, counting,
                      Locations{.crl = "ldap://127.0.0.1/issuing.crl",
                                .ocsp = "http://127.0.0.1/ocsp",
                                .issuer_certificate = {}},
                      clock_, random_, log_);
  const auto refused = authority.issue(application("r1", "alice", alice_));
  EXPECT_ERROR(refused, base::Code::malformed);
  EXPECT_NE(refused.error().detail.find("crl_http"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(counting.asked(), 0);
  const auto rows = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.get_row("SELECT COUNT(*) FROM ca_certificates"); });
  ASSERT_OK(rows);
  EXPECT_EQ(rows->int64(0), 0) << "nothing is recorded as about to be issued";
  // The same request at an authority without the fault.
  EXPECT_OK(authority_->issue(application("r1", "alice", alice_)));
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
