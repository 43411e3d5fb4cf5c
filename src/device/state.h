// state.h: what a device keeps, and how: one file, replaced whole, so that every change of it is
// there or not there after a crash.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/device/enrolment.h>
#include <heqi/device/msd.h>

namespace heqi::device {

inline constexpr std::size_t kSaltSize = 16, kShareSize = 32, kUuidSize = 16;
inline constexpr std::size_t kSealedChannelKeySize =
    crypto::kGcmNonceSize + crypto::kScalarSize + crypto::kGcmTagSize;

// KeySlot is one key: what stands here is encrypted or public, and tells a right PIN from a wrong
// one to nobody: neither P1 nor P2 nor a check value is kept.
struct KeySlot {
  cosign::KeyName name;
  std::array<std::uint8_t, kSaltSize> salt{};
  std::uint32_t rounds = 0;
  std::array<std::uint8_t, kShareSize> encrypted_d1{};  // bare SM4 under the PIN's key, no padding
  base::Bytes public_key;                               // P, 65 octets; empty until agreed
  std::uint64_t opening_counter = 0;
  Factors factors = kPinAlone;
  // Of a key that is bound to its machine: what MobileID is made of beside the machine itself.
  std::optional<std::array<std::uint8_t, kUuidSize>> uuid;
};

// WaitingMessage is a message for the service that must arrive, through crashes too.
struct WaitingMessage {
  MessageType type = MessageType::sign_answer;
  base::Bytes body;
  std::string outcome;                // of the step that ends with it
  std::optional<base::Code> refusal;  // instead of an outcome
  // With cosign_pin_delayed, as in Step.
  std::optional<base::Time> retry_at = {};
  std::optional<unsigned> tries_left = {};
};

// State holds no secret in the clear.
struct State {
  Stage stage = Stage::empty;
  base::Bytes sealed_channel_key;
  std::optional<Registered> registered;
  ChannelPosition service, key_centre;
  std::optional<KeySlot> key;
  std::optional<KeySlot> next_key;  // the same key with refreshed shares, not yet proven to be used
  std::optional<KeySlot> successor;  // the key that an update has made, not yet in use
  std::optional<WaitingMessage> waiting;
  bool request_sent = false;  // the certificate request has arrived
  base::Bytes certificate;
  std::vector<base::Bytes> chain;
  std::string stop_reason;
};

// WrapKeys are the keys that this device alone has; all are made of one root in a file of its own.
class WrapKeys {
 public:
  static base::Result<WrapKeys> make(base::FileStore& files, base::Random& random);
  static base::Result<WrapKeys> load(const base::FileStore& files);
  static base::Status erase(base::FileStore& files);

  crypto::Sm4Key state_key() const { return key("state"); }
  crypto::Sm4Key channel_key() const { return key("channel"); }
  // pin_secret goes into the PIN's key beside the PIN.
  base::SecretArray<32> pin_secret() const;
  // use_machine tells who is asked for the machine; mobile_id asks it, at each use: SM3 of
  // hardware, system (each with its length in four octets before it) and uuid.
  void use_machine(std::function<Machine()> machine) { machine_ = std::move(machine); }
  crypto::Digest mobile_id(base::ByteView uuid) const;
  // local_secret is this device's part of the key that the local keys lie under.
  base::SecretArray<32> local_secret() const;

 private:
  explicit WrapKeys(base::SecretArray<32> root) : root_(std::move(root)) {}
  crypto::Sm4Key key(std::string_view purpose) const;
  base::SecretArray<32> root_;
  std::function<Machine()> machine_;
};

// save_state replaces the file. load_state fails with not_found, invalid_signature (changed, or of
// another device).
base::Status save_state(base::FileStore& files, const WrapKeys& keys, const State& state,
                        base::Random& random);
base::Result<State> load_state(const base::FileStore& files, const WrapKeys& keys);
// mark_retired leaves a file that says so; is_retired finds it. erase_state removes the state.
base::Status mark_retired(base::FileStore& files);
base::Result<bool> is_retired(const base::FileStore& files);
base::Status erase_state(base::FileStore& files);

base::Result<base::Bytes> seal_channel_key(const WrapKeys& keys, const crypto::PrivateKey& key,
                                           base::Random& random);
base::Result<crypto::PrivateKey> open_channel_key(const WrapKeys& keys, base::ByteView sealed);

}  // namespace heqi::device
