// arithmetic.cc: what measure.mjs times: the device's half of a joint signature, from loading its
// share to the checked signature, and SM3. Answers are 1 where all went well.
#include <heqi/cosign/joint.h>

#include <memory>

#include "../repeating.h"

#define HEQI_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace heqi::bench {
namespace {

using base::Bytes;

// Prepared is a key in two shares, and the server's answer to the opening that the device will
// make.
struct Prepared {
  Repeating random;
  cosign::KeyName name;
  crypto::PublicKey p;
  crypto::SecretScalar d1;
  std::vector<crypto::Digest> digests;
  cosign::Answered answered;
};
std::unique_ptr<Prepared> g_prepared;

base::Result<cosign::Device> load(const Prepared& from, base::Random& random) {
  return cosign::Device::with_key({from.name, from.p, from.d1.clone()}, random);
}

base::Result<std::unique_ptr<Prepared>> prepare() {
  Repeating random;
  cosign::KeyName name{"heqi", "bench", {}, 1};
  const cosign::KeyContext context{name, Bytes(crypto::kPointSize, 0x42)};
  HEQI_TRY(auto d2, crypto::SecretScalar::draw(random));
  HEQI_TRY(auto agreement, cosign::DeviceKeyAgreement::begin(context, random));
  HEQI_TRY(const auto agreed, cosign::agree_on_key(context, agreement.message(), d2, random));
  HEQI_TRY(auto key, std::move(agreement).finish(agreed.answer));
  const cosign::ServerKey server_key{name, agreed.p1, agreed.answer.p, 0};
  std::vector<crypto::Digest> digests(1);
  digests[0].fill(7);
  Repeating again;
  HEQI_TRY(auto device, cosign::Device::with_key({name, agreed.answer.p, key.d1.clone()}, again));
  HEQI_TRY(auto opened, device.open(digests, 1));
  HEQI_TRY(auto answered,
           cosign::Server(server_key, std::move(d2), random).answer(std::move(opened.opening)));
  return std::unique_ptr<Prepared>(new Prepared{
      {}, name, agreed.answer.p, std::move(key.d1), std::move(digests), std::move(answered)});
}

base::Status sign_half(Prepared& prepared) {
  prepared.random.restart();
  HEQI_TRY(auto device, load(prepared, prepared.random));
  HEQI_TRY(auto opened, device.open(prepared.digests, 1));
  HEQI_TRY(const auto confirm, device.finish(std::move(opened.nonces), prepared.answered.answer));
  (void)confirm;
  return {};
}

}  // namespace
}  // namespace heqi::bench

HEQI_EXPORT(prepare) std::int32_t prepare() {
  auto prepared = heqi::bench::prepare();
  if (!prepared) return 0;
  heqi::bench::g_prepared = *std::move(prepared);
  return 1;
}

HEQI_EXPORT(sign_half) std::int32_t sign_half() {
  return heqi::bench::sign_half(*heqi::bench::g_prepared) ? 1 : 0;
}

// digest hashes size octets.
HEQI_EXPORT(digest) std::int32_t digest(std::uint32_t size) {
  static heqi::base::Bytes data;
  data.resize(size, 0x61);
  return heqi::crypto::sm3(data)[0] != 0 || size != 0 ? 1 : 0;
}
