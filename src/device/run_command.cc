// Apart from the codec (commands.cc), so that a program that asks a device holds nothing of one.
#include <heqi/device/commands.h>

namespace heqi::device {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

Reply failed(const base::Error& error) {
  Reply reply;
  reply.failure = Failure{error.code, error.detail};
  return reply;
}

Reply reply_of(base::Result<Step> step) {
  if (!step) return failed(step.error());
  Reply reply;
  reply.step = *std::move(step);
  return reply;
}

Reply reply_of(Msd& msd, const base::Status& status) {
  if (!status) return failed(status.error());
  Reply reply;
  reply.information = msd.information();
  return reply;
}

}  // namespace

Reply run_command(Msd& msd, Command command) {
  switch (command.type) {
    case CommandType::information:
      return reply_of(msd, {});
    case CommandType::initialise:
      return reply_of(msd, msd.initialise());
    case CommandType::enrol:
      return reply_of(msd.enrol(command.text));
    case CommandType::choose_pin:
      return reply_of(msd.choose_pin(std::move(command.pin)));
    case CommandType::poll:
      return reply_of(msd.poll());
    case CommandType::deliver:
      return reply_of(msd.deliver(command.message));
    case CommandType::confirm:
      return reply_of(msd.confirm(command.text, command.digest, std::move(command.pin)));
    case CommandType::cancel:
      return reply_of(msd.cancel(command.text));
    case CommandType::retire:
      return reply_of(msd, msd.retire());
    case CommandType::data: {
      auto data = msd.displayed_data(command.text);
      if (!data) return failed(data.error());
      Reply reply;
      reply.data = *std::move(data);
      return reply;
    }
    default:  // module.h
      break;
  }
  return failed(base::fail(Code::unsupported, "an unknown command"));
}

Bytes run_command(Msd& msd, ByteView command_der) {
  auto command = parse_command(command_der);
  if (!command) return encode_reply(failed(command.error()));
  return encode_reply(run_command(msd, *std::move(command)));
}

}  // namespace heqi::device
