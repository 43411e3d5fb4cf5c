// hidden_secret.h: looks for secrets in the memory of processes, without having them.
#pragma once
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <heqi/testing/expect.h>

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
  // look_into looks through everything that a process can write to; of octets, none where this user
  // may not read there.
  struct Look {
    bool found = false;
    std::size_t octets = 0;
  };
  Look look_into(const std::string& process) const {
    Look out;
    const int memory = ::open(("/proc/" + process + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) return out;
    std::ifstream maps("/proc/" + process + "/maps");
    base::Bytes content(kBlock);
    for (std::string line; !out.found && std::getline(maps, line);) {
      unsigned long from = 0, to = 0;
      char rights[5] = {};
      if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) != 3) continue;
      if (rights[0] != 'r' || rights[1] != 'w' || to - from > (std::size_t{1} << 28)) continue;
      // Blocks overlap, so that nothing hides on their border.
      for (unsigned long at = from; !out.found && at < to; at += kBlock - kFormMax) {
        const std::size_t size = std::min<std::size_t>(kBlock, to - at);
        const ssize_t got = ::pread(memory, content.data(), size, static_cast<off_t>(at));
        if (got <= 0) break;
        out.octets += static_cast<std::size_t>(got);
        const auto here = std::span(content).first(static_cast<std::size_t>(got));
        out.found = !is_empty(here) && is_in(here);
        base::secure_wipe(content.data(), content.size());
      }
    }
    ::close(memory);
    return out;
  }
  bool is_in_this_process() const { return look_into("self").found; }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 20, kFormMax = 255;
  // is_empty tells what a stack is before it is used.
  static bool is_empty(std::span<const std::uint8_t> content) {
    return content[0] == 0 &&
           std::memcmp(content.data(), content.data() + 1, content.size() - 1) == 0;
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
