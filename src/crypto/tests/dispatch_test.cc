#include <heqi/crypto/dispatch.h>

#include <heqi/crypto/self_test.h>
#include <heqi/testing/expect.h>

#include <algorithm>
#include <set>

namespace heqi::crypto {
namespace {

using base::Code;

TEST(Dispatch, EachPrimitiveStandsOnceAndRunsOnAPathThatItHas) {
  std::set<std::string_view> names;
  for (const PrimitivePath& primitive : primitive_paths()) {
    EXPECT_TRUE(names.insert(primitive.primitive).second) << primitive.primitive;
    ASSERT_FALSE(primitive.runnable.empty());
    EXPECT_EQ(std::count(primitive.runnable.begin(), primitive.runnable.end(), primitive.chosen), 1)
        << primitive.primitive;
  }
  for (const auto name : {"sm2", "sm3", "sm4", "zuc"}) EXPECT_EQ(names.count(name), 1u) << name;
}

TEST(Dispatch, TheKnownAnswersComeOutOnEachPath) {
  for (const PrimitivePath& primitive : primitive_paths()) {
    for (const auto path : primitive.runnable) {
      ASSERT_OK(choose_path(primitive.primitive, path));
      EXPECT_OK(run_self_tests()) << primitive.primitive << " " << path;
    }
    ASSERT_OK(choose_path(primitive.primitive, primitive.runnable.front()));
  }
}

TEST(Dispatch, WhatIsNotThereIsRefusedAndChangesNothing) {
  for (const PrimitivePath& primitive : primitive_paths()) {
    EXPECT_ERROR(choose_path(primitive.primitive, "abacus"), Code::not_found);
    for (const PrimitivePath& after : primitive_paths())
      if (after.primitive == primitive.primitive) {
        EXPECT_EQ(after.chosen, primitive.chosen);
      }
  }
  EXPECT_ERROR(choose_path("rot13", "portable"), Code::not_found);
  EXPECT_ERROR(choose_path("", ""), Code::not_found);
}

}  // namespace
}  // namespace heqi::crypto
