#include "demo_run.h"

namespace heqi::demo {

const DemoRun& DemoRun::get() {
  static const DemoRun run;
  return run;
}

DemoRun::DemoRun()
    : ran_(shell(std::string(HEQI_PROGRAM) + " demo --output " + folder_.path() + " --document " +
                 HEQI_EXAMPLES + "/lease.pdf")) {
  if (ran_.status != 0) return;
  file_ = read(path("contract.pdf"));
  root_ = read(path("root.cer"));
}

}  // namespace heqi::demo
