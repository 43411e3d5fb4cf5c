// heqi/crypto/self_test.h: known-answer tests at power-up (GB/T 37092 §7.10).
#pragma once
#include <string_view>

#include <heqi/base/result.h>

namespace heqi::crypto {

// run_self_tests computes known answers of every primitive and compares. Fails with
// device_self_test, naming the primitive; a module that sees this must give out nothing.
// corrupted names an answer ("SM3") that is to count as wrong: so a test sees that each comparison
// decides. It can make the tests fail, never pass.
base::Status run_self_tests(std::string_view corrupted = {});
// run_device_self_tests leaves SM9 out, which the device in the browser does not contain.
base::Status run_device_self_tests(std::string_view corrupted = {});

}  // namespace heqi::crypto
