// heqi/device/module.h: the terminal half of the cryptographic module as a program drives it: the
// device (msd.h) inside its finite state model (life.h), with self-tests at every start and on
// demand. The one way in is a command in DER; there is no other interface (T/ZSA 67.3 §6.2 g, §9).
#pragma once
#include <functional>

#include <heqi/base/log.h>
#include <heqi/device/life.h>
#include <heqi/device/pin_input.h>

namespace heqi::device {

// SelfTest is one test that a module runs at power-up and on demand (GM/T 0028 §7.10).
struct SelfTest {
  std::string name;
  std::function<base::Status()> run;
};

// ModuleStatus is the status output. It is given in every state and holds nothing secret.
struct ModuleStatus {
  std::string version;
  LifeState state = LifeState::self_test;
  bool approved_mode = false;            // §8.3: tests passed, nothing found in the environment
  std::string failure;                   // what the last self-test or fault said; empty if none
  std::vector<std::string> environment;  // findings: environment.h
  // What the present key asks for, and what is chosen with the next PIN.
  Factors factors = kPinAlone, next_factors = kPinAlone;
};
base::Bytes encode_module_status(const ModuleStatus& status);
base::Result<ModuleStatus> parse_module_status(base::ByteView der);

struct ModuleParts {
  MsdParts device;
  base::Log& log;  // illegal events are recorded here: "device.event_refused"
  std::vector<SelfTest> tests;
  std::vector<std::string> environment;  // what the program found before it opened the module
  // The module's own screen; with it no command may carry a PIN. Without it the application asks.
  PinInput* pin_input = nullptr;
};

// kModuleVersion is what the status says; the revision of each file is in the source's history.
inline constexpr std::string_view kModuleVersion = "0.1.0";

class Module {
 public:
  // open enters the self-test state, runs the tests, and then opens the device. Where a test fails,
  // or what is on disk cannot be read, the module stands in the error state and gives its status;
  // open itself does not fail.
  static std::unique_ptr<Module> open(ModuleParts parts, MsdOptions options = {});

  // run does one command; failures are in the reply. device_state for a command that is illegal in
  // the present state (recorded); device_self_test for every command but status and self_test in
  // the error state.
  base::Bytes run(base::ByteView command_der);

  ModuleStatus status() const;

 private:
  Module(ModuleParts parts, MsdOptions options)
      : parts_(std::move(parts)), options_(std::move(options)) {}
  base::Result<Reply> act(Command command);
  base::Result<Reply> act_on_device(Command command);
  base::Result<base::SecretBytes> take_pin(const Command& command);
  Reply run_native(Command command);
  void test();
  base::Status open_device();
  void prepare(CommandType command);
  void read_again();
  void settle(const Reply& reply);
  void rest();
  void fail(const base::Error& error);
  bool enter(LifeEvent event);
  base::Error refuse(CommandType command);

  ModuleParts parts_;
  MsdOptions options_;
  std::unique_ptr<Msd> msd_;
  LifeState state_ = LifeState::self_test;
  bool first_run_ = false;  // the service under way belongs to the first run
  std::string failure_;
  std::optional<Display> shown_;  // what the last step displayed
};

}  // namespace heqi::device
