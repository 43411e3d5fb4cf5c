// msd_list.cc: several documents shown as one list and signed with one PIN (GB/T 38646 §6.1 g). One
// opening carries the digests of all, so the key centre charges one try, and gives its half of each
// signature or of none.
#include <heqi/base/error_id.h>
#include <heqi/cosign/codec.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/device/commands.h>
#include <heqi/device/list_messages.h>
#include <heqi/x509/sm2_encoding.h>

#include <algorithm>

#include "msd_implementation.h"

namespace heqi::device {

using base::Bytes;
using base::Code;
using base::Result;

namespace {

SignAnswer without_signature(std::string id, SignOutcome outcome, Code reason) {
  SignAnswer answer{std::move(id), outcome, {}, {}, {}};
  if (outcome == SignOutcome::refused) answer.reason = base::error_id(reason);
  return answer;
}

SignAnswer fallen(std::string id, Code reason) {
  return without_signature(
      std::move(id), reason == Code::expired ? SignOutcome::expired : SignOutcome::refused, reason);
}

bool holds(const DocumentList& list, std::string_view id) {
  return std::any_of(list.items.begin(), list.items.end(),
                     [&](const Transaction& one) { return one.display.transaction_id == id; }) ||
         std::any_of(list.fallen.begin(), list.fallen.end(),
                     [&](const SignAnswer& one) { return one.transaction_id == id; });
}

// code_of is why a document was not signed.
Code code_of(const SignAnswer& answer) {
  switch (answer.outcome) {
    case SignOutcome::cancelled:
      return Code::cancelled;
    case SignOutcome::pin_blocked:
      return Code::cosign_pin_locked;
    case SignOutcome::expired:
      return Code::expired;
    default:
      return base::find_error(answer.reason).value_or(Code::denied);
  }
}

}  // namespace

const ListSigning& list_signing() {
  static constexpr ListSigning kLists{&Msd::Implementation::take_sign_results};
  return kLists;
}

Result<Step> Msd::collect() {
  Implementation& own = *implementation_;
  const bool is_other = own.transaction && !own.transaction->is_awaited() &&
                        own.transaction->display.kind != Display::Kind::list;
  const bool takes_lists = own.options.lists != nullptr &&
                           own.options.certificate_care != nullptr &&
                           own.options.exchange == nullptr;
  if (!takes_lists || is_other || own.state.waiting || own.state.stage != Stage::enrolled)
    return poll();
  own.drop_exchange();
  own.transaction.reset();  // the service gives again what was not decided
  own.list = {new DocumentList(), [](DocumentList* old) { delete old; }};
  return own.ask_for_further();
}

Result<Step> Msd::Implementation::ask_for_further() {
  return send({Destination::service, MessageType::poll,
               encode_poll({Poll::Takes::lists, list->last}), &Implementation::take_listed});
}

Result<Step> Msd::Implementation::take_listed(MessageType sent, const Message& message) {
  if (message.type != MessageType::sign_request || state.stage != Stage::enrolled) {
    if (message.type == MessageType::idle) return show_list();
    list.reset();
    return take_question(sent, message);
  }
  HEQI_TRY(SignRequest request, parse_sign_request(message.body));
  // A service that repeats itself has said all that it has to say.
  if (holds(*list, request.transaction_id)) return show_list();
  auto checked = check_request(request);
  if (!checked) {
    list->fallen.push_back(fallen(request.transaction_id, checked.error().code));
  } else if (!list->items.empty() && list->size + checked->data.size() > kListDataMax) {
    return show_list();  // the rest waits for the next one
  } else {
    list->size += checked->data.size();
    list->items.push_back(*std::move(checked));
  }
  list->last = request.transaction_id;
  if (list->items.size() + list->fallen.size() == kListItemsMax) return show_list();
  return ask_for_further();
}

Result<Step> Msd::Implementation::show_list() {
  if (list->items.empty() && list->fallen.empty()) {
    HEQI_TRY(save());
    return Step{};
  }
  if (list->items.empty()) {
    WaitingMessage told;
    told.refusal = code_of(list->fallen.front());
    return tell_all(SignOutcome::refused, std::move(told));
  }
  if (list->items.size() == 1 && list->fallen.empty()) {
    transaction = std::move(list->items.front());
    list.reset();
    HEQI_TRY(save());
    return ask_confirmation();
  }
  std::vector<Display> displays;
  for (const Transaction& item : list->items) displays.push_back(item.display);
  Transaction next;
  next.data = encode_displays(displays);
  next.display.kind = Display::Kind::list;
  next.display.transaction_id = kListId;
  next.display.title = std::to_string(displays.size());
  next.display.size = next.data.size();
  next.display.digest = crypto::sm3(next.data);
  next.display.code = verification_code(kListId, next.display.digest);
  next.begin = &Implementation::begin_list;
  next.decline = &Implementation::decline_list;
  transaction = std::move(next);
  HEQI_TRY(save());
  return ask_confirmation();
}

Result<Step> Msd::leave_out(std::string_view transaction_id) {
  Implementation& own = *implementation_;
  if (!own.transaction || own.transaction->display.kind != Display::Kind::list)
    return base::fail(Code::not_found, "no list is displayed");
  std::vector<Transaction>& items = own.list->items;
  const auto found = std::find_if(items.begin(), items.end(), [&](const Transaction& one) {
    return one.display.transaction_id == transaction_id;
  });
  if (found == items.end())
    return base::fail(Code::not_found, "no such document is in the list that is displayed");
  own.drop_exchange();
  own.transaction.reset();
  items.erase(found);
  return own.show_list();
}

Result<Bytes> Msd::listed_data(std::string_view transaction_id) const {
  const Implementation& own = *implementation_;
  if (own.transaction && own.transaction->display.kind == Display::Kind::list)
    for (const Transaction& item : own.list->items)
      if (item.display.transaction_id == transaction_id) return item.data;
  return base::fail(Code::not_found, "no such document is in a list that is displayed");
}

// What has expired since the display falls out. The PIN was given for a list that is not to be had
// any more, so it is not used: the person looks again.
Result<Step> Msd::Implementation::begin_list(base::ByteView pin) {
  const base::Time now = parts.clock.now();
  const auto expired = [&](const Transaction& one) {
    return one.display.expires && now > *one.display.expires;
  };
  for (const Transaction& item : list->items)
    if (expired(item)) list->fallen.push_back(fallen(item.display.transaction_id, Code::expired));
  if (std::erase_if(list->items, expired) != 0) {
    transaction.reset();
    return show_list();
  }
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::decode(slot.public_key));
  std::vector<crypto::Digest> digests;
  for (Transaction& item : list->items) {
    HEQI_TRY(item.to_be_signed, encode_to_be_signed(item));
    digests.push_back(crypto::message_digest(p, item.to_be_signed));
  }
  HEQI_TRY(
      const Bytes opening,
      open_list(slot, recover_share(slot, pin, *wrap_keys, options.stretch_progress), p, digests));
  return send(
      {Destination::key_centre, MessageType::joint_open, opening, &Implementation::take_list_half});
}

