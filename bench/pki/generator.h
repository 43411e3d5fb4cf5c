// generator.h: sends requests over keep-alive connections and counts the answers.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heqi::bench {

// Shared is seen by the server's process and the generator's.
struct Shared {
  std::atomic<std::uint64_t> answered{0};
  std::atomic<bool> over{false};
};

// Generator is one thread with many connections to 127.0.0.1. Each has one request under way: the
// next one is sent after the answer to the one before. It looks for answers without sleeping: a
// server on the same machine would otherwise pay for waking it, as no server pays for its clients
// over a network. Ends the process with a message where an answer is not 200.
class Generator {
 public:
  // requests are whole HTTP messages, sent in turn; with `once`, each of them once only.
  Generator(std::vector<std::string> requests, bool once, Shared& shared)
      : requests_(std::move(requests)), once_(once), shared_(shared) {}

  // run goes on until shared.over, or until every request was answered; it calls told after the
  // first answer.
  void run(int port, unsigned connections, const std::function<void()>& told);

 private:
  struct Connection {
    int descriptor = -1;
    unsigned sent = 0;
    std::string room;         // of the answer
    std::size_t size = 0;     // of what came of it
    std::size_t whole = 0;    // its size, once its head is there
    bool is_waiting = false;  // for an answer
  };

  void open(Connection& one) const;
  bool has_more() const { return !shared_.over && (!once_ || next_ < requests_.size()); }
  void send_next(Connection& one);
  bool receive(Connection& one) const;

  std::vector<std::string> requests_;
  bool once_;
  Shared& shared_;
  std::size_t next_ = 0;
  int port_ = 0;
};

// give_up ends the process with what is wrong.
[[noreturn]] void give_up(const char* what);

}  // namespace heqi::bench
