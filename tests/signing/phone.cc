#include "phone.h"

#include <heqi/base/text.h>

namespace heqi::testing {

using device::Step;

base::SecretBytes pin_of(std::string_view digits) {
  return base::SecretBytes::copy_of(base::bytes_of(digits));
}

Phone::Phone(House& given) : house(given) {
  restart();
}

void Phone::restart() {
  msd.reset();
  msd = must(device::Msd::open({files, key_files, house.random, house.clock},
                               {.pin_rounds = 3,
                                .device_name = "test phone",
                                .certificate_care = &device::certificate_care(),
                                .lists = &device::list_signing()}));
}

base::Result<base::Bytes> Phone::carry(const Step& step) {
  switch (step.destination) {
    case device::Destination::registration:
      return house.services->enrolments.enrol(step.message);
    case device::Destination::service:
      return house.services->desk.handle(step.message);
    case device::Destination::key_centre:
      return house.services->api.key_centre(step.message);
  }
  return base::fail(base::Code::internal, "destination");
}

base::Result<Step> Phone::follow(base::Result<Step> step) {
  while (step && step->kind == Step::Kind::send) {
    if (on_message || on_answer) ++carried;
    if (on_message && !on_message(carried))
      return base::fail(base::Code::unavailable, "the message was lost");
    HEQI_TRY(const base::Bytes answer, carry(*step));
    if (on_answer && !on_answer(carried))
      return base::fail(base::Code::unavailable, "the answer was lost");
    step = msd->deliver(answer);
  }
  return step;
}

base::Result<Step> Phone::enrol(std::string_view code) {
  if (msd->information().stage == device::Stage::empty) {
    HEQI_TRY(msd->initialise());
  }
  HEQI_TRY(Step step, follow(msd->enrol(code)));
  if (step.kind == Step::Kind::choose_pin) {
    HEQI_TRY(step, follow(msd->choose_pin(pin_of(kPin))));
  }
  if (step.kind == Step::Kind::confirm) return confirm(step);
  return step;
}

base::Result<Step> Phone::confirm(const Step& step, std::string_view pin) {
  HEQI_CHECK(step.display.has_value());
  return follow(msd->confirm(step.display->transaction_id, step.display->digest, pin_of(pin)));
}

base::Result<Step> Phone::cancel(const Step& step) {
  HEQI_CHECK(step.display.has_value());
  return follow(msd->cancel(step.display->transaction_id));
}

base::Result<Step> Phone::sign(std::string_view pin) {
  HEQI_TRY(const Step step, poll());
  if (step.kind != Step::Kind::confirm) return step;
  return confirm(step, pin);
}

}  // namespace heqi::testing
