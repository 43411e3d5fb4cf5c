// process.h: child processes: heqi-module beside the embedded platform, everything in the demo, the
// upload worker.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::program {

// find_program is the path of one of heqi's programs: beside this one. Fails with not_found.
base::Result<std::string> find_program(std::string_view name);
// find_program_near is the same from a folder: there, or where an installation has its programs
// beside its libraries.
base::Result<std::string> find_program_near(const std::string& folder, std::string_view name);

// Process is a running child; it is told to end (SIGTERM), then killed, when the object goes. It is
// killed with the thread that started it, however that ends.
class Process {
 public:
  // start runs arguments[0] with its standard error (and output) appended to log_file; empty:
  // inherited.
  static base::Result<Process> start(const std::vector<std::string>& arguments,
                                     const std::string& log_file);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t id() const { return id_; }
  bool is_running();
  // end asks the child to stop and waits; kills it after ten seconds.
  void end();

 private:
  explicit Process(pid_t id) : id_(id) {}
  pid_t id_ = -1;
};

// wait_for_socket and wait_for_port wait until somebody accepts on a Unix socket, or a TCP port of
// address (IPv4). Fails with timeout, or unavailable where process ends first.
base::Status wait_for_socket(const std::string& path, Process& process, base::Duration timeout);
base::Status wait_for_port(std::uint16_t port, Process& process, base::Duration timeout,
                           const std::string& address = "127.0.0.1");

// run_in_worker starts this program anew as a worker (heqi worker NAME) without network, files and
// processes, gives it input and returns what it writes. Fails as run_confined.
base::Result<base::Bytes> run_in_worker(const std::string& name, base::ByteView input,
                                        std::size_t answer_size_max = 64 * 1024);

// run_worker is the other end: "inspect" reads an upload from standard input and writes the
// verdict; "render" reads what is wanted and a file, and writes a page; "key" is
// key_holder.h.
int run_worker(std::string_view name);

}  // namespace heqi::program
