// wipe_frames.h: base::wipe_stack for operations that are over in microseconds.
#pragma once
#include <heqi/base/secret.h>

namespace heqi::crypto::internal {

// kFrames is more than any operation on the curve uses of the stack; a test looks for what is left
// behind.
inline constexpr std::size_t kFrames = 16 * 1024;

// wipe_frames overwrites the kFrames bytes of the stack below the caller.
void wipe_frames();

}  // namespace heqi::crypto::internal
