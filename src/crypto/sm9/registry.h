// registry.h: what dispatch.cc needs of SM9, without its arithmetic.
#pragma once
#include "../choice.h"

namespace heqi::crypto::sm9::internal {

crypto::internal::ChoiceEntry choice_entry();

}  // namespace heqi::crypto::sm9::internal
