// wasm_msd.cc: the class Msd once more, for tests only: every call goes to the device in
// WebAssembly, so that the tests written for the native device attack that one.
#include <cstring>

#include <heqi/device/commands.h>

#include "module_process.h"

namespace heqi::device {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using base::Status;
using Question = ModuleProcess::Question;

namespace {

Bytes octets_of(double value) {
  Bytes out(sizeof value);
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}

base::Error error_of(const Failure& failure) {
  return base::fail(failure.code, failure.detail);
}

}  // namespace

struct Msd::Implementation {
  Implementation(MsdParts given, MsdOptions chosen) : parts(given), options(std::move(chosen)) {
    number = call(ModuleProcess::Call::make, {});
  }
  ~Implementation() { call(ModuleProcess::Call::drop, number); }

  Bytes call(ModuleProcess::Call what, ByteView payload) const {
    return ModuleProcess::only().call(
        what, payload, [&](Question question, ByteView asked) { return answer(question, asked); });
  }

  Bytes answer(Question question, ByteView asked) const {
    switch (question) {
      case Question::random: {
        Bytes out(read_u32(asked) + 1);
        out[0] = parts.random.fill(base::MutableByteView(out).subspan(1)) ? 0 : 1;
        return out;
      }
      case Question::now:
        return octets_of(static_cast<double>(base::micros(parts.clock.now())));
      case Question::steady:
        return octets_of(static_cast<double>(parts.clock.steady().count()));
      case Question::progress:
        if (options.stretch_progress) options.stretch_progress(asked[0]);
        return {};
      case Question::read:
      case Question::write:
      case Question::remove:
        return answer_file(question, asked);
    }
    HEQI_CHECK(false);
    return {};
  }

  // A question about a file: the store, the name's size, the name, the content.
  Bytes answer_file(Question question, ByteView asked) const {
    base::FileStore& store = asked[0] == 0 ? parts.files : parts.key_files;
    const std::string_view name = base::text_of(asked.subspan(2, asked[1]));
    if (question == Question::read) {
      const auto content = store.read(name, std::size_t{1} << 24);
      Bytes out = {static_cast<std::uint8_t>(content                                   ? 0
                                             : content.error().code == Code::not_found ? 1
                                                                                       : 2)};
      if (content) base::append(out, *content);
      return out;
    }
    const Status status = question == Question::write
                              ? store.write(name, asked.subspan(2 + std::size_t{asked[1]}))
                              : store.remove(name);
    return {static_cast<std::uint8_t>(status ? 0 : 1)};
  }

  Result<Reply> run(const Command& command) const {
    Bytes payload = number;
    base::append(payload, encode_command(command).expose());
    HEQI_TRY(Reply reply, parse_reply(call(ModuleProcess::Call::command, payload)));
    if (reply.failure) return error_of(*reply.failure);
    return reply;
  }
  Result<Step> step(const Command& command) const {
    HEQI_TRY(Reply reply, run(command));
    HEQI_CHECK(reply.step.has_value());
    return *std::move(reply.step);
  }

  // The person's pad knows digits only, and room for the longest PIN.
  Status type(ByteView pin) const {
    for (std::size_t i = 0; i < pin.size(); ++i) {
      Bytes payload = number;
      payload.push_back(0);
      payload.push_back(static_cast<std::uint8_t>(pin[i] - '0'));
      if (call(ModuleProcess::Call::digit, payload).at(0) == 0) continue;
      static_cast<void>(step(of_type(CommandType::choose_pin)));  // empties the entry
      return base::fail(Code::malformed, "no digit, or too many");
    }
    return {};
  }

  static Command of_type(CommandType type, std::string_view text = {}) {
    Command command;
    command.type = type;
    command.text = text;
    return command;
  }

  MsdParts parts;
  MsdOptions options;
  Bytes number;
};

Msd::Msd(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Msd::~Msd() = default;

Result<std::unique_ptr<Msd>> Msd::open(MsdParts parts, MsdOptions options) {
  auto made = std::make_unique<Implementation>(parts, std::move(options));
  Bytes payload = made->number;
  append_u32(payload, made->options.pin_rounds);
  const std::optional<ServerKeys>& keys = made->options.server_keys;
  payload.push_back(keys ? 1 : 0);
  if (keys)
    for (const auto& key : {keys->service, keys->key_centre, keys->key_centre_sealing})
      base::append(payload, key);
  base::append(payload, base::bytes_of(made->options.device_name));
  HEQI_TRY(const Reply reply, parse_reply(made->call(ModuleProcess::Call::open, payload)));
  if (reply.failure) return error_of(*reply.failure);
  return std::unique_ptr<Msd>(new Msd(std::move(made)));
}

Information Msd::information() const {
  auto reply = implementation_->run(Implementation::of_type(CommandType::information));
  HEQI_CHECK(reply && reply->information);
  return *std::move(reply->information);
}

Status Msd::initialise() {
  HEQI_TRY(implementation_->run(Implementation::of_type(CommandType::initialise)));
  return {};
}

Result<Step> Msd::enrol(std::string_view code) {
  return implementation_->step(Implementation::of_type(CommandType::enrol, code));
}

Result<Step> Msd::choose_pin(base::SecretBytes pin) {
  HEQI_TRY(implementation_->type(pin.expose()));
  return implementation_->step(Implementation::of_type(CommandType::choose_pin));
}

Result<Step> Msd::poll() {
  return implementation_->step(Implementation::of_type(CommandType::poll));
}

Result<Step> Msd::deliver(ByteView answer) {
  Command command = Implementation::of_type(CommandType::deliver);
  command.message = base::to_bytes(answer);
  return implementation_->step(command);
}

Result<Step> Msd::confirm(std::string_view transaction_id, const crypto::Digest& digest,
                          base::SecretBytes pin) {
  HEQI_TRY(implementation_->type(pin.expose()));
  Command command = Implementation::of_type(CommandType::confirm, transaction_id);
  command.digest = digest;
  return implementation_->step(command);
}

Result<Step> Msd::cancel(std::string_view transaction_id) {
  return implementation_->step(Implementation::of_type(CommandType::cancel, transaction_id));
}

Result<Bytes> Msd::displayed_data(std::string_view transaction_id) const {
  HEQI_TRY(Reply reply,
           implementation_->run(Implementation::of_type(CommandType::data, transaction_id)));
  return std::move(reply.data);
}

Status Msd::retire() {
  HEQI_TRY(implementation_->run(Implementation::of_type(CommandType::retire)));
  return {};
}

}  // namespace heqi::device
