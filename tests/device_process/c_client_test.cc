// The C API: a whole life of a device through heqi_device.h alone, and the example as a program.
#include <heqi_device.h>

#include "device_process.h"

namespace heqi::device {
namespace {

// CClient drives a device with the C API against the world.
class CClient : public ::testing::Test {
 protected:
  void SetUp() override {
    issuing_time() = base::SystemClock().now();
    world_ = std::make_unique<World>();
    process_.start();
    ASSERT_EQ(heqi_device_connect(process_.socket().c_str(), &device_, &error_), HEQI_DEVICE_OK)
        << error_.id;
  }
  void TearDown() override {
    heqi_device_step_clear(&step_);
    heqi_device_close(device_);
  }

  // follow carries what the step wants carried until it wants something else.
  int follow(int result) {
    while (result == HEQI_DEVICE_OK && step_.kind == HEQI_DEVICE_SEND) {
      Step asked;
      asked.kind = Step::Kind::send;
      asked.destination = static_cast<Destination>(step_.destination);
      asked.message.assign(step_.message, step_.message + step_.message_size);
      const auto answer = world_->carry(asked);
      EXPECT_OK(answer);
      heqi_device_step_clear(&step_);
      result = heqi_device_deliver(device_, answer->data(), answer->size(), &step_, &error_);
    }
    return result;
  }
  int confirm(const char* pin) {
    std::string digits = pin;
    heqi_device_step next{};
    const int result =
        heqi_device_confirm(device_, &step_, digits.data(), digits.size(), &next, &error_);
    EXPECT_EQ(digits, std::string(digits.size(), '\0')) << "the digits were not wiped";
    if (result == HEQI_DEVICE_OK) {
      heqi_device_step_clear(&step_);
      step_ = next;
    }
    return follow(result);
  }
  heqi_device_state state() {
    heqi_device_status status{};
    EXPECT_EQ(heqi_device_get_status(device_, &status, &error_), HEQI_DEVICE_OK);
    return status.state;
  }

