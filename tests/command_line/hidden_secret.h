// hidden_secret.h: looks for secrets in the memory of processes, without having them.
#pragma once
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <heqi/testing/expect.h>
#include <heqi/testing/process_memory.h>

#include "key_in_file.h"

namespace heqi::program {

// Hidden is a secret in the forms in which a process could hold it, of which this one knows the
// complements only.
class Hidden {
 public:
  explicit Hidden(std::vector<base::Bytes> complements) : complements_(std::move(complements)) {}
  // is_in turns content into its complement.
  bool is_in(std::span<std::uint8_t> content) const {
    for (std::uint8_t& octet : content) octet = static_cast<std::uint8_t>(~octet);
    return std::any_of(complements_.begin(), complements_.end(), [&](const base::Bytes& one) {
      return ::memmem(content.data(), content.size(), one.data(), one.size()) != nullptr;
    });
  }
  // look_into looks through everything that a process can write to. is_closed where this user may
  // not read there; a process that is not there is a failure of the test.
  struct Look {
    bool found = false, is_closed = false;
    std::size_t octets = 0;
  };
  Look look_into(const std::string& process) const {
    Look out;
    const auto octets = testing::read_memory(
        process, {.overlap = kFormMax,
                  .wants =
                      [](const testing::Mapping& one) {
                        return one.is_writable && one.end - one.begin <= kMappingMax;
                      },
                  .read =
                      [&](const testing::Mapping&, std::span<std::uint8_t> content) {
                        out.found = !is_empty(content) && is_in(content);
                        return !out.found;
                      }});
    out.is_closed = !octets && octets.error().code == base::Code::denied;
    EXPECT_TRUE(octets || out.is_closed) << base::to_line(octets.error());
    out.octets = octets ? *octets : 0;
    return out;
  }
  bool is_in_this_process() const { return look_into("self").found; }

 private:
  static constexpr std::size_t kMappingMax = std::size_t{1} << 28, kFormMax = 255;
  // is_empty tells what a stack is before it is used.
  static bool is_empty(std::span<const std::uint8_t> content) {
    return content[0] == 0 && std::equal(content.begin() + 1, content.end(), content.begin());
  }
  std::vector<base::Bytes> complements_;
};

// forms_of are d as it is written and the other way round, and as this program computes with it:
// d and 1/(1 + d) in words.
inline std::vector<base::Bytes> forms_of(const crypto::PrivateKey& key) {
  const auto octets = key.encode();
  const base::Bytes plain = base::to_bytes(octets.expose());
  std::vector<base::Bytes> out{plain, base::Bytes(plain.rbegin(), plain.rend())};
  for (const crypto::SecretScalar* one : {&key.d(), &key.inverse_1_plus_d()}) {
    const auto* words = reinterpret_cast<const std::uint8_t*>(one->expose().words().data());
    out.emplace_back(words, words + crypto::kScalarSize);
  }
  return out;
}

// hide has read give the forms of a secret in a process that ends with it; only the complements
// come back.
inline Hidden hide(const std::function<std::vector<base::Bytes>()>& read) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    for (base::Bytes form : read()) {
      for (std::uint8_t& octet : form) octet = static_cast<std::uint8_t>(~octet);
      const auto size = static_cast<std::uint8_t>(form.size());
      if (::write(ends[1], &size, 1) != 1 ||
          ::write(ends[1], form.data(), form.size()) != static_cast<ssize_t>(form.size()))
        ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  std::vector<base::Bytes> complements;
  for (std::uint8_t size = 0; ::read(ends[0], &size, 1) == 1;) {
    complements.emplace_back(size);
    EXPECT_EQ(::read(ends[0], complements.back().data(), size), size);
  }
  ::close(ends[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(complements.empty());
  return Hidden(std::move(complements));
}

// hide_key_file is the SM2 key of a file.
inline Hidden hide_key_file(const std::string& path) {
  return hide([&] {
    const auto key = key_in_file(path);
    return key ? forms_of(*key) : std::vector<base::Bytes>();
  });
}

// children_of are the processes that a process has started.
inline std::vector<pid_t> children_of(const std::string& process) {
  std::vector<pid_t> out;
  std::ifstream children("/proc/" + process + "/task/" +
                         (process == "self" ? std::to_string(::getpid()) : process) + "/children");
  for (pid_t one = 0; children >> one;) out.push_back(one);
  return out;
}

}  // namespace heqi::program
