// heqi/keys/module.h: the key centre as one object: what the process heqi-module serves on its
// socket.
#pragma once
#include <atomic>
#include <shared_mutex>

#include <heqi/device/module.h>
#include <heqi/keys/application_keys.h>
#include <heqi/keys/backup.h>
#include <heqi/keys/device_desk.h>

namespace heqi::keys {

struct ModuleOptions {
  std::string database_url;  // "sqlite:/…/module.db"
  Place place;
  Exchanges exchanges = Exchanges::joint;
  int tries_before_lock = kTriesBeforeLock;  // wrong PINs, 1 to kTriesBeforeLock
};

// ModuleParts are given from outside and outlive the module.
struct ModuleParts {
  base::FileStore& files;           // boot epoch
  base::FileStore& wrapping_files;  // the root wrapping key, readable by the module's user only
  base::Random& random;
  const base::Clock& clock;
  base::Log& log;
  // Run at the start and on demand; while they run nothing is served.
  std::vector<device::SelfTest> tests = {};
  std::vector<std::string> environment = {};  // what the program found before
};

class Module {
 public:
  // open runs the self-tests, unseals the keys and counts the start. A failing test leaves a module
  // in the error state, which serves its status and the tests only; every other failure is an
  // error.
  static base::Result<std::unique_ptr<Module>> open(const ModuleOptions& options,
                                                    ModuleParts parts);

  // handle answers one encoded Request with one encoded answer; never fails.
  base::Bytes handle(base::ByteView request);
  // status is given in every state.
  ModuleStatus status();
  // is_healthy is false once the disk has refused a write (sql::Database::healthy).
  bool is_healthy() const { return database_->healthy(); }

 private:
  Module(ModuleOptions options, ModuleParts parts, std::unique_ptr<sql::Database> database,
         WrappingKey wrapping);
  base::Status open_keys();
  base::Result<base::Bytes> serve(const Request& request);
  base::Result<base::Bytes> act(const Request& request);
  base::Result<base::Bytes> act_on_shares(const Request& request);
  base::Result<base::Bytes> act_on_sealed(const Request& request);
  base::Result<base::Bytes> use_application_key(const Request& request);
  base::Result<base::Bytes> administer(const Administration& asked);
  base::Result<base::Bytes> administer_signed_in(const Administration& asked);
  base::Result<base::Bytes> administer_keys(const Administration& asked);
  base::Status attest(const std::string& statement);
  base::Result<bool> is_attested();
  base::Status test();
  void fail(std::string reason);

  ModuleOptions options_;
  ModuleParts parts_;
  std::unique_ptr<sql::Database> database_;
  WrappingKey wrapping_;
  std::int64_t boot_epoch_ = 0;
  std::optional<MasterKeys> masters_;
  std::optional<ServiceKeys> service_keys_;
  std::optional<ApplicationKeys> application_keys_;
  std::optional<JointKeys> joint_keys_;
  std::optional<DeviceDesk> desk_;
  std::optional<ActRecord> acts_;
  std::optional<Backup> backup_;
  std::optional<Administrator> administrator_;
  std::shared_mutex testing_;  // held alone while tests run, shared while something is served
  std::mutex failure_mutex_;
  std::string failure_;  // why this is the error state; empty while operational
  std::atomic<bool> is_failed_ = false;
};

}  // namespace heqi::keys
