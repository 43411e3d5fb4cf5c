#include <heqi/base/local_socket.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace heqi::base {
namespace {

Error socket_error(std::string_view what, const std::string& path) {
  return fail(Code::unavailable, std::string(what) + " " + path + ": " + std::strerror(errno));
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Code::limit_exceeded, "a socket path has at most 107 octets: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

void set_timeout(int descriptor, Duration timeout) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(timeout / std::chrono::seconds(1));
  value.tv_usec = static_cast<suseconds_t>(timeout.count() % 1'000'000);
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

Status read_exactly(int descriptor, MutableByteView out) {
  while (!out.empty()) {
    const ssize_t got = ::recv(descriptor, out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return fail(Code::timeout, "local socket");
    if (got <= 0) return fail(Code::unavailable, "the other end closed the connection");
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace

LocalConnection::LocalConnection(LocalConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

LocalConnection& LocalConnection::operator=(LocalConnection&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

LocalConnection::~LocalConnection() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<LocalConnection> LocalConnection::connect(const std::string& path, Duration timeout) {
  HEQI_TRY(const sockaddr_un address, address_of(path));
  LocalConnection connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.descriptor_ < 0) return socket_error("socket for", path);
  set_timeout(connection.descriptor_, timeout);
  if (::connect(connection.descriptor_, reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0)
    return socket_error("connect to", path);
  return connection;
}

Status LocalConnection::send(ByteView frame) {
  if (frame.size() > 0xFFFFFFFF) return fail(Code::limit_exceeded, "a frame over 4 GiB");
  Bytes message;
  message.reserve(frame.size() + 4);
  for (int shift = 24; shift >= 0; shift -= 8)
    message.push_back(static_cast<std::uint8_t>(frame.size() >> shift));
  append(message, frame);
  for (ByteView rest = message; !rest.empty();) {
    const ssize_t sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return fail(Code::unavailable, std::string("send: ") + std::strerror(errno));
    rest = rest.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<Bytes> LocalConnection::receive(std::size_t size_max) {
  std::uint8_t header[4];
  HEQI_TRY(read_exactly(descriptor_, header));
  std::size_t size = 0;
  for (std::uint8_t byte : header) size = size << 8 | byte;
  if (size > size_max)
    return fail(Code::limit_exceeded, "a frame of " + std::to_string(size) + " octets");
  Bytes frame(size);
  HEQI_TRY(read_exactly(descriptor_, frame));
  return frame;
}

Result<unsigned> LocalConnection::peer_user() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return fail(Code::unauthenticated, "the peer's user is not known");
  return credentials.uid;
}

struct LocalListener::State {
  std::string path;
  LocalListenerOptions options;
  int descriptor = -1;
  int wake[2] = {-1, -1};
  std::mutex mutex;
  std::condition_variable ended;
  std::set<int> open;

  ~State() {
    for (int fd : {descriptor, wake[0], wake[1]})
      if (fd >= 0) ::close(fd);
  }
};

LocalListener::LocalListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
LocalListener::~LocalListener() {
  ::unlink(state_->path.c_str());
}

Result<std::unique_ptr<LocalListener>> LocalListener::listen(const std::string& path,
                                                             LocalListenerOptions options) {
  HEQI_TRY(const sockaddr_un address, address_of(path));
  if (LocalConnection::connect(path, std::chrono::seconds(1)))
    return fail(Code::conflict, "another process listens on " + path);
  ::unlink(path.c_str());
  auto state = std::make_unique<State>();
  state->path = path;
  state->options = options;
  state->descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (state->descriptor < 0 || ::pipe(state->wake) != 0) return socket_error("socket for", path);
  if (::bind(state->descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), options.mode) != 0 || ::listen(state->descriptor, 64) != 0)
    return socket_error("listen on", path);
  return std::unique_ptr<LocalListener>(new LocalListener(std::move(state)));
}

void LocalListener::run(const std::function<void(LocalConnection&)>& serve) {
  State& state = *state_;
  for (;;) {
    pollfd waiting[2] = {{state.descriptor, POLLIN, 0}, {state.wake[0], POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) break;
    if (waiting[1].revents != 0) break;
    if (waiting[0].revents == 0) continue;
    const int accepted = ::accept4(state.descriptor, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) continue;
    const std::unique_lock lock(state.mutex);
    if (state.open.size() >= state.options.connections_max) {
      ::close(accepted);
      continue;
    }
    state.open.insert(accepted);
    set_timeout(accepted, state.options.idle_timeout);
    std::thread([&state, accepted, serve] {
      {
        LocalConnection connection(::dup(accepted));
        serve(connection);
      }
      const std::unique_lock ended(state.mutex);
      state.open.erase(accepted);
      ::close(accepted);
      state.ended.notify_all();
    }).detach();
  }
  std::unique_lock lock(state.mutex);
  for (int descriptor : state.open) ::shutdown(descriptor, SHUT_RDWR);
  state.ended.wait(lock, [&] { return state.open.empty(); });
}

void LocalListener::stop() {
  [[maybe_unused]] const ssize_t written = ::write(state_->wake[1], "x", 1);
}

}  // namespace heqi::base
