#include "module.h"

namespace heqi::testing {

using keys::Operation;

base::Result<base::Bytes> LocalModule::call(Operation operation, base::Bytes body) {
  return keys::parse_answer(module_->handle(keys::encode_request({operation, std::move(body)})));
}

base::Result<keys::MadeKey> LocalModule::make_key(std::string_view name, keys::Purpose purpose) {
  HEQI_TRY(const base::Bytes answer,
           call(Operation::make_key, keys::encode_make_key({std::string(name), purpose,
                                                            keys::Protection::wrapping_key})));
  return keys::parse_made_key(answer);
}

base::Result<base::Bytes> LocalModule::public_key(std::string_view name) {
  return call(Operation::public_key, keys::encode_name(name));
}

base::Result<keys::KeyStatus> LocalModule::key_status(std::string_view key_id) {
  HEQI_TRY(const base::Bytes answer, call(Operation::key_status, keys::encode_name(key_id)));
  return keys::parse_key_status(answer);
}

base::Result<services::mss::KeyCentreEnds> LocalModule::bind_device(
    const std::string& device_id, base::ByteView channel_public_key, base::ByteView channel_id) {
  HEQI_TRY(const base::Bytes answer,
           call(Operation::bind_device,
                keys::encode_device_binding(
                    {device_id, base::to_bytes(channel_public_key), base::to_bytes(channel_id)})));
  HEQI_TRY(keys::KeyCentreEnds ends, keys::parse_key_centre_ends(answer));
  return services::mss::KeyCentreEnds{std::move(ends.app_id), std::move(ends.platform_id),
                                      std::move(ends.channel_key), std::move(ends.sealing_key)};
}

base::Result<base::SecretBytes> LocalModule::mac(std::string_view name, base::ByteView message) {
  HEQI_TRY(const base::Bytes answer,
           call(Operation::mac, keys::encode_named_octets(name, message)));
  return base::SecretBytes::copy_of(answer);
}

base::Result<std::vector<services::mss::EndedKey>> LocalModule::ended_keys() {
  HEQI_TRY(const base::Bytes answer, call(Operation::ended_keys, {}));
  HEQI_TRY(const std::vector<keys::EndedKey> ended, keys::parse_ended_keys(answer));
  std::vector<services::mss::EndedKey> out;
  for (const keys::EndedKey& key : ended)
    out.push_back({key.key_id, key.device_id, key.public_key});
  return out;
}

base::Status LocalModule::heard_ended(const std::vector<std::string>& key_ids) {
  HEQI_TRY(call(Operation::heard_ended, keys::encode_names(key_ids)));
  return {};
}

base::Status LocalModule::order_wipe(const std::string& device_id) {
  HEQI_TRY(call(Operation::order_wipe, keys::encode_name(device_id)));
  return {};
}

base::Status LocalModule::end_key(const std::string& device_id, base::ByteView public_key) {
  HEQI_TRY(call(Operation::end_key, keys::encode_named_octets(device_id, public_key)));
  return {};
}

base::Result<keys::EncryptionKey> LocalVault::make(std::string_view name) {
  HEQI_TRY(const base::Bytes key,
           module_.call(Operation::make_encryption_key, keys::encode_name(name)));
  return keys::parse_encryption_key(key);
}

base::Result<services::kmc::Delivery> LocalVault::envelop(std::string_view name,
                                                          base::ByteView sealed,
                                                          const crypto::PublicKey& receiver) {
  HEQI_TRY(const base::Bytes answer,
           module_.call(Operation::envelop,
                        keys::encode_envelop({std::string(name), base::to_bytes(sealed),
                                              base::to_bytes(receiver.encode())})));
  HEQI_TRY(keys::EncryptionKey key, keys::parse_encryption_key(answer));
  return services::kmc::delivery_of(std::move(key));
}

x509::AlgorithmIdentifier LocalSigner::algorithm() const {
  return x509::sm2_with_sm3_algorithm();
}

base::Result<base::Bytes> LocalSigner::sign(base::ByteView message) {
  return module_.call(Operation::sign, keys::encode_sign({name_, base::to_bytes(message), {}}));
}

}  // namespace heqi::testing
