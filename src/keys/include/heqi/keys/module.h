// heqi/keys/module.h: the key centre as one object: what the process heqi-module serves on its
// socket.
#pragma once
#include <heqi/keys/device_desk.h>

namespace heqi::keys {

struct ModuleOptions {
  std::string database_url;  // "sqlite:/…/module.db"
  Place place;
};

// ModuleParts are given from outside and outlive the module.
struct ModuleParts {
  base::FileStore& files;           // boot epoch
  base::FileStore& wrapping_files;  // the root wrapping key, readable by the module's user only
  base::Random& random;
  const base::Clock& clock;
  base::Log& log;
};

class Module {
 public:
  // open runs the self-tests, unseals the keys and counts the start. Fails with what they report;
  // nothing is served then.
  static base::Result<std::unique_ptr<Module>> open(const ModuleOptions& options,
                                                    ModuleParts parts);

  // handle answers one encoded Request with one encoded answer; never fails.
  base::Bytes handle(base::ByteView request);
  // is_healthy is false once the disk has refused a write (sql::Database::healthy).
  bool is_healthy() const { return database_->healthy(); }

 private:
  Module(ModuleParts parts, std::unique_ptr<sql::Database> database, WrappingKey wrapping);
  base::Result<base::Bytes> act(const Request& request);

  ModuleParts parts_;
  std::unique_ptr<sql::Database> database_;
  WrappingKey wrapping_;
  std::int64_t boot_epoch_ = 0;
  std::optional<MasterKeys> masters_;
  std::optional<ServiceKeys> service_keys_;
  std::optional<JointKeys> joint_keys_;
  std::optional<DeviceDesk> desk_;
};

}  // namespace heqi::keys
