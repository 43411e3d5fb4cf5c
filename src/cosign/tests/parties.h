// parties.h: a device and a key centre that agreed on a key, for the tests of the exchange.
#pragma once
#include <heqi/cosign/joint.h>
#include <heqi/cosign/server_share.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::cosign {

inline KeyName test_name(std::uint8_t last = 7) {
  KeyName name{"合契", "demo", {}, 1};
  name.key_id.fill(0x5A);
  name.key_id.back() = last;
  return name;
}

inline crypto::Sm4Key test_master_key() {
  crypto::Sm4Key key;
  for (std::uint8_t i = 0; i < 16; ++i) key.expose_mutable()[i] = i;
  return key;
}

inline KeyContext test_context(const KeyName& name) {
  return {name, base::Bytes(65, 0x42)};
}

// Parties hold both shares, which only a test may.
struct Parties {
  testing::SeededRandom device_random, server_random;
  crypto::SecretScalar d1, d2;
  ServerKey server_key;

  Device device() {
    auto made = Device::with_key({server_key.name, server_key.p, d1.clone()}, device_random);
    HEQI_CHECK(made.has_value());
    return *std::move(made);
  }
  Server server() { return Server(server_key, d2.clone(), server_random); }
};

inline Parties make_parties(std::uint64_t seed, const KeyName& name = test_name()) {
  testing::SeededRandom device_random(seed), server_random(seed + 1000);
  auto d2 = derive_server_share(test_master_key(), 1, name);
  auto agreement = DeviceKeyAgreement::begin(test_context(name), device_random);
  HEQI_CHECK(d2.has_value() && agreement.has_value());
  auto agreed = agree_on_key(test_context(name), agreement->message(), *d2, server_random);
  HEQI_CHECK(agreed.has_value());
  auto key = std::move(*agreement).finish(agreed->answer);
  HEQI_CHECK(key.has_value());
  return Parties{device_random, server_random, std::move(key->d1), std::move(*d2),
                 ServerKey{name, agreed->p1, agreed->answer.p, 0}};
}

inline crypto::Digest digest_of(const Parties& parties, std::string_view message) {
  return crypto::message_digest(parties.server_key.p, base::bytes_of(message));
}

}  // namespace heqi::cosign
