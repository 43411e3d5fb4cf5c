// heqi/device/roles.h: who may ask the cryptographic module for what (T/ZSA 67.3 §10.1, table 1).
// There are two roles and no third, and no service belongs to both.
#pragma once
#include <cstddef>
#include <cstdint>

namespace heqi::device {

enum class Role : std::uint8_t { administrator = 1, user = 2 };

enum class ModuleService : std::uint8_t {
  initialise_server = 1,
  manage_server_keys = 2,  // list, back up, restore, disable, delete: never with a key in the clear
  initialise_device = 3,
  sign = 4,
  verify = 5,
  encrypt = 6,
  decrypt = 7,
};
inline constexpr std::size_t kModuleServices = 7;

constexpr bool permits(Role role, ModuleService service) {
  const bool of_the_server =
      service == ModuleService::initialise_server || service == ModuleService::manage_server_keys;
  return (role == Role::administrator) == of_the_server;
}

}  // namespace heqi::device
