#include "model.h"

#include <algorithm>
#include <set>

#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/services/mss/transactions.h>
#include <heqi/sql/database.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/sm2_encoding.h>

#include "verification.h"

namespace heqi::faults {
namespace {

using base::Status;

class AllDigests final : public pki::Digester {
 public:
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return ossl::digest(algorithm, data);
  }
};

// count_of is how often a signature stands in the file, whose CMS are in hexadecimal.
std::size_t count_of(const base::Bytes& file, base::ByteView signature) {
  std::string text(base::text_of(file));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  const std::string wanted = base::to_hex(signature);
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1))
    ++count;
  return count;
}

// MadeSignature is one signing transaction that ended with a signature.
struct MadeSignature {
  std::string transaction, ap_transaction;
  services::mss::SignatureResult result;
};

base::Result<std::vector<MadeSignature>> signatures_of(sql::Transaction& t) {
  HEQI_TRY(const auto rows, t.query("SELECT m.id, m.ap_transaction_id, m.result FROM "
                                    "mss_transactions m JOIN flow_flows f ON f.id = m.id "
                                    "WHERE f.outcome = 'DONE'"));
  std::vector<MadeSignature> out;
  for (const sql::Row& row : rows) {
    HEQI_TRY(auto result, services::mss::parse_signature_result(row.bytes(2)));
    out.push_back({row.text(0), row.text(1), std::move(result)});
  }
  return out;
}

// Each party signed once: one transaction, named by the party's row, in the file once.
Status check_signatures(World& world, sql::Transaction& t) {
  HEQI_TRY(const std::vector<MadeSignature> made, signatures_of(t));
  EXPECT_EQ(made.size(), 2u);
  HEQI_TRY(const auto parties,
           t.query("SELECT position, state, transaction_id FROM contract_parties WHERE "
                   "contract_id = ?1 ORDER BY position",
                   world.contract()));
  EXPECT_EQ(parties.size(), 2u);
  for (const sql::Row& party : parties) {
    EXPECT_EQ(party.text(1), "signed");
    const auto own = std::find_if(made.begin(), made.end(), [&](const MadeSignature& one) {
      return one.ap_transaction == party.text(2);
    });
    if (own == made.end()) {
      ADD_FAILURE() << "no signature of party " << party.int64(0);
      continue;
    }
    EXPECT_EQ(count_of(world.document(), own->result.signature), 1u);
  }
  for (const Told& told : world.told()) {
    const bool there = std::any_of(made.begin(), made.end(), [&](const MadeSignature& one) {
      return one.transaction == told.transaction;
    });
    EXPECT_TRUE(there) << "acknowledged, and not there: " << told.transaction;
  }
  return {};
}

// Each flow ended in one state, and each party of it was told of that state and of no other.
Status check_flows(World& world, sql::Transaction& t) {
  HEQI_TRY(const auto open, t.query("SELECT kind, step FROM flow_flows WHERE outcome IS NULL"));
  for (const sql::Row& row : open)
    ADD_FAILURE() << "still open: " << row.text(0) << " at " << row.text(1);
  HEQI_TRY(const auto untold,
           t.query("SELECT p.flow_id, p.recipient FROM flow_parties p JOIN flow_flows f "
                   "ON f.id = p.flow_id WHERE (SELECT COUNT(*) FROM flow_outbox o "
                   "WHERE o.flow_id = p.flow_id AND o.recipient = p.recipient "
                   "AND o.topic = p.topic AND o.outcome = f.outcome "
                   "AND o.delivered_at IS NOT NULL) <> 1"));
  for (const sql::Row& row : untold)
    ADD_FAILURE() << row.text(1) << " was not told once of the end of " << row.text(0);
  HEQI_TRY(const auto otherwise,
           t.query("SELECT o.message_id FROM flow_outbox o JOIN flow_flows f ON f.id = o.flow_id "
                   "WHERE o.outcome IS NOT NULL AND o.outcome <> f.outcome"));
  EXPECT_EQ(otherwise.size(), 0u);
  HEQI_TRY(const auto dead, t.query("SELECT topic, last_error FROM flow_outbox "
                                    "WHERE delivered_at IS NULL"));
  for (const sql::Row& row : dead) {
    // A code that a second one has replaced is not sent.
    if (row.text(1).find("the code can no longer be used") != std::string::npos) continue;
    ADD_FAILURE() << "not delivered: " << row.text(0) << " " << row.text(1);
  }
  HEQI_TRY(const sql::Row contract,
           t.get_row("SELECT state FROM contract_contracts WHERE id = ?1", world.contract()));
  EXPECT_EQ(contract.text(0), "complete");
  return {};
}

// CertifiedKeys are public keys, of certificates in use and of those that have ended.
struct CertifiedKeys {
  std::set<base::Bytes> in_use, ended;
};