  testing::TemporaryFolder folder_;
  Process process_{folder_.path()};
  std::unique_ptr<World> world_;
  heqi_device* device_ = nullptr;
  heqi_device_step step_{};
  heqi_device_error error_{};
};

// shows: KEP-6.4
TEST_F(CClient, APersonEnrolsAndSignsThroughTheCApiAlone) {
  EXPECT_EQ(state(), HEQI_DEVICE_FACTORY);
  ASSERT_EQ(heqi_device_initialise(device_, &error_), HEQI_DEVICE_OK);
  ASSERT_EQ(follow(heqi_device_enrol(device_, world_->code.c_str(), &step_, &error_)),
            HEQI_DEVICE_OK);
  ASSERT_EQ(step_.kind, HEQI_DEVICE_CHOOSE_PIN);
  std::string digits(kRightPin);
  ASSERT_EQ(follow(heqi_device_choose_pin(device_, digits.data(), digits.size(), &step_, &error_)),
            HEQI_DEVICE_OK);
  EXPECT_EQ(digits, std::string(digits.size(), '\0'));
  ASSERT_EQ(step_.kind, HEQI_DEVICE_CONFIRM);
  ASSERT_EQ(confirm("482913"), HEQI_DEVICE_OK);
  EXPECT_STREQ(step_.outcome, "certificate_installed");
  EXPECT_EQ(state(), HEQI_DEVICE_USER);

  world_->service.requests.push_back(world_->request("%PDF-1.7"));
  ASSERT_EQ(follow(heqi_device_poll(device_, &step_, &error_)), HEQI_DEVICE_OK);
  ASSERT_EQ(step_.kind, HEQI_DEVICE_CONFIRM);
  EXPECT_STREQ(step_.title, "租赁合同");
  uint8_t* data = nullptr;
  size_t size = 0;
  ASSERT_EQ(heqi_device_data(device_, &step_, &data, &size, &error_), HEQI_DEVICE_OK);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(data), size), "%PDF-1.7");
  heqi_device_free(data);
  ASSERT_EQ(confirm("482914"), HEQI_DEVICE_OK);
  EXPECT_EQ(step_.kind, HEQI_DEVICE_CONFIRM);
  EXPECT_EQ(step_.tries_left, 2);
  ASSERT_EQ(confirm("482913"), HEQI_DEVICE_OK);
  EXPECT_STREQ(step_.outcome, "signed");
  EXPECT_EQ(world_->service.answers.size(), 1u);
  heqi_device_step_clear(&step_);
  const uint8_t text[] = {1, 2, 3};
  ASSERT_EQ(heqi_device_local_key(device_, HEQI_DEVICE_LOCAL_SIGN, "mail", text, sizeof text,
                                  &step_, &error_),
            HEQI_DEVICE_OK);
  EXPECT_EQ(step_.kind, HEQI_DEVICE_CONFIRM);
  EXPECT_STREQ(step_.title, "sign: mail");
  heqi_device_step cancelled{};
  ASSERT_EQ(heqi_device_cancel(device_, &step_, &cancelled, &error_), HEQI_DEVICE_OK);
  EXPECT_STREQ(cancelled.outcome, "cancelled");
  uint8_t public_key[65] = {4};
  const auto cancel = [&](int result, const char* title) {
    ASSERT_EQ(result, HEQI_DEVICE_OK) << error_.detail;
    EXPECT_STREQ(step_.title, title);
    heqi_device_step_clear(&cancelled);
    ASSERT_EQ(heqi_device_cancel(device_, &step_, &cancelled, &error_), HEQI_DEVICE_OK);
  };
  heqi_device_step_clear(&step_);
  cancel(heqi_device_verify(device_, public_key, text, 3, text, 3, &step_, &error_), "verify");
  heqi_device_step_clear(&step_);
  cancel(heqi_device_encrypt(device_, public_key, text, 3, &step_, &error_), "encrypt");
  const heqi_device_agreement agreement{public_key, public_key, "Alice", "Bob", 16, nullptr};
  heqi_device_step_clear(&step_);
  cancel(heqi_device_begin_agreement(device_, "mail", &step_, &error_), "begin_agreement: mail");
  heqi_device_step_clear(&step_);
  cancel(heqi_device_agree(device_, "mail", &agreement, &step_, &error_), "agree: mail");
  heqi_device_step_clear(&step_);
  cancel(heqi_device_finish_agreement(device_, "mail", &agreement, &step_, &error_),
         "finish_agreement: mail");
  heqi_device_step_clear(&cancelled);
  EXPECT_EQ(heqi_device_local_public_key(device_, "mail", public_key, &error_), HEQI_DEVICE_FAILED);
  EXPECT_STREQ(error_.id, "not_found");
  ASSERT_EQ(heqi_device_destroy(device_, &error_), HEQI_DEVICE_OK);
  EXPECT_EQ(state(), HEQI_DEVICE_LOCKED);
}

