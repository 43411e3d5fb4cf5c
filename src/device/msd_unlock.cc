#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

// poll_stopped asks the key centre whether a lock was released. Every other end is final, and so is
// the lock of a key that nobody has certified yet: both are left by enrolling anew.
Result<Step> Msd::Implementation::poll_stopped() {
  const Code reason = base::find_error(state.stop_reason).value_or(Code::device_state);
  if (reason != Code::cosign_pin_locked || !state.key || state.certificate.empty())
    return refused(reason);
  return send({Destination::key_centre, MessageType::unlock_ask,
               encode_key_challenge({state.key->name}), &Implementation::take_unlocked});
}

Result<Step> Msd::Implementation::take_unlocked(MessageType sent, const Message& message) {
  if (message.type == MessageType::joint_refused) {
    HEQI_TRY(const JointRefused reply, parse_joint_refused(message.body));
    return stop(reply.code);
  }
  if (message.type != MessageType::accepted) return handle(sent, message);
  state.stage = Stage::enrolled;
  state.stop_reason.clear();
  HEQI_TRY(save());
  return finished(std::string(kUnlocked));
}

}  // namespace heqi::device
