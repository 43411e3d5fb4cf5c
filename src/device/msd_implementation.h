// msd_implementation.h: the inside of Msd. msd.cc holds the commands, msd_exchange.cc the channels,
// msd_enrolment.cc and msd_signing.cc what the answers do.
#pragma once
#include <heqi/cosign/blind.h>
#include <heqi/cosign/joint.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

#include "local_store.h"
#include "pin.h"
#include "state.h"

namespace heqi::device {

using PinHandler = base::Result<Step> (Msd::Implementation::*)(base::ByteView pin);

// SignatureExchange is how both halves sign where it is not `joint`; its parts stand in a file of
// their own, which the browser's module does not link.
struct SignatureExchange {
  PinHandler begin = nullptr;
};

// BlindSigning is what the device holds of a `blind` exchange until its last answer. Memory only.
struct BlindSigning {
  cosign::BlindDevice device;
  std::optional<cosign::BlindPending> pending;
  cosign::KeyName name;
  std::uint64_t counter = 0;
};

// Transaction is what is displayed and not decided. It lives in memory only: after a crash the
// service delivers it again.
struct Transaction {
  Display display;
  base::Bytes data;          // of a document, or what is signed with a seal
  base::Bytes to_be_signed;  // signed attributes or certificate request, once confirmed
  // Of what only native devices do (change_pin, refresh): their parts stand in files of their own,
  // which the browser's module does not link. Null for documents and certificate requests.
  PinHandler begin = nullptr;    // with the PIN, instead of a signature
  PinHandler new_pin = nullptr;  // with a new PIN
  base::Result<Step> (Msd::Implementation::*decline)() = nullptr;  // instead of forgetting it
  std::optional<CertificateQuestion> question = {};                // of a revocation or an update
  std::optional<UpdateActivation> activation = {};                 // of an update, once it is there

  // is_awaited: an application asked for it, and the service is told how it ends.
  bool is_awaited() const {
    return display.kind == Display::Kind::document || display.kind == Display::Kind::seal;
  }
};

// AnswerHandler takes the answer to a message of the type sent.
using AnswerHandler = base::Result<Step> (Msd::Implementation::*)(MessageType sent,
                                                                  const Message& message);

struct CertificateCare {
  base::Result<Step> (Msd::Implementation::*poll)() = nullptr;
  AnswerHandler on_update_request = nullptr;
};

struct ListSigning {
  AnswerHandler on_results = nullptr;
};

// DocumentList is what is collected, and then displayed and not decided. Its parts stand in a file
// of their own (msd_list.cc), which the browser's module does not link. Memory only.
struct DocumentList {
  std::vector<Transaction> items;
  std::vector<SignAnswer> fallen;  // what the person cannot sign, for the service to know
  std::string last;                // the transaction that came last
  std::size_t size = 0;            // octets of all data
};

// Outgoing is a message before it is sealed.
struct Outgoing {
  Destination to = Destination::service;
  MessageType type = MessageType::failure;
  base::Bytes body;
  AnswerHandler handler = nullptr;  // instead of handle
};

// Expectation is the one answer that the device waits for.
struct Expectation {
  Destination from = Destination::service;
  MessageType sent = MessageType::failure;  // failure: the registration, outside the channels
  std::optional<AnswerKey> answer_key;
  std::optional<Challenge> challenge;
  AnswerHandler handler = nullptr;
};

// NewPin is what a change of the PIN holds in memory while the new one is chosen.
struct NewPin {
  crypto::SecretScalar d1;
  base::Bytes confirmation;  // for the key centre, once the new PIN protects d1
};
// NewShare is what a refresh holds in memory until the key centre's factor is there.
struct NewShare {
  crypto::SecretScalar d1;
  KeySlot slot;        // of the next epoch, without its share
  crypto::Sm4Key key;  // the PIN's, for that slot
};

// KeyUpdate is what an update holds in memory from the PIN to the last half.
struct KeyUpdate {
  crypto::SecretScalar d1;  // of the present key
  KeySlot slot;             // of the next one
  crypto::Sm4Key key;       // the PIN's, for that slot
  std::optional<crypto::SecretScalar> next_d1;
};

struct Msd::Implementation {
  Implementation(MsdParts given, MsdOptions chosen) : parts(given), options(std::move(chosen)) {}

