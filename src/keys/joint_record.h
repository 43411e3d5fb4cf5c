// joint_record.h: what joint_keys.cc and joint_refresh.cc share of a collaborative key's record.
#pragma once
#include <heqi/keys/sealing.h>

namespace heqi::keys {

inline SealContext p1_context(const std::string& key_id, std::uint32_t epoch) {
  return {"joint-p1", key_id, epoch};
}

// StackWipe clears the stack below a computation with d2 and the nonces, however it is left.
struct StackWipe {
  StackWipe() = default;
  StackWipe(const StackWipe&) = delete;
  StackWipe& operator=(const StackWipe&) = delete;
  ~StackWipe() { base::wipe_stack(); }
};

}  // namespace heqi::keys
