// The module's own screen: the PIN is typed there, and no command may carry one.
#include <pty.h>
#include <sys/stat.h>
#include <termios.h>

#include <future>

#include "device_process.h"

namespace heqi::device {
namespace {

using base::Code;
using terminal::TerminalClient;

// Screen is a terminal with the person before it. said is all that it shows, echo included.
class Screen {
 public:
  Screen() {
    char name[128] = {};
    EXPECT_EQ(::openpty(&person_, &line_, name, nullptr, nullptr), 0);
    EXPECT_EQ(::fchmod(line_, 0600), 0);
    path = name;
  }
  ~Screen() {
    ::close(person_);
    ::close(line_);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // type answers the next question that ends with `question`.
  void type(std::string_view question, std::string_view digits) {
    while (said.find(question, asked_) == std::string::npos) {
      char block[512];
      const ssize_t got = ::read(person_, block, sizeof block);
      ASSERT_GT(got, 0);
      said.append(block, static_cast<std::size_t>(got));
    }
    asked_ = said.find(question, asked_) + question.size();
    const std::string line = std::string(digits) + "\n";
    ASSERT_EQ(::write(person_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  std::string path, said;

 private:
  int person_ = -1, line_ = -1;
  std::size_t asked_ = 0;
};

constexpr std::string_view kNew = "6–32 位数字）: ", kAgain = "再次输入: ",
                           kGoesOn = "直接回车取消: ";

class PinScreen : public ::testing::Test {
 protected:
  void SetUp() override {
    issuing_time() = base::SystemClock().now();
    world_ = std::make_unique<World>();
    process_.start();
    device_.emplace(must(TerminalClient::connect(process_.socket())));
  }
  std::future<base::Result<Step>> choosing() {
    return std::async(std::launch::async,
                      [this] { return device_->choose_pin(base::SecretBytes()); });
  }
  std::future<base::Result<Step>> confirming(const Display& display) {
    return std::async(std::launch::async,
                      [this, display] { return device_->confirm(display, base::SecretBytes()); });
  }
  // to_the_choice goes to where the person chooses a PIN.
  void to_the_choice() {
    ASSERT_OK(device_->initialise());
    const auto asked = follow(*world_, *device_, device_->enrol(world_->code));
    ASSERT_OK(asked);
    ASSERT_EQ(asked->kind, Step::Kind::choose_pin);
  }
  void enrol() {
    to_the_choice();
    auto choice = choosing();
    screen_.type(kNew, kRightPin);
    screen_.type(kAgain, kRightPin);
    const auto shown = follow(*world_, *device_, choice.get());
    ASSERT_OK(shown);
    ASSERT_EQ(shown->kind, Step::Kind::confirm);
    auto decision = confirming(*shown->display);
    screen_.type(kGoesOn, kRightPin);
    const auto done = follow(*world_, *device_, decision.get());
    ASSERT_OK(done);
    ASSERT_EQ(done->outcome, "certificate_installed");
  }

  testing::TemporaryFolder folder_;
  Screen screen_;
  Process process_{folder_.path(), "pin_terminal = \"" + screen_.path + "\"\n"};
  std::unique_ptr<World> world_;
  std::optional<TerminalClient> device_;
};

// shows: KEP-15.2-c, KEP-15.4-b, KEP-10.3-c
TEST_F(PinScreen, ThePinIsTypedThereAndNoCommandCarriesOne) {
  to_the_choice();
  EXPECT_ERROR(device_->choose_pin(pin_of(kRightPin)), Code::denied);
  auto choice = choosing();
  screen_.type(kNew, kRightPin);
  screen_.type(kAgain, kRightPin);
  auto step = follow(*world_, *device_, choice.get());
  ASSERT_OK(step);
  ASSERT_EQ(step->kind, Step::Kind::confirm);
  EXPECT_ERROR(device_->confirm(*step->display, pin_of(kRightPin)), Code::denied);
  Display other = *step->display;
  other.digest[0] ^= 1;
  EXPECT_ERROR(device_->confirm(other, base::SecretBytes()), Code::device_display_differs);
  auto decision = confirming(*step->display);
  screen_.type(kGoesOn, kRightPin);
  ASSERT_EQ(must(follow(*world_, *device_, decision.get())).outcome, "certificate_installed");

  world_->service.requests.push_back(world_->request("%PDF-1.7"));
  step = follow(*world_, *device_, device_->poll());
  ASSERT_OK(step);
  decision = confirming(*step->display);
  screen_.type(kGoesOn, kRightPin);
  EXPECT_EQ(must(follow(*world_, *device_, decision.get())).outcome, "signed");
  EXPECT_NE(screen_.said.find(step->display->title), std::string::npos) << "shown by the module";
  EXPECT_EQ(screen_.said.find(kRightPin), std::string::npos) << "the terminal showed the PIN";
}

// shows: KEP-16-c
TEST_F(PinScreen, ANewPinIsTypedTwiceAndAChangeOfMindLeavesNothing) {
  to_the_choice();
  auto choice = choosing();
  screen_.type(kNew, kRightPin);
  screen_.type(kAgain, kWrongPin);
  EXPECT_ERROR(choice.get(), Code::malformed);
  choice = choosing();
  screen_.type(kNew, "");
  EXPECT_ERROR(choice.get(), Code::cancelled);
  choice = choosing();
  screen_.type(kNew, "12345");
  screen_.type(kAgain, "12345");
  EXPECT_ERROR(choice.get(), Code::malformed);
  choice = choosing();
  screen_.type(kNew, kRightPin);
  screen_.type(kAgain, kRightPin);
  EXPECT_EQ(must(follow(*world_, *device_, choice.get())).kind, Step::Kind::confirm);
}

TEST_F(PinScreen, EnterAloneSignsNothing) {
  enrol();
  world_->service.requests.push_back(world_->request("%PDF-1.7"));
  const auto step = follow(*world_, *device_, device_->poll());
  ASSERT_OK(step);
  auto decision = confirming(*step->display);
  screen_.type(kGoesOn, "");
  EXPECT_ERROR(decision.get(), Code::cancelled);
  EXPECT_TRUE(world_->service.answers.empty());
  EXPECT_EQ(must(device_->status()).state, LifeState::parameter_input);
}

// shows: MSSP-6.1-g2
TEST_F(PinScreen, EachDocumentOfAListIsShownBeforeTheOnePin) {
  enrol();
  for (const char* id : {"tx-1", "tx-2"})
    world_->service.requests.push_back(world_->request(std::string("text of ") + id, id));
  const auto list = follow(*world_, *device_, device_->collect());
  ASSERT_OK(list);
  ASSERT_EQ(list->display->kind, Display::Kind::list);
  Display other = *list->display;
  other.digest = crypto::sm3(base::bytes_of("text of tx-1"));
  EXPECT_ERROR(device_->confirm(other, base::SecretBytes()), Code::device_display_differs);
  auto decision = confirming(*list->display);
  screen_.type(kGoesOn, kRightPin);
  EXPECT_EQ(must(follow(*world_, *device_, decision.get())).outcome, "signed");
  for (const char* text : {"text of tx-1", "text of tx-2"}) {
    const std::string digest = base::to_hex(crypto::sm3(base::bytes_of(text)));
    EXPECT_NE(screen_.said.find(digest), std::string::npos) << text;
  }
  EXPECT_EQ(world_->service.answers.size(), 2u);
}

TEST_F(PinScreen, TheStatusTellsWhoTakesThePin) {
  const auto takes = [](const ModuleStatus& status) {
    return std::count(status.environment.begin(), status.environment.end(), kApplicationTakesPin);
  };
  EXPECT_EQ(takes(must(device_->status())), 0);
  const testing::TemporaryFolder folder;
  Process without(folder.path());
  without.start();
  const ModuleStatus status = must(must(TerminalClient::connect(without.socket())).status());
  EXPECT_EQ(takes(status), 1);
  EXPECT_FALSE(status.approved_mode);
}

}  // namespace
}  // namespace heqi::device
