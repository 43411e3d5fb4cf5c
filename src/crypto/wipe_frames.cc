#include "wipe_frames.h"

namespace heqi::crypto::internal {

__attribute__((noinline)) void wipe_frames() {
  std::uint8_t used[kFrames];
  base::secure_wipe(used, sizeof used);
}

}  // namespace heqi::crypto::internal
