#include <heqi/services/contract/genuineness.h>

namespace heqi::services::contract {

using base::Code;
using base::fail;

namespace {

constexpr std::size_t kTypedMax = 100, kGroup = 4;
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

char read_character(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  if (c == '0') return 'o';
  if (c == '1') return 'i';
  if (c == '8') return 'b';
  return c;
}

}  // namespace

std::string printed_number(std::string_view contract) {
  std::string out;
  for (std::size_t i = 0; i < contract.size(); ++i) {
    if (i > 0 && i % kGroup == 0) out.push_back(' ');
    const char c = contract[i];
    out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

std::string read_number(std::string_view typed) {
  std::string out;
  for (const char c : typed.substr(0, kTypedMax))
    if (c != ' ' && c != '-') out.push_back(read_character(c));
  return out;
}

base::Status Genuineness::check_asker(const std::string& asker) {
  const std::lock_guard lock(mutex_);
  const auto found = misses_.find(asker);
  if (found == misses_.end()) return {};
  if (clock_.now() - found->second.since >= kNumberMissWindow) {
    misses_.erase(found);
    return {};
  }
  if (found->second.count < kNumberMissesMax) return {};
  return fail(Code::rate_limited, "too many numbers that are none");
}

void Genuineness::charge(const std::string& asker) {
  const std::lock_guard lock(mutex_);
  const base::Time now = clock_.now();
  if (misses_.size() >= kNumberAskersMax)
    std::erase_if(misses_,
                  [&](const auto& one) { return now - one.second.since >= kNumberMissWindow; });
  if (misses_.size() >= kNumberAskersMax) misses_.clear();
  Misses& of_asker = misses_.try_emplace(asker, Misses{.since = now}).first->second;
  ++of_asker.count;
}

base::Result<Genuine> Genuineness::find(std::string_view typed, const std::string& asker) {
  HEQI_TRY(check_asker(asker));
  const std::string number = read_number(typed);
  const bool may_be_one =
      !number.empty() && number.find_first_not_of(kAlphabet) == std::string::npos;
  auto contract = may_be_one ? platform_.get(std::string(kEveryOwner), number)
                             : base::Result<Contract>(fail(Code::not_found, "no such contract"));
  if (!contract && contract.error().code != Code::not_found) return std::move(contract).error();
  if (!contract || contract->state != "complete" || !contract->ended_at) {
    charge(asker);
    return fail(Code::not_found, "no complete contract has this number");
  }
  // A file is kept under its SM3.
  const std::string& name = contract->current;
  return Genuine{contract->id, *contract->ended_at, name.substr(name.find('/') + 1)};
}

}  // namespace heqi::services::contract
