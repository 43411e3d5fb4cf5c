// msd_implementation.h: the inside of Msd. msd.cc holds the commands, msd_exchange.cc the channels,
// msd_enrolment.cc and msd_signing.cc what the answers do.
#pragma once
#include <heqi/cosign/joint.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

#include "pin.h"
#include "state.h"

namespace heqi::device {

// Transaction is what is displayed and not decided. It lives in memory only: after a crash the
// service delivers it again.
struct Transaction {
  Display display;
  base::Bytes data;          // of a document
  base::Bytes to_be_signed;  // signed attributes or certificate request, once confirmed
};

// Outgoing is a message before it is sealed.
struct Outgoing {
  Destination to = Destination::service;
  MessageType type = MessageType::failure;
  base::Bytes body;
};

// Expectation is the one answer that the device waits for.
struct Expectation {
  Destination from = Destination::service;
  MessageType sent = MessageType::failure;  // failure: the registration, outside the channels
  std::optional<AnswerKey> answer_key;
  std::optional<Challenge> challenge;
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
  base::Result<Channel> channel(Destination destination);
  ChannelPosition& position(Destination destination);
  bool& in_step(Destination destination);
  // send seals, stores the counters, and gives the step; it resynchronises first where needed.
  base::Result<Step> send(Outgoing outgoing);
  base::Result<Step> send_waiting();
  base::Result<Step> deliver(base::ByteView answer);
  base::Result<Step> deliver_in_channel(Expectation expectation, base::ByteView answer);
  base::Result<Step> handle(MessageType sent, const Message& message);
  base::Result<Step> handle_failure(MessageType sent, const Failure& failure);

  // msd_enrolment.cc
  base::Result<Step> deliver_registered(base::ByteView answer);
  base::Result<Step> take_challenge(const Message& message);
  base::Result<Step> make_key(base::ByteView pin);
  base::Result<Step> take_key(const Message& message);
  base::Result<Step> show_certificate_request();
  base::Result<base::Bytes> encode_request_body() const;
  base::Result<Step> install_certificate(const Message& message);

  // msd_signing.cc
  base::Result<Step> show_request(const Message& message);
  base::Result<Transaction> check_request(const SignRequest& request) const;
  base::Result<Step> confirm(base::ByteView pin);
  base::Result<base::Bytes> encode_to_be_signed() const;
  base::Result<Step> complete(const Message& message);
  base::Result<Step> refused_by_key_centre(const Message& message);
  base::Result<Step> delay(const JointRefused& reply);
  base::Result<Step> conclude(SignOutcome outcome, base::Code refusal);
  base::Result<Step> conclude(SignOutcome outcome, WaitingMessage told);
  base::Result<Step> stop(base::Code reason);
};

// check_issued checks that one of the anchors issued certificate, and that both are valid at time.
base::Status check_issued(const x509::Certificate& certificate,
                          const std::vector<base::Bytes>& anchors, base::Time time);

}  // namespace heqi::device
