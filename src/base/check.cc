#include <cstdio>
#include <cstdlib>

#include <heqi/base/result.h>

namespace heqi::base {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace heqi::base
