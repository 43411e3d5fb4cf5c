// sign_answers.cc: what a device says to the signing transactions that it was given.
#include <heqi/device/list_messages.h>
#include <heqi/services/mss/device_desk.h>

namespace heqi::services::mss {

namespace {

// is_passing tells whether the same answer may be taken a little later.
bool is_passing(base::Code code) {
  return code == base::Code::unavailable || code == base::Code::timeout ||
         code == base::Code::storage || code == base::Code::internal;
}

}  // namespace

base::Status DeviceDesk::take_sign_answer(const Device& device, const device::SignAnswer& answer) {
  const std::string& id = answer.transaction_id;
  switch (answer.outcome) {
    case device::SignOutcome::signed_:
      return transactions_.complete(device.id, id, answer.signed_attributes, answer.signature);
    case device::SignOutcome::cancelled:
      return transactions_.refuse(device.id, id, base::Code::cancelled);
    case device::SignOutcome::pin_blocked:
      return transactions_.refuse(device.id, id, base::Code::cosign_pin_locked);
    case device::SignOutcome::expired:
      return transactions_.refuse(device.id, id, base::Code::expired);
    case device::SignOutcome::refused:
      return transactions_.refuse(device.id, id,
                                  base::find_error(answer.reason).value_or(base::Code::denied));
  }
  return base::fail(base::Code::malformed, "outcome");
}

// Each answer ends its own transaction or is refused by it. Where one could not be looked at, the
// device sends all again, and those that were taken are answered as they were.
base::Result<base::Bytes> DeviceDesk::take_sign_answers(const Device& device, base::ByteView body) {
  HEQI_TRY(const std::vector<device::SignAnswer> answers, device::parse_sign_answers(body));
  std::vector<device::SignResult> results;
  for (const device::SignAnswer& answer : answers) {
    const base::Status taken = take_sign_answer(device, answer);
    if (!taken && is_passing(taken.error().code)) return taken.error();
    results.push_back({answer.transaction_id,
                       taken ? std::nullopt : std::optional<base::Code>(taken.error().code)});
    if (!taken)
      log_.warning("mss.answer_refused", {{"transaction", answer.transaction_id},
                                          {"code", base::error_text(taken.error().code).id}});
  }
  return device::encode_sign_results(results);
}

}  // namespace heqi::services::mss
