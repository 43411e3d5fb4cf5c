// child.h: a program under test, started with an environment, killed, stopped and started again.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <heqi/base/result.h>

namespace heqi::faults {

using Environment = std::vector<std::pair<std::string, std::string>>;

class Child {
 public:
  // start runs arguments[0] with its output appended to log_file.
  static base::Result<Child> start(const std::vector<std::string>& arguments,
                                   const Environment& environment, const std::string& log_file);
  Child(Child&& other) noexcept
      : id_(std::exchange(other.id_, -1)), ended_(std::move(other.ended_)) {}
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t id() const { return id_; }
  // ended is how it ended: the exit status, or 1000 + signal; nothing while it runs.
  std::optional<int> ended();
  // end sends signal and waits for the end.
  int end(int signal);

  // halt stops the process (SIGSTOP) and waits until it stands; go_on lets it run again.
  base::Status halt();
  void go_on();
  // stands is true where the process has stopped since the last call.
  bool stands();

 private:
  explicit Child(pid_t id) : id_(id) {}
  pid_t id_ = -1;
  std::optional<int> ended_;
};

}  // namespace heqi::faults
