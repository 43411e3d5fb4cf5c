// device_process.h: heqi-device as a process under test.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <heqi/base/file_store.h>
#include <heqi/terminal/terminal_client.h>

#include "tests/world.h"

namespace heqi::device {

// Process is heqi-device with its own folder. start returns when it says that it has started.
class Process {
 public:
  explicit Process(const std::string& folder, const std::string& more = "") : folder_(folder) {
    const std::string text = "socket = \"" + socket() + "\"\nstate_folder = \"" + folder +
                             "/state\"\nkey_folder = \"" + folder + "/keys\"\n" + more;
    EXPECT_OK(base::write_file(folder + "/device.conf", base::bytes_of(text)));
  }
  ~Process() {
    if (id_ > 0) end(SIGKILL);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::string socket() const { return folder_ + "/socket"; }

  void start() {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    std::string program = HEQI_DEVICE_PROGRAM, flag = "--config", file = folder_ + "/device.conf";
    char* arguments[] = {program.data(), flag.data(), file.data(), nullptr};
    ASSERT_EQ(::posix_spawn(&id_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string said;
    char block[512];
    ssize_t got = 0;
    while (said.find("device.started") == std::string::npos &&
           (got = ::read(ends[0], block, sizeof block)) > 0)
      said.append(block, static_cast<std::size_t>(got));
    ::close(ends[0]);
    ASSERT_NE(said.find("device.started"), std::string::npos) << said;
  }

  int end(int signal) {
    ::kill(id_, signal);
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = -1;
    return status;
  }
  pid_t id() const { return id_; }

 private:
  std::string folder_;
  pid_t id_ = -1;
};

inline base::Result<Step> follow(World& world, terminal::TerminalClient& device,
                                 base::Result<Step> step) {
  while (step && step->kind == Step::Kind::send) {
    HEQI_TRY(const base::Bytes answer, world.carry(*step));
    step = device.deliver(answer);
  }
  return step;
}

}  // namespace heqi::device
