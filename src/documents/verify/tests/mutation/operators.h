// What may happen to a signed file, on the way or by an attacker's hand.
#pragma once
#include <heqi/testing/mutation.h>

#include "seeds.h"

namespace heqi::documents::verify {

using testing::Claim;
using testing::Mutated;

// Operator makes one mutation; nullopt where the seed has nothing of the kind.
struct Operator {
  std::string name;
  std::function<std::optional<Mutated>(const Seed&, testing::SeededRandom&)> apply;
};

std::vector<Operator> octet_operators();      // in place, or making the file longer or shorter
std::vector<Operator> structure_operators();  // numbers, names and places that a reader goes by
std::vector<Operator> update_operators();     // what is appended

// claim_of compares a mutation in place with its seed: by which octets differ.
Claim claim_of(const Seed& seed, const Bytes& mutated);

}  // namespace heqi::documents::verify
