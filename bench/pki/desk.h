// desk.h: an authority with its services, for the rows of the group pki.
#pragma once
#include <map>
#include <span>

#include <heqi/base/text.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/ca/register.h>
#include <heqi/services/ca/schema.h>
#include <heqi/services/ocsp/responder.h>
#include <heqi/services/tsa/authority.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/oids.h>

#include "key_process.h"

namespace heqi::bench {

// KeysAt is where an authority's keys are: in this process, or in one of their own as `heqi ca
// serve` has them.
enum class KeysAt : std::uint8_t { here, elsewhere };

struct PkiKey {
  explicit PkiKey(base::Random& random)
      : key(*crypto::PrivateKey::generate(random)),
        signer(key.clone(), random),
        info(x509::make_public_key_info(signer.public_key())) {}
  crypto::PrivateKey key;
  x509::SoftwareSm2Signer signer;
  x509::PublicKeyInfo info;
};

// PkiDesk is on SQLite in a folder of its own, with synchronous writes as in production.
class PkiDesk {
 public:
  explicit PkiDesk(KeysAt keys = KeysAt::here);

  // apply makes the application of a new holder; its key is shared by all, since key generation is
  // the holder's work.
  services::ca::Application apply(PkiKey& key);
  // fill records count certificates with real signatures, made and written in pages.
  void fill(int count);
  base::Bytes ocsp_question(base::ByteView nonce);
  base::Bytes stamp_question();

  // signer_of is the key, where keys are.
  x509::Signer& signer_of(PkiKey& key);

  testing::TemporaryFolder folder;
  testing::SeededRandom random{77};
  base::SystemClock clock;
  base::NullLog log;
  PkiKey root{random}, issuing{random}, ocsp{random}, tsa{random}, application{random},
      holder{random};
  const services::ca::Locations locations{.crl = "http://ca.example/issuing.crl",
                                          .ocsp = "http://ca.example/ocsp",
                                          .issuer_certificate = {}};
  services::ca::Hierarchy hierarchy;
  std::unique_ptr<sql::Database> database;
  std::optional<services::ca::Authority> authority;
  std::optional<services::ca::Register> books;
  base::Bytes serial;  // of a published certificate

 private:
  const KeysAt keys_;
  std::map<const PkiKey*, program::KeyOfFile> elsewhere_;
  struct Filler;
  using Page = std::vector<Filler>;
  base::Status insert(sql::Transaction& tx, const Filler& one);
  base::Result<Page> sign_page(std::span<const base::Bytes> serials);
  base::Status write_page(const Page& page);
  base::Status fill_all(std::size_t count);

  std::uint64_t number_ = 0;
};

}  // namespace heqi::bench