// One certificate for each key, and one in use for each person; the authority and the service say
// the same of every one.
Status check_certificates(sql::Transaction& t, std::int64_t ended, CertifiedKeys& keys) {
  HEQI_TRY(const auto doubled, t.query("SELECT key_digest FROM ca_certificates WHERE der IS NOT "
                                       "NULL GROUP BY key_digest HAVING COUNT(*) > 1"));
  EXPECT_EQ(doubled.size(), 0u) << "two certificates for one key";
  HEQI_TRY(const auto unissued,
           t.query("SELECT request_id FROM ca_certificates WHERE der IS NULL"));
  EXPECT_EQ(unissued.size(), 0u) << "recorded and never issued";
  HEQI_TRY(
      const auto held,
      t.query(
          "SELECT m.state, c.state, d.person_id, m.der FROM mss_certificates m JOIN mss_devices d "
          "ON d.device_id = m.device_id JOIN ca_certificates c ON c.serial = m.serial"));
  EXPECT_EQ(static_cast<std::int64_t>(held.size()), 2 + ended);
  std::multiset<std::string> persons;  // of certificates in use
  for (const sql::Row& row : held) {
    const bool is_in_use = row.text(0) == "active";
    EXPECT_EQ(row.text(1), is_in_use ? "published" : "revoked") << row.text(0);
    if (is_in_use) persons.insert(row.text(2));
    HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(row.bytes(3)));
    (is_in_use ? keys.in_use : keys.ended).insert(certificate.public_key().key);
  }
  EXPECT_EQ(persons.size(), 2u);
  EXPECT_EQ(std::set<std::string>(persons.begin(), persons.end()).size(), 2u);
  return {};
}

Status check_sound(sql::Transaction& t) {
  HEQI_TRY(const sql::Row sound, t.get_row("PRAGMA integrity_check"));
  EXPECT_EQ(sound.text(0), "ok");
  HEQI_TRY(const auto keys, t.query("PRAGMA foreign_key_check"));
  EXPECT_EQ(keys.size(), 0u);
  return {};
}

// The key centre: one key that signs for each person (one whose answer was lost has no certificate
// and never does), none of a certificate that has ended, counters grow, no answer was given twice
// under one counter, the right PIN never stayed charged, and what the platform holds the key centre
// has answered.
Status check_key_centre(sql::Transaction& t, const std::vector<base::Bytes>& r_values,
                        const CertifiedKeys& certified) {
  HEQI_TRY(const auto keys,
           t.query("SELECT key_id, counter, failures, public_key FROM module_joint_keys "
                   "WHERE state = 'active' AND counter > 0"));
  std::size_t in_use = 0;
  for (const sql::Row& key : keys) {
    EXPECT_FALSE(certified.ended.contains(key.bytes(3))) << "the key of an ended certificate";
    if (!certified.in_use.contains(key.bytes(3))) continue;
    ++in_use;
    EXPECT_EQ(key.int64(2), 0) << "tries are left charged";
    HEQI_TRY(const sql::Row most, t.get_row("SELECT COALESCE(MAX(counter), 0) FROM "
                                            "module_signatures WHERE key_id = ?1",
                                            key.text(0)));
    EXPECT_LE(most.int64(0), key.int64(1));
  }
  EXPECT_EQ(in_use, 2u);
  if (certified.ended.empty()) {
    EXPECT_EQ(keys.size(), 2u);
  }
  HEQI_TRY(const auto answers, t.query("SELECT r FROM module_signatures"));
  std::set<base::Bytes> distinct;
  for (const sql::Row& row : answers) distinct.insert(row.bytes(0));
  EXPECT_EQ(distinct.size(), answers.size()) << "a nonce was used twice";
  for (const base::Bytes& r : r_values)
    EXPECT_TRUE(distinct.contains(r)) << "a signature that the key centre does not know";
  return {};
}

void check_document(World& world) {
  const auto root = base::read_file(world.platform() + "/data/certificates/root.cer", 1 << 16);
  ASSERT_OK(root);
  pki::TrustStore anchors;
  ASSERT_OK(anchors.add_encoded(*root));
  const auto verifier = ossl::make_signature_verifier();
  const AllDigests digests;
  const auto report = program::verify_document(world.document(), anchors, {*verifier, digests},
                                               base::SystemClock().now());
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, documents::verify::Verdict::valid);
  EXPECT_EQ(report->signatures.size(), 3u);
}

}  // namespace

void check_model(World& world, std::int64_t ended) {
  std::vector<base::Bytes> r_values;
  CertifiedKeys certified;
  {
    const auto database = sql::Database::open({.url = world.database()});
    ASSERT_OK(database);
    ASSERT_OK((*database)->with_snapshot([&](sql::Transaction& t) -> Status {
      HEQI_TRY(check_sound(t));
      HEQI_TRY(check_flows(world, t));
      HEQI_TRY(check_signatures(world, t));
      HEQI_TRY(check_certificates(t, ended, certified));
      HEQI_TRY(const std::vector<MadeSignature> made, signatures_of(t));
      for (const MadeSignature& one : made) {
        HEQI_TRY(const crypto::Signature signature, x509::parse_signature(one.result.signature));
        const auto r = signature.r.encode();
        r_values.emplace_back(r.begin(), r.end());
      }
      return {};
    }));
  }
  const auto module = sql::Database::open({.url = world.module_database()});
  ASSERT_OK(module);
  ASSERT_OK((*module)->with_snapshot([&](sql::Transaction& t) -> Status {
    HEQI_TRY(check_sound(t));
    return check_key_centre(t, r_values, certified);
  }));
  check_document(world);
}

}  // namespace heqi::faults
