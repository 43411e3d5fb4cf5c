// heqi/base/local_socket.h: processes of one host talk over Unix sockets: frames of a length in
// four big-endian octets and that many octets of content.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::base {

// LocalConnection is one end of a connection; closed when it goes.
class LocalConnection {
 public:
  explicit LocalConnection(int descriptor) : descriptor_(descriptor) {}
  LocalConnection(LocalConnection&& other) noexcept;
  LocalConnection& operator=(LocalConnection&& other) noexcept;
  ~LocalConnection();

  // connect fails with unavailable where nobody listens.
  static Result<LocalConnection> connect(const std::string& path, Duration timeout);

  Status send(ByteView frame);
  // receive fails with unavailable at the end, limit_exceeded for a frame over size_max, timeout.
  Result<Bytes> receive(std::size_t size_max);
  // peer_user is the user id of the process at the other end.
  Result<unsigned> peer_user() const;

 private:
  int descriptor_;
};

struct LocalListenerOptions {
  unsigned mode = 0600;  // of the socket file
  std::size_t connections_max = 256;
  Duration idle_timeout = std::chrono::minutes(10);  // of a connection that says nothing
};

// LocalListener accepts connections and gives each to serve in a thread of its own.
class LocalListener {
 public:
  // listen takes over a stale socket file. Fails with conflict where another process listens.
  static Result<std::unique_ptr<LocalListener>> listen(const std::string& path,
                                                       LocalListenerOptions options = {});
  ~LocalListener();
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;

  // run accepts until stop is called (from any thread or a signal handler's thread), then waits for
  // the others.
  void run(const std::function<void(LocalConnection&)>& serve);
  void stop();

 private:
  struct State;
  explicit LocalListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace heqi::base
