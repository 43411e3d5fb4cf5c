// demo_run.h: one run of `heqi demo` for all tests of this program.
#pragma once
#include <heqi/testing/seeded.h>

#include "shell.h"

namespace heqi::demo {

// DemoRun is the folder that the demo has left.
class DemoRun {
 public:
  // get runs the demo when it is asked for the first time.
  static const DemoRun& get();

  int status() const { return ran_.status; }
  const std::string& output() const { return ran_.output; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  const base::Bytes& file() const { return file_; }  // contract.pdf
  const base::Bytes& root() const { return root_; }  // root.cer

 private:
  DemoRun();
  testing::TemporaryFolder folder_;
  Ran ran_;
  base::Bytes file_, root_;
};

}  // namespace heqi::demo
