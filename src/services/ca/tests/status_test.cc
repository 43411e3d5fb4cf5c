// What happens to certificates after they were issued.
#include "installation.h"

namespace heqi::services::ca {
namespace {

using base::Code;
using pki::RevocationReason;
using State = Standing::State;

class Status : public Installation {
 protected:
  x509::Certificate publish(const std::string& id, Key& key) {
    const auto made = authority_->issue(application(id, id, key));
    EXPECT_OK(made);
    EXPECT_OK(authority_->publish(made->serial()));
    return *made;
  }
  State state(const x509::Certificate& certificate) {
    return authority_->standing(certificate.serial())->state;
  }
  pki::Crl full() { return *pki::parse_crl(*authority_->crl()); }
  pki::Crl delta() { return *pki::parse_delta_crl(*authority_->delta_crl()); }
  Key bob_{random_}, centre_{random_};
};

// shows: ZSA37-PKI-c2
TEST_F(Status, ASuspendedCertificateIsOnHoldUntilItIsReleased) {
  const x509::Certificate alice = publish("alice", alice_);
  ASSERT_OK(authority_->suspend(alice.serial()));
  EXPECT_OK(authority_->suspend(alice.serial()));
  const Standing held = *authority_->standing(alice.serial());
  EXPECT_EQ(held.state, State::revoked);
  EXPECT_EQ(held.reason, RevocationReason::certificate_hold);
  const pki::Crl with_hold = full();
  ASSERT_NE(pki::find_revoked(with_hold, alice.serial()), nullptr);
  EXPECT_EQ(pki::find_revoked(with_hold, alice.serial())->reason,
            RevocationReason::certificate_hold);
  ASSERT_OK(authority_->release(alice.serial()));
  EXPECT_EQ(state(alice), State::good);
  EXPECT_EQ(pki::find_revoked(full(), alice.serial()), nullptr);
  const pki::Crl since = delta();
  ASSERT_NE(pki::find_revoked(since, alice.serial()), nullptr);
  EXPECT_EQ(pki::find_revoked(since, alice.serial())->reason, RevocationReason::remove_from_crl);
  EXPECT_ERROR(authority_->release(alice.serial()), Code::conflict);
}

TEST_F(Status, OnlyWhatIsPublishedCanBeSuspended) {
  const auto issued = authority_->issue(application("r1", "alice", alice_));
  EXPECT_ERROR(authority_->suspend(issued->serial()), Code::conflict);
  ASSERT_OK(authority_->revoke(issued->serial(), RevocationReason::superseded));
  EXPECT_ERROR(authority_->suspend(issued->serial()), Code::revoked);
  EXPECT_ERROR(authority_->release(issued->serial()), Code::revoked);
  EXPECT_ERROR(authority_->suspend(base::Bytes{1}), Code::not_found);
}

TEST_F(Status, WhoIsRevokedFromAHoldIsRevokedSinceTheHoldBegan) {
  const x509::Certificate alice = publish("alice", alice_);
  ASSERT_OK(authority_->suspend(alice.serial()));
  const base::Time began = clock_.now();
  clock_.advance(std::chrono::hours(2));
  ASSERT_OK(authority_->revoke(alice.serial(), RevocationReason::key_compromise));
  const Standing standing = *authority_->standing(alice.serial());
  EXPECT_EQ(standing.revoked_at, began);
  EXPECT_EQ(standing.reason, RevocationReason::key_compromise);
}

TEST_F(Status, AHoldIsNoReasonToRevoke) {
  const x509::Certificate alice = publish("alice", alice_);
  for (const RevocationReason reason :
       {RevocationReason::certificate_hold, RevocationReason::remove_from_crl})
    EXPECT_ERROR(authority_->revoke(alice.serial(), reason), Code::malformed);
  EXPECT_EQ(state(alice), State::good);
}

TEST_F(Status, ADeltaServesEveryFullListInForce) {
  const x509::Certificate alice = publish("alice", alice_), bob = publish("bob", bob_);
  const pki::Crl first = full();
  ASSERT_OK(authority_->revoke(alice.serial(), RevocationReason::superseded));
  clock_.advance(std::chrono::minutes(5));
  const pki::Crl second = full();
  ASSERT_OK(authority_->revoke(bob.serial(), RevocationReason::key_compromise));
  const pki::Crl since = delta();
  for (const pki::Crl& list : {first, second}) {
    const auto both = pki::apply_delta(list, since);
    ASSERT_OK(both);
    for (const x509::Certificate& one : {alice, bob})
      EXPECT_NE(pki::find_revoked(*both, one.serial()), nullptr);
  }
  EXPECT_EQ(delta().der, since.der) << "nothing changed";
  EXPECT_OK(pki::verify_crl(since, hierarchy_.issuing,
                            {x509::Sm2SignatureVerifier(), pki::Sm3Digester()}));
}

// shows: ECP-PKI-3
TEST_F(Status, ListsAreNumberedUpwardsAndLastAsConfigured) {
  AuthorityOptions options{.locations = locations_};
  options.crl_lifetime = std::chrono::hours(1);
  Authority hourly(*database_, hierarchy_.issuing, issuing_.signer, options, clock_, random_, log_);
  const pki::Crl first = *pki::parse_crl(*hourly.crl());
  EXPECT_EQ(*first.body.next_update - first.body.this_update, std::chrono::hours(1));
  EXPECT_TRUE(first.body.issuer == hierarchy_.issuing.subject());
  clock_.advance(std::chrono::minutes(29));
  EXPECT_EQ(*hourly.crl(), first.der);
  clock_.advance(std::chrono::minutes(2));
  const pki::Crl second = *pki::parse_crl(*hourly.crl());
  EXPECT_LT(first.body.number, second.body.number);
  options.crl_lifetime = std::chrono::minutes(1);
  Authority hasty(*database_, hierarchy_.issuing, issuing_.signer, options, clock_, random_, log_);
  clock_.advance(std::chrono::hours(1));
  const pki::Crl third = *pki::parse_crl(*hasty.crl());
  EXPECT_EQ(*third.body.next_update - third.body.this_update, std::chrono::hours(1));
}

TEST_F(Status, AnEntryStaysOnOneListAfterTheCertificatesEnd) {
  const x509::Certificate alice = publish("alice", alice_);
  ASSERT_OK(authority_->revoke(alice.serial(), RevocationReason::superseded));
  ASSERT_OK(authority_->crl());
  clock_.advance(alice.not_after() - clock_.now() + std::chrono::hours(1));
  EXPECT_NE(pki::find_revoked(full(), alice.serial()), nullptr);
  clock_.advance(std::chrono::hours(13));
  EXPECT_EQ(pki::find_revoked(full(), alice.serial()), nullptr);
}

// shows: ZSA37-PKI-a, ZSA37-PKI-c
TEST_F(Status, ThePairIsSuspendedAndRevokedTogether) {
  const x509::Certificate signature = publish("alice", alice_);
  const auto encryption = authority_->issue_encryption(
      {.request_id = "pair", .signature_serial = signature.serial(), .public_key = centre_.info});
  ASSERT_OK(encryption);
  EXPECT_TRUE(encryption->subject() == signature.subject());
  EXPECT_TRUE(signature.allows(x509::KeyUsageBit::digital_signature));
  EXPECT_TRUE(signature.allows(x509::KeyUsageBit::non_repudiation));
  EXPECT_FALSE(signature.allows(x509::KeyUsageBit::key_encipherment));
  for (const auto bit : {x509::KeyUsageBit::key_encipherment, x509::KeyUsageBit::data_encipherment,
                         x509::KeyUsageBit::key_agreement})
    EXPECT_TRUE(encryption->allows(bit));
  EXPECT_FALSE(encryption->allows(x509::KeyUsageBit::digital_signature));
  ASSERT_OK(authority_->publish(encryption->serial()));
  EXPECT_EQ(state(*encryption), State::good);
  ASSERT_OK(authority_->suspend(encryption->serial()));
  EXPECT_EQ(state(signature), State::revoked);
  ASSERT_OK(authority_->release(signature.serial()));
  EXPECT_EQ(state(*encryption), State::good);
  ASSERT_OK(authority_->revoke(signature.serial(), RevocationReason::cessation_of_operation));
  EXPECT_EQ(state(*encryption), State::revoked);
  EXPECT_NE(pki::find_revoked(full(), encryption->serial()), nullptr);
}

TEST_F(Status, APairNeedsAnotherKeyAndASignatureCertificate) {
  const x509::Certificate signature = publish("alice", alice_);
  const auto ask = [&](base::Bytes serial, const x509::PublicKeyInfo& key) {
    return authority_->issue_encryption(
        {.request_id = "pair", .signature_serial = std::move(serial), .public_key = key});
  };
  EXPECT_ERROR(ask(signature.serial(), alice_.info), Code::denied);
  EXPECT_ERROR(ask(base::Bytes{7}, centre_.info), Code::not_found);
  const auto encryption = ask(signature.serial(), centre_.info);
  ASSERT_OK(encryption);
  EXPECT_ERROR(ask(encryption->serial(), bob_.info), Code::conflict);
  EXPECT_ERROR(ask(signature.serial(), bob_.info), Code::conflict) << "one request, one key";
  ASSERT_OK(authority_->revoke(signature.serial(), RevocationReason::superseded));
  EXPECT_ERROR(ask(signature.serial(), centre_.info), Code::revoked);
}

TEST_F(Status, ARequestWhoseCertificateWasRevokedGetsNoneAnyMore) {
  const Application asked = application("r1", "alice", alice_);
  const auto issued = authority_->issue(asked);
  ASSERT_OK(authority_->revoke(issued->serial(), RevocationReason::cessation_of_operation));
  EXPECT_ERROR(authority_->issue(asked), Code::revoked);
}

TEST_F(Status, WhatWasRevokedBeforeItWasSignedIsNeverIssued) {
  // The authority died between the intent and the signature; an officer ended the intent.
  struct Dying final : x509::Signer {
    x509::AlgorithmIdentifier algorithm() const override { return x509::sm2_with_sm3_algorithm(); }
    base::Result<base::Bytes> sign(base::ByteView) override {
      return base::fail(Code::unavailable);
    }
  } dying;
  Authority dead(*database_, hierarchy_.issuing, dying, {.locations = locations_}, clock_, random_,
                 log_);
  const Application asked = application("r1", "alice", alice_);
  EXPECT_ERROR(dead.issue(asked), Code::unavailable);
  const auto row = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.get_row("SELECT serial, state FROM ca_certificates"); });
  ASSERT_OK(row);
  EXPECT_EQ(row->text(1), "intended");
  ASSERT_OK(authority_->revoke(row->bytes(0), RevocationReason::superseded));
  EXPECT_ERROR(authority_->issue(asked), Code::revoked);
  EXPECT_EQ(authority_->standing(row->bytes(0))->state, State::revoked);
}

