// module.h: the device as one WebAssembly module, driven by octets. Commands and replies are those
// of heqi/device/commands.h, without the PIN: its digits come one by one and stay in here. One
// module is one device; calls come one after the other.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__wasm__)
#define HEQI_EXPORT(name) __attribute__((export_name(#name), used))
#else
#define HEQI_EXPORT(name)
#endif

extern "C" {

// allocate gives memory for what the host hands in; release wipes and frees it.
HEQI_EXPORT(allocate) std::uint8_t* heqi_allocate(std::size_t size);
HEQI_EXPORT(release) void heqi_release(std::uint8_t* data, std::size_t size);

// HeqiOpen is what open needs. keys: the points of service, key centre and its sealing key, 195
// octets; or none, and then any server is taken (tests).
struct HeqiOpen {
  const char* name;
  std::size_t name_size;
  const std::uint8_t* keys;
  std::size_t keys_size;
  std::uint32_t pin_rounds;
};
// open tests the algorithms once (GM/T 0028) and reads the device's files; again: anew from the
// files. The reply is Information, or why not. open in memory order is the struct above, 32 bits
// each.
HEQI_EXPORT(open) void heqi_open(const HeqiOpen* options);

// command runs one command. A command that holds a PIN is refused (unsupported); choose_pin and
// confirm take the first entry, and both entries are empty then. Until the next command other than
// deliver and information, or pin_clear, a confirm of the certificate request with an empty entry
// takes the PIN just chosen: the person has typed it twice, and the request follows at once.
HEQI_EXPORT(command) void heqi_command(const std::uint8_t* der, std::size_t size);

// The reply stays until the next open, command or forget_reply.
HEQI_EXPORT(reply) const std::uint8_t* heqi_reply();
HEQI_EXPORT(reply_size) std::size_t heqi_reply_size();
HEQI_EXPORT(forget_reply) void heqi_forget_reply();

// pin_digit adds a digit, 0 to 9, to entry 0 or 1; 0, or 1 where it is no digit or the entry is
// full. pin_erase takes the last one back. pins_equal tells, in constant time for entries of one
// length, whether both entries are the same: 1.
HEQI_EXPORT(pin_digit) std::int32_t heqi_pin_digit(std::uint32_t entry, std::uint32_t digit);
HEQI_EXPORT(pin_erase) void heqi_pin_erase(std::uint32_t entry);
HEQI_EXPORT(pin_clear) void heqi_pin_clear();
HEQI_EXPORT(pins_equal) std::int32_t heqi_pins_equal();

// SM3 of what is handed in part by part; finish writes 32 octets.
HEQI_EXPORT(digest_start) void heqi_digest_start();
HEQI_EXPORT(digest_update) void heqi_digest_update(const std::uint8_t* data, std::size_t size);
HEQI_EXPORT(digest_finish) void heqi_digest_finish(std::uint8_t* out);

}  // extern "C"
