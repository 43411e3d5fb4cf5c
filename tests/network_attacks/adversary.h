// adversary.h: the owner of an enrolled device who has taken it apart: PIN, share, channel key and
// positions are in the adversary's hands, and the server hears what the adversary likes, over
// HTTPS.
#pragma once
#include <heqi/cosign/codec.h>
#include <heqi/device/channel.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/signer.h>

#include "state.h"
#include "world.h"

namespace heqi::attacks {

using testing::must;

class Adversary {
 public:
  // take_apart ends the device's process and reads its folders.
  static base::Result<Adversary> take_apart(faults::World& world, std::size_t party,
                                            base::Fetch& fetch);

  const cosign::DeviceKey& key() const { return *key_; }
  crypto::Point p1() const { return crypto::mul_base(key_->d1.expose()); }
  // joint and blind are the honest halves of the key, which an attack may twist.
  cosign::Device joint();
  cosign::BlindDevice blind();
  // with_pin gives the share that the device's files open to with another PIN.
  crypto::SecretScalar share_of(std::string_view pin) const;
  std::uint64_t next_counter() { return ++counter_; }
  const base::Bytes& channel_public_key() const { return channel_public_key_; }

  // ask has the key centre answer one message: sealed for it alone, as a device sends what could
  // test a PIN, or readable.
  base::Result<device::Message> ask(device::MessageType type, base::ByteView body);
  base::Result<device::Message> ask_readable(device::MessageType type, base::ByteView body);
  // seal makes an envelope and sends nothing; carry sends octets as they are.
  base::Result<device::Channel::Secret> seal(device::MessageType type, base::ByteView body);
  base::Result<base::Bytes> carry(base::ByteView envelope);
  base::Result<device::Message> open(base::ByteView envelope, device::AnswerKey key);
  // resynchronise finds the place in the channel again.
  base::Status resynchronise();

  base::Random& random() { return *random_; }

 private:
  Adversary() = default;
  std::string url_;
  base::Fetch* fetch_ = nullptr;
  std::unique_ptr<base::Random> random_;
  std::unique_ptr<x509::Signer> signer_;
  std::optional<device::WrapKeys> wrap_keys_;
  std::optional<device::KeySlot> slot_;
  std::optional<cosign::DeviceKey> key_;
  base::Bytes channel_public_key_;
  std::optional<device::Channel> channel_;
  std::uint64_t counter_ = 0;
};

}  // namespace heqi::attacks
