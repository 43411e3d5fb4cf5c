#include <cstdio>
#include <cstdlib>
#include <string>

#include <heqi/base/result.h>

namespace heqi::base {

void check_failed(const char* condition, const char* file, int line) {
  const std::string number = std::to_string(line);
  for (const char* part : {file, ":", number.c_str(), ": check failed: ", condition, "\n"})
    std::fputs(part, stderr);
  std::abort();
}

}  // namespace heqi::base
