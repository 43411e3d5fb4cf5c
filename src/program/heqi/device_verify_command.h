// device_verify_command.h: heqi device verify: is this seal the unit's legal one, and the file
// unchanged? Answered on the terminal, every SM2 value by heqi-device.
#pragma once
#include <heqi/base/result.h>
#include <heqi/documents/verify/report.h>

#include "arguments.h"

namespace heqi::program {

extern const Syntax kDeviceVerifySyntax;
base::Result<int> verify_in_device(const Arguments& arguments);

// SealAnswer is the one sentence on one seal of a file.
struct SealAnswer {
  std::string name, id;    // of the seal, printable
  bool legal = false;      // the seal, its maker, its user and the time hold
  bool unchanged = false;  // the file is what was sealed, and all of it was
  std::vector<documents::verify::Finding> failed;  // the checks that did not pass
};
// seal_answers has one answer for each seal of the report.
std::vector<SealAnswer> seal_answers(const documents::verify::Report& report);

}  // namespace heqi::program
