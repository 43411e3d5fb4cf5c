// heqi/http/server.h: listens, limits, and runs handlers in a bounded pool.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/base/tls_key.h>
#include <heqi/http/limits.h>
#include <heqi/http/router.h>

namespace heqi::http {

// TlsIdentity is the server's certificate chain, PEM, and who signs for it.
struct TlsIdentity {
  std::string certificate_chain_pem;
  std::shared_ptr<base::TlsKey> key;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                         // 0: any free port, see Server::port
  std::optional<TlsIdentity> tls = std::nullopt;  // TLS 1.2 and 1.3; absent: plain HTTP
  unsigned io_threads = 1;
  unsigned workers = 4;
  std::size_t queue_max = kQueueMax;
  std::size_t connections_max = kConnectionsMax;
  std::size_t body_memory_max = kBodyMemoryMax;  // of all bodies being received; beyond: 503
  base::Duration handshake_time = kHandshakeTime;
  base::Duration header_time = kHeaderTime;
  base::Duration body_time = kBodyTime;
  base::Duration answer_time = kAnswerTime;
  base::Duration idle_time = kIdleTime;
  base::Duration drain_time = kDrainTime;
  const base::Clock* clock =
      nullptr;  // for durations in the log and long polls; null: the system's
};

// Server serves the routes of one Router. Thread-safe.
class Server {
 public:
  // start binds and begins to answer. router, random and log live longer than the server. Fails
  // with unavailable (the address), malformed (the certificate, or a key that is not its own).
  static base::Result<std::unique_ptr<Server>> start(ServerOptions options, const Router& router,
                                                     base::Random& random, base::Log& log);
  virtual ~Server() = default;  // stops

  virtual std::uint16_t port() const = 0;
  // stop stops accepting, lets running requests end (at most drain_time), closes everything and
  // returns. Calling it again does nothing.
  virtual void stop() = 0;
};

}  // namespace heqi::http
