// demo_command.h: heqi demo: the main job, from an empty folder to a verified contract.
#pragma once
#include "commands.h"

namespace heqi::program {

int run_demo(CommandLine arguments);

}  // namespace heqi::program
