// terminal.h: the person's terminal: it carries the messages of a device to the platform, shows
// what the device displays and hands it the PIN. It cannot sign and reads no message.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/fetch.h>
#include <heqi/device/list_messages.h>
#include <heqi/terminal/terminal_client.h>

namespace heqi::program {

// Person is who sits at the terminal.
class Person {
 public:
  // WhichKey tells whose factor is asked for: of a key in use, or of one whose PIN was just chosen.
  enum class WhichKey : std::uint8_t { present, next };
  virtual ~Person() = default;
  // choose_pin is asked once per key, and for a new PIN.
  virtual base::Result<base::SecretBytes> choose_pin() = 0;
  // confirm is shown what would be signed; the PIN is the consent, nullopt the refusal. Asked again
  // after a wrong PIN, with display.tries_left. An error leaves the decision open.
  virtual base::Result<std::optional<base::SecretBytes>> confirm(
      const device::Display& display) = 0;
  // confirm_list is shown every document of a list, which the one PIN signs all. Who shows no lists
  // fails with unsupported.
  virtual base::Result<std::optional<base::SecretBytes>> confirm_list(
      const device::Display& list, const std::vector<device::Display>& items);
  // factor is asked for after the PIN, for each further one that the key asks for
  // (device/factors.h). Who has none fails with unsupported.
  virtual base::Result<base::SecretBytes> factor(device::Factor kind, WhichKey which);
  virtual void progress(std::string_view /*what*/) {}
};

// OneTry remembers what a PIN was given for. Whoever has one PIN only gives it once for each
// decision; that somebody else was wrong there before does not speak against it.
class OneTry {
 public:
  // take fails with cosign_wrong_pin where this decision has had its PIN.
  base::Status take(const device::Display& display);

 private:
  std::string taken_;
};

// PersonWithPin consents to everything with one PIN: for programs that act for a person. Fails with
// cosign_wrong_pin where the PIN is wrong.
class PersonWithPin final : public Person {
 public:
  PersonWithPin(base::SecretBytes pin, std::function<void(const device::Display&)> on_display = {})
      : pin_(std::move(pin)), on_display_(std::move(on_display)) {}
  base::Result<base::SecretBytes> choose_pin() override { return pin_.clone(); }
  base::Result<std::optional<base::SecretBytes>> confirm(const device::Display& display) override;
  base::Result<std::optional<base::SecretBytes>> confirm_list(
      const device::Display& list, const std::vector<device::Display>& items) override;

 private:
  base::SecretBytes pin_;
  std::function<void(const device::Display&)> on_display_;
  OneTry once_;
};

// Outcome is how it ended.
struct Outcome {
  std::string what;                        // "certificate_installed", "signed", "cancelled", "idle"
  std::optional<device::Display> display;  // what was decided upon
  base::Bytes result = {};                 // of a local key's service
  // Of a list: what was shown, and what became of each.
  std::vector<device::Display> items = {};
  std::vector<device::SignResult> results = {};
};

struct TerminalOptions {
  std::string server;  // "https://host:port"; empty: that of the link
  base::Duration patience = std::chrono::minutes(2);  // for something to come
  base::Duration interval = std::chrono::milliseconds(200);
  std::function<void(base::Duration)> wait = {};  // empty: sleeps
  std::function<void(const device::Display&)> on_display = {};
  // inspect sees each document before the person is asked; where it fails the service is told that
  // the person refuses, and its error is the outcome's. Empty: nobody looks.
  std::function<base::Status(const device::Display&, base::ByteView data)> inspect = {};
};

// Terminal drives one device; one thread at a time. Parts outlive it. Errors are those of the
// device, of the platform (by the id of its problem+json), and unavailable, untrusted and timeout
// of the connection.
class Terminal {
 public:
  Terminal(terminal::TerminalClient& device, base::Fetch& fetch, const base::Clock& clock,
           TerminalOptions options)
      : device_(device), fetch_(fetch), clock_(clock), options_(std::move(options)) {}

  // enrol makes the key and gets the certificate: "certificate_installed".
  base::Result<Outcome> enrol(std::string_view code, Person& person);
  base::Result<Outcome> enrol(std::string_view code, const base::SecretBytes& pin);

  // sign begins the signature that a link invites to and makes it: "signed" or "cancelled".
  // conflict where the device waits for a decision on another document.
  base::Result<Outcome> sign(std::string_view link, Person& person);
  base::Result<Outcome> sign(std::string_view link, const base::SecretBytes& pin);

