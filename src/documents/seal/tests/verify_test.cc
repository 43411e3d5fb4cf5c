#include "seal_world.h"

namespace heqi::documents::seal {
namespace {

const Bytes kData = base::to_bytes("a Signature.xml");

void expect_step(const SealJudgement& judgement, Step step, Outcome outcome) {
  EXPECT_EQ(judgement.at(step).outcome, outcome) << name_of(step) << "\n" << words(judgement);
  EXPECT_EQ(judgement.holds(), outcome == Outcome::passed || outcome == Outcome::not_asked);
}

// shows: ZSA37-7.4-b
TEST(SealedSignature, HoldsInAllTwelveSteps) {
  SealWorld world;
  const Bytes plain = world.sealed(kData);
  const SealedSignature parsed = must(parse_sealed_signature(plain));
  const Bytes stamped = must(add_time_stamp(
      plain, world.authority.make_time_stamp(parsed.signature, kSealedAt + base::Duration(9))));
  SealCheck check = world.check();
  const Bytes list =
      must(make_status_list(kSealedAt, kNow, {}, world.maker.certificate, *world.maker.signer));
  const SealStatusList status = must(parse_status_list(list));
  check.status_list = &status;
  const SealJudgement judgement = world.judge(stamped, kData, check);
  for (const StepResult& one : judgement.steps)
    EXPECT_EQ(one.outcome, Outcome::passed) << words(judgement);
  EXPECT_TRUE(judgement.deviations.empty());
  EXPECT_TRUE(judgement.proved_time.has_value());
  EXPECT_EQ(judgement.signer->subject().common_name(), "Alice");
}

TEST(SealedSignature, OverOtherDataIsFound) {
  SealWorld world;
  expect_step(world.judge(world.sealed(kData), base::to_bytes("b")), Step::data_hash,
              Outcome::failed);
}

// shows: ZSA37-7.4-0
TEST(SealedSignature, WithABorrowedSealIsFound) {
  SealWorld world;
  const Bytes borrowed = world.sign(world.to_sign(world.make(), kData), world.mallory);
  expect_step(world.judge(borrowed, kData), Step::signer_listed, Outcome::failed);
}

TEST(SealedSignature, WithASwappedSealIsFound) {
  SealWorld world;
  SealRequest wish = world.request();
  const Bytes mine = world.make(wish);
  wish.info.name = "合契科技无限公司";
  Bytes other = world.make(wish);
  while (other.size() != mine.size()) other = world.make(wish);  // signatures vary in length
  const Bytes sealed = world.sign(world.to_sign(mine, kData), world.alice);
  Bytes forged = sealed;
  const auto place = std::search(forged.begin(), forged.end(), mine.begin(), mine.end());
  ASSERT_NE(place, forged.end());
  std::copy(other.begin(), other.end(), place);
  expect_step(world.judge(forged, kData), Step::signature, Outcome::failed);
}

TEST(SealedSignature, WithASealThatNoMakerSignedIsFound) {
  SealWorld world;
  const Bytes info = must(encode_seal_info(world.request()));
  const Bytes self_made =
      must(assemble_seal(info, world.maker.certificate, world.mallory.signer->algorithm(),
                         must(world.mallory.signer->sign(info))));
  expect_step(world.judge(world.sign(world.to_sign(self_made, kData), world.alice), kData),
              Step::seal_signature, Outcome::failed);
}

TEST(SealedSignature, OfAMakerThatNobodyTrustsIsUnproved) {
  SealWorld world, strange(99);
  const Bytes seal =
      must(make_seal(world.request(), strange.maker.certificate, *strange.maker.signer));
  expect_step(world.judge(world.sign(world.to_sign(seal, kData), world.alice), kData),
              Step::maker_certificate, Outcome::unproved);
}

TEST(SealedSignature, OfASignerWhomNobodyTrustsIsUnproved) {
  SealWorld world, strange(99);
  SealRequest wish = world.request();
  wish.signers = {strange.alice.certificate};
  const Bytes sealed = world.sign(world.to_sign(world.make(wish), kData), strange.alice);
  expect_step(world.judge(sealed, kData), Step::signer_certificate, Outcome::unproved);
}

TEST(SealedSignature, OfARevokedSignerFails) {
  SealWorld world;
  world.authority.revoke(world.alice.certificate, kSealedAt - std::chrono::hours(1));
  SealCheck check = world.check();
  check.path.crls = {must(pki::parse_crl(world.authority.make_crl(kNow)))};
  expect_step(world.judge(world.sealed(kData), kData, check), Step::signer_certificate,
              Outcome::failed);
}

TEST(SealedSignature, OfARevokedMakerFails) {
  SealWorld world;
  world.authority.revoke(world.maker.certificate, kSealedAt - std::chrono::hours(1));
  SealCheck check = world.check();
  check.path.crls = {must(pki::parse_crl(world.authority.make_crl(kNow)))};
  expect_step(world.judge(world.sealed(kData), kData, check), Step::maker_certificate,
              Outcome::failed);
}

TEST(SealedSignature, OfACertificateForOtherPurposesFails) {
  SealWorld world;
  testing::CertificateWish wish;
  wish.common_name = "Cipher Only";
  wish.usage = {pki::KeyUsageBit::key_encipherment};
  const Credential cipher = world.authority.make(wish);
  SealRequest request = world.request();
  request.signers = {cipher.certificate};
  const Bytes sealed = world.sign(world.to_sign(world.make(request), kData), cipher);
  expect_step(world.judge(sealed, kData), Step::signer_certificate, Outcome::failed);
}

TEST(SealedSignature, OutsideThePeriodOfTheSealFails) {
  SealWorld world;
  for (const char* when : {"2026-01-01T23:00:00Z", "2027-01-02T01:00:00Z"}) {
    const Bytes sealed = world.sign(world.to_sign(world.make(), kData, at(when)), world.alice);
    expect_step(world.judge(sealed, kData, world.check(at("2027-03-01T00:00:00Z"))),
                Step::seal_period, Outcome::failed);
  }
}

TEST(SealedSignature, OfASealThatEndedNeedsProofOfItsTime) {
  SealWorld world;
  const base::Time later = at("2027-03-01T00:00:00Z");
  const Bytes claimed = world.sealed(kData);
  expect_step(world.judge(claimed, kData, world.check(later)), Step::seal_period,
              Outcome::unproved);
  const SealedSignature parsed = must(parse_sealed_signature(claimed));
  const Bytes proved =
      must(add_time_stamp(claimed, world.authority.make_time_stamp(parsed.signature, kSealedAt)));
  expect_step(world.judge(proved, kData, world.check(later)), Step::seal_period, Outcome::passed);
}

struct Withdrawn {
  const char* since;
  bool proved;
  Outcome outcome;
};

// shows-part: ECP-SEAL-3d (the maker's list; the service that keeps seals is another)
TEST(SealedSignature, OfAWithdrawnSealFailsFromThatInstantOn) {
  SealWorld world;
  for (const Withdrawn& one : {Withdrawn{"2026-05-01T00:00:00Z", true, Outcome::failed},
                               Withdrawn{"2026-05-01T00:00:00Z", false, Outcome::failed},
                               Withdrawn{"2026-06-01T15:00:00Z", false, Outcome::failed},
                               Withdrawn{"2026-06-01T15:00:00Z", true, Outcome::passed}}) {
    SCOPED_TRACE(one.since);
    Bytes sealed = world.sealed(kData);
    const SealedSignature parsed = must(parse_sealed_signature(sealed));
    if (one.proved)
      sealed = must(
          add_time_stamp(sealed, world.authority.make_time_stamp(parsed.signature, kSealedAt)));
    const SealStatusList list = must(parse_status_list(
        must(make_status_list(kSealedAt, kNow, {{"11010800000001", at(one.since)}},
                              world.maker.certificate, *world.maker.signer))));
    SealCheck check = world.check();
    check.status_list = &list;
    expect_step(world.judge(sealed, kData, check), Step::seal_status, one.outcome);
  }
}

TEST(SealedSignature, IsUnprovedBesideAListThatSaysNothing) {
  SealWorld world;
  const auto judged = [&](const Credential& by, base::Time from, base::Time until) {
    const SealStatusList list = must(
        parse_status_list(must(make_status_list(from, until, {}, by.certificate, *by.signer))));
    SealCheck check = world.check();
    check.status_list = &list;
    return world.judge(world.sealed(kData), kData, check);
  };
  expect_step(judged(world.mallory, kSealedAt, kNow), Step::seal_status, Outcome::unproved);
  expect_step(judged(world.maker, at("2026-01-02T00:00:00Z"), at("2026-02-02T00:00:00Z")),
              Step::seal_status, Outcome::unproved);
  expect_step(judged(world.maker, at("2026-08-02T00:00:00Z"), at("2026-09-02T00:00:00Z")),
              Step::seal_status, Outcome::unproved);
  SealStatusList list = must(parse_status_list(
      must(make_status_list(kSealedAt, kNow, {}, world.maker.certificate, *world.maker.signer))));
  list.info_der[10] ^= 1;
  SealCheck check = world.check();
  check.status_list = &list;
  expect_step(world.judge(world.sealed(kData), kData, check), Step::seal_status, Outcome::unproved);
}

TEST(SealedSignature, WithATimeStampOfAnotherValueFails) {
  SealWorld world;
  const Bytes plain = world.sealed(kData);
  const Bytes moved = must(
      add_time_stamp(plain, world.authority.make_time_stamp(base::bytes_of("other"), kSealedAt)));
  expect_step(world.judge(moved, kData), Step::time_stamp, Outcome::failed);
  EXPECT_ERROR(add_time_stamp(moved, base::bytes_of("again")), Code::conflict);
}

TEST(SealedSignature, WithATimeStampThatContradictsFails) {
  SealWorld world;
  const Bytes plain = world.sealed(kData);
  const SealedSignature parsed = must(parse_sealed_signature(plain));
  const auto stamped = [&](base::Time time) {
    return must(add_time_stamp(plain, world.authority.make_time_stamp(parsed.signature, time)));
  };
  expect_step(world.judge(stamped(kSealedAt - std::chrono::hours(1)), kData), Step::time_stamp,
              Outcome::failed);
  expect_step(world.judge(stamped(kNow + std::chrono::hours(1)), kData), Step::time_stamp,
              Outcome::failed);
}

TEST(SealedSignature, WithATimeStampOfAStrangerProvesNothing) {
  SealWorld world;
  Authority stranger(99);
  const Bytes plain = world.sealed(kData);
  const SealedSignature parsed = must(parse_sealed_signature(plain));
  const Bytes stamped =
      must(add_time_stamp(plain, stranger.make_time_stamp(parsed.signature, kSealedAt)));
  const SealJudgement judgement = world.judge(stamped, kData);
  expect_step(judgement, Step::time_stamp, Outcome::unproved);
  EXPECT_FALSE(judgement.proved_time.has_value());
}

TEST(SealedSignature, FromTheFutureFails) {
  SealWorld world;
  const Bytes sealed =
      world.sign(world.to_sign(world.make(), kData, kNow + std::chrono::hours(2)), world.alice);
  expect_step(world.judge(sealed, kData), Step::signer_certificate, Outcome::failed);
}

// shows: ZSA37-7.4-b
TEST(SealedSignature, WithAnyOctetChangedNeverHolds) {
  SealWorld world;
  const Bytes sealed = world.sealed(kData);
  std::size_t read = 0;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto parsed = parse_sealed_signature(changed);
    if (!parsed) continue;
    ++read;
    EXPECT_FALSE(world.judge(changed, kData).holds()) << "octet " << i;
  }
  EXPECT_GT(read, sealed.size() / 4);
}

TEST(SealedSignature, IsNotBegunWithoutSealHashOrAsciiPath) {
  SealWorld world;
  const SealedSignatureRequest good{world.make(), kSealedAt, Bytes(32), "/Signature.xml", {}};
  EXPECT_OK(encode_to_sign(good));
  SealedSignatureRequest bad = good;
  bad.seal.pop_back();
  EXPECT_ERROR(encode_to_sign(bad), Code::malformed);
  bad = good, bad.data_hash.clear();
  EXPECT_ERROR(encode_to_sign(bad), Code::malformed);
  bad = good, bad.property = "/签名.xml";
  EXPECT_ERROR(encode_to_sign(bad), Code::malformed);
  bad = good;
  bad.seal = Foreign{.layout = Layout::v1}.seal(world.request(), world.maker);
  EXPECT_ERROR(encode_to_sign(bad), Code::malformed);
}

TEST(SealedSignature, FindsItsAnchorByTheCertificatesThatItCarries) {
  SealWorld world;
  SealRequest wish = world.request();
  wish.info.extensions = {make_certificate_values(world.authority.chain())};
  SealCheck check = world.check();
  check.path.intermediates.clear();
  EXPECT_FALSE(world.judge(world.sealed(kData), kData, check).holds());
  const Bytes sealed = world.sign(world.to_sign(world.make(wish), kData), world.alice);
  EXPECT_TRUE(world.judge(sealed, kData, check).holds());
  check.trust = pki::TrustStore();
  EXPECT_FALSE(world.judge(sealed, kData, check).holds());
}

TEST(StatusList, ThatIsNoneIsRefused) {
  SealWorld world;
  const auto made = [&](const std::vector<SealStatusEntry>& entries, base::Time until = kNow) {
    return make_status_list(kSealedAt, until, entries, world.maker.certificate,
                            *world.maker.signer);
  };
  EXPECT_ERROR(made({{"", kSealedAt}}), Code::malformed);
  EXPECT_ERROR(made({{"印", kSealedAt}}), Code::malformed);
  EXPECT_ERROR(made({{"1", kSealedAt}, {"1", kNow}}), Code::malformed);
  EXPECT_ERROR(made({}, kSealedAt - base::Duration(1)), Code::malformed);
  const Bytes good = must(made({{"1", kSealedAt, SealState::suspended}}));
  EXPECT_EQ(find_status(must(parse_status_list(good)), "1")->state, SealState::suspended);
  EXPECT_EQ(find_status(must(parse_status_list(good)), "2"), nullptr);
  for (std::size_t size = 0; size < good.size(); size += 3)
    EXPECT_FALSE(parse_status_list(ByteView(good).first(size)).has_value());
}

}  // namespace
}  // namespace heqi::documents::seal
