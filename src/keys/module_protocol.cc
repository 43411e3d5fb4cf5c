#include <heqi/keys/module_protocol.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace heqi::keys {
namespace {

constexpr std::size_t kNameSizeMax = 128, kFindingsMax = 16;

base::Result<std::string> name_of(asn1::Reader& reader) {
  HEQI_TRY(std::string name, reader.utf8_string());
  if (name.empty() || name.size() > kNameSizeMax)
    return base::fail(base::Code::malformed, "a name of 1…128 octets is expected");
  return name;
}

// whole_sequence opens the one SEQUENCE that der must be.
base::Result<asn1::Reader> whole_sequence(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  return inner;
}

base::Bytes sequence(const asn1::Writer::Inner& inner) {
  asn1::Writer out;
  out.sequence(inner);
  return out.take();
}

}  // namespace

base::Bytes encode_request(const Request& request) {
  return sequence([&](asn1::Writer& w) {
    w.integer(1).enumerated(static_cast<int>(request.operation)).octet_string(request.body);
  });
}

base::Result<Request> parse_request(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(const std::int64_t version, reader.small_integer());
  if (version != 1) return base::fail(base::Code::unsupported, "module protocol version");
  HEQI_TRY(const std::int64_t operation, reader.enumerated());
  if (operation < 0 || operation > static_cast<int>(kLastOperation))
    return base::fail(base::Code::unsupported, "operation " + std::to_string(operation));
  HEQI_TRY(const base::ByteView body, reader.octet_string());
  HEQI_TRY(reader.finish());
  return Request{static_cast<Operation>(operation), base::to_bytes(body)};
}

base::Bytes encode_answer(const base::Result<base::Bytes>& answer) {
  return sequence([&](asn1::Writer& w) {
    if (answer) {
      w.octet_string(*answer);
      return;
    }
    w.sequence([&](asn1::Writer& e) {
      e.utf8_string(base::error_text(answer.error().code).id).utf8_string(answer.error().detail);
    });
  });
}

base::Result<base::Bytes> parse_answer(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  if (reader.peek() == asn1::kSequence) {
    HEQI_TRY(asn1::Reader error, reader.sequence());
    HEQI_TRY(const std::string id, error.utf8_string());
    HEQI_TRY(std::string detail, error.utf8_string());
    return base::fail(base::find_error(id).value_or(base::Code::internal), std::move(detail));
  }
  HEQI_TRY(const base::ByteView body, reader.octet_string());
  HEQI_TRY(reader.finish());
  return base::to_bytes(body);
}

base::Bytes encode_make_key(const MakeKeyRequest& request) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(request.name)
        .enumerated(static_cast<int>(request.purpose))
        .enumerated(static_cast<int>(request.protection));
  });
}

base::Result<MakeKeyRequest> parse_make_key(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(std::string name, name_of(reader));
  HEQI_TRY(const std::int64_t purpose, reader.enumerated());
  HEQI_TRY(const std::int64_t protection, reader.enumerated());
  HEQI_TRY(reader.finish());
  if (purpose < 0 || purpose > static_cast<int>(Purpose::channel) || protection < 0 ||
      protection > 1)
    return base::fail(base::Code::malformed, "purpose or protection");
  return MakeKeyRequest{std::move(name), static_cast<Purpose>(purpose),
                        static_cast<Protection>(protection)};
}

base::Bytes encode_made_key(const MadeKey& key) {
  return sequence([&](asn1::Writer& w) {
    w.octet_string(key.public_key).octet_string(key.passphrase.expose());
  });
}

base::Result<MadeKey> parse_made_key(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(const base::ByteView public_key, reader.octet_string());
  HEQI_TRY(const base::ByteView passphrase, reader.octet_string());
  HEQI_TRY(reader.finish());
  return MadeKey{base::to_bytes(public_key), base::SecretBytes::copy_of(passphrase)};
}

base::Bytes encode_sign(const SignRequest& request) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(request.name)
        .octet_string(request.message)
        .octet_string(request.passphrase.expose());
  });
}

base::Result<SignRequest> parse_sign(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(std::string name, name_of(reader));
  HEQI_TRY(const base::ByteView message, reader.octet_string());
  HEQI_TRY(const base::ByteView passphrase, reader.octet_string());
  HEQI_TRY(reader.finish());
  return SignRequest{std::move(name), base::to_bytes(message),
                     base::SecretBytes::copy_of(passphrase)};
}

base::Bytes encode_device_binding(const DeviceBinding& binding) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(binding.device_id)
        .octet_string(binding.channel_public_key)
        .octet_string(binding.channel_id);
    if (binding.tenant != kDefaultTenant) w.utf8_string(binding.tenant);
  });
}

base::Result<DeviceBinding> parse_device_binding(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(std::string device_id, name_of(reader));
  HEQI_TRY(const base::ByteView key, reader.octet_string());
  HEQI_TRY(const base::ByteView channel_id, reader.octet_string());
  DeviceBinding binding{std::move(device_id), base::to_bytes(key), base::to_bytes(channel_id)};
  if (!reader.at_end()) {
    HEQI_TRY(binding.tenant, name_of(reader));
    if (binding.tenant == kDefaultTenant)
      return base::fail(base::Code::malformed, "the default tenant is left out");
  }
  HEQI_TRY(reader.finish());
  return binding;
}

base::Bytes encode_key_centre_ends(const KeyCentreEnds& ends) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(ends.app_id)
        .utf8_string(ends.platform_id)
        .octet_string(ends.channel_key)
        .octet_string(ends.sealing_key);
  });
}

