// policy_graph.h: certificate policies down a chain (RFC 5280 §6.1), with mappings. The valid
// policy tree is kept as the graph of RFC 9618: one node for each policy of a level, so that its
// size is bounded by what the certificates list.
#pragma once
#include <vector>

#include "facts.h"

namespace heqi::pki {

// check_policies judges chain (leaf first, anchor last) with the facts of each certificate.
// accepted is the user-initial-policy-set; where it is empty any policy will do, and only what the
// certificates themselves require is checked. Fails with untrusted.
base::Status check_policies(const std::vector<const x509::Certificate*>& chain,
                            const std::vector<Facts>& facts,
                            const std::vector<asn1::Oid>& accepted);

}  // namespace heqi::pki
