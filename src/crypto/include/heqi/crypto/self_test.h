// heqi/crypto/self_test.h: known-answer tests at power-up (GB/T 37092 §7.10).
#pragma once
#include <heqi/base/result.h>

namespace heqi::crypto {

// run_self_tests computes one known answer of every primitive and compares. Fails with internal,
// naming the primitive; a module that sees this must give out nothing.
base::Status run_self_tests();
// run_device_self_tests leaves SM9 out, which the device in the browser does not contain.
base::Status run_device_self_tests();

}  // namespace heqi::crypto