TEST_F(Status, AnIntentOfACrashIsSignedAsItWasRecorded) {
  struct Dying final : x509::Signer {
    x509::AlgorithmIdentifier algorithm() const override { return x509::sm2_with_sm3_algorithm(); }
    base::Result<base::Bytes> sign(base::ByteView) override {
      return base::fail(Code::unavailable);
    }
  } dying;
  Authority dead(*database_, hierarchy_.issuing, dying, {.locations = locations_}, clock_, random_,
                 log_);
  const Application asked = application("r1", "alice", alice_);
  EXPECT_ERROR(dead.issue(asked), Code::unavailable);
  clock_.advance(std::chrono::hours(1));
  const auto issued = authority_->issue(asked);
  ASSERT_OK(issued);
  const auto rows = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.query("SELECT body FROM ca_certificates"); });
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_TRUE(base::same_bytes(rows->front().bytes(0), issued->tbs()));
}

TEST_F(Status, AnIntentThatIsTooOldIsNotSigned) {
  struct Dying final : x509::Signer {
    x509::AlgorithmIdentifier algorithm() const override { return x509::sm2_with_sm3_algorithm(); }
    base::Result<base::Bytes> sign(base::ByteView) override {
      return base::fail(Code::unavailable);
    }
  } dying;
  Authority dead(*database_, hierarchy_.issuing, dying, {.locations = locations_}, clock_, random_,
                 log_);
  const Application asked = application("r1", "alice", alice_);
  EXPECT_ERROR(dead.issue(asked), Code::unavailable);
  clock_.advance(std::chrono::hours(72));
  const auto late = authority_->issue(asked);
  EXPECT_ERROR(late, Code::ca_lint);
  EXPECT_NE(late.error().detail.find("begin_not_backdated"), std::string::npos);
}

}  // namespace
}  // namespace heqi::services::ca
