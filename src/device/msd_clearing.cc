// msd_clearing.cc: the service's order to erase a revoked certificate (GB/T 38646 §6.2.4 f–h).
#include <heqi/base/error_id.h>
#include <heqi/device/certificate_messages.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

// clear_certificate erases that certificate and its key and no other. The confirmation is in the
// same write, so it is sent until it arrives; an order for what is not there is confirmed too.
Result<Step> Msd::Implementation::clear_certificate(const Message& message) {
  HEQI_TRY(const CertificateClear order, parse_certificate_clear(message.body));
  const bool is_held =
      !state.certificate.empty() && crypto::sm3(state.certificate) == order.certificate_digest;
  if (is_held) {
    drop_exchange();
    in_step(Destination::service) = true;
    transaction.reset();
    state.key.reset();
    state.next_key.reset();
    state.successor.reset();
    state.certificate.clear();
    state.chain.clear();
    state.stage = Stage::stopped;
    state.stop_reason = base::error_id(Code::revoked);
  }
  state.waiting = WaitingMessage{MessageType::certificate_cleared,
                                 encode_certificate_clear(order),
                                 is_held ? "certificate_revoked" : "idle",
                                 {}};
  return send_waiting();
}

}  // namespace heqi::device
