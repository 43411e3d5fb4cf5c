// What may happen to a signed file, on the way or by an attacker's hand.
#pragma once
#include <heqi/testing/seeded.h>

#include "seeds.h"

namespace heqi::documents::verify {

// Claim is what the mutator knows about the result.
enum class Claim : std::uint8_t {
  broken,   // signed octets, or what is shown, differ: the verdict must not be good
  open,     // nothing signed was touched: any verdict
  harmless  // what long-term validation and further parties add: the verdict must be good
};

struct Mutated {
  Bytes file;
  Claim claim = Claim::open;
};

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
