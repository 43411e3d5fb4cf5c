#include "module.h"

#include <optional>

#include <heqi/base/constant_time.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/self_test.h>
#include <heqi/crypto/sm3.h>
#include <heqi/device/commands.h>

#include "host_parts.h"

namespace heqi::module {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using base::Status;

// PinEntry is what the person typed so far.
class PinEntry {
 public:
  bool add(std::uint32_t digit) {
    if (digit > 9 || size_ == device::kPinSizeMax) return false;
    digits_.expose_mutable()[size_++] = static_cast<std::uint8_t>('0' + digit);
    return true;
  }
  void erase() {
    if (size_ > 0) digits_.expose_mutable()[--size_] = 0;
  }
  void clear() {
    digits_.wipe();
    size_ = 0;
  }
  ByteView expose() const { return ByteView(digits_.expose()).first(size_); }

 private:
  base::SecretArray<device::kPinSizeMax> digits_;
  std::size_t size_ = 0;
};

struct Module {
  HostRandom host_random;
  HostClock clock;
  HostFiles files{heqi_store_state}, key_files{heqi_store_key};
  std::unique_ptr<crypto::HashDrbg> random;
  std::unique_ptr<device::Msd> msd;
  PinEntry entries[2];
  // The PIN just chosen, for the certificate request that follows it at once; nothing else signs
  // with it, and any other command forgets it.
  base::SecretBytes chosen;
  crypto::Sm3 digest;
  Bytes reply;

  Status open(const HeqiOpen& options);
  Status test_once();
  Result<Bytes> run(ByteView der);
  Bytes run_with_pin(device::Command command);
  base::SecretBytes take_pin(const device::Command& command);
};

Module& module() {
  static Module only;
  return only;
}

Bytes reply_of(const base::Error& error) {
  device::Reply reply;
  reply.failure = device::Failure{error.code, error.detail};
  return device::encode_reply(reply);
}

Result<device::MsdOptions> parse_options(const HeqiOpen& given) {
  device::MsdOptions options;
  options.pin_rounds = given.pin_rounds;
  options.device_name.assign(given.name, given.name_size);
  options.stretch_progress = heqi_host_progress;
  if (given.keys_size == 0) return options;
  device::ServerKeys keys;
  ByteView octets(given.keys, given.keys_size);
  if (octets.size() != 3 * crypto::kPointSize)
    return base::fail(Code::malformed, "server keys: not three points");
  for (crypto::PointBytes* key : {&keys.service, &keys.key_centre, &keys.key_centre_sealing}) {
    HEQI_TRY(crypto::PublicKey::decode(octets.first(crypto::kPointSize)));
    std::copy_n(octets.begin(), crypto::kPointSize, key->begin());
    octets = octets.subspan(crypto::kPointSize);
  }
  options.server_keys = keys;
  return options;
}

Status Module::test_once() {
  if (random) return {};
  HEQI_TRY(crypto::run_device_self_tests());
  HEQI_TRY(random,
           crypto::HashDrbg::make(host_random, clock, base::bytes_of("heqi device in a browser")));
  return {};
}

Status Module::open(const HeqiOpen& given) {
  msd.reset();
  HEQI_TRY(test_once());
  HEQI_TRY(device::MsdOptions options, parse_options(given));
  HEQI_TRY(msd, device::Msd::open({files, key_files, *random, clock}, std::move(options)));
  return {};
}

bool takes_pin(device::CommandType type) {
  return type == device::CommandType::choose_pin || type == device::CommandType::confirm;
}

// keeps_chosen tells what lies between the choice of a PIN and its use: messages, and questions.
bool keeps_chosen(device::CommandType type) {
  return type == device::CommandType::deliver || type == device::CommandType::information;
}

// take_pin is the first entry; for the certificate request without one, the PIN just chosen.
base::SecretBytes Module::take_pin(const device::Command& command) {
  base::SecretBytes pin = base::SecretBytes::copy_of(entries[0].expose());
  for (auto& entry : entries) entry.clear();
  base::SecretBytes last = std::move(chosen);
  chosen = base::SecretBytes();
  if (command.type == device::CommandType::choose_pin) chosen = pin.clone();
  const bool follows = command.type == device::CommandType::confirm &&
                       command.text == device::kCertificateRequestId && pin.empty();
  return follows ? std::move(last) : std::move(pin);
}

Bytes Module::run_with_pin(device::Command command) {
  command.pin = take_pin(command);
  const device::Reply done = device::run_command(*msd, std::move(command));
  if (done.failure) chosen = base::SecretBytes();
  return device::encode_reply(done);
}

Result<Bytes> Module::run(ByteView der) {
  if (!msd) return base::fail(Code::device_state, "the device is not open");
  HEQI_TRY(device::Command command, device::parse_command(der));
  if (!command.pin.empty()) return base::fail(Code::unsupported, "a PIN inside a command");
  if (takes_pin(command.type)) return run_with_pin(std::move(command));
  if (!keeps_chosen(command.type)) chosen = base::SecretBytes();
  return device::encode_reply(device::run_command(*msd, std::move(command)));
}

}  // namespace
}  // namespace heqi::module

using heqi::module::module;

std::uint8_t* heqi_allocate(std::size_t size) {
  return new std::uint8_t[size];
}

void heqi_release(std::uint8_t* data, std::size_t size) {
  heqi::base::secure_wipe(data, size);
  delete[] data;
}

void heqi_open(const HeqiOpen* options) {
  heqi_forget_reply();
  heqi_pin_clear();
  const heqi::base::Status status = module().open(*options);
  if (!status) {
    module().reply = heqi::module::reply_of(status.error());
    return;
  }
  heqi::device::Reply reply;
  reply.information = module().msd->information();
  module().reply = heqi::device::encode_reply(reply);
}

void heqi_command(const std::uint8_t* der, std::size_t size) {
  heqi_forget_reply();
  auto reply = module().run({der, size});
  module().reply = reply ? *std::move(reply) : heqi::module::reply_of(reply.error());
}

const std::uint8_t* heqi_reply() {
  return module().reply.data();
}

std::size_t heqi_reply_size() {
  return module().reply.size();
}

void heqi_forget_reply() {
  module().reply = heqi::base::Bytes();
}

std::int32_t heqi_pin_digit(std::uint32_t entry, std::uint32_t digit) {
  return entry < 2 && module().entries[entry].add(digit) ? 0 : 1;
}

void heqi_pin_erase(std::uint32_t entry) {
  if (entry < 2) module().entries[entry].erase();
}

void heqi_pin_clear() {
  for (auto& entry : module().entries) entry.clear();
  module().chosen = heqi::base::SecretBytes();
}

std::int32_t heqi_pins_equal() {
  const auto first = module().entries[0].expose(), second = module().entries[1].expose();
  return heqi::base::ct::equal_bytes(first, second) != 0 ? 1 : 0;
}

void heqi_digest_start() {
  module().digest = heqi::crypto::Sm3();
}

void heqi_digest_update(const std::uint8_t* data, std::size_t size) {
  module().digest.update({data, size});
}

void heqi_digest_finish(std::uint8_t* out) {
  const heqi::crypto::Digest digest = module().digest.finish();
  std::copy(digest.begin(), digest.end(), out);
}