// take_list_half keeps all signatures in one write, before any of them leaves: after a crash they
// are handed over, and none is made again.
Result<Step> Msd::Implementation::take_list_half(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) {
    HEQI_TRY(Step step, handle(sent, message));
    // A wrong PIN with tries left asks again; what ends the list is told of each document.
    if (transaction || step.kind != Step::Kind::refused || state.waiting) return step;
    WaitingMessage told;
    told.refusal = step.refusal;
    told.retry_at = step.retry_at;
    told.tries_left = step.tries_left;
    const bool is_pin =
        step.refusal == Code::cosign_pin_locked || step.refusal == Code::cosign_pin_delayed;
    return tell_all(is_pin ? SignOutcome::pin_blocked : SignOutcome::refused, std::move(told));
  }
  if (!joint_device || !nonces || !transaction)
    return base::fail(Code::device_state, "no signature is being made");
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code != Code::cosign_peer_cheated) return made.error();
    HEQI_TRY(stop(made.error().code));
    WaitingMessage told;
    told.refusal = made.error().code;
    return tell_all(SignOutcome::refused, std::move(told));
  }
  std::vector<SignAnswer> answers = std::move(list->fallen);
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    Transaction& item = list->items[i];
    if (item.display.kind == Display::Kind::seal) item.to_be_signed.clear();
    answers.push_back({item.display.transaction_id,
                       SignOutcome::signed_,
                       std::move(item.to_be_signed),
                       x509::encode_signature(made->signatures.at(i)),
                       {}});
  }
  state.waiting =
      WaitingMessage{MessageType::sign_answers, encode_sign_answers(answers), "signed", {}};
  transaction.reset();
  list.reset();
  return send({Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made)});
}

Result<Step> Msd::Implementation::decline_list() {
  WaitingMessage told;
  told.outcome = "cancelled";
  return tell_all(SignOutcome::cancelled, std::move(told));
}

Result<Step> Msd::Implementation::tell_all(SignOutcome outcome, WaitingMessage told) {
  std::vector<SignAnswer> answers = std::move(list->fallen);
  for (const Transaction& item : list->items)
    answers.push_back(without_signature(item.display.transaction_id, outcome,
                                        told.refusal.value_or(Code::cancelled)));
  transaction.reset();
  list.reset();
  told.type = MessageType::sign_answers;
  told.body = encode_sign_answers(answers);
  state.waiting = std::move(told);
  return send_waiting();
}

// take_sign_results tells what became of each document: what the service refused, because its
// application had cancelled it, say, was not signed for anybody.
Result<Step> Msd::Implementation::take_sign_results(MessageType sent, const Message& message) {
  if (message.type != MessageType::sign_results || !state.waiting) return handle(sent, message);
  HEQI_TRY(const std::vector<SignAnswer> answers, parse_sign_answers(state.waiting->body));
  HEQI_TRY(std::vector<SignResult> results, parse_sign_results(message.body));
  if (results.size() != answers.size())
    return base::fail(Code::malformed, "results of another list");
  std::size_t signed_count = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (results[i].transaction_id != answers[i].transaction_id)
      return base::fail(Code::malformed, "results of another list");
    if (answers[i].outcome != SignOutcome::signed_) results[i].failure = code_of(answers[i]);
    if (!results[i].failure) ++signed_count;
  }
  WaitingMessage told = std::move(*state.waiting);
  state.waiting.reset();
  HEQI_TRY(save());
  if (told.outcome == "signed" && signed_count == 0) told.refusal = results.front().failure;
  if (told.outcome == "signed" && signed_count < results.size()) told.outcome = kSignedInPart;
  Step step = ended(told);
  step.message = encode_sign_results(results);
  return step;
}

}  // namespace heqi::device
