// agreeing_person.h: says the PIN only for what the terminal itself asked for.
#pragma once
#include <heqi/crypto/sm3.h>

#include "terminal.h"

namespace heqi::program {

// AgreeingPerson checks that the device shows the octets that it was given, before the PIN is said.
// Fails with device_display_differs. Both parts outlive it.
class AgreeingPerson final : public Person {
 public:
  AgreeingPerson(Person& person, base::ByteView given) : person_(person), given_(given) {}
  base::Result<base::SecretBytes> choose_pin() override { return person_.choose_pin(); }
  base::Result<std::optional<base::SecretBytes>> confirm(const device::Display& display) override {
    if (display.size != given_.size() || display.digest != crypto::sm3(given_))
      return base::fail(base::Code::device_display_differs,
                        "the device shows another message: " + display.title);
    return person_.confirm(display);
  }
  base::Result<base::SecretBytes> factor(device::Factor kind, WhichKey which) override {
    return person_.factor(kind, which);
  }
  void progress(std::string_view what) override { person_.progress(what); }

 private:
  Person& person_;
  base::ByteView given_;
};

}  // namespace heqi::program
