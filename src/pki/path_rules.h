// path_rules.h: RFC 5280 §6.1 over one chain whose signatures hold.
#pragma once
#include <heqi/pki/path.h>

namespace heqi::pki {

struct Judgement {
  PathStatus status = PathStatus::trusted;
  std::string reason;
};

// judge_chain looks at everything but signatures and revocation. chain is leaf first, anchor last.
Judgement judge_chain(const std::vector<const x509::Certificate*>& chain,
                      const PathOptions& options);

}  // namespace heqi::pki
