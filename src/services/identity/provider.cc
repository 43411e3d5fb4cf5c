#include <heqi/services/identity/provider.h>

#include "checks.h"

namespace heqi::services::identity {

base::Result<Challenge> SandboxProvider::start(const Claim& claim) {
  if (claim.name.starts_with("拒绝") || claim.name.starts_with("Refused"))
    return base::fail(base::Code::identity_refused, "sandbox: this name is always refused");
  HEQI_TRY(const std::string reference, draw_id(random_));
  HEQI_TRY(const std::string words, draw_code_text(random_, 6));
  return Challenge{"sandbox:" + reference, "SANDBOX " + words};
}

base::Status SandboxProvider::check(const Challenge& challenge, base::ByteView evidence) {
  if (base::text_of(evidence) != challenge.text)
    return base::fail(base::Code::identity_refused, "sandbox: the words are not the challenge's");
  return {};
}

}  // namespace heqi::services::identity
