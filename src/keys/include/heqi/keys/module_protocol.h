// heqi/keys/module_protocol.h: what heqi and heqi-module say to each other: DER over a local
// socket, each message with its length in four octets before it. The module's ASN.1 is in
// docs/asn1/heqi-module.asn1.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::keys {

inline constexpr std::size_t kModuleMessageSizeMax = std::size_t{4} << 20;

// Operation is what the module does for its caller.
enum class Operation : int {
  status = 0,            // → ModuleStatus
  make_key = 1,          // name, purpose, protection → public key, passphrase where it protects
  public_key = 2,        // name → public key
  sign = 3,              // name, message, passphrase where it protects → signature (DER)
  mac = 4,               // name, message → HMAC-SM3 under a key that is made at first use
  bind_device = 5,       // DeviceBinding → KeyCentreEnds
  device_message = 6,    // envelope of a device → envelope (both as they are)
  revoke_share = 7,      // key id
  key_status = 8,        // key id → KeyStatus
  seal = 9,              // name, secret → blob that only this module opens, under the same name
  open = 10,             // name, blob → secret
  administer = 11,       // Administration → what the act gives (administration.h)
  self_test = 12,        // → ModuleStatus
  order_wipe = 13,       // device id → nothing
  ended_keys = 14,       // → EndedKey list: keys that ended and whose end was not heard yet
  heard_ended = 15,      // key ids → nothing
  application_key = 16,  // device::LocalRequest → what its service gives (device/local_keys.h)
  end_key = 17,          // device id, public key → nothing: that key of the device, and no other
  make_encryption_key = 18,  // name → EncryptionKey: public key, and a blob that `envelop` opens
  envelop = 19,              // EnvelopRequest → EncryptionKey: enveloped for its receiver alone
};
inline constexpr Operation kLastOperation = Operation::envelop;
inline constexpr std::size_t kEndedKeysMax = 64;  // in one answer

// Purpose is what a service key may sign; the module parses what it is given and refuses the rest.
enum class Purpose : int {
  certificates = 0,    // bodies of certificates and CRLs
  status_answers = 1,  // ResponseData of OCSP
  time_stamps = 2,     // signed attributes over a TSTInfo
  statements = 3,      // an application's statements and signed requests
  channel = 4,         // envelopes to devices
  applications = 5,    // nothing here: application_keys.h
};

// Protection is how a service key is sealed at rest.
enum class Protection : int { wrapping_key = 0, passphrase = 1 };

struct Request {
  Operation operation;
  base::Bytes body;  // DER of the operation
};
base::Bytes encode_request(const Request& request);
base::Result<Request> parse_request(base::ByteView der);

// An answer is a body, or an error with its dotted id.
base::Bytes encode_answer(const base::Result<base::Bytes>& answer);
base::Result<base::Bytes> parse_answer(base::ByteView der);

struct MakeKeyRequest {
  std::string name;
  Purpose purpose;
  Protection protection;
};
base::Bytes encode_make_key(const MakeKeyRequest& request);
base::Result<MakeKeyRequest> parse_make_key(base::ByteView der);

struct MadeKey {
  base::Bytes public_key;        // 04 || X || Y
  base::SecretBytes passphrase;  // empty unless it protects the key
};
base::Bytes encode_made_key(const MadeKey& key);
base::Result<MadeKey> parse_made_key(base::ByteView der);

struct SignRequest {
  std::string name;
  base::Bytes message;
  base::SecretBytes passphrase;
};
base::Bytes encode_sign(const SignRequest& request);
base::Result<SignRequest> parse_sign(base::ByteView der);

// kDefaultTenant is whose keys are where nobody else is named.
inline constexpr std::string_view kDefaultTenant = "default";

// DeviceBinding tells the module of a device that the service has registered.
struct DeviceBinding {
  std::string device_id;
  base::Bytes channel_public_key;      // 04 || X || Y: signs the device's envelopes
  base::Bytes channel_id;              // 16 octets, of the channel between device and key centre
  std::string tenant{kDefaultTenant};  // whose master keys the device's keys are derived from
};
base::Bytes encode_device_binding(const DeviceBinding& binding);
base::Result<DeviceBinding> parse_device_binding(base::ByteView der);

// KeyCentreEnds is what the device is told of the key centre (device::Registered).
struct KeyCentreEnds {
  std::string app_id, platform_id;
  base::Bytes channel_key, sealing_key;  // 04 || X || Y
};
base::Bytes encode_key_centre_ends(const KeyCentreEnds& ends);
base::Result<KeyCentreEnds> parse_key_centre_ends(base::ByteView der);

// encode_name and parse_name serve the operations whose body is a name only (public_key,
// revoke_share, key_status).
base::Bytes encode_name(std::string_view name);
base::Result<std::string> parse_name(base::ByteView der);

// kIdentityMac is the key under which a platform hides what it must find again (identities, codes
// of links).
inline constexpr std::string_view kIdentityMac = "identity-key/1";

// NamedOctets is the body of mac, seal and open.
struct NamedOctets {
  std::string name;
  base::SecretBytes octets;
};
base::Bytes encode_named_octets(std::string_view name, base::ByteView octets);
base::Result<NamedOctets> parse_named_octets(base::ByteView der);

// EncryptionKey is a key that the key management centre keeps for its holder: blob is sealed under
// the wrapping key, or an SM2EnvelopedKey.
struct EncryptionKey {
  base::Bytes public_key;  // 04 || X || Y
  base::Bytes blob;
};
base::Bytes encode_encryption_key(const EncryptionKey& key);
base::Result<EncryptionKey> parse_encryption_key(base::ByteView der);

struct EnvelopRequest {
  std::string name;
  base::Bytes sealed, receiver;  // receiver: 04 || X || Y
};
base::Bytes encode_envelop(const EnvelopRequest& request);
base::Result<EnvelopRequest> parse_envelop(base::ByteView der);

struct KeyStatus {
  std::string state;  // "active", "revoked"
  int tries_left = 0;
  std::int64_t not_before = 0;  // µs UTC, 0 where no delay runs
  std::int64_t epoch = 0, counter = 0;
};
base::Bytes encode_key_status(const KeyStatus& status);
base::Result<KeyStatus> parse_key_status(base::ByteView der);

// EndedKey is a collaborative key whose share here is gone: unbound, wiped, disabled.
struct EndedKey {
  std::string key_id, device_id;
  base::Bytes public_key;  // 04 || X || Y; empty where the key was never made
};
base::Bytes encode_ended_keys(const std::vector<EndedKey>& keys);
base::Result<std::vector<EndedKey>> parse_ended_keys(base::ByteView der);
// At most kEndedKeysMax names.
base::Bytes encode_names(const std::vector<std::string>& names);
base::Result<std::vector<std::string>> parse_names(base::ByteView der);

struct ModuleStatus {
  std::string version, state;  // "operational", "error"
  std::int64_t boot_epoch = 0;
  // Tests passed, the administrator has vouched for the host, nothing found in the environment.
  bool approved_mode = false;
  std::string failure;  // of the last self-test; empty if none
  std::vector<std::string> environment;
};
base::Bytes encode_module_status(const ModuleStatus& status);
base::Result<ModuleStatus> parse_module_status(base::ByteView der);

}  // namespace heqi::keys
