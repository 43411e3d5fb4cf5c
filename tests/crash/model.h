// model.h: what must hold of databases, files and told answers after the main job, whatever died.
#pragma once
#include "world.h"

namespace heqi::faults {

// check_model looks at everything that a closed world left behind; faults are gtest failures. ended
// is how many certificates were superseded or revoked on the way.
void check_model(World& world, std::int64_t ended = 0);

}  // namespace heqi::faults
