// What a signature leaves on the stack: run on a stack of its own, which is searched afterwards.
#include <pthread.h>

#include <algorithm>
#include <cstring>

#include <heqi/crypto/sm2.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "../order.h"

namespace heqi::crypto {
namespace {

constexpr std::size_t kStackSize = 1024 * 1024;

// Stack is one thread's stack, filled with a pattern before.
class Stack {
 public:
  Stack() : memory_(kStackSize, 0xA5) {}

  void run(void* (*start)(void*), void* argument) {
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstack(&attributes, memory_.data(), memory_.size()), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, &attributes, start, argument), 0);
    ASSERT_EQ(pthread_join(thread, nullptr), 0);
    pthread_attr_destroy(&attributes);
  }

  std::size_t count(std::uint64_t word) const {
    std::size_t found = 0;
    for (std::size_t at = 0; at + 8 <= memory_.size(); ++at) {
      std::uint64_t here = 0;
      std::memcpy(&here, memory_.data() + at, sizeof here);
      found += here == word ? 1u : 0u;
    }
    return found;
  }

 private:
  std::vector<std::uint8_t> memory_;
};

struct Job {
  const PrivateKey* key;
  base::Bytes nonce;
  bool done = false;
};

void* sign_once(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  testing::ScriptedRandom random(job.nonce);
  job.done = sign(*job.key, base::bytes_of("message"), random).has_value();
  return nullptr;
}

void* forget_to_wipe(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  std::uint8_t deep[8192];  // its beginning is below what the end of a thread overwrites
  std::copy(job.nonce.begin(), job.nonce.end(), deep);
  __asm__ volatile("" : : "r"(deep) : "memory");
  job.done = true;
  return nullptr;
}

TEST(Stack, ASignatureLeavesNeitherNonceNorKey) {
  testing::SeededRandom random(51);
  const auto key = PrivateKey::generate(random);
  const Scalar k = *Scalar::draw(random);
  std::vector<std::uint64_t> needles;
  const auto add = [&needles](const internal::Words& words) {
    needles.insert(needles.end(), words.begin(), words.end());
  };
  for (const Scalar& secret : {k, key->d().expose(), key->inverse_1_plus_d().expose()}) {
    add(secret.words());
    add(internal::order_to_plain(secret.words()));
  }
  const ScalarBytes encoded = k.encode();
  for (std::size_t i = 0; i < 4; ++i) {  // as octets, too
    std::uint64_t word = 0;
    std::memcpy(&word, encoded.data() + 8 * i, sizeof word);
    needles.push_back(word);
  }

  Job job{&*key, base::to_bytes(encoded)};
  Stack stack;
  stack.run(sign_once, &job);
  EXPECT_TRUE(job.done);
  for (const std::uint64_t needle : needles) EXPECT_EQ(stack.count(needle), 0u) << needle;

  // The search finds what is there.
  Stack careless;
  careless.run(forget_to_wipe, &job);
  EXPECT_GT(careless.count(needles.back()), 0u);
}

}  // namespace
}  // namespace heqi::crypto
