// revocation.h: the status of every certificate of a chain below its anchor.
#pragma once
#include "path_rules.h"

namespace heqi::pki {

// judge_revocation settles options.revocation for chain (leaf first, anchor last) and writes down
// where each status comes from.
Judgement judge_revocation(const std::vector<const x509::Certificate*>& chain,
                           const PathOptions& options, const Algorithms& algorithms,
                           std::vector<RevocationEvidence>& evidence);

}  // namespace heqi::pki
