#include <heqi/base/constant_time.h>

#ifdef HEQI_CONSTANT_TIME
#include <valgrind/memcheck.h>
#endif

namespace heqi::base::ct {

Mask equal_bytes(ByteView a, ByteView b) {
  if (a.size() != b.size()) return 0;
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= std::uint64_t(a[i] ^ b[i]);
  return is_zero(difference);
}

#ifdef HEQI_CONSTANT_TIME
void secret(ByteView data) {
  (void)VALGRIND_MAKE_MEM_UNDEFINED(data.data(), data.size());
}
void declassify(ByteView data) {
  (void)VALGRIND_MAKE_MEM_DEFINED(data.data(), data.size());
}
#else
void secret(ByteView) {}
void declassify(ByteView) {}
#endif

bool declassified(Mask mask) {
  declassify({reinterpret_cast<const std::uint8_t*>(&mask), sizeof mask});
  return mask != 0;
}

}  // namespace heqi::base::ct
