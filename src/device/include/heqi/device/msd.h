// heqi/device/msd.h: the mobile signature device (GB/T 38646): one person's half of one key, its
// PIN, its channels and the rule that it signs only what it displayed. It is driven by a terminal,
// which carries its messages, shows what it says and hands it the PIN.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/file_store.h>
#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/device/factors.h>
#include <heqi/device/local_keys.h>
#include <heqi/device/messages.h>

namespace heqi::device {

// Stage is the life of a device: register, activate, use, retire (GB/T 38646 §9.3 a).
enum class Stage : std::uint8_t {
  empty = 0,
  initialised = 1,  // has a channel key
  registered = 2,   // knows its service and its key centre
  keyed = 3,        // has a joint key, no certificate
  enrolled = 4,     // signs
  stopped = 5,      // PIN locked, share revoked, or a server cheated: enrol anew, or be unlocked
  retired = 6,      // erased, for ever
};

// kCertificateRequestId is the transaction of a certificate request's display.
inline constexpr std::string_view kCertificateRequestId = "certificate-request";
// kListId is the transaction of the display of a list; kSignedInPart is the outcome of one whose
// documents were not all signed, or not in time.
inline constexpr std::string_view kListId = "list", kSignedInPart = "signed_in_part";
// kUnlocked is the outcome of a poll that found the lock of the key released.
inline constexpr std::string_view kUnlocked = "unlocked";

// Display is what the person is to see before the PIN, made by the device from the data itself.
struct Display {
  enum class Kind : std::uint8_t {
    document = 1,
    certificate_request = 2,
    pin_change = 3,
    share_refresh = 4,
    local_key = 5,
    revocation = 6,          // of the certificate; title: its subject and the reason
    certificate_update = 7,  // title: the subject
    seal = 8,                // for an application; title: document, time, seal, then its title
    list = 9,                // of documents; title: how many. Its data: Displays (commands.h)
  };
  Kind kind = Kind::document;
  std::string transaction_id;
  std::string title;         // of the document, or the subject of the request
  std::uint64_t size = 0;    // octets
  crypto::Digest digest{};   // SM3 of the data (of the public key for a request)
  std::string code;          // verification_code
  std::string application;   // from the application's certificate
  std::string content_type;  // found in the data: "application/pdf", "application/octet-stream"
  std::optional<base::Time> expires;
  std::optional<unsigned> tries_left;  // after a wrong PIN
};

// Destination is where the terminal is to carry a message.
enum class Destination : std::uint8_t {
  registration = 1,  // Register, outside the channels
  service = 2,       // the mobile signature service
  key_centre = 3,    // relayed by the service, unread
};

// Step is what the terminal does next.
struct Step {
  enum class Kind : std::uint8_t {
    send = 1,        // carry message to destination, then call deliver with the answer
    choose_pin = 2,  // ask for a new PIN, then call choose_pin
    confirm = 3,     // show display, then call confirm or cancel
    idle = 4,        // nothing waits
    finished = 5,    // what was begun is done; outcome says how
    refused = 6,     // what was begun is over; refusal says why
  };
  Kind kind = Kind::idle;
  Destination destination = Destination::service;
  base::Bytes message;
  std::optional<Display> display;
  std::string outcome;  // "certificate_installed", "signed", "cancelled"
  base::Code refusal = base::Code::internal;
  // With cosign_pin_delayed: when the next PIN is taken, and how many wrong ones are borne then.
  std::optional<base::Time> retry_at;
  std::optional<unsigned> tries_left;
};

// Information is what the device says of itself. Nothing of it tests a PIN.
struct Information {
  Stage stage = Stage::empty;
  std::string app_id, platform_id;
  std::string key_id;               // hex; empty before keyed
  base::Bytes certificate;          // DER; empty before enrolled
  std::string waiting_transaction;  // displayed and not decided
  std::string stop_reason;          // dotted error id where stopped
};

// MsdParts are given from outside and outlive the device.
struct MsdParts {
  base::FileStore& files;      // the state
  base::FileStore& key_files;  // the wrap key, kept apart: no backup, only this device
  base::Random& random;
  const base::Clock& clock;
};
// ServerKeys are the keys of an installation's servers, where the device knows them beforehand.
struct ServerKeys {
  crypto::PointBytes service{}, key_centre{}, key_centre_sealing{};
};
// SignatureExchange is how the two halves sign (docs/security/two-party-sm2.md). `joint` is the
// default and needs no name; blind_exchange hides from the key centre what is signed, and the key
// centre has to allow it.
struct SignatureExchange;
const SignatureExchange& blind_exchange();
// CertificateCare lets the device ask its person about its certificate: a revocation that somebody
// else wants, an update.
struct CertificateCare;
const CertificateCare& certificate_care();
// ListSigning lets the device show what waits as a list and sign it with one PIN.
struct ListSigning;
const ListSigning& list_signing();

// Machine is what the host tells of the terminal that a key is bound to (COS-d1-2).
struct Machine {
  std::string hardware;  // kind and number of processors
  std::string system;    // name of the operating system and of this installation
};

struct MsdOptions {
  std::uint32_t pin_rounds = 600'000;  // docs/limits.md; less only in tests
  std::string device_name = "heqi-device";
  // A registration that answers with other keys is refused: untrusted.
  std::optional<ServerKeys> server_keys = {};
  std::function<void(unsigned)> stretch_progress = {};  // percent of the PIN's stretching
  const SignatureExchange* exchange = nullptr;          // nullptr: joint
  const CertificateCare* certificate_care = nullptr;    // nullptr: asks nobody
  const ListSigning* lists = nullptr;                   // nullptr: one document at a time
  // Of the next key, and of the present one from the next change of the PIN on.
  Factors factors = kPinAlone;
  // Asked at each use of a bound key; with it the next key is bound to what it tells.
  std::function<Machine()> machine = {};
};

class Msd {
 public:
  // open reads the state, if there is one. Fails with storage, or invalid_signature where the state
  // was changed or belongs to another wrap key.
  static base::Result<std::unique_ptr<Msd>> open(MsdParts parts, MsdOptions options = {});
  ~Msd();

