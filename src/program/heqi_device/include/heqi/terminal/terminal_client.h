// heqi/terminal/terminal_client.h: a terminal's connection to the device process on the same
// machine.
#pragma once
#include <string>

#include <heqi/base/local_socket.h>
#include <heqi/device/module.h>

namespace heqi::terminal {

// TerminalClient asks one device, command by command. Errors are those of the device, or
// unavailable and timeout of the socket. One thread at a time.
class TerminalClient {
 public:
  static base::Result<TerminalClient> connect(const std::string& socket_path);

  base::Result<device::Information> information();
  base::Result<device::Information> initialise();
  base::Result<device::Step> enrol(std::string code);
  base::Result<device::Step> choose_pin(base::SecretBytes pin);
  base::Result<device::Step> poll();
  // collect and leave_out are of lists (msd.h); data with device::kListId gives their Displays.
  base::Result<device::Step> collect();
  base::Result<device::Step> leave_out(std::string transaction_id);
  base::Result<device::Step> deliver(base::ByteView answer);
  base::Result<device::Step> confirm(const device::Display& display, base::SecretBytes pin);
  base::Result<device::Step> cancel(std::string transaction_id);
  base::Result<base::Bytes> data(std::string transaction_id);
  base::Result<device::Information> retire();
  base::Result<device::Step> change_pin();
  base::Result<device::Step> refresh_shares();
  base::Result<device::Step> revoke_certificate(int reason);
  base::Result<device::Step> unbind();
  base::Result<device::Step> use_local_key(const device::LocalRequest& request);
  base::Result<std::vector<device::LocalKeyLine>> local_keys();
  base::Result<device::ModuleStatus> status();
  base::Result<device::ModuleStatus> self_test();

 private:
  explicit TerminalClient(base::LocalConnection connection) : connection_(std::move(connection)) {}
  base::Result<device::Reply> ask(const device::Command& command);
  base::Result<device::Step> ask_step(const device::Command& command);
  base::Result<device::ModuleStatus> ask_status(device::CommandType type);
  base::Result<device::Information> ask_information(device::CommandType type);
  base::LocalConnection connection_;
};

}  // namespace heqi::terminal
