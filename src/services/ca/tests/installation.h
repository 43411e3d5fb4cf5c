// installation.h: an authority with all its keys, for the tests of this folder.
#pragma once
#include <heqi/services/ca/authority.h>

#include <heqi/base/text.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/ca/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ca {

inline const base::Time kNow = *base::parse_rfc3339("2026-11-21T08:00:00Z");

inline x509::Name name(std::string common_name) {
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
                                 .locations = locations_,
                                 .root_crl_url = "http://127.0.0.1/crl/root.crl",
                                 .application_name = "Contracts"},
                                clock_, random_);
    database_ = *sql::Database::open({.url = testing::usual_database(folder_.path(), "ca.db")});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    authority_.emplace(*database_, hierarchy_.issuing, issuing_.signer,
                       AuthorityOptions{.locations = locations_}, clock_, random_, log_);
  }

  Application application(const std::string& id, const std::string& holder, Key& key) {
    return {.request_id = id,
            .holder = holder,
            .subject = name(holder),
            .csr = *x509::make_csr(
                {.subject = name(holder), .public_key = key.info, .extensions = {}}, key.signer)};
  }

  const Locations locations_{.crl = "http://127.0.0.1/crl/issuing.crl",
                             .ocsp = "http://127.0.0.1/ocsp",
                             .issuer_certificate = {}};
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

}  // namespace heqi::services::ca