  Information information() const;
  // factors is what the present key asks for; the PIN alone where there is none.
  Factors factors() const;

  // initialise makes the wrap key and the channel key. device_state unless empty.
  base::Status initialise();
  // enrol starts an enrolment with a code from a notice. device_state unless initialised to keyed,
  // or stopped. Steps: send Register, send, choose_pin, send…, confirm, send…, finished.
  base::Result<Step> enrol(std::string_view code);
  // choose_pin takes the new PIN and makes the key. malformed where it is not 6 to 32 digits.
  base::Result<Step> choose_pin(base::SecretBytes pin);
  // poll asks the service whether something waits; unfinished business of an earlier run goes
  // first. With a locked key it asks the key centre whether an administrator released the lock
  // after a fresh proof of identity: finished (kUnlocked), or refused with cosign_pin_locked. A
  // device that stopped for another reason refuses with that one.
  base::Result<Step> poll();
  // deliver takes the answer to the message sent last. On an error the exchange at hand is dropped,
  // and the next one resynchronises the channel first.
  base::Result<Step> deliver(base::ByteView answer);
  // confirm takes the PIN for what is displayed. digest is that of the display the person saw:
  // device_display_differs where it is another. expired after its time. The PIN releases this one
  // transaction. Whether it was right is known only from the key centre's answer.
  base::Result<Step> confirm(std::string_view transaction_id, const crypto::Digest& digest,
                             base::SecretBytes pin);
  // collect is poll for who takes a list: it asks for all documents that wait, up to
  // kListItemsMax, and displays them as one (Display::Kind::list). confirm then releases these and
  // no others: digest is that of the list, which covers every display in its order. What expired
  // meanwhile falls out, and the person is shown the rest again, before a PIN is used. Steps:
  // send…, confirm, send…, finished ("signed", or kSignedInPart where an item was not; the step's
  // message is a SignResults). One document alone is displayed as poll does it, and so is all
  // with another exchange than `joint`.
  base::Result<Step> collect();
  // leave_out takes one document from the list that is displayed; it goes on waiting at the
  // service. not_found. Steps: confirm (another list), idle where none is left.
  base::Result<Step> leave_out(std::string_view transaction_id);
  // listed_data is the data of a document of the list that is displayed.
  base::Result<base::Bytes> listed_data(std::string_view transaction_id) const;
  // cancel refuses what is displayed, of a list all of it; the service is told.
  base::Result<Step> cancel(std::string_view transaction_id);
  // displayed_data is the data of the document that is displayed, for the person to look at.
  base::Result<base::Bytes> displayed_data(std::string_view transaction_id) const;
  // change_pin asks for the PIN; once the key centre has found it right, for a new one. The change
  // is recorded by the key centre. device_state unless enrolled. Steps: confirm, send, choose_pin,
  // send, finished ("pin_changed"). A crash leaves the old PIN or the new one.
  base::Result<Step> change_pin();
  // refresh_shares asks for the PIN and makes new shares of the same key; the old ones are of no
  // use afterwards (device_state unless enrolled). Steps: confirm, send…, finished ("refreshed").
  // After a crash the next use of the key finishes it, or this call, with the shares made then.
  base::Result<Step> refresh_shares();
  // use_local_key does one service with a key that this device keeps whole (local_keys.h): it asks
  // for the PIN, and only the key centre's part of the keys' secret, given for a right PIN and
  // once, opens the key. Steps: confirm, send, finished ("local_key"; the step's message is the
  // result).
  base::Result<Step> use_local_key(LocalRequest request);
  base::Result<std::vector<LocalKeyLine>> local_keys() const;
  // revoke_certificate asks for the PIN, and for a right one makes the request to revoke the
  // certificate (GB/T 38646 §6.2.4 a); reason after RFC 5280 §5.3.1: 0, 1, 3, 5 or 9 (malformed).
  // device_state unless enrolled. Steps: confirm, send…, finished ("certificate_revoked", after
  // which the device holds neither it nor its key; or "revocation_asked": the order is to come).
  base::Result<Step> revoke_certificate(std::int64_t reason);
  // unbind has the key centre end its share, then erases key and certificate; another binding may
  // follow. Steps: send, finished ("unbound").
  base::Result<Step> unbind();
  // retire erases everything for ever.
  base::Status retire();

  struct Implementation;  // msd_implementation.h

 private:
  explicit Msd(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace heqi::device
