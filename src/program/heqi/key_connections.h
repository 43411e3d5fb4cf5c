// key_connections.h: the process of keys (key_holder.h) as who started it has it: its sockets, and
// that it ends.
#pragma once
#include <sys/types.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <heqi/base/clock.h>

#include "key_channel.h"

namespace heqi::program {

// KeyConnections is the process, and the sockets to it: each serves one thread at a time.
class KeyConnections {
 public:
  // start starts the process (program: heqi; empty: the one beside this program) and tells it the
  // wish. Until it has answered about that, it does not outlive the thread that asked. Fails with
  // unavailable, and with not_found where there is no such program.
  static base::Result<std::shared_ptr<KeyConnections>> start(const KeyWish& wish,
                                                             std::string program);
  KeyConnections(const KeyConnections&) = delete;
  KeyConnections& operator=(const KeyConnections&) = delete;
  // The process has ended afterwards.
  ~KeyConnections();

  // limit_time makes every answer that takes longer fail with timeout; what was asked on then is
  // of no use any more.
  base::Status limit_time(std::chrono::seconds limit);
  // first_answer is about the wish.
  base::Result<std::vector<SeenKey>> first_answer();
  base::Result<base::Bytes> ask(KeyAct act, std::size_t key, base::ByteView content);
  bool is_running() const;
  // kill ends the process at once, whatever it is doing.
  void kill();

 private:
  KeyConnections(pid_t id, std::vector<int> sockets)
      : id_(id), sockets_(std::move(sockets)), free_(sockets_) {}

  // Turn is a socket while one thread has it.
  struct Turn {
    explicit Turn(KeyConnections& of);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();
    KeyConnections& all;
    int socket;
  };

  pid_t id_;
  std::vector<int> sockets_;
  std::mutex mutex_;
  std::condition_variable one_is_free_;
  std::vector<int> free_;
};

}  // namespace heqi::program