base::Result<KeyCentreEnds> parse_key_centre_ends(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  KeyCentreEnds ends;
  HEQI_TRY(ends.app_id, name_of(reader));
  HEQI_TRY(ends.platform_id, name_of(reader));
  HEQI_TRY(const base::ByteView channel_key, reader.octet_string());
  HEQI_TRY(const base::ByteView sealing_key, reader.octet_string());
  HEQI_TRY(reader.finish());
  ends.channel_key = base::to_bytes(channel_key);
  ends.sealing_key = base::to_bytes(sealing_key);
  return ends;
}

base::Bytes encode_name(std::string_view name) {
  return sequence([&](asn1::Writer& w) { w.utf8_string(name); });
}

base::Result<std::string> parse_name(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(std::string name, name_of(reader));
  HEQI_TRY(reader.finish());
  return name;
}

base::Bytes encode_named_octets(std::string_view name, base::ByteView octets) {
  return sequence([&](asn1::Writer& w) { w.utf8_string(name).octet_string(octets); });
}

base::Result<NamedOctets> parse_named_octets(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(std::string name, name_of(reader));
  HEQI_TRY(const base::ByteView octets, reader.octet_string());
  HEQI_TRY(reader.finish());
  return NamedOctets{std::move(name), base::SecretBytes::copy_of(octets)};
}

base::Bytes encode_encryption_key(const EncryptionKey& key) {
  return sequence([&](asn1::Writer& w) { w.octet_string(key.public_key).octet_string(key.blob); });
}

base::Result<EncryptionKey> parse_encryption_key(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(const base::ByteView public_key, reader.octet_string());
  HEQI_TRY(const base::ByteView blob, reader.octet_string());
  HEQI_TRY(reader.finish());
  return EncryptionKey{base::to_bytes(public_key), base::to_bytes(blob)};
}

base::Bytes encode_envelop(const EnvelopRequest& request) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(request.name).octet_string(request.sealed).octet_string(request.receiver);
  });
}

base::Result<EnvelopRequest> parse_envelop(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  HEQI_TRY(std::string name, name_of(reader));
  HEQI_TRY(const base::ByteView sealed, reader.octet_string());
  HEQI_TRY(const base::ByteView receiver, reader.octet_string());
  HEQI_TRY(reader.finish());
  return EnvelopRequest{std::move(name), base::to_bytes(sealed), base::to_bytes(receiver)};
}

base::Bytes encode_key_status(const KeyStatus& status) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(status.state)
        .integer(status.tries_left)
        .integer(status.not_before)
        .integer(status.epoch)
        .integer(status.counter);
  });
}

base::Result<KeyStatus> parse_key_status(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  KeyStatus status;
  HEQI_TRY(status.state, name_of(reader));
  HEQI_TRY(const std::int64_t tries, reader.small_integer());
  HEQI_TRY(status.not_before, reader.small_integer());
  HEQI_TRY(status.epoch, reader.small_integer());
  HEQI_TRY(status.counter, reader.small_integer());
  HEQI_TRY(reader.finish());
  status.tries_left = static_cast<int>(tries);
  return status;
}

base::Bytes encode_ended_keys(const std::vector<EndedKey>& keys) {
  return sequence([&](asn1::Writer& w) {
    for (const EndedKey& key : keys) {
      w.sequence([&](asn1::Writer& one) {
        one.utf8_string(key.key_id).utf8_string(key.device_id).octet_string(key.public_key);
      });
    }
  });
}

base::Result<std::vector<EndedKey>> parse_ended_keys(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  std::vector<EndedKey> out;
  while (!reader.at_end()) {
    if (out.size() == kEndedKeysMax) return base::fail(base::Code::limit_exceeded, "ended keys");
    HEQI_TRY(asn1::Reader one, reader.sequence());
    EndedKey key;
    HEQI_TRY(key.key_id, name_of(one));
    HEQI_TRY(key.device_id, name_of(one));
    HEQI_TRY(const base::ByteView point, one.octet_string());
    HEQI_TRY(one.finish());
    key.public_key = base::to_bytes(point);
    out.push_back(std::move(key));
  }
  return out;
}

base::Bytes encode_names(const std::vector<std::string>& names) {
  return sequence([&](asn1::Writer& w) {
    for (const std::string& name : names) w.utf8_string(name);
  });
}

base::Result<std::vector<std::string>> parse_names(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  std::vector<std::string> out;
  while (!reader.at_end()) {
    if (out.size() == kEndedKeysMax) return base::fail(base::Code::limit_exceeded, "names");
    HEQI_TRY(std::string name, name_of(reader));
    out.push_back(std::move(name));
  }
  return out;
}

base::Bytes encode_module_status(const ModuleStatus& status) {
  return sequence([&](asn1::Writer& w) {
    w.utf8_string(status.version).utf8_string(status.state).integer(status.boot_epoch);
    w.boolean(status.approved_mode).utf8_string(status.failure);
    w.sequence([&](asn1::Writer& list) {
      for (const std::string& finding : status.environment) list.utf8_string(finding);
    });
  });
}

base::Result<ModuleStatus> parse_module_status(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, whole_sequence(der));
  ModuleStatus status;
  HEQI_TRY(status.version, name_of(reader));
  HEQI_TRY(status.state, name_of(reader));
  HEQI_TRY(status.boot_epoch, reader.small_integer());
  HEQI_TRY(status.approved_mode, reader.boolean());
  HEQI_TRY(status.failure, reader.utf8_string());
  HEQI_TRY(asn1::Reader list, reader.sequence());
  while (!list.at_end() && status.environment.size() < kFindingsMax) {
    HEQI_TRY(std::string finding, name_of(list));
    status.environment.push_back(std::move(finding));
  }
  HEQI_TRY(list.finish());
  HEQI_TRY(reader.finish());
  return status;
}

}  // namespace heqi::keys
