// pin_terminal.h: the module's own screen on a terminal that belongs to it: what is displayed comes
// from the module, and what is typed goes into it.
#pragma once
#include <memory>
#include <string>

#include <heqi/device/pin_input.h>

namespace heqi {

// open_pin_terminal opens the terminal at path, which must be the user's own and which nobody else
// may read. While it lives other programs of the user cannot open it. denied, unavailable.
base::Result<std::unique_ptr<device::PinInput>> open_pin_terminal(const std::string& path);

}  // namespace heqi
