// A person forgets the PIN, or loses the device: what the platform does for the person, and what it
// denies to the finder.
#include <filesystem>

#include "administrator.h"
#include "adversary.h"
#include "fault.h"
#include "model.h"

namespace heqi::faults {
namespace {

using attacks::Adversary;
using attacks::must;
using base::Code;
using device::Stage;

const std::string kWrong = "11111111", kNew = "90210733158264";

class KeyLoss : public ::testing::Test {
 protected:
  void SetUp() override { world_ = must(World::open(enrolled(), {})); }

  // wrong_pin has the person at the terminal give a wrong PIN once.
  Code wrong_pin() {
    auto device = must(terminal::TerminalClient::connect(world_->party(0).folder + ".socket"));
    const base::SystemClock clock;
    program::TerminalOptions options;
    options.server = world_->server_url();
    program::Terminal terminal(device, enrolled().desk->fetch(), clock, std::move(options));
    program::PersonWithPin person(base::SecretBytes::copy_of(base::bytes_of(kWrong)));
    const auto outcome = terminal.refresh_shares(person);
    if (outcome) return Code::internal;
    (void)device.cancel("share-refresh");
    return outcome.error().code;
  }
  // lock ends with a key that takes no PIN any more.
  void lock() {
    ASSERT_OK(world_->configure_module("pin_tries = 2"));
    for (int i = 0; i < 2; ++i) ASSERT_EQ(wrong_pin(), Code::cosign_wrong_pin) << world_->logs();
    ASSERT_EQ(wrong_pin(), Code::cosign_pin_locked) << world_->logs();
    ASSERT_EQ(must(world_->information(0)).stage, Stage::stopped);
  }

  std::string key_id() { return must(world_->information(0)).key_id; }
  std::unique_ptr<World> world_;
};

// The person proves the identity anew, gets a new code, chooses a new PIN for a new key, and signs;
// the locked key and its certificate are over, and the forgotten PIN opens nothing.
// shows: KEP-17.3-g
TEST_F(KeyLoss, AForgottenPinEndsInANewKeyWithANewPinAfterAFreshProofOfIdentity) {
  const std::string locked = key_id();
  const base::Bytes certificate = must(world_->information(0)).certificate;
  lock();
  world_->choose_pin(0, kNew);
  ASSERT_OK(world_->enrol(0)) << world_->story();
  const device::Information now = must(world_->information(0));
  EXPECT_EQ(now.stage, Stage::enrolled);
  EXPECT_NE(now.key_id, locked);
  EXPECT_NE(now.certificate, certificate);
  EXPECT_EQ(wrong_pin(), Code::cosign_wrong_pin) << "the new key has tries of its own";
  ASSERT_OK(sign_contract(*world_)) << world_->story();
  check_model(*world_, 1);
  if (HasFailure()) ADD_FAILURE() << world_->story() << world_->logs();
}

// Who has not forgotten it, but was locked out by somebody else's guesses, keeps the key.
// shows: KEP-17.3-g
TEST_F(KeyLoss, ALockByOthersGuessesEndsWithAnUnlockAfterAFreshProof) {
  const std::string key = key_id();
  lock();
  ASSERT_OK(Administrator(*world_).act("unlock_key " + key + " 'ID card, desk 3'"));
  ASSERT_OK(sign_contract(*world_)) << world_->story();
  EXPECT_NE(world_->deaths(), 0);
  check_model(*world_);
  if (HasFailure()) ADD_FAILURE() << world_->story() << world_->logs();
}

// The finder has the device, its files and the PIN. From the order on, no half leaves: within a
// second, and also while the finder asks without a pause. The person goes on with a new device.
// shows: MSSP-9.3-a4
TEST_F(KeyLoss, ALostDeviceSignsNothingFromTheOrderOnAndAnotherTakesItsPlace) {
  const std::string key = key_id();
  Administrator administrator(*world_);
  const std::string device = must(administrator.device_of(key));
  Adversary finder = must(Adversary::take_apart(*world_, 0, enrolled().desk->fetch()));
  const auto gets_a_half = [&]() {
    const auto opening = must(finder.joint().open({crypto::Digest{}}, finder.next_counter()));
    return must(
               finder.ask(device::MessageType::joint_open, cosign::encode_opening(opening.opening)))
               .type == device::MessageType::joint_answer;
  };
  ASSERT_TRUE(gets_a_half()) << "before the order the finder signs";
  ASSERT_OK(administrator.act("wipe_device " + device));
  EXPECT_FALSE(gets_a_half());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(gets_a_half());

  std::error_code error;
  std::filesystem::remove_all(world_->party(0).folder, error);
  ASSERT_OK(world_->start_device(0));
  world_->choose_pin(0, kNew);
  ASSERT_OK(world_->enrol(0)) << world_->story();
  EXPECT_NE(key_id(), key);
  EXPECT_FALSE(gets_a_half());
  ASSERT_OK(sign_contract(*world_)) << world_->story();
  check_model(*world_, 1);
  if (HasFailure()) ADD_FAILURE() << world_->story() << world_->logs();
}

}  // namespace
}  // namespace heqi::faults
