#include <heqi/keys/module_client.h>

namespace heqi::keys {
namespace {

constexpr base::Duration kAnswerTimeout = std::chrono::seconds(30);
constexpr std::size_t kIdleMax = 16;

}  // namespace

base::Result<base::LocalConnection> ModuleClient::take_connection() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      base::LocalConnection connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return base::LocalConnection::connect(path_, kAnswerTimeout);
}

base::Result<base::Bytes> ModuleClient::exchange(base::ByteView request, AfterLoss after_loss) {
  HEQI_TRY(base::LocalConnection connection, take_connection());
  if (auto sent = connection.send(request); !sent) {
    // The module was restarted since this connection was used; nothing was processed, so ask once
    // more.
    HEQI_TRY(connection, base::LocalConnection::connect(path_, kAnswerTimeout));
    HEQI_TRY(connection.send(request));
  }
  auto answer = connection.receive(kModuleMessageSizeMax);
  if (!answer && answer.error().code == base::Code::unavailable && after_loss == AfterLoss::again) {
    // The module died with the request: asking twice is the same as asking once here.
    HEQI_TRY(connection, base::LocalConnection::connect(path_, kAnswerTimeout));
    HEQI_TRY(connection.send(request));
    answer = connection.receive(kModuleMessageSizeMax);
  }
  if (!answer) return answer;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
  return answer;
}

base::Result<base::Bytes> ModuleClient::call(Operation operation, base::Bytes body) {
  // A key may be made once, and a device's message counts: their callers know how to go on.
  const bool once = operation == Operation::make_key || operation == Operation::device_message ||
                    operation == Operation::application_key;
  Request request{operation, std::move(body)};
  base::Bytes encoded = encode_request(request);
  base::secure_wipe(request.body.data(), request.body.size());
  auto received = exchange(encoded, once ? AfterLoss::fails : AfterLoss::again);
  base::secure_wipe(encoded.data(), encoded.size());
  HEQI_TRY(base::Bytes answer, std::move(received));
  auto parsed = parse_answer(answer);
  base::secure_wipe(answer.data(), answer.size());
  return parsed;
}

base::Result<ModuleStatus> ModuleClient::status() {
  HEQI_TRY(const base::Bytes answer, call(Operation::status, encode_name("status")));
  return parse_module_status(answer);
}

base::Result<ModuleStatus> ModuleClient::self_test() {
  HEQI_TRY(const base::Bytes answer, call(Operation::self_test, encode_name("self-test")));
  return parse_module_status(answer);
}

base::Result<base::Bytes> ModuleClient::administer(const Administration& asked) {
  return call(Operation::administer, base::to_bytes(encode_administration(asked).expose()));
}

base::Result<base::SecretBytes> ModuleClient::sign_in(base::ByteView password) {
  HEQI_TRY(base::Bytes token,
           administer({.act = Act::sign_in, .secret = base::SecretBytes::copy_of(password)}));
  base::SecretBytes out = base::SecretBytes::copy_of(token);
  base::secure_wipe(token.data(), token.size());
  return out;
}

base::Result<MadeKey> ModuleClient::make_key(const MakeKeyRequest& request) {
  HEQI_TRY(base::Bytes answer, call(Operation::make_key, encode_make_key(request)));
  auto made = parse_made_key(answer);
  base::secure_wipe(answer.data(), answer.size());
  return made;
}

base::Result<base::Bytes> ModuleClient::public_key(std::string_view name) {
  return call(Operation::public_key, encode_name(name));
}

base::Result<base::SecretBytes> ModuleClient::use_application_key(
    const device::LocalRequest& request) {
  HEQI_TRY(base::Bytes answer,
           call(Operation::application_key, device::encode_local_request(request)));
  base::SecretBytes out = base::SecretBytes::copy_of(answer);
  base::secure_wipe(answer.data(), answer.size());
  return out;
}

base::Result<base::Bytes> ModuleClient::sign(const SignRequest& request) {
  return call(Operation::sign, encode_sign(request));
}

base::Result<base::Bytes> ModuleClient::mac(std::string_view name, base::ByteView message) {
  return call(Operation::mac, encode_named_octets(name, message));
}

base::Result<base::Bytes> ModuleClient::seal(std::string_view name, base::ByteView secret) {
  return call(Operation::seal, encode_named_octets(name, secret));
}

base::Result<base::SecretBytes> ModuleClient::open_sealed(std::string_view name,
                                                          base::ByteView blob) {
  HEQI_TRY(base::Bytes opened, call(Operation::open, encode_named_octets(name, blob)));
  base::SecretBytes secret = base::SecretBytes::copy_of(opened);
  base::secure_wipe(opened.data(), opened.size());
  return secret;
}

base::Result<EncryptionKey> ModuleClient::make_encryption_key(std::string_view name) {
  HEQI_TRY(const base::Bytes answer, call(Operation::make_encryption_key, encode_name(name)));
  return parse_encryption_key(answer);
}

base::Result<EncryptionKey> ModuleClient::envelop(const EnvelopRequest& request) {
  HEQI_TRY(const base::Bytes answer, call(Operation::envelop, encode_envelop(request)));
  return parse_encryption_key(answer);
}

base::Result<KeyCentreEnds> ModuleClient::bind_device(const DeviceBinding& binding) {
  HEQI_TRY(const base::Bytes answer, call(Operation::bind_device, encode_device_binding(binding)));
  return parse_key_centre_ends(answer);
}

base::Result<base::Bytes> ModuleClient::device_message(base::ByteView envelope) {
  return call(Operation::device_message, base::to_bytes(envelope));
}

base::Status ModuleClient::revoke_share(std::string_view key_id) {
  HEQI_TRY(call(Operation::revoke_share, encode_name(key_id)));
  return {};
}

base::Status ModuleClient::end_key(std::string_view device_id, base::ByteView public_key) {
  HEQI_TRY(call(Operation::end_key, encode_named_octets(device_id, public_key)));
  return {};
}

base::Status ModuleClient::order_wipe(std::string_view device_id) {
  HEQI_TRY(call(Operation::order_wipe, encode_name(device_id)));
  return {};
}

base::Result<std::vector<EndedKey>> ModuleClient::ended_keys() {
  HEQI_TRY(const base::Bytes answer, call(Operation::ended_keys, {}));
  return parse_ended_keys(answer);
}

base::Status ModuleClient::heard_ended(const std::vector<std::string>& key_ids) {
  HEQI_TRY(call(Operation::heard_ended, encode_names(key_ids)));
  return {};
}

base::Result<KeyStatus> ModuleClient::key_status(std::string_view key_id) {
  HEQI_TRY(const base::Bytes answer, call(Operation::key_status, encode_name(key_id)));
  return parse_key_status(answer);
}

base::Result<std::unique_ptr<ModuleSigner>> ModuleSigner::make(ModuleClient& client,
                                                               std::string name,
                                                               base::SecretBytes passphrase) {
  HEQI_TRY(base::Bytes key, client.public_key(name));
  return std::unique_ptr<ModuleSigner>(
      new ModuleSigner(client, std::move(name), std::move(passphrase), std::move(key)));
}

x509::AlgorithmIdentifier ModuleSigner::algorithm() const {
  return x509::sm2_with_sm3_algorithm();
}

base::Result<base::Bytes> ModuleSigner::sign(base::ByteView message) {
  return client_.sign({name_, base::to_bytes(message), passphrase_.clone()});
}

}  // namespace heqi::keys
