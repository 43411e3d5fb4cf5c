// heqi/device/commands.h: what a terminal asks of a device, and the answers, in DER: one frame each
// on the local socket, one call each in WebAssembly.
#pragma once
#include <optional>
#include <string>

#include <heqi/device/msd.h>

namespace heqi::device {

inline constexpr std::size_t kCommandSizeMax = std::size_t{81} << 20;  // docs/limits.md

enum class CommandType : std::uint8_t {
  information = 1,
  initialise = 2,
  enrol = 3,       // text: the code
  choose_pin = 4,  // pin
  poll = 5,
  deliver = 6,  // message
  confirm = 7,  // text: the transaction, digest, pin
  cancel = 8,   // text: the transaction
  data = 9,     // text: the transaction
  retire = 10,
  status = 11,     // → data: ModuleStatus (module.h); native devices only, as is self_test
  self_test = 12,  // → data: ModuleStatus
  change_pin = 13,
  refresh_shares = 14,
  unbind = 15,
  local_key = 16,           // text: the key's name, message: LocalRequest (local_keys.h)
  local_list = 17,          // → data: LocalKeyLine list
  revoke_certificate = 18,  // text: the reason's number
  collect = 19,             // native devices only, as is leave_out
  leave_out = 20,           // text: the transaction
};
inline constexpr CommandType kLastCommandType = CommandType::leave_out;

struct Command {
  CommandType type = CommandType::information;
  std::string text = {};
  base::SecretBytes pin = {};
  crypto::Digest digest = {};
  base::Bytes message = {};
};
// encode_command gives a secret: it may hold a PIN.
base::SecretBytes encode_command(const Command& command);
base::Result<Command> parse_command(base::ByteView der);

// Reply holds what the command gives, or the failure.
struct Reply {
  std::optional<Failure> failure = {};
  std::optional<Information> information = {};
  std::optional<Step> step = {};
  base::Bytes data = {};
};
base::Bytes encode_reply(const Reply& reply);
base::Result<Reply> parse_reply(base::ByteView der);

// Displays are a list of documents, as Msd::displayed_data gives it for kListId; 1 to
// kListItemsMax.
base::Bytes encode_displays(const std::vector<Display>& displays);
base::Result<std::vector<Display>> parse_displays(base::ByteView der);

// run_command does one command; failures are in the reply.
Reply run_command(Msd& msd, Command command);
base::Bytes run_command(Msd& msd, base::ByteView command_der);

}  // namespace heqi::device
