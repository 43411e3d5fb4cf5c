// administrator.h: the key centre's administrator at the command line of a World.
#pragma once
#include "world.h"

namespace heqi::faults {

class Administrator {
 public:
  explicit Administrator(World& world) : world_(world) {}

  // act runs `heqi-module --administer` with the words of act and gives what it printed. The first
  // one changes the first password. Fails with denied where the program did not end well.
  base::Result<std::string> act(const std::string& words);
  // device_of finds the device that a key is of; not_found.
  base::Result<std::string> device_of(const std::string& key_id);

 private:
  base::Status choose_password();
  base::Result<std::string> run(const std::string& words, const std::string& typed);
  World& world_;
  bool password_chosen_ = false;
};

}  // namespace heqi::faults
