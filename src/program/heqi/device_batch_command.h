// device_batch_command.h: heqi device batch, several documents with one confirmation.
#pragma once
#include <heqi/base/result.h>

#include "arguments.h"

namespace heqi::program {

extern const Syntax kBatchSyntax;

base::Result<int> sign_batch(const Arguments& arguments);

}  // namespace heqi::program
