#include <heqi/keys/module.h>

#include <heqi/keys/schema.h>

namespace heqi::keys {
namespace {

constexpr std::string_view kWrappingFile = "root-wrapping-key";
constexpr std::size_t kActsListed = 1000;

}  // namespace

Module::Module(ModuleOptions options, ModuleParts parts, std::unique_ptr<sql::Database> database,
               WrappingKey wrapping)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      database_(std::move(database)),
      wrapping_(std::move(wrapping)) {}

base::Result<std::unique_ptr<Module>> Module::open(const ModuleOptions& options,
                                                   ModuleParts parts) {
  HEQI_TRY(std::unique_ptr<sql::Database> database,
           sql::Database::open({.url = options.database_url, .log = &parts.log}));
  const sql::Component components[] = {schema()};
  HEQI_TRY(sql::apply_migrations(*database, components, parts.clock));
  HEQI_TRY(WrappingKey wrapping,
           WrappingKey::open_or_make(parts.wrapping_files, kWrappingFile, parts.random));
  std::unique_ptr<Module> module(
      new Module(options, std::move(parts), std::move(database), std::move(wrapping)));
  HEQI_TRY(module->test());
  return module;
}

base::Status Module::open_keys() {
  HEQI_TRY(boot_epoch_, start_boot_epoch(*database_, parts_.files, parts_.clock));
  HEQI_TRY(MasterKeys masters,
           MasterKeys::open(*database_, wrapping_, parts_.random, parts_.clock));
  masters_.emplace(std::move(masters));
  service_keys_.emplace(*database_, wrapping_, parts_.random, parts_.clock);
  application_keys_.emplace(*service_keys_, parts_.random);
  joint_keys_.emplace(*database_, wrapping_, *masters_, parts_.random, parts_.clock, parts_.log,
                      options_.place, options_.tries_before_lock);
  acts_.emplace(*database_, parts_.clock);
  backup_.emplace(*database_, wrapping_, *masters_, parts_.random, parts_.clock);
  desk_.emplace(*database_, *service_keys_, *joint_keys_, *acts_, parts_.random, parts_.clock,
                parts_.log, options_.place, options_.exchanges);
  administrator_.emplace(*database_, wrapping_, parts_.random, parts_.clock);
  HEQI_TRY(administrator_->make_first(parts_.wrapping_files));
  return desk_->open_own_keys();
}

void Module::fail(std::string reason) {
  parts_.log.error("module.error_state", {{"reason", reason}});
  const std::lock_guard lock(failure_mutex_);
  failure_ = std::move(reason);
  is_failed_ = true;
}

base::Status Module::test() {
  const std::unique_lock alone(testing_);
  for (const device::SelfTest& one : parts_.tests) {
    if (const base::Status done = one.run(); !done) {
      fail(one.name + ": " + base::to_line(done.error()));
      return {};
    }
  }
  if (!desk_) {
    HEQI_TRY(open_keys());
  }
  const std::lock_guard lock(failure_mutex_);
  failure_.clear();
  is_failed_ = false;
  return {};
}

base::Result<bool> Module::is_attested() {
  HEQI_TRY(const std::optional<sql::Row> row, database_->with_snapshot([](sql::Transaction& tx) {
    return tx.find_row("SELECT at FROM module_attestation WHERE id = 1");
  }));
  return row.has_value();
}

ModuleStatus Module::status() {
  ModuleStatus out{.version = std::string(device::kModuleVersion),
                   .state = is_failed_ ? "error" : "operational",
                   .boot_epoch = boot_epoch_,
                   .failure = {},
                   .environment = parts_.environment};
  const auto attested = is_attested();
  out.approved_mode =
      !is_failed_ && parts_.environment.empty() && attested.has_value() && *attested;
  const std::lock_guard lock(failure_mutex_);
  out.failure = failure_;
  return out;
}

base::Bytes Module::handle(base::ByteView encoded) {
  auto request = parse_request(encoded);
  if (!request) return encode_answer(std::move(request).error());
  auto answer = serve(*request);
  base::secure_wipe(request->body.data(), request->body.size());
  if (!answer)
    parts_.log.warning("module.refused",
                       {{"operation", static_cast<std::int64_t>(request->operation)},
                        {"code", base::error_text(answer.error().code).id}});
  base::Bytes out = encode_answer(answer);
  if (answer) base::secure_wipe(answer->data(), answer->size());
  return out;
}

// serve blocks every output but the status where a test failed, or an own computation did.
base::Result<base::Bytes> Module::serve(const Request& request) {
  if (request.operation == Operation::status) return encode_module_status(status());
  if (request.operation == Operation::self_test) {
    if (const base::Status opened = test(); !opened) fail(base::to_line(opened.error()));
    return encode_module_status(status());
  }
  const auto failed = [&]() -> base::Error {
    const std::lock_guard lock(failure_mutex_);
    return base::fail(base::Code::device_self_test, failure_);
  };
  const std::shared_lock served(testing_);
  if (is_failed_) return failed();
  auto answer = act(request);
  if (!answer && answer.error().code == base::Code::crypto_random_failed)
    fail(base::to_line(answer.error()));
  return answer;
}

// act_on_shares does what concerns the collaborative keys beside their use.
base::Result<base::Bytes> Module::act_on_shares(const Request& request) {
  switch (request.operation) {
    case Operation::revoke_share: {
      HEQI_TRY(const std::string key_id, parse_name(request.body));
      const base::Status revoked = joint_keys_->revoke(key_id);
      HEQI_TRY(acts_->record(device::Role::user, "revoke_share", key_id, revoked));
      HEQI_TRY(revoked);
      return base::Bytes();
    }
    case Operation::order_wipe: {
      HEQI_TRY(const std::string device_id, parse_name(request.body));
      const base::Status ordered = desk_->order_wipe(device_id);
      HEQI_TRY(acts_->record(device::Role::user, "order_wipe", device_id, ordered));
      HEQI_TRY(ordered);
      return base::Bytes();
    }
    case Operation::end_key: {
      HEQI_TRY(const NamedOctets asked, parse_named_octets(request.body));
      const base::Status ended = joint_keys_->end_key(asked.name, asked.octets.expose());
      HEQI_TRY(acts_->record(device::Role::user, "end_key", asked.name, ended));
      HEQI_TRY(ended);
      return base::Bytes();
    }
    case Operation::ended_keys: {
      HEQI_TRY(const std::vector<EndedKey> ended, joint_keys_->ended());
      return encode_ended_keys(ended);
    }
    case Operation::heard_ended: {
      HEQI_TRY(const std::vector<std::string> names, parse_names(request.body));
      HEQI_TRY(joint_keys_->heard(names));
      return base::Bytes();
    }
    case Operation::key_status: {
      HEQI_TRY(const std::string key_id, parse_name(request.body));
      HEQI_TRY(const KeyStatus status, joint_keys_->status(key_id));
      return encode_key_status(status);
    }
    default:
      return base::fail(base::Code::unsupported);
  }
}

// use_application_key records who comes and who goes; each use is the application's own matter.
base::Result<base::Bytes> Module::use_application_key(const Request& request) {
  using device::LocalService;
  HEQI_TRY(device::LocalRequest asked, device::parse_local_request(request.body));
  const auto result = application_keys_->serve(asked);
  base::secure_wipe(asked.data.data(), asked.data.size());
  if (asked.service == LocalService::generate || asked.service == LocalService::destroy) {
    const bool made = asked.service == LocalService::generate;
    HEQI_TRY(acts_->record(device::Role::user, made ? "make_key" : "delete_key", asked.name,
                           result ? base::Status() : base::Status(result.error())));
  }
  if (!result) return result.error();
  return base::to_bytes(result->expose());
}

// act_on_sealed does what concerns secrets that others keep, sealed.
base::Result<base::Bytes> Module::act_on_sealed(const Request& request) {
  switch (request.operation) {
    case Operation::seal: {
      HEQI_TRY(const NamedOctets octets, parse_named_octets(request.body));
      return service_keys_->seal(octets);
    }
    case Operation::open: {
      HEQI_TRY(const NamedOctets octets, parse_named_octets(request.body));
      HEQI_TRY(const base::SecretBytes opened, service_keys_->open(octets));
      return base::to_bytes(opened.expose());
    }
    case Operation::make_encryption_key: {
      HEQI_TRY(const std::string name, parse_name(request.body));
      HEQI_TRY(const EncryptionKey made, service_keys_->make_encryption_key(name));
      return encode_encryption_key(made);
    }
    case Operation::envelop: {
      HEQI_TRY(const EnvelopRequest asked, parse_envelop(request.body));
      HEQI_TRY(const EncryptionKey given, service_keys_->envelop(asked));
      return encode_encryption_key(given);
    }
    default:
      return base::fail(base::Code::unsupported);
  }
}

base::Result<base::Bytes> Module::act(const Request& request) {
  switch (request.operation) {
    case Operation::status:
    case Operation::self_test:
      break;  // serve
    case Operation::administer: {
      HEQI_TRY(const Administration asked, parse_administration(request.body));
      return administer(asked);
    }
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
      if (!masters_->newest(binding.tenant)) {
        HEQI_TRY(
            masters_->renew(binding.tenant, *database_, wrapping_, parts_.random, parts_.clock));
      }
      const auto ends = desk_->bind(binding);
      HEQI_TRY(acts_->record(device::Role::user, "bind_device", binding.device_id,
                             ends ? base::Status() : base::Status(ends.error())));
      HEQI_TRY(ends);
      return encode_key_centre_ends(*ends);
    }
    case Operation::device_message:
      return desk_->handle(request.body);
    case Operation::revoke_share:
    case Operation::order_wipe:
    case Operation::end_key:
    case Operation::ended_keys:
    case Operation::heard_ended:
    case Operation::key_status:
      return act_on_shares(request);
    case Operation::seal:
    case Operation::open:
    case Operation::make_encryption_key:
    case Operation::envelop:
      return act_on_sealed(request);
    case Operation::application_key:
      return use_application_key(request);
  }
  return base::fail(base::Code::unsupported, "operation");
}

