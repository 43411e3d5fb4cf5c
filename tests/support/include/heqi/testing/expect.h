// heqi/testing/expect.h: expectations on Result.
#pragma once
#include <gtest/gtest.h>

#include <heqi/base/result.h>
#include <heqi/base/text.h>

namespace heqi::testing {

template <class T>
::testing::AssertionResult is_ok(const base::Result<T>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << base::to_line(result.error());
}

template <class T>
::testing::AssertionResult is_error(const base::Result<T>& result, base::Code code) {
  if (result)
    return ::testing::AssertionFailure() << "succeeded, expected " << base::error_text(code).id;
  if (result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << base::to_line(result.error()) << ", expected " << base::error_text(code).id;
}

// must gives the value, and ends the program with the reason where there is none.
template <class T>
T must(base::Result<T> result) {
  EXPECT_TRUE(is_ok(result));
  HEQI_CHECK(result.has_value());
  return *std::move(result);
}

// hex turns a literal into bytes; white space is allowed.
base::Bytes hex(std::string_view text);

}  // namespace heqi::testing

#define EXPECT_OK(result) EXPECT_TRUE(::heqi::testing::is_ok(result))
#define ASSERT_OK(result) ASSERT_TRUE(::heqi::testing::is_ok(result))
#define EXPECT_ERROR(result, code) EXPECT_TRUE(::heqi::testing::is_error(result, code))
#define ASSERT_ERROR(result, code) ASSERT_TRUE(::heqi::testing::is_error(result, code))