  MsdParts parts;
  MsdOptions options;
  State state;
  std::optional<WrapKeys> wrap_keys;
  std::unique_ptr<x509::SoftwareSm2Signer> channel_signer;

  // In memory only.
  std::optional<Expectation> expected;
  std::optional<Outgoing> queued;  // leaves after a resynchronisation
  bool service_in_step = false, key_centre_in_step = false;
  std::optional<EnrolmentKey> enrolment_key;
  base::Bytes register_der;
  std::optional<cosign::KeyName> challenge;
  std::optional<cosign::DeviceKeyAgreement> agreement;
  std::optional<Transaction> transaction;
  std::optional<cosign::Device> joint_device;
  std::optional<cosign::Nonces> nonces;
  std::optional<BlindSigning> blind;
  std::optional<NewPin> new_pin;  // of a change, between the old PIN's proof and the new one
  std::optional<LocalRequest> local_request;
  std::optional<BegunAgreement> begun_agreement;  // of a local key
  std::optional<KeyUpdate> key_update;
  std::optional<NewShare> new_share;  // of a refresh, between the PIN and the key centre's factor
  std::unique_ptr<DocumentList, void (*)(DocumentList*)> list{nullptr, nullptr};
  base::Bytes seal_value;  // until the key centre has noted the use of the seal

  // msd.cc
  base::Status load();
  base::Status save();
  base::Status require(std::initializer_list<Stage> stages) const;
  void drop_exchange();  // forgets the exchange at hand and all secrets of it
  Step finished(std::string outcome);
  Step refused(base::Code code);
  Step ended(const WaitingMessage& told);  // finished or refused, as it says
  Step ask_confirmation() const;

  // msd_exchange.cc
  // encode_record is what nobody asks to have signed: both halves make a signature on the act,
  // which proves the PIN to the key centre and stays there as the record of it.
  static base::Bytes encode_record(std::string_view act, const KeySlot& slot);
  base::Result<Channel> channel(Destination destination);
  ChannelPosition& position(Destination destination);
  bool& in_step(Destination destination);
  // send seals, stores the counters, and gives the step; it resynchronises first where needed.
  base::Result<Step> send(Outgoing outgoing);
  base::Result<Step> send_waiting();
  base::Result<Step> deliver(base::ByteView answer);
  base::Result<Step> deliver_in_channel(Expectation expectation, base::ByteView answer);
  base::Result<Step> handle(MessageType sent, const Message& message);
  base::Result<Step> take_wipe_order();
  base::Result<Step> handle_failure(MessageType sent, const Failure& failure);

  // msd_enrolment.cc
  base::Result<Step> deliver_registered(base::ByteView answer);
  base::Result<Step> take_challenge(const Message& message);
  base::Result<Step> make_key(base::ByteView pin);
  base::Result<Step> take_key(const Message& message);
  base::Result<Step> show_certificate_request();
  base::Result<base::Bytes> encode_request_body() const;
  base::Result<Step> install_certificate(const Message& message);
  // check_own_certificate: issued for this key and this person, by an anchor.
  base::Status check_own_certificate(const CertificateInstall& install,
                                     base::ByteView public_key) const;

  // msd_signing.cc
  base::Result<Step> show_request(const Message& message);
  base::Result<Transaction> check_request(const SignRequest& request) const;
  // show_seal: the data is what is signed, so the display says what the device read in it.
  base::Status show_seal(Display& display, base::ByteView data) const;
  base::Result<Step> confirm(base::ByteView pin);
  base::Result<base::Bytes> encode_to_be_signed(const Transaction& of) const;
  base::Result<Step> complete(const Message& message);
  base::Result<Step> refused_by_key_centre(const Message& message);
  base::Result<Step> delay(const JointRefused& reply);
  base::Result<Step> conclude(SignOutcome outcome, base::Code refusal);
  base::Result<Step> conclude(SignOutcome outcome, WaitingMessage told);
  base::Result<Step> stop(base::Code reason);
  // open_key begins an exchange for what is to be signed, with the d1 of slot.
  base::Result<base::Bytes> open_key(KeySlot& slot, crypto::SecretScalar d1,
                                     base::ByteView to_be_signed);
  base::Result<base::Bytes> open_list(KeySlot& slot, crypto::SecretScalar d1,
                                      const crypto::PublicKey& p,
                                      const std::vector<crypto::Digest>& digests);
  // close_key completes the exchange at hand. cosign_peer_cheated: stop.
  base::Result<cosign::Confirm> close_key(base::ByteView joint_answer);