base::Result<base::Bytes> Module::administer(const Administration& asked) {
  // The role is checked before the act, and both are recorded, also where it was refused.
  auto answer = [&]() -> base::Result<base::Bytes> {
    if (!device::permits(device::Role::administrator, service_of(asked.act)))
      return base::fail(base::Code::denied, "not an act of the administrator");
    if (asked.act == Act::sign_in) {
      HEQI_TRY(const base::SecretBytes token, administrator_->sign_in(asked.secret.expose()));
      return base::to_bytes(token.expose());
    }
    if (asked.act == Act::change_password) {
      HEQI_TRY(administrator_->change_password(asked.token.expose(), asked.secret.expose(),
                                               asked.new_secret.expose(), parts_.wrapping_files));
      return base::Bytes();
    }
    HEQI_TRY(administrator_->require(asked.token.expose()));
    return administer_signed_in(asked);
  }();
  const base::Status outcome = answer ? base::Status() : base::Status(answer.error());
  const std::string about =
      asked.reason.empty() ? asked.subject : asked.subject + ": " + asked.reason;
  HEQI_TRY(acts_->record(device::Role::administrator, name_of(asked.act), about, outcome));
  return answer;
}

base::Result<base::Bytes> Module::administer_signed_in(const Administration& asked) {
  switch (asked.act) {
    case Act::sign_in:
    case Act::change_password:
      break;
    case Act::sign_out:
      administrator_->sign_out(asked.token.expose());
      return base::Bytes();
    case Act::attest_host:
      HEQI_TRY(attest(asked.subject));
      return base::Bytes();
    case Act::renew_master: {
      const std::string tenant =
          asked.subject.empty() ? std::string(kDefaultTenant) : asked.subject;
      HEQI_TRY(masters_->newest(tenant));  // a misspelt name makes no tenant
      HEQI_TRY(masters_->renew(tenant, *database_, wrapping_, parts_.random, parts_.clock));
      return base::Bytes();
    }
    case Act::list_acts: {
      HEQI_TRY(const std::vector<RecordedAct> acts, acts_->newest(kActsListed));
      return encode_acts(acts);
    }
    default:
      return administer_keys(asked);
  }
  return base::fail(base::Code::unsupported, "administrative act");
}

