// The A-PIN kit: a thief with everything that a device keeps tries PINs by himself. Whatever he
// computes from a candidate share is looked for in all that he holds; no PIN may stand out.
#include <cstdlib>
#include <unordered_set>

#include "joined.h"
#include "pin.h"

namespace heqi::joined {
namespace {

using base::ByteView;
constexpr std::size_t kWindow = 8;

std::uint64_t window_at(const std::uint8_t* octets) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < kWindow; ++i) out = out << 8 | octets[i];
  return out;
}

// Loot is what the thief holds, sealed and opened: he has the wrap key as well.
class Loot {
 public:
  void add(ByteView octets) {
    for (std::size_t i = 0; i + kWindow <= octets.size(); ++i)
      windows_.insert(window_at(octets.data() + i));
  }
  bool holds(ByteView octets) const {
    for (std::size_t i = 0; i + kWindow <= octets.size(); i += kWindow)
      if (windows_.contains(window_at(octets.data() + i))) return true;
    return false;
  }

 private:
  std::unordered_set<std::uint64_t> windows_;
};

Loot loot_of(const House& house, const device::State& state, const device::WrapKeys& keys) {
  Loot loot;
  for (const auto* store : {&house.world.own_store, &house.world.own_key_store})
    for (const auto& [name, content] : store->files) loot.add(content);
  const auto channel_key = must(device::open_channel_key(keys, state.sealed_channel_key));
  const auto channel_scalar = channel_key.encode();
  loot.add(channel_scalar.expose());
  loot.add(channel_key.public_key().encode());
  const device::KeySlot& slot = *state.key;
  for (const ByteView part :
       {ByteView(slot.salt), ByteView(slot.encrypted_d1), ByteView(slot.public_key),
        ByteView(slot.name.key_id), ByteView(state.certificate)})
    loot.add(part);
  for (const base::Bytes& certificate : state.chain) loot.add(certificate);
  return loot;
}

// Survivors are the PINs that a check lets stand.
struct Survivors {
  std::size_t tried = 0, in_range = 0;
  std::vector<std::string> recognised;
};

Survivors try_pins(const device::KeySlot& slot, const device::WrapKeys& keys, const Loot& loot,
                   std::size_t count) {
  Survivors out;
  // The right PIN is among them, however few they are.
  const std::size_t first = (482'913 / count) * count;
  for (std::size_t i = 0; i < count; ++i) {
    std::string pin = std::to_string((first + i) % 1'000'000);
    pin.insert(0, 6 - pin.size(), '0');
    const crypto::SecretScalar d1 = device::recover_share(slot, base::bytes_of(pin), keys);
    ++out.tried;
    const crypto::ScalarBytes octets = d1.expose().encode();
    out.in_range += crypto::Scalar::decode(octets) ? 1 : 0;
    const crypto::ScalarBytes inverse = d1.expose().inverse().encode();
    const crypto::PointBytes p1 = crypto::mul_base(d1.expose()).encode();
    const crypto::ScalarBytes reversed = [&] {
      crypto::ScalarBytes back = octets;
      std::reverse(back.begin(), back.end());
      return back;
    }();
    const crypto::Digest of_share = crypto::sm3(octets), of_point = crypto::sm3(p1),
                         of_pin = crypto::sm3(base::bytes_of(pin));
    for (const ByteView form :
         {ByteView(octets), ByteView(reversed), ByteView(inverse), ByteView(p1).subspan(1),
          ByteView(of_share), ByteView(of_point), ByteView(of_pin)})
      if (loot.holds(form)) {
        out.recognised.push_back(pin);
        break;
      }
  }
  return out;
}

std::size_t pins_to_try() {
  const char* count = std::getenv("HEQI_PINS");
  return count == nullptr ? 2'000 : std::strtoul(count, nullptr, 10);
}

// shows: ECP-KEY-10
TEST(StolenDisk, NoPinStandsOutForWhoHoldsEverythingThatTheDeviceKeeps) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_OK(house.sign());
  const auto keys = must(device::WrapKeys::load(*house.world.key_store));
  const auto state = must(device::load_state(*house.world.store, keys));
  const Loot loot = loot_of(house, state, keys);
  const Survivors survivors = try_pins(*state.key, keys, loot, pins_to_try());
  EXPECT_EQ(survivors.in_range, survivors.tried);
  EXPECT_TRUE(survivors.recognised.empty());
  std::printf("%zu PINs tried\n", survivors.tried);
}

// The kit itself: where a device kept P1, or eight octets of a digest of d1, it finds the PIN.
TEST(StolenDisk, TheKitFindsThePinWhereACheckValueIsKept) {
  House house;
  ASSERT_OK(house.enrol());
  const auto keys = must(device::WrapKeys::load(*house.world.key_store));
  const auto state = must(device::load_state(*house.world.store, keys));
  const auto d1 = device::recover_share(*state.key, base::bytes_of(kRightPin), keys);
  const crypto::PointBytes p1 = crypto::mul_base(d1.expose()).encode();
  const crypto::Digest digest = crypto::sm3(d1.expose().encode());
  for (const ByteView kept : {ByteView(p1), ByteView(digest).first(kWindow)}) {
    Loot loot = loot_of(house, state, keys);
    loot.add(kept);
    EXPECT_EQ(try_pins(*state.key, keys, loot, 2'000).recognised,
              std::vector<std::string>{std::string(kRightPin)});
  }
}

}  // namespace
}  // namespace heqi::joined
