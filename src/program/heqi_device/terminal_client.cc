#include <heqi/terminal/terminal_client.h>

namespace heqi::terminal {

using base::Result;
using device::Command;
using device::CommandType;
using device::Information;
using device::Reply;
using device::Step;

Result<TerminalClient> TerminalClient::connect(const std::string& socket_path) {
  // A person has two minutes for each line at the module's own screen, and a new PIN is two lines.
  HEQI_TRY(base::LocalConnection connection,
           base::LocalConnection::connect(socket_path, std::chrono::minutes(5)));
  return TerminalClient(std::move(connection));
}

Result<Reply> TerminalClient::ask(const Command& command) {
  HEQI_TRY(connection_.send(device::encode_command(command).expose()));
  HEQI_TRY(const base::Bytes frame, connection_.receive(device::kCommandSizeMax));
  HEQI_TRY(Reply reply, device::parse_reply(frame));
  if (reply.failure) return base::fail(reply.failure->code, reply.failure->detail);
  return reply;
}

Result<Step> TerminalClient::ask_step(const Command& command) {
  HEQI_TRY(Reply reply, ask(command));
  if (!reply.step) return base::fail(base::Code::malformed, "device: a reply without a step");
  return *std::move(reply.step);
}

Result<Information> TerminalClient::ask_information(CommandType type) {
  HEQI_TRY(Reply reply, ask({.type = type}));
  if (!reply.information)
    return base::fail(base::Code::malformed, "device: a reply without information");
  return *std::move(reply.information);
}

Result<Information> TerminalClient::information() {
  return ask_information(CommandType::information);
}
Result<Information> TerminalClient::initialise() {
  return ask_information(CommandType::initialise);
}
Result<Information> TerminalClient::retire() {
  return ask_information(CommandType::retire);
}

Result<Step> TerminalClient::enrol(std::string code) {
  return ask_step({.type = CommandType::enrol, .text = std::move(code)});
}
Result<Step> TerminalClient::choose_pin(base::SecretBytes pin) {
  return ask_step({.type = CommandType::choose_pin, .pin = std::move(pin)});
}
Result<Step> TerminalClient::poll() {
  return ask_step({.type = CommandType::poll});
}
Result<Step> TerminalClient::collect() {
  return ask_step({.type = CommandType::collect});
}
Result<Step> TerminalClient::leave_out(std::string transaction_id) {
  return ask_step({.type = CommandType::leave_out, .text = std::move(transaction_id)});
}
Result<Step> TerminalClient::deliver(base::ByteView answer) {
  return ask_step({.type = CommandType::deliver, .message = base::to_bytes(answer)});
}
Result<Step> TerminalClient::confirm(const device::Display& display, base::SecretBytes pin) {
  return ask_step({.type = CommandType::confirm,
                   .text = display.transaction_id,
                   .pin = std::move(pin),
                   .digest = display.digest});
}
Result<Step> TerminalClient::cancel(std::string transaction_id) {
  return ask_step({.type = CommandType::cancel, .text = std::move(transaction_id)});
}
Result<base::Bytes> TerminalClient::data(std::string transaction_id) {
  HEQI_TRY(Reply reply, ask({.type = CommandType::data, .text = std::move(transaction_id)}));
  return std::move(reply.data);
}

Result<Step> TerminalClient::change_pin() {
  return ask_step({.type = CommandType::change_pin});
}
Result<Step> TerminalClient::refresh_shares() {
  return ask_step({.type = CommandType::refresh_shares});
}
Result<Step> TerminalClient::use_local_key(const device::LocalRequest& request) {
  return ask_step(
      {.type = CommandType::local_key, .message = device::encode_local_request(request)});
}
Result<std::vector<device::LocalKeyLine>> TerminalClient::local_keys() {
  HEQI_TRY(const Reply reply, ask({.type = CommandType::local_list}));
  return device::parse_local_lines(reply.data);
}
Result<Step> TerminalClient::revoke_certificate(int reason) {
  return ask_step({.type = CommandType::revoke_certificate, .text = std::to_string(reason)});
}
Result<Step> TerminalClient::unbind() {
  return ask_step({.type = CommandType::unbind});
}

Result<device::ModuleStatus> TerminalClient::ask_status(CommandType type) {
  HEQI_TRY(const Reply reply, ask({.type = type}));
  return device::parse_module_status(reply.data);
}
Result<device::ModuleStatus> TerminalClient::status() {
  return ask_status(CommandType::status);
}
Result<device::ModuleStatus> TerminalClient::self_test() {
  return ask_status(CommandType::self_test);
}

}  // namespace heqi::terminal
