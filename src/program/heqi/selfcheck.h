// selfcheck.h: what works on this machine and what does not, as `heqi selfcheck --json` says it.
#pragma once
#include "configuration.h"

namespace heqi::program {

// selfcheck_report is the JSON report for a platform that runs with this configuration.
base::Result<std::string> selfcheck_report(const Configuration& configuration);

}  // namespace heqi::program
