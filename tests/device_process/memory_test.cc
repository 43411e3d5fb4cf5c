// Nothing secret stays: the memory of the device process is read from outside, during a signature
// and after it.
#include <algorithm>
#include <map>

#include <heqi/testing/process_memory.h>

#include "device_process.h"
#include "pin.h"

namespace heqi::device {
namespace {

using terminal::TerminalClient;

// Needles are the forms in which a secret could stay, by name.
using Needles = std::map<std::string, base::Bytes>;

void add_forms(Needles& needles, const std::string& name, const crypto::Scalar& value) {
  const auto plain = value.encode();
  base::Bytes octets(plain.begin(), plain.end());
  needles[name] = octets;
  needles[name + " in hexadecimal"] = base::to_bytes(base::to_hex(octets));
  needles[name + " in Base64"] = base::to_bytes(base::to_base64(octets).substr(0, 42));
  std::reverse(octets.begin(), octets.end());
  needles[name + " reversed"] = octets;
  const auto& words = value.words();
  const auto* start = reinterpret_cast<const std::uint8_t*>(words.data());
  needles[name + " in internal form"] = base::Bytes(start, start + sizeof words);
}

// find_in_memory names the needles that the writable memory of a process holds; fails as
// testing::read_memory.
base::Result<std::vector<std::string>> find_in_memory(pid_t process, const Needles& needles) {
  constexpr std::size_t kNeedleMax = 256;
  std::vector<std::string> found;
  HEQI_TRY(testing::read_memory(
      std::to_string(process),
      {.overlap = kNeedleMax,
       .wants = [](const testing::Mapping& mapping) { return mapping.is_writable; },
       .read =
           [&](const testing::Mapping& mapping, std::span<std::uint8_t> block) {
             for (const auto& [name, needle] : needles)
               if (std::search(block.begin(), block.end(), needle.begin(), needle.end()) !=
                   block.end())
                 found.push_back(name + " at " + mapping.line);
             return true;
           }}));
  return found;
}

// shows-part: ECP-KEY-10 (the memory of the device)
TEST(DeviceMemory, AfterASignatureNoShareAndNoPinIsLeft) {
  issuing_time() = base::SystemClock().now();
  World world;
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  auto device = must(TerminalClient::connect(process.socket()));
  ASSERT_OK(device.initialise());
  auto step = follow(world, device, device.enrol(world.code));
  ASSERT_OK(step);
  step = follow(world, device, device.choose_pin(pin_of(kRightPin)));
  ASSERT_OK(step);
  ASSERT_EQ(step->kind, Step::Kind::confirm);

  const auto files = must(base::open_folder(folder.path() + "/state"));
  const auto key_files = must(base::open_folder(folder.path() + "/keys"));
  const WrapKeys keys = must(WrapKeys::load(*key_files));
  const State state = must(load_state(*files, keys));
  const auto d1 = recover_share(*state.key, base::bytes_of(kRightPin), keys);
  Needles needles;
  add_forms(needles, "d1", d1.expose());
  add_forms(needles, "1/d1", d1.expose().inverse());
  needles["the PIN"] = base::to_bytes(kRightPin);

  const auto before = find_in_memory(process.id(), needles);
  if (!before && before.error().code == base::Code::denied)
    GTEST_SKIP() << testing::kMemoryIsClosed;
  ASSERT_OK(before);
  EXPECT_EQ(*before, std::vector<std::string>{}) << "after the key was made";

  // Stopped inside the operation the same search finds the share: it can find.
  step = device.confirm(*step->display, pin_of(kRightPin));
  ASSERT_OK(step);
  const auto during = find_in_memory(process.id(), needles);
  ASSERT_TRUE(during.has_value());
  EXPECT_FALSE(during->empty()) << "the search finds nothing where there is something";

  step = follow(world, device, step);
  ASSERT_OK(step);
  ASSERT_EQ(step->outcome, "certificate_installed");
  const auto after = find_in_memory(process.id(), needles);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(*after, std::vector<std::string>{});
}

// shows: KEP-17.1-i
TEST(DeviceMemory, AfterUnbindingAndDestructionNothingOfTheKeysIsLeft) {
  issuing_time() = base::SystemClock().now();
  World world;
  const testing::TemporaryFolder folder;
  Process process(folder.path());
  process.start();
  auto device = must(TerminalClient::connect(process.socket()));
  ASSERT_OK(device.initialise());
  auto step = follow(world, device, device.enrol(world.code));
  ASSERT_OK(step);
  step = follow(world, device, device.choose_pin(pin_of(kRightPin)));
  ASSERT_OK(step);
  ASSERT_OK(follow(world, device, device.confirm(*step->display, pin_of(kRightPin))));

  Needles of_the_user, of_the_device;
  {
    const auto files = must(base::open_folder(folder.path() + "/state"));
    const auto key_files = must(base::open_folder(folder.path() + "/keys"));
    const WrapKeys keys = must(WrapKeys::load(*key_files));
    const State state = must(load_state(*files, keys));
    const auto d1 = recover_share(*state.key, base::bytes_of(kRightPin), keys);
    add_forms(of_the_user, "d1", d1.expose());
    of_the_user["the PIN"] = base::to_bytes(kRightPin);
    add_forms(of_the_user, "1/d1", d1.expose().inverse());
    const auto channel = must(open_channel_key(keys, state.sealed_channel_key));
    const auto channel_octets = channel.encode();
    add_forms(of_the_device, "the channel's key",
              must(crypto::Scalar::decode(channel_octets.expose())));
    of_the_device["the wrap root"] = must(base::read_file(folder.path() + "/keys/wrap.key", 64));
  }
  const auto living = find_in_memory(process.id(), of_the_device);
  if (!living && living.error().code == base::Code::denied)
    GTEST_SKIP() << testing::kMemoryIsClosed;
  ASSERT_OK(living);
  EXPECT_FALSE(living->empty()) << "the search finds nothing where there is something";

  step = follow(world, device, device.unbind());
  ASSERT_OK(step);
  ASSERT_EQ(step->outcome, "unbound");
  EXPECT_EQ(*find_in_memory(process.id(), of_the_user), std::vector<std::string>{});
  ASSERT_OK(device.retire());
  of_the_device.merge(of_the_user);
  EXPECT_EQ(*find_in_memory(process.id(), of_the_device), std::vector<std::string>{});
}

}  // namespace
}  // namespace heqi::device
