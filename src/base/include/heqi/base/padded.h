// heqi/base/padded.h: numbers in decimal with leading zeros, without printf, whose floating point
// would come along into the device.
#pragma once
#include <string>

namespace heqi::base {

// padded gives value, not negative, with at least width digits.
inline std::string padded(int value, std::size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace heqi::base
