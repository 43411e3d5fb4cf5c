// platform_process.h: the running platform: every service, wired.
#pragma once
#include <memory>

#include <heqi/base/log.h>

#include "configuration.h"

namespace heqi::program {

// PlatformProcess is everything that `heqi serve` runs. It answers until stop.
class PlatformProcess {
 public:
  static base::Result<std::unique_ptr<PlatformProcess>> start(const Configuration& configuration,
                                                              base::Log& log);
  virtual ~PlatformProcess() = default;
  virtual void stop() = 0;
  // is_healthy is false once the disk has refused a write: nothing is written any more, and only a
  // new start helps (sql::Database::healthy).
  virtual bool is_healthy() const = 0;
};

}  // namespace heqi::program
