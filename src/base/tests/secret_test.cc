// Secrets are wiped before their memory is given back. This program's own operator delete[] looks.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <utility>

#include <heqi/base/secret.h>

namespace {

// The one block that is watched, and what was in it when it was given back.
const void* watched = nullptr;
std::size_t watched_size = 0;
int given_back = 0, not_zero = 0;

void look(const void* memory) {
  if (memory == nullptr || memory != watched) return;
  ++given_back;
  const auto* octets = static_cast<const std::uint8_t*>(memory);
  for (std::size_t i = 0; i < watched_size; ++i) not_zero += octets[i] != 0 ? 1 : 0;
  watched = nullptr;
}

}  // namespace

void* operator new[](std::size_t size) {
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void operator delete[](void* memory) noexcept {
  look(memory);
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  look(memory);
  std::free(memory);
}

namespace heqi::base {
namespace {

SecretBytes watched_secret() {
  SecretBytes secret = SecretBytes::copy_of(bytes_of("canary-canary"));
  watched = secret.expose().data();
  watched_size = secret.size();
  given_back = not_zero = 0;
  return secret;
}

void expect_wiped() {
  EXPECT_EQ(given_back, 1);
  EXPECT_EQ(not_zero, 0);
}

// shows-part: MSSP-7.2-d (heap memory of one secret)
TEST(SecretBytes, AreWiped) {
  { const SecretBytes secret = watched_secret(); }
  expect_wiped();
}

// shows-part: MSSP-7.2-d (heap memory of one secret)
TEST(SecretBytes, AreWipedWhereAnotherTakesTheirPlace) {
  SecretBytes secret = watched_secret();
  secret = SecretBytes(3);
  expect_wiped();
}

TEST(SecretBytes, MoveWithoutACopy) {
  SecretBytes secret = watched_secret();
  const SecretBytes moved = std::move(secret);
  EXPECT_EQ(given_back, 0);
  EXPECT_EQ(text_of(moved.expose()), "canary-canary");
}

}  // namespace
}  // namespace heqi::base
