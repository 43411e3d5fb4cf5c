// The joint signature of two parties, per signature, for each half: all that it computes, the
// loading of its share included, the codecs not. One exchange signs one digest, 32, or 100.
#include <heqi/cosign/joint.h>

#include <algorithm>
#include <memory>

#include "generator.h"
#include "repeating.h"
#include "rows.h"

namespace heqi::bench {
namespace {

using base::Bytes;
using cosign::Confirm;
using cosign::Device;

// Pair holds both shares of one key.
struct Pair {
  crypto::SecretScalar d1, d2;
  cosign::ServerKey key;
};
std::shared_ptr<const Pair> make_pair() {
  cosign::KeyName name{"heqi", "bench", {}, 1};
  name.key_id.fill(0x5A);
  const cosign::KeyContext context{name, Bytes(crypto::kPointSize, 0x42)};
  auto d2 = *crypto::SecretScalar::draw(generator());
  auto agreement = *cosign::DeviceKeyAgreement::begin(context, generator());
  const auto agreed = *cosign::agree_on_key(context, agreement.message(), d2, generator());
  auto key = *std::move(agreement).finish(agreed.answer);
  return std::make_shared<const Pair>(Pair{std::move(key.d1), std::move(d2),
                                           cosign::ServerKey{name, agreed.p1, agreed.answer.p, 0}});
}

std::vector<crypto::Digest> digests_of(std::size_t items) {
  std::vector<crypto::Digest> digests(items);
  for (std::size_t i = 0; i < items; ++i) digests[i].fill(static_cast<std::uint8_t>(i + 1));
  return digests;
}

Device load_device(const Pair& pair, base::Random& random) {
  return *Device::with_key({pair.key.name, pair.key.p, pair.d1.clone()}, random);
}
cosign::Server load_server(const Pair& pair) {
  return cosign::Server(pair.key, pair.d2.clone(), generator());
}

// An Opening and Nonces are used once, so that an operation makes its own copy of those that were
// prepared.
cosign::Opening copy_of(const cosign::Opening& from) {
  cosign::Opening opening;
  opening.name = from.name;
  opening.counter = from.counter;
  opening.proof_d1 = from.proof_d1;
  opening.proof_nonces = from.proof_nonces;
  opening.items = from.items;
  return opening;
}

// server answers a prepared opening and checks the confirmation of an earlier answer.
Operation server(std::size_t items) {
  const auto pair = make_pair();
  Device device = load_device(*pair, generator());
  auto opened = *device.open(digests_of(items), 1);
  const auto opening = std::make_shared<const cosign::Opening>(copy_of(opened.opening));
  const auto answered = std::make_shared<const cosign::Answered>(
      *load_server(*pair).answer(std::move(opened.opening)));
  const Confirm confirm = *device.finish(std::move(opened.nonces), answered->answer);
  return [pair, opening, answered, confirm] {
    return load_server(*pair).answer(copy_of(*opening)).has_value() &&
           cosign::confirm(pair->key.p, answered->expected, confirm, generator()).has_value();
  };
}

// device opens and finishes.
Operation device(std::size_t items) {
  const auto pair = make_pair();
  const auto random = std::make_shared<Repeating>();
  Device first = load_device(*pair, *random);
  auto opened = *first.open(digests_of(items), 1);
  const auto answered = std::make_shared<const cosign::Answered>(
      *load_server(*pair).answer(std::move(opened.opening)));
  return [pair, random, answered, digests = digests_of(items)] {
    random->restart();
    Device loaded = load_device(*pair, *random);
    auto again = loaded.open(digests, 1);
    return again && loaded.finish(std::move(again->nonces), answered->answer).has_value();
  };
}

void add_rows(std::vector<Row>& rows) {
  const Unit unit = Unit::operations_per_second;
  const auto add = [&](const char* name, std::size_t items, std::vector<std::string> primitives,
                       Operation (*prepare)(std::size_t)) {
    rows.push_back({name,
                    unit,
                    double(items),
                    std::move(primitives),
                    [prepare, items] { return prepare(items); },
                    {}});
  };
  add("sm2_cosign_joint_server", 1, {"sm2", "sm2_batch"}, server);
  add("sm2_cosign_joint_device", 1, {"sm2", "sm2_batch"}, device);
  add("sm2_cosign_joint_server_batch32", 32, {"sm2_batch", "sm2"}, server);
  add("sm2_cosign_joint_device_batch32", 32, {"sm2_batch", "sm2"}, device);
  add("sm2_cosign_joint_server_batch100", cosign::kBatchMax, {"sm2_batch", "sm2"}, server);
  add("sm2_cosign_joint_device_batch100", cosign::kBatchMax, {"sm2_batch", "sm2"}, device);
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