// administer_keys does what concerns the users' keys: sealed ones go in and out, and no other.
base::Result<base::Bytes> Module::administer_keys(const Administration& asked) {
  switch (asked.act) {
    case Act::list_keys: {
      HEQI_TRY(const std::vector<KeyLine> lines, joint_keys_->list());
      return encode_key_lines(lines);
    }
    case Act::disable_key:
      HEQI_TRY(joint_keys_->revoke(asked.subject));
      return base::Bytes();
    case Act::unlock_key:
      if (asked.reason.empty())
        return base::fail(base::Code::malformed, "an unlock names the fresh proof of identity");
      HEQI_TRY(joint_keys_->unlock(asked.subject));
      return base::Bytes();
    case Act::wipe_device:
      HEQI_TRY(desk_->order_wipe(asked.subject));
      return base::Bytes();
    case Act::delete_key:
      HEQI_TRY(joint_keys_->erase(asked.subject));
      return base::Bytes();
    case Act::back_up: {
      HEQI_TRY(const BackupPage page, backup_->page(asked.subject));
      return encode_backup_page(page);
    }
    case Act::restore: {
      HEQI_TRY(const Restored restored, backup_->restore(asked.content));
      return encode_restored(restored);
    }
    default:
      return base::fail(base::Code::unsupported, "administrative act");
  }
}

base::Status Module::attest(const std::string& statement) {
  if (statement.empty())
    return base::fail(base::Code::malformed, "say who vouches for the host, and how it is kept");
  return database_->with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute("DELETE FROM module_attestation"));
    HEQI_TRY(tx.execute("INSERT INTO module_attestation (id, at, statement) VALUES (1, ?1, ?2)",
                        parts_.clock.now(), statement));
    return {};
  });
}

}  // namespace heqi::keys
