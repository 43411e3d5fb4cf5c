// uses: heqi_crypto
// A key exchange with a share that a stranger chose: what is no point is refused, an honest answer
// to any share is the same alone and in a list, and a changed confirmation is never taken.
#include <heqi/crypto/sm2_exchange.h>

#include <algorithm>

namespace {

using namespace heqi;
using crypto::ExchangeInitiator;
using crypto::ExchangeResponder;

// Counting is randomness that can be had again.
class Counting final : public base::Random {
 public:
  base::Status fill(base::MutableByteView out) override {
    for (std::uint8_t& octet : out) octet = ++last_;
    return {};
  }

 private:
  std::uint8_t last_ = 0;
};

struct Keys {
  Counting random;
  crypto::PrivateKey a = *crypto::PrivateKey::generate(random),
                     b = *crypto::PrivateKey::generate(random);
};

// try_honest runs both sides with identities and a size from the input.
void try_honest(const Keys& keys, base::ByteView input) {
  const std::string id(input.begin(),
                       input.begin() + std::ptrdiff_t(std::min<std::size_t>(input.size(), 40)));
  const crypto::ExchangeOptions of_a{id, input.size() % 100}, of_b{"b", of_a.size};
  Counting random;
  auto initiator = *ExchangeInitiator::begin(random);
  auto responder = ExchangeResponder::answer(keys.b, {{keys.a.public_key(), id}, initiator.share()},
                                             of_b, random);
  HEQI_CHECK(responder.has_value() == (of_b.size != 0));
  if (!responder) return;
  crypto::Digest confirmation = responder->confirmation();
  if (input.size() > 41 && input[40] != 0) confirmation[input[41] % 32] ^= input[40];
  const bool changed = confirmation != responder->confirmation();
  auto agreed = std::move(initiator).finish_confirmed(keys.a, {keys.b.public_key(), "b"}, of_a,
                                                      responder->share(), confirmation);
  HEQI_CHECK(agreed.has_value() != changed);
  if (!agreed) return;
  const auto key = std::move(*responder).accept_confirmed(agreed->confirmation);
  HEQI_CHECK(key.has_value() && base::same_bytes(key->expose(), agreed->key.expose()));
}

// try_share answers a share of the input, alone and three times in lanes.
void try_share(const Keys& keys, base::ByteView input) {
  const auto share = crypto::PublicKey::decode(input);
  if (!share) return;
  const crypto::ExchangeOffer offer{{keys.a.public_key()}, *share};
  Counting alone, together;
  const std::vector<crypto::ExchangeOffer> offers(3, offer);
  const auto list = ExchangeResponder::answer_all(keys.b, offers, {}, together);
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const auto one = ExchangeResponder::answer(keys.b, offer, {}, alone);
    if (!one) HEQI_CHECK(!list);
    if (!one || !list) return;
    HEQI_CHECK((*list)[i].confirmation() == one->confirmation());
    HEQI_CHECK((*list)[i].share() == one->share());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keys keys;
  try_honest(keys, {data, size});
  try_share(keys, {data, size});
  return 0;
}
