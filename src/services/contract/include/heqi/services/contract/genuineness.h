// heqi/services/contract/genuineness.h: what a stranger who has a contract's number may know: that
// there is a complete contract of this number, since when, and the digest of its file. No name, no
// title, no text.
#pragma once
#include <map>
#include <mutex>

#include <heqi/services/contract/platform.h>

namespace heqi::services::contract {

// Limits; docs/limits.md. A number has 128 random bits: it is not found by trying.
inline constexpr int kNumberMissesMax = 20;  // of one asker in kNumberMissWindow
inline constexpr base::Duration kNumberMissWindow = std::chrono::minutes(10);
inline constexpr std::size_t kNumberAskersMax = 10'000;  // remembered at once

// printed_number is how a contract's number stands on its visible signatures: groups of four
// capitals. read_number takes it back as people type it: any case, spaces and hyphens anywhere, and
// 0, 1 and 8, which no number has, for O, I and B.
std::string printed_number(std::string_view contract);
std::string read_number(std::string_view typed);

// Genuine is what is told.
struct Genuine {
  std::string contract;
  base::Time completed_at;
  std::string sm3;  // of the complete file, lower-case hexadecimal
};

// Genuineness answers strangers. Thread-safe.
class Genuineness {
 public:
  Genuineness(Platform& platform, const base::Clock& clock) : platform_(platform), clock_(clock) {}

  // find takes a number as it was typed; asker is the address that asks. Fails with not_found for a
  // number that is none and for that of a contract that is not complete, which are not told apart;
  // with rate_limited after too many of these.
  base::Result<Genuine> find(std::string_view typed, const std::string& asker);

 private:
  struct Misses {
    base::Time since;
    int count = 0;
  };
  base::Status check_asker(const std::string& asker);
  void charge(const std::string& asker);

  Platform& platform_;
  const base::Clock& clock_;
  std::mutex mutex_;  // of misses_
  std::map<std::string, Misses> misses_;
};

}  // namespace heqi::services::contract
