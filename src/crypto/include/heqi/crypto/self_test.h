// heqi/crypto/self_test.h: known-answer tests at power-up (GB/T 37092 §7.10) and what is built in.
#pragma once
#include <span>
#include <string_view>

#include <heqi/base/result.h>

namespace heqi::crypto {

// run_self_tests computes one known answer of every primitive and compares. Fails with internal,
// naming the primitive; a module that sees this must give out nothing.
base::Status run_self_tests();
// run_device_self_tests leaves SM9 out, which the device in the browser does not contain.
base::Status run_device_self_tests();

// Implementation says which code path serves a primitive on this machine.
struct Implementation {
  std::string_view primitive;  // "SM2", "SM3", …
  std::string_view path;       // "portable"
};
std::span<const Implementation> implementations();

// implementation_of is the path of one primitive, or "" where there is no such primitive.
std::string_view implementation_of(std::string_view primitive);

}  // namespace heqi::crypto
