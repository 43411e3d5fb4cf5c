// heqi/services/mss/updates.h: the update of certificates in use after GB/T 38646 §6.2.3: this
// service or the authority finds the need, the person agrees, the authority gives a nonce, the
// device makes a new key, and the new pair takes the place of the old one.
#pragma once
#include <heqi/device/certificate_messages.h>
#include <heqi/device/messages.h>
#include <heqi/services/mss/revocations.h>

namespace heqi::services::mss {

inline constexpr base::Duration kUpdateLead =
    std::chrono::hours(24 * 30);  // before its end a certificate's person is asked, unless set
inline constexpr base::Duration kUpdateLifetime =
    std::chrono::hours(24);  // of an update from the person's word on; docs/limits.md

// UpdateStatus is how one stands. step: "asked", "activated", "issued", "publishing"; state as of a
// revocation.
struct UpdateStatus {
  std::string id, person_id, device_id, step, state, code;
  base::Bytes old_serial, serial;
};

// Topics of the outbox, all messages to this side: take_publishing, take_end, take_updated.
inline constexpr std::string_view kUpdateKind = "mss.update",
                                  kUpdatePublishTopic = "mss.update_publish",
                                  kUpdateEndTopic = "mss.update_end", kUpdatedTopic = "mss.updated";

// Updates is safe to use from many threads.
class Updates {
 public:
  using Parts = Revocations::Parts;
  explicit Updates(Parts parts, base::Duration lead = kUpdateLead);

  // tell sets who tells persons; before the first update.
  void tell(TellPerson told) { told_ = std::move(told); }

  // round is this service's policy (§6.2.3 a): who holds a certificate that ends within the lead is
  // asked once. Gives how many were.
  base::Result<std::size_t> round();
  // take_prompt is the authority's own finding of the need: the person is asked once for both.
  struct Prompt {
    std::string id, device_id;
    base::Bytes serial;
  };
  base::Status take_prompt(const Prompt& prompt);

  // question_for is what the person of a device is to be asked, activation_for the nonce of an
  // update that they agreed to.
  base::Result<std::optional<device::CertificateQuestion>> question_for(
      const std::string& device_id);
  base::Result<std::optional<device::UpdateActivation>> activation_for(
      const std::string& device_id);
  // confirm is the person's word: only it has the authority start. The same again gives the same
  // nonce. Fails with not_found, expired, conflict, and as the authority does.
  base::Result<device::UpdateActivation> confirm(const Device& device, const std::string& id);
  // decline keeps the old certificate, and the refusal is recorded.
  base::Status decline(const Device& device, const std::string& id);

  // take_request takes the device's request to the authority and keeps the new certificate beside
  // the old one. A repeat has the same answer. Fails with not_found, and as the authority does.
  base::Result<Issued> take_request(const Device& device, const device::UpdateRequest& request);
  // acknowledge takes the device's word that the new pair is in use, after which the certificate is
  // published; false where the certificate is none of an update.
  base::Result<bool> acknowledge(const Device& device,
                                 const device::CertificateAcknowledge& acknowledge);

  base::Result<UpdateStatus> status(const std::string& id);
  // take_flow_end is the authority's word that its flow is over.
  base::Status take_flow_end(const std::string& flow, std::string_view state,
                             const std::string& code);
  // take_publishing finishes what an acknowledgement has begun, also after a crash; take_end has
  // the authority end its flow; take_updated ends the old key in the key centre.
  base::Status take_publishing(const flow::Message& message);
  base::Status take_end(const flow::Message& message);
  base::Status take_updated(const flow::Message& message);

 private:
  struct Stored;
  base::Result<Stored> load(sql::Transaction& tx, const std::string& id);
  base::Result<Stored> load_for(const Device& device, const std::string& id);
  base::Result<bool> ask(const Directory::Known& known, const std::string& prompt);
  base::Result<StartedUpdate> start_at_authority(const Stored& stored);
  base::Status check_issued(const Stored& stored, const Issued& issued, base::ByteView csr) const;
  base::Status keep_issued(const Stored& stored, const Issued& issued);
  base::Status finish_publishing(const std::string& id);
  base::Status set_updated(const Stored& stored);
  base::Status fail(const Stored& stored, const base::Error& error);
  base::Status on_end(sql::Transaction& tx, const flow::Flow& flow);

  Parts parts_;
  base::Duration lead_;
  TellPerson told_;
};

}  // namespace heqi::services::mss
