#include <heqi/keys/module.h>

#include <heqi/keys/schema.h>

namespace heqi::keys {
namespace {

constexpr std::string_view kWrappingFile = "root-wrapping-key";
constexpr std::string_view kVersion = "0.1.0";

}  // namespace

Module::Module(ModuleParts parts, std::unique_ptr<sql::Database> database, WrappingKey wrapping)
    : parts_(parts), database_(std::move(database)), wrapping_(std::move(wrapping)) {}

base::Result<std::unique_ptr<Module>> Module::open(const ModuleOptions& options,
                                                   ModuleParts parts) {
  HEQI_TRY(std::unique_ptr<sql::Database> database,
           sql::Database::open({.url = options.database_url, .log = &parts.log}));
  const sql::Component components[] = {schema()};
  HEQI_TRY(sql::apply_migrations(*database, components, parts.clock));
  HEQI_TRY(WrappingKey wrapping,
           WrappingKey::open_or_make(parts.wrapping_files, kWrappingFile, parts.random));
  std::unique_ptr<Module> module(new Module(parts, std::move(database), std::move(wrapping)));
  HEQI_TRY(module->boot_epoch_, start_boot_epoch(*module->database_, parts.files, parts.clock));
  HEQI_TRY(MasterKeys masters,
           MasterKeys::open(*module->database_, module->wrapping_, parts.random, parts.clock));
  module->masters_.emplace(std::move(masters));
  module->service_keys_.emplace(*module->database_, module->wrapping_, parts.random, parts.clock);
  module->joint_keys_.emplace(*module->database_, module->wrapping_, *module->masters_,
                              parts.random, parts.clock, parts.log, options.place);
  module->desk_.emplace(*module->database_, *module->service_keys_, *module->joint_keys_,
                        parts.random, parts.clock, parts.log, options.place);
  HEQI_TRY(module->desk_->open_own_keys());
  return module;
}

base::Bytes Module::handle(base::ByteView encoded) {
  auto request = parse_request(encoded);
  if (!request) return encode_answer(std::move(request).error());
  auto answer = act(*request);
  base::secure_wipe(request->body.data(), request->body.size());
  if (!answer)
    parts_.log.warning("module.refused",
                       {{"operation", static_cast<std::int64_t>(request->operation)},
                        {"code", base::error_text(answer.error().code).id}});
  base::Bytes out = encode_answer(answer);
  if (answer) base::secure_wipe(answer->data(), answer->size());
  return out;
}

base::Result<base::Bytes> Module::act(const Request& request) {
  switch (request.operation) {
    case Operation::status:
      return encode_module_status(
          {.version = std::string(kVersion), .state = "operational", .boot_epoch = boot_epoch_});
    case Operation::make_key: {
      HEQI_TRY(const MakeKeyRequest make, parse_make_key(request.body));
      HEQI_TRY(const MadeKey made, service_keys_->make(make));
      parts_.log.info("module.key_made", {{"name", make.name}});
      return encode_made_key(made);
    }
    case Operation::public_key: {
      HEQI_TRY(const std::string name, parse_name(request.body));
      return service_keys_->public_key(name);
    }
    case Operation::sign: {
      HEQI_TRY(const SignRequest sign, parse_sign(request.body));
      return service_keys_->sign(sign);
    }
    case Operation::mac: {
      HEQI_TRY(const NamedOctets octets, parse_named_octets(request.body));
      return service_keys_->mac(octets);
    }
    case Operation::bind_device: {
      HEQI_TRY(const DeviceBinding binding, parse_device_binding(request.body));
      HEQI_TRY(const KeyCentreEnds ends, desk_->bind(binding));
      return encode_key_centre_ends(ends);
    }
    case Operation::device_message:
      return desk_->handle(request.body);
    case Operation::revoke_share: {
      HEQI_TRY(const std::string key_id, parse_name(request.body));
      HEQI_TRY(joint_keys_->revoke(key_id));
      return base::Bytes();
    }
    case Operation::key_status: {
      HEQI_TRY(const std::string key_id, parse_name(request.body));
      HEQI_TRY(const KeyStatus status, joint_keys_->status(key_id));
      return encode_key_status(status);
    }
    case Operation::seal: {
      HEQI_TRY(const NamedOctets octets, parse_named_octets(request.body));
      return service_keys_->seal(octets);
    }
    case Operation::open: {
      HEQI_TRY(const NamedOctets octets, parse_named_octets(request.body));
      HEQI_TRY(const base::SecretBytes opened, service_keys_->open(octets));
      return base::to_bytes(opened.expose());
    }
  }
  return base::fail(base::Code::unsupported, "operation");
}

}  // namespace heqi::keys