TEST_F(CClient, SeveralDocumentsAreShownAndSignedThroughTheCApi) {
  ASSERT_EQ(heqi_device_initialise(device_, &error_), HEQI_DEVICE_OK);
  ASSERT_EQ(follow(heqi_device_enrol(device_, world_->code.c_str(), &step_, &error_)),
            HEQI_DEVICE_OK);
  std::string digits(kRightPin);
  ASSERT_EQ(follow(heqi_device_choose_pin(device_, digits.data(), digits.size(), &step_, &error_)),
            HEQI_DEVICE_OK);
  ASSERT_EQ(confirm("482913"), HEQI_DEVICE_OK);
  heqi_device_step_clear(&step_);

  for (const char* id : {"tx-1", "tx-2", "tx-3"})
    world_->service.requests.push_back(world_->request(std::string("text of ") + id, id));
  ASSERT_EQ(follow(heqi_device_collect(device_, &step_, &error_)), HEQI_DEVICE_OK);
  ASSERT_STREQ(step_.transaction_id, HEQI_DEVICE_LIST);
  EXPECT_STREQ(step_.title, "3");
  heqi_device_step* items = nullptr;
  size_t count = 0;
  ASSERT_EQ(heqi_device_listed(device_, &step_, &items, &count, &error_), HEQI_DEVICE_OK);
  ASSERT_EQ(count, 3u);
  EXPECT_STREQ(items[1].transaction_id, "tx-2");
  EXPECT_STREQ(items[1].title, "租赁合同");
  uint8_t* data = nullptr;
  size_t size = 0;
  ASSERT_EQ(heqi_device_data(device_, &items[1], &data, &size, &error_), HEQI_DEVICE_OK);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(data), size), "text of tx-2");
  heqi_device_free(data);
  heqi_device_listed_free(items, count);

  heqi_device_step rest{};
  ASSERT_EQ(heqi_device_leave_out(device_, "tx-2", &rest, &error_), HEQI_DEVICE_OK);
  heqi_device_step unused{};
  std::string pin(kRightPin);  // the list of before is not the one that waits
  EXPECT_EQ(heqi_device_confirm(device_, &step_, pin.data(), pin.size(), &unused, &error_),
            HEQI_DEVICE_FAILED);
  EXPECT_STREQ(error_.id, "device.display_differs");
  EXPECT_EQ(heqi_device_listed(device_, &step_, &items, &count, &error_), HEQI_DEVICE_FAILED);
  heqi_device_step_clear(&step_);
  step_ = rest;
  ASSERT_EQ(confirm("482913"), HEQI_DEVICE_OK);
  EXPECT_STREQ(step_.outcome, "signed");
  char result[64] = {};
  ASSERT_EQ(heqi_device_result_of(&step_, "tx-3", result, &error_), HEQI_DEVICE_OK);
  EXPECT_STREQ(result, "signed");
  EXPECT_EQ(heqi_device_result_of(&step_, "tx-2", result, &error_), HEQI_DEVICE_FAILED);
  EXPECT_EQ(world_->service.answers.size(), 2u);
}

TEST_F(CClient, ErrorsHaveTheIdsOfTheRegistryAndNoStepIsLeft) {
  EXPECT_EQ(heqi_device_poll(device_, &step_, &error_), HEQI_DEVICE_FAILED);
  EXPECT_STREQ(error_.id, "device.state");
  EXPECT_EQ(step_.message, nullptr);
  EXPECT_EQ(heqi_device_poll(device_, &step_, nullptr), HEQI_DEVICE_FAILED);
  heqi_device* other = nullptr;
  EXPECT_EQ(heqi_device_connect("/no/such/socket", &other, &error_), HEQI_DEVICE_FAILED);
  EXPECT_EQ(other, nullptr);
  EXPECT_STREQ(error_.id, "unavailable");
}

TEST_F(CClient, TheExampleInCRuns) {
  const auto run = [&](const std::string& arguments) {
    const std::string command = std::string(HEQI_DEVICE_EXAMPLE) + " " + arguments + " 2>&1";
    std::string said;
    FILE* pipe = ::popen(command.c_str(), "r");
    char block[256];
    while (std::fgets(block, sizeof block, pipe) != nullptr) said += block;
    ::pclose(pipe);
    return said;
  };
  EXPECT_NE(run(process_.socket()).find("state 1"), std::string::npos);
  EXPECT_NE(run(process_.socket() + " enrol " + world_->code).find("to 1"), std::string::npos);
  EXPECT_NE(run(process_.socket()).find("state 3"), std::string::npos);
  EXPECT_NE(run(process_.socket() + " enrol nonsense").find("malformed"), std::string::npos);
}

}  // namespace
}  // namespace heqi::device
