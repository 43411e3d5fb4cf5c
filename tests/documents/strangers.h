// Other programs look at our files.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace heqi::documents {

struct Ran {
  int status = -1;
  std::string output;  // both streams
};

inline Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  for (std::size_t size; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    ran.output.append(buffer, size);
  ran.status = pclose(pipe);
  return ran;
}

inline bool is_installed(const std::string& tool) {
  const bool found = std::system(("command -v " + tool + " >/dev/null").c_str()) == 0;
  if (!found) std::puts((tool + " is not installed: not compared").c_str());
  return found;
}

inline std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

}  // namespace heqi::documents