  // sign_list begins the signatures that links invite to, and makes them and all others that wait
  // with one confirmation: "signed", device::kSignedInPart, "cancelled" or "idle". Those in
  // left_out go on waiting. Where one document waits alone it is confirmed as with finish.
  base::Result<Outcome> sign_list(const std::vector<std::string>& links,
                                  const std::vector<std::string>& left_out, Person& person);
  // look_at_list tells what sign_list would show, without deciding.
  base::Result<Outcome> look_at_list();

  // look tells what waits for the person, without deciding; nullopt where nothing does.
  base::Result<std::optional<device::Display>> look();
  // finish does what waits, asking person; "idle" where nothing does.
  base::Result<Outcome> finish(Person& person);
  // change_pin asks for the PIN and then for a new one: "pin_changed" or "cancelled".
  base::Result<Outcome> change_pin(Person& person);
  // refresh_shares makes both shares of the key anew: "refreshed" or "cancelled".
  base::Result<Outcome> refresh_shares(Person& person);
  // use_local_key asks for the PIN and gives the result of one service: "local_key" or "cancelled".
  // After an error the device waits for nothing.
  base::Result<Outcome> use_local_key(const device::LocalRequest& request, Person& person);
  // revoke_certificate asks for the PIN and has the certificate revoked: "certificate_revoked",
  // after which the device holds no key, "revocation_asked" or "cancelled".
  base::Result<Outcome> revoke_certificate(int reason, Person& person);
  // update_certificate does the update that waits for the person's word: "certificate_updated",
  // "declined", "idle" where none waits. conflict where something else waits before it.
  base::Result<Outcome> update_certificate(Person& person);
  // decline_update keeps the old certificate: "declined" or "idle".
  base::Result<Outcome> decline_update();
  // unbind ends the share of the key centre, then erases the key: "unbound".
  base::Result<Outcome> unbind();
  // cancel refuses what is displayed; the service is told.
  base::Result<Outcome> cancel(std::string transaction_id);

 private:
  enum class Patience { none, until_something_comes };
  // Asking is how this device is given a PIN: at a screen of its own, or with what factors.
  struct Asking {
    bool at_module = false;
    device::Factors factors = device::kPinAlone, next_factors = device::kPinAlone;
  };
  base::Result<Asking> asking();
  struct Run {
    Person* person;  // nullptr: only looks
    Patience patience;
    std::string transaction_id;  // where only this one is to be signed
    base::Duration deadline{};
    std::optional<device::Display> display = {};
    std::optional<base::Error> refusal = {};  // of the inspection
    unsigned recoveries = 0;
    bool takes_lists = false;
    std::vector<std::string> left_out = {};
    std::vector<device::Display> items = {};  // of the list that was shown
    std::optional<Outcome> earlier = {};      // of a list of an earlier run
  };
  static base::Result<std::string> server_of(std::string_view link);
  // begin asks the platform for the document of a link; it gives the transaction.
  base::Result<std::string> begin(std::string_view link, Person& person);
  base::Result<device::Step> ask_device(const Run& run);
  base::Result<std::vector<device::Display>> listed(const device::Display& list);
  base::Result<device::Step> decide_list(const device::Display& list, Run& run);
  base::Result<device::Step> give_pin(const device::Display& display, Run& run);
  // drop_own lets go of what an earlier program asked for and nobody has decided: it is asked anew.
  base::Status drop_own(std::string_view transaction_id);
  // finish_revocation brings what an earlier program has begun to its end, without deciding on
  // anything; it gives the outcome where that was a revocation.
  base::Result<std::optional<Outcome>> finish_revocation();
  // waiting_update is the display of an update; nothing where nothing waits.
  base::Result<std::optional<device::Display>> waiting_update();
  base::Result<Outcome> follow(device::Step step, Run& run);
  static base::Result<Outcome> outcome_of(device::Step step, Run& run);
  base::Result<device::Step> carry(const device::Step& step, Run& run);
  base::Result<device::Step> decide(const device::Step& step, Run& run);
  base::Status inspect(const device::Display& display);
  base::Result<base::Bytes> post_message(const device::Step& step);
  base::Result<std::string> url_of(std::string_view path) const;
  void pause() const;

  terminal::TerminalClient& device_;
  base::Fetch& fetch_;
  const base::Clock& clock_;
  TerminalOptions options_;
  std::string link_server_;  // where no server was given
};

// A link alone does not open the file and does not decline: the platform sends a one-time code to
// the party's address. With an empty code the two below ask for it and fail with unauthenticated.

// fetch_document is the file that a link invites to sign.
base::Result<base::Bytes> fetch_document(base::Fetch& fetch, std::string_view link,
                                         std::string_view code);
// decline_invitation refuses to sign for good, with a reason that the other parties read.
base::Status decline_invitation(base::Fetch& fetch, std::string_view link, std::string_view code,
                                std::string_view reason);

}  // namespace heqi::program
