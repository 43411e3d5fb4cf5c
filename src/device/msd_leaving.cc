#include "local_store.h"
#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

Result<Step> Msd::unbind() {
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::registered, Stage::keyed, Stage::enrolled, Stage::stopped}));
  own.drop_exchange();
  own.transaction.reset();
  return own.send({Destination::key_centre,
                   MessageType::share_revoke,
                   {},
                   &Implementation::take_share_revoked});
}

// A share that is revoked or unknown is as good as one that was revoked now.
Result<Step> Msd::Implementation::take_share_revoked(MessageType sent, const Message& message) {
  if (message.type == MessageType::failure) {
    HEQI_TRY(const Failure failure, parse_failure(message.body));
    if (failure.code != Code::cosign_key_revoked && failure.code != Code::cosign_key_unknown)
      return handle(sent, message);
  } else if (message.type != MessageType::accepted) {
    return handle(sent, message);
  }
  HEQI_TRY(erase_local_keys(parts.files));
  begun_agreement.reset();
  State next;
  next.stage = Stage::initialised;
  next.sealed_channel_key = state.sealed_channel_key;
  state = std::move(next);
  HEQI_TRY(save());
  return finished("unbound");
}

}  // namespace heqi::device
