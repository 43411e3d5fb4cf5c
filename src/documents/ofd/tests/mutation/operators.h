// What may happen to a signed OFD, on the way or by an attacker's hand.
#pragma once
#include <heqi/testing/mutation.h>

#include <functional>

#include "../signed_samples.h"

namespace heqi::documents::ofd {

using testing::Claim;
using testing::Mutated;

// Operator makes one mutation of a sample; nullopt where it has nothing of the kind.
struct Operator {
  std::string name;
  std::function<std::optional<Mutated>(const Sample&, SealingDesk&, testing::SeededRandom&)> apply;
};

std::vector<Operator> part_operators();     // on the parts of the document and of the signatures
std::vector<Operator> package_operators();  // on the octets of the package, and what others add

}  // namespace heqi::documents::ofd