  // keep_signature holds the finished signature for the service and ends the transaction.
  void keep_signature(const crypto::Signature& signature);

  // msd_list.cc
  base::Result<Step> ask_for_further();
  base::Result<Step> take_listed(MessageType sent, const Message& message);
  base::Result<Step> show_list();
  base::Result<Step> begin_list(base::ByteView pin);
  base::Result<Step> take_list_half(MessageType sent, const Message& message);
  base::Result<Step> decline_list();
  // tell_all ends the list at hand without signatures, and tells the service of each document.
  base::Result<Step> tell_all(SignOutcome outcome, WaitingMessage told);
  base::Result<Step> take_sign_results(MessageType sent, const Message& message);

  // msd_blind.cc
  base::Result<Step> begin_blind(base::ByteView pin);
  base::Result<Step> take_blind_commitment(MessageType sent, const Message& message);
  base::Result<Step> take_blind_answer(MessageType sent, const Message& message);
  base::Result<Step> take_blind_closed(MessageType sent, const Message& message);
  base::Result<Step> take_no_half(MessageType sent, const Message& message);

  // msd_pin_change.cc
  base::Result<Step> begin_pin_change(base::ByteView pin);
  base::Result<Step> take_old_pin_proof(MessageType sent, const Message& message);
  base::Result<Step> take_new_pin(base::ByteView pin);
  base::Result<Step> take_pin_recorded(MessageType sent, const Message& message);

  // msd_refresh.cc
  base::Result<Step> begin_refresh(base::ByteView pin);
  base::Result<Step> take_factor(MessageType sent, const Message& message);
  base::Result<Step> prove_next_share(base::ByteView pin);
  base::Result<Step> open_next_share(crypto::SecretScalar share);
  base::Result<Step> take_refreshed_half(MessageType sent, const Message& message);
  base::Result<Step> take_refresh_recorded(MessageType sent, const Message& message);

  // msd_local.cc
  base::Result<Step> begin_local(base::ByteView pin);
  base::Result<Step> take_secret(MessageType sent, const Message& message);

  // msd_seal.cc
  base::Result<Step> begin_seal(base::ByteView pin);
  base::Result<Step> take_seal_half(MessageType sent, const Message& message);
  base::Result<Step> take_seal_recorded(MessageType sent, const Message& message);

  // msd_unlock.cc
  base::Result<Step> poll_stopped();
  base::Result<Step> take_unlocked(MessageType sent, const Message& message);

  // msd_clearing.cc
  base::Result<Step> clear_certificate(const Message& message);

  // msd_revocation.cc
  base::Result<Step> show_revocation(const CertificateQuestion& question);
  base::Result<Step> begin_revocation(base::ByteView pin);
  base::Result<Step> take_revocation_half(MessageType sent, const Message& message);
  base::Result<Step> poll_with_questions();
  base::Result<Step> take_question(MessageType sent, const Message& message);
  base::Result<Step> decline();

  // msd_update.cc
  base::Result<Step> show_update(const CertificateQuestion& question,
                                 std::optional<UpdateActivation> activation);
  base::Result<Step> begin_update(base::ByteView pin);
  base::Result<Step> close_update_half(const Message& message, crypto::Signature& signature,
                                       AnswerHandler then);
  base::Result<Step> leave_update(MessageType sent, const Message& message);
  base::Result<Step> take_update_pin(MessageType sent, const Message& message);
  base::Result<Step> take_update_allowed(MessageType sent, const Message& message);
  base::Result<Step> take_activation(MessageType sent, const Message& message);
  base::Result<Step> take_next_challenge(MessageType sent, const Message& message);
  base::Result<Step> take_next_key(MessageType sent, const Message& message);
  base::Result<Step> take_next_half(MessageType sent, const Message& message);
  base::Result<Step> take_next_recorded(MessageType sent, const Message& message);
  base::Result<Step> take_old_half(MessageType sent, const Message& message);
  base::Result<Step> take_new_certificate(MessageType sent, const Message& message);

  // msd_leaving.cc
  base::Result<Step> take_share_revoked(MessageType sent, const Message& message);
};

// check_issued checks that one of the anchors issued certificate, and that both are valid at time.
base::Status check_issued(const x509::Certificate& certificate,
                          const std::vector<base::Bytes>& anchors, base::Time time);

}  // namespace heqi::device
