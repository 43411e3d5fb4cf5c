// The mechanisms beside Hash_DRBG; tests/crypto_peers compares their output with OpenSSL's.
#include <heqi/crypto/ctr_drbg.h>
#include <heqi/crypto/hmac_drbg.h>
#include <heqi/testing/expect.h>

#include <set>

namespace heqi::crypto {
namespace {

using base::Bytes;

template <class State>
Bytes next(State& state, const Bytes& additional = {}) {
  Bytes out(16);
  state.generate(out, additional);
  return out;
}

template <class State>
void expect_every_input_to_matter(State (*make)()) {
  const auto first = [&](const Bytes& entropy, const Bytes& nonce, const Bytes& personalisation,
                         const Bytes& additional) {
    State state = make();
    state.instantiate(entropy, nonce, personalisation);
    return next(state, additional);
  };
  const Bytes a(32, 1), b(32, 2), none;
  std::set<Bytes> seen = {first(a, a, none, none), first(b, a, none, none), first(a, b, none, none),
                          first(a, a, a, none), first(a, a, none, a)};
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen.count(first(a, a, none, none)), 1u) << "it is deterministic";

  seen.clear();
  State state = make(), other = make();
  for (State* one : {&state, &other}) one->instantiate(a, a, none);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(seen.insert(next(state)).second) << i;
  EXPECT_EQ(state.calls(), 51u);
  state.reseed(b, none);
  other.reseed(b, none);
  EXPECT_EQ(state.calls(), 1u);
  EXPECT_NE(next(state), next(other)) << "what was before a seed still counts";
}

TEST(HmacDrbg, EveryInputMattersAndNothingComesTwice) {
  expect_every_input_to_matter<HmacDrbgState>([] { return HmacDrbgState(); });
}

TEST(CtrDrbg, EveryInputMattersAndNothingComesTwice) {
  expect_every_input_to_matter<CtrDrbgState>([] { return CtrDrbgState(DrbgOrder::gm_t_0105); });
  expect_every_input_to_matter<CtrDrbgState>(
      [] { return CtrDrbgState(DrbgOrder::nist_sp_800_90a); });
}

TEST(CtrDrbg, TheOrderOfGmT0105GivesOneBlockACall) {
  EXPECT_EQ(CtrDrbgState(DrbgOrder::gm_t_0105).output_size_max(), 16u);
  EXPECT_EQ(CtrDrbgState(DrbgOrder::nist_sp_800_90a).output_size_max(), 65536u);
}

TEST(DrbgMechanismsDeathTest, GivingOutBeforeASeedOrTooMuchStops) {
  Bytes out(17), much(65537);
  EXPECT_DEATH(HmacDrbgState().generate(out, {}), "check failed");
  EXPECT_DEATH(CtrDrbgState(DrbgOrder::nist_sp_800_90a).generate(out, {}), "check failed");
  EXPECT_DEATH(CtrDrbgState(DrbgOrder::nist_sp_800_90a).reseed(out, {}), "check failed");
  CtrDrbgState state(DrbgOrder::gm_t_0105);
  state.instantiate(out, out, {});
  EXPECT_DEATH(state.generate(out, {}), "check failed");
  HmacDrbgState hmac;
  hmac.instantiate(out, out, {});
  EXPECT_DEATH(hmac.generate(much, {}), "check failed");
}

}  // namespace
}  // namespace heqi::crypto
