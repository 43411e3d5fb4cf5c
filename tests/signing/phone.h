// phone.h: a person with a real device, and the terminal that carries its messages.
#pragma once
#include <heqi/device/msd.h>

#include "house.h"

namespace heqi::testing {

inline constexpr std::string_view kPin = "482913", kWrongPin = "000000";

class Phone {
 public:
  explicit Phone(House& house);

  // restart is an empty battery: what the files do not hold is gone.
  void restart();
  // follow carries messages until the device wants something else.
  base::Result<device::Step> follow(base::Result<device::Step> step);
  // enrol runs an enrolment to its end.
  base::Result<device::Step> enrol(std::string_view code);
  base::Result<device::Step> poll() { return follow(msd->poll()); }
  base::Result<device::Step> confirm(const device::Step& step, std::string_view pin = kPin);
  base::Result<device::Step> cancel(const device::Step& step);
  // sign polls, and confirms what is displayed.
  base::Result<device::Step> sign(std::string_view pin = kPin);
  // carry brings one message to where it belongs, and the answer back.
  base::Result<base::Bytes> carry(const device::Step& step);

  House& house;
  MemoryStore files, key_files;
  std::unique_ptr<device::Msd> msd;
  int carried = 0;
  // on_message is called before each message with its number, on_answer after it; false loses the
  // message, or its answer.
  std::function<bool(int)> on_message, on_answer;
};

base::SecretBytes pin_of(std::string_view digits);

}  // namespace heqi::testing
