// house.h: an authority and a key management centre over files; made the same at every start.
#pragma once
#include <heqi/base/text.h>
#include <heqi/services/ca/authority.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/ca/schema.h>
#include <heqi/services/kmc/centre.h>
#include <heqi/services/kmc/schema.h>
#include <heqi/services/kmc/served_authorities.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/oids.h>

namespace heqi::pki_crash {

inline constexpr int kRequests = 3;

struct Key {
  explicit Key(base::Random& random)
      : private_key(*crypto::PrivateKey::generate(random)),
        signer(private_key.clone(), random),
        info(x509::make_public_key_info(private_key.public_key())) {}
  crypto::PrivateKey private_key;
  x509::SoftwareSm2Signer signer;
  x509::PublicKeyInfo info;
};

// House opens the databases in a folder. Keys and hierarchy come from a seed, serial numbers do
// not.
struct House {
  House()
      : hierarchy(*services::ca::hold_ceremony({.root = root.signer,
                                                .issuing = issuing.signer,
                                                .root_key = root.info,
                                                .issuing_key = issuing.info,
                                                .status_responder_key = ocsp.info,
                                                .time_stamp_authority_key = tsa.info,
                                                .application_key = application.info,
                                                .organization = "Crash",
                                                .locations = locations,
                                                .root_crl_url = "http://127.0.0.1/root.crl",
                                                .application_name = "Application"},
                                               clock, seeded)) {
    for (int i = 0; i < kRequests; ++i) holders.push_back(std::make_unique<Key>(seeded));
  }

  base::Status open(const std::string& folder, x509::Signer& signer) {
    HEQI_TRY(database, sql::Database::open({.url = "sqlite:" + folder + "/pki.db"}));
    const sql::Component components[] = {services::ca::schema(), services::kmc::schema()};
    HEQI_TRY(sql::apply_migrations(*database, components, clock));
    authority.emplace(*database, hierarchy.issuing, signer,
                      services::ca::AuthorityOptions{.locations = locations}, clock, system, log);
    centre.emplace(*database, vault, clock, system, log);
    authorities.emplace(*database, clock, log);
    return {};
  }
  services::ca::Application request(int number) {
    const std::string id = "r" + std::to_string(number);
    Key& key = *holders[static_cast<std::size_t>(number)];
    const x509::Name name = *x509::Name::make(
        {{x509::oids::country(), "CN"}, {x509::oids::common_name(), "holder " + id}});
    return {.request_id = id,
            .holder = id,
            .subject = name,
            .csr = *x509::make_csr({.subject = name, .public_key = key.info, .extensions = {}},
                                   key.signer)};
  }

  const services::ca::Locations locations{.crl = "http://127.0.0.1/issuing.crl",
                                          .ocsp = "http://127.0.0.1/ocsp",
                                          .issuer_certificate = {}};
  testing::SeededRandom seeded{31};
  base::SystemRandom system;
  testing::FakeClock clock{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log;
  Key root{seeded}, issuing{seeded}, ocsp{seeded}, tsa{seeded}, application{seeded},
      new_device{seeded};
  services::ca::Hierarchy hierarchy;
  std::vector<std::unique_ptr<Key>> holders;
  keys::WrappingKey wrapping{crypto::Sm4Key(std::span<const std::uint8_t, 16>(
      reinterpret_cast<const std::uint8_t*>("0123456789abcdef"), 16))};
  services::kmc::WrappingVault vault{wrapping, system};
  std::unique_ptr<sql::Database> database;
  std::optional<services::ca::Authority> authority;
  std::optional<services::kmc::Centre> centre;
  std::optional<services::kmc::ServedAuthorities> authorities;
};

}  // namespace heqi::pki_crash
