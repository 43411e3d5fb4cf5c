// heqi/device/pin_input.h: the module's own screen, where a person enters the PIN (T/ZSA 67.3
// §6.2 f): what it takes goes into the module and to no application.
#pragma once
#include <vector>

#include <heqi/device/msd.h>

namespace heqi::device {

// What the status says of a module without such a screen.
inline constexpr std::string_view kApplicationTakesPin = "application_takes_pin";

// PinInput is implemented by the program that holds the module.
class PinInput {
 public:
  virtual ~PinInput() = default;
  // choose asks for a new PIN twice. Fails with cancelled, timeout, and malformed where the two
  // differ.
  virtual base::Result<base::SecretBytes> choose() = 0;
  // confirm shows what is about to be done and asks for the PIN. Fails with cancelled, timeout.
  virtual base::Result<base::SecretBytes> confirm(const Display& display) = 0;
  // confirm_list shows every document of a list and asks for the one PIN. Fails as confirm.
  virtual base::Result<base::SecretBytes> confirm_list(const Display& list,
                                                       const std::vector<Display>& items) = 0;
};

}  // namespace heqi::device
