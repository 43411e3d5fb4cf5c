#include <heqi/device/module.h>

#include "local_store.h"

namespace heqi::device {

using base::Code;
using base::Result;
using base::Status;

namespace {

// A fault of the module itself, not of what it was given.
bool is_fault(Code code) {
  return code == Code::internal || code == Code::crypto_random_failed ||
         code == Code::device_self_test;
}

LifeEvent passed(LifeState at_rest) {
  switch (at_rest) {
    case LifeState::factory:
      return LifeEvent::passed_factory;
    case LifeState::initialising:
      return LifeEvent::passed_initialising;
    case LifeState::user:
      return LifeEvent::passed_user;
    default:
      return LifeEvent::passed_locked;
  }
}

Reply failed(const base::Error& error) {
  Reply reply;
  reply.failure = Failure{error.code, error.detail};
  return reply;
}

}  // namespace

std::unique_ptr<Module> Module::open(ModuleParts parts, MsdOptions options) {
  std::unique_ptr<Module> module(new Module(std::move(parts), std::move(options)));
  module->test();
  return module;
}

// test is called in the self-test state.
void Module::test() {
  failure_.clear();
  for (const SelfTest& one : parts_.tests) {
    if (const Status done = one.run(); !done)
      return fail(
          base::fail(Code::device_self_test, one.name + ": " + base::to_line(done.error())));
  }
  if (const Status opened = open_device(); !opened) return fail(opened.error());
  enter(passed(state_at_rest(msd_->information().stage)));
}

Status Module::open_device() {
  if (msd_) return {};
  options_.certificate_care = &certificate_care();
  options_.lists = &list_signing();
  HEQI_TRY(msd_, Msd::open(parts_.device, options_));
  return {};
}

bool Module::enter(LifeEvent event) {
  const std::optional<LifeState> to = next(state_, event);
  if (!to) {
    parts_.log.warning("device.event_refused",
                       {{"state", name_of(state_)}, {"event", name_of(event)}});
    return false;
  }
  state_ = *to;
  return true;
}

// fail forgets the device with all its secrets before anything can be asked again.
void Module::fail(const base::Error& error) {
  failure_ = base::to_line(error);
  msd_.reset();
  shown_.reset();
  base::wipe_stack();
  enter(LifeEvent::fault);
  parts_.log.error("device.error_state", {{"reason", failure_}});
}

// read_again goes on from what the disk has: memory is ahead of it by what could not be written.
void Module::read_again() {
  msd_.reset();
  shown_.reset();
  base::wipe_stack();
  if (const Status opened = open_device(); !opened) return fail(opened.error());
  rest();
}

base::Error Module::refuse(CommandType command) {
  parts_.log.warning("device.event_refused",
                     {{"state", name_of(state_)}, {"command", static_cast<std::int64_t>(command)}});
  if (!gives_output(state_)) return base::fail(Code::device_self_test, failure_);
  return base::fail(Code::device_state,
                    "the command is not allowed in state " + std::string(name_of(state_)));
}

ModuleStatus Module::status() const {
  return {.version = std::string(kModuleVersion),
          .state = state_,
          .approved_mode = gives_output(state_) && parts_.environment.empty(),
          .failure = failure_,
          .environment = parts_.environment,
          .factors = msd_ ? msd_->factors() : kPinAlone,
          .next_factors = options_.factors};
}

base::Bytes Module::run(base::ByteView command_der) {
  auto command = parse_command(command_der);
  if (!command) return encode_reply(failed(command.error()));
  auto reply = act(*std::move(command));
  return encode_reply(reply ? *reply : failed(reply.error()));
}

Result<Reply> Module::act(Command command) {
  if (!accepts(state_, command.type)) return refuse(command.type);
  if (command.type == CommandType::self_test && enter(LifeEvent::test)) test();
  if (command.type == CommandType::self_test || command.type == CommandType::status) {
    Reply reply;
    reply.data = encode_module_status(status());
    return reply;
  }
  return act_on_device(std::move(command));
}

Result<Reply> Module::act_on_device(Command command) {
  const CommandType type = command.type;
  const bool needs_pin = type == CommandType::choose_pin || type == CommandType::confirm;
  if (parts_.pin_input != nullptr && needs_pin) {
    HEQI_TRY(command.pin, take_pin(command));
  }
  prepare(type);
  if (state_ == LifeState::error) return base::fail(Code::device_self_test, failure_);
  Reply reply = run_native(std::move(command));
  if (reply.step && reply.step->display) shown_ = reply.step->display;
  if (reply.failure && is_fault(reply.failure->code)) {
    fail(base::fail(reply.failure->code, reply.failure->detail));
  } else if (reply.failure && reply.failure->code == Code::storage) {
    read_again();
  } else {
    settle(reply);
  }
  return reply;
}

// take_pin has the person enter the PIN on the module's own screen, for what the module displayed.
Result<base::SecretBytes> Module::take_pin(const Command& command) {
  if (!command.pin.empty())
    return base::fail(Code::denied, "the PIN is entered on the module's own screen");
  if (command.type == CommandType::choose_pin) return parts_.pin_input->choose();
  if (!shown_ || shown_->transaction_id != command.text || shown_->digest != command.digest)
    return base::fail(Code::device_display_differs);
  if (shown_->kind != Display::Kind::list) return parts_.pin_input->confirm(*shown_);
  HEQI_TRY(const base::Bytes list, msd_->displayed_data(shown_->transaction_id));
  HEQI_TRY(const std::vector<Display> items, parse_displays(list));
  return parts_.pin_input->confirm_list(*shown_, items);
}

Reply Module::run_native(Command command) {
  const auto of = [](Result<Step> step) {
    if (!step) return failed(step.error());
    Reply reply;
    reply.step = *std::move(step);
    return reply;
  };
  switch (command.type) {
    case CommandType::collect:
      return of(msd_->collect());
    case CommandType::leave_out:
      return of(msd_->leave_out(command.text));
    case CommandType::data: {
      auto listed = msd_->listed_data(command.text);
      if (!listed) return run_command(*msd_, std::move(command));
      Reply reply;
      reply.data = *std::move(listed);
      return reply;
    }
    case CommandType::change_pin:
      return of(msd_->change_pin());
    case CommandType::refresh_shares:
      return of(msd_->refresh_shares());
    case CommandType::unbind:
      return of(msd_->unbind());
    case CommandType::revoke_certificate:
      if (command.text.size() != 1 || command.text[0] < '0' || command.text[0] > '9')
        return failed(base::fail(Code::malformed, "the reason is one digit"));
      return of(msd_->revoke_certificate(command.text[0] - '0'));
    case CommandType::local_key: {
      auto request = parse_local_request(command.message);
      return request ? of(msd_->use_local_key(*std::move(request))) : failed(request.error());
    }
    case CommandType::retire: {
      const Status erased = erase_local_keys(parts_.device.files);
      return erased ? run_command(*msd_, std::move(command)) : failed(erased.error());
    }
    case CommandType::local_list: {
      const auto lines = msd_->local_keys();
      if (!lines) return failed(lines.error());
      Reply reply;
      reply.data = encode_local_lines(*lines);
      return reply;
    }
    default:
      return run_command(*msd_, std::move(command));
  }
}

// prepare enters the state in which a command runs.
void Module::prepare(CommandType command) {
  const bool at_rest =
      state_ != LifeState::parameter_input && state_ != LifeState::approved_service;
  if (command == CommandType::initialise && enter(LifeEvent::initialise)) {
    test();  // the first run begins with the tests (§7.1 b); it stands in factory until it is made
  } else if (command == CommandType::enrol && state_ == LifeState::locked) {
    enter(LifeEvent::rebind);
  } else if (command == CommandType::confirm) {
    first_run_ = msd_->information().stage == Stage::keyed;
    enter(LifeEvent::begin_service);
  } else if ((command == CommandType::poll || command == CommandType::collect) && !at_rest) {
    rest();
  }
}

void Module::settle(const Reply& reply) {
  const bool asks = reply.step && (reply.step->kind == Step::Kind::choose_pin ||
                                   reply.step->kind == Step::Kind::confirm);
  const bool sends = reply.step && reply.step->kind == Step::Kind::send;
  // A PIN that could not be taken, or another display than the one waiting: it still waits.
  const bool still_waits =
      reply.failure && !msd_->information().waiting_transaction.empty() &&
      (state_ == LifeState::parameter_input || state_ == LifeState::approved_service);
  if (asks || still_waits) {
    if (state_ != LifeState::parameter_input) enter(LifeEvent::ask_parameter);
    return;
  }
  if (state_ == LifeState::parameter_input && (reply.failure || !reply.step) &&
      state_at_rest(msd_->information().stage) != LifeState::locked)
    return;  // the data was looked at, or a PIN of a wrong form was refused
  if (sends && state_ != LifeState::parameter_input) return;
  rest();
}

// rest goes where the device stands when nothing is under way.
void Module::rest() {
  const LifeState at = state_at_rest(msd_->information().stage);
  const bool under_way =
      state_ == LifeState::approved_service || state_ == LifeState::parameter_input;
  if (at == state_) return;
  if (at == LifeState::locked) {
    enter(LifeEvent::lock);
  } else if (at == LifeState::initialising && state_ == LifeState::factory) {
    if (enter(LifeEvent::initialise)) enter(LifeEvent::passed_initialising);
  } else if (at == LifeState::initialising) {
    enter(under_way ? LifeEvent::return_initialising : LifeEvent::unbound);
  } else if (at == LifeState::user && state_ == LifeState::locked) {
    enter(LifeEvent::unlock);
  } else if (at == LifeState::user) {
    if (under_way && !first_run_) {
      enter(LifeEvent::return_user);
    } else {
      if (under_way) enter(LifeEvent::return_initialising);
      enter(LifeEvent::initialised);
    }
    first_run_ = false;
  }
}

}  // namespace heqi::device
