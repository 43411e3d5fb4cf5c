#include "operators.h"

#include <cctype>

namespace heqi::documents::verify {
namespace {

using testing::SeededRandom;

// digits_of is what the hole says: its hexadecimal digits in lower case, without the zeros that
// fill it up.
std::string digits_of(const Bytes& file, const Covered& hole) {
  std::string out;
  for (std::uint64_t i = hole.gap_begin; i < hole.gap_end; ++i) {
    const std::uint8_t one = file[i];
    if (std::isspace(one) == 0 && one != 0) out += static_cast<char>(std::tolower(one));
  }
  while (out.size() > 2 && out.back() == '>' && out[out.size() - 2] == '0')
    out.erase(out.size() - 2, 1);
  return out;
}

// shifted is the claim where octets from at on moved.
Claim shifted(const Seed& seed, std::uint64_t at) {
  return at < seed.signed_end() ? Claim::broken : Claim::open;
}

std::size_t place(const Seed& seed, SeededRandom& random) {
  return static_cast<std::size_t>(random.below(seed.file.size()));
}

std::size_t length(SeededRandom& random, std::size_t maximum) {
  return 1 + static_cast<std::size_t>(random.below(maximum));
}

// in_place is a mutation that keeps the size.
template <class Change>
std::optional<Mutated> in_place_of(const Seed& seed, Change change) {
  Mutated out{seed.file, Claim::open};
  change(out.file);
  if (out.file == seed.file) return std::nullopt;
  out.claim = claim_of(seed, out.file);
  return out;
}

std::vector<Operator> same_size_operators() {
  return {{"flip a bit",
           [](const Seed& seed, SeededRandom& random) {
             return in_place_of(seed, [&](Bytes& file) {
               const std::size_t at = place(seed, random);
               file[at] = static_cast<std::uint8_t>(file[at] ^ (1U << random.below(8)));
             });
           }},
          {"overwrite an octet",
           [](const Seed& seed, SeededRandom& random) {
             return in_place_of(seed, [&](Bytes& file) {
               file[place(seed, random)] = static_cast<std::uint8_t>(random.below(256));
             });
           }},
          {"swap neighbours",
           [](const Seed& seed, SeededRandom& random) {
             return in_place_of(seed, [&](Bytes& file) {
               const std::size_t at = static_cast<std::size_t>(random.below(file.size() - 1));
               std::swap(file[at], file[at + 1]);
             });
           }},
          {"blank a run",
           [](const Seed& seed, SeededRandom& random) {
             return in_place_of(seed, [&](Bytes& file) {
               const std::size_t size = length(random, 32);
               const std::size_t at = static_cast<std::size_t>(random.below(file.size() - size));
               std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(at), size, ' ');
             });
           }},
          {"copy a run over another place", [](const Seed& seed, SeededRandom& random) {
             return in_place_of(seed, [&](Bytes& file) {
               const std::size_t size = length(random, 200);
               const auto from = static_cast<std::size_t>(random.below(file.size() - size));
               const auto to = static_cast<std::size_t>(random.below(file.size() - size));
               std::copy_n(seed.file.begin() + static_cast<std::ptrdiff_t>(from), size,
                           file.begin() + static_cast<std::ptrdiff_t>(to));
             });
           }}};
}

std::vector<Operator> other_size_operators() {
  return {{"insert an octet",
           [](const Seed& seed, SeededRandom& random) {
             const std::size_t at = place(seed, random);
             Mutated out{seed.file, shifted(seed, at)};
             out.file.insert(out.file.begin() + static_cast<std::ptrdiff_t>(at),
                             static_cast<std::uint8_t>(random.below(256)));
             return std::optional(std::move(out));
           }},
          {"delete an octet",
           [](const Seed& seed, SeededRandom& random) {
             const std::size_t at = place(seed, random);
             Mutated out{seed.file, shifted(seed, at)};
             out.file.erase(out.file.begin() + static_cast<std::ptrdiff_t>(at));
             return std::optional(std::move(out));
           }},
          {"delete a run",
           [](const Seed& seed, SeededRandom& random) {
             const std::size_t size = length(random, 400);
             const auto at = static_cast<std::ptrdiff_t>(random.below(seed.file.size() - size));
             Mutated out{seed.file, shifted(seed, static_cast<std::uint64_t>(at))};
             out.file.erase(out.file.begin() + at,
                            out.file.begin() + at + static_cast<std::ptrdiff_t>(size));
             return std::optional(std::move(out));
           }},
          {"repeat a run", [](const Seed& seed, SeededRandom& random) {
             const std::size_t size = length(random, 400);
             const auto at = static_cast<std::ptrdiff_t>(random.below(seed.file.size() - size));
             const Bytes run(seed.file.begin() + at,
                             seed.file.begin() + at + static_cast<std::ptrdiff_t>(size));
             Mutated out{seed.file, shifted(seed, static_cast<std::uint64_t>(at) + size)};
             out.file.insert(out.file.begin() + at + static_cast<std::ptrdiff_t>(size), run.begin(),
                             run.end());
             return std::optional(std::move(out));
           }}};
}

std::vector<Operator> end_operators() {
  return {
      {"cut off anywhere",
       [](const Seed& seed, SeededRandom& random) {
         const std::size_t at = place(seed, random);
         Mutated out{Bytes(seed.file.begin(), seed.file.begin() + static_cast<std::ptrdiff_t>(at)),
                     Claim::open};
         // An earlier state of the file is what it was; every other cut breaks its end.
         for (const std::uint64_t size : seed.saved)
           if (at + 2 >= size && at <= size) return std::optional(std::move(out));
         out.claim = Claim::broken;
         return std::optional(std::move(out));
       }},
      {"back to an earlier save",
       [](const Seed& seed, SeededRandom& random) {
         const std::uint64_t size = seed.saved[random.below(seed.saved.size())];
         return std::optional(Mutated{
             Bytes(seed.file.begin(), seed.file.begin() + static_cast<std::ptrdiff_t>(size)),
             Claim::open});
       }},
      {"octets before the header",
       [](const Seed& seed, SeededRandom& random) {
         Mutated out{seed.file, Claim::broken};
         out.file.insert(out.file.begin(), length(random, 1200), '\n');
         return std::optional(std::move(out));
       }},
  };
}

}  // namespace

Claim claim_of(const Seed& seed, const Bytes& mutated) {
  HEQI_CHECK(mutated.size() == seed.file.size());
  bool in_hole = false;
  for (std::uint64_t i = 0; i < mutated.size(); ++i) {
    if (mutated[i] == seed.file[i]) continue;
    if (seed.is_signed(i)) return Claim::broken;
    in_hole = in_hole || seed.in_last_gap(i);
  }
  if (!in_hole) return Claim::open;
  const Covered* last = &seed.signatures[0];
  for (const Covered& one : seed.signatures)
    if (one.end > last->end) last = &one;
  return digits_of(mutated, *last) == digits_of(seed.file, *last) ? Claim::open : Claim::broken;
}

std::vector<Operator> octet_operators() {
  std::vector<Operator> out = same_size_operators();
  for (const auto& more : {other_size_operators(), end_operators()})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace heqi::documents::verify
