// transport.h: what the two transport files share. The rule for coroutines (g++ 12 miscompiles some
// shapes): no lambda and no brace inside a co_await expression, parameters by value.
#pragma once
#define BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

#include <heqi/http/server.h>

#include "worker_pool.h"

namespace heqi::http {

// Shared is what all connections of one server use.
struct Shared {
  Shared(ServerOptions server_options, const Router& server_router, base::Log& server_log,
         std::string prefix)
      : options(std::move(server_options)),
        router(server_router),
        log(server_log),
        id_prefix(std::move(prefix)),
        clock(options.clock != nullptr ? *options.clock : system_clock),
        pool(options.workers, options.queue_max) {}

  const ServerOptions options;
  const Router& router;
  base::Log& log;
  const std::string id_prefix;  // of request ids
  const base::SystemClock system_clock;
  const base::Clock& clock;
  std::optional<boost::asio::ssl::context> tls;
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::size_t> body_memory{0};
  std::atomic<bool> stopping{false};

  std::mutex mutex;  // guards connections, with ended
  std::condition_variable ended;
  std::size_t connections = 0;

  WorkerPool pool;  // last: stopped first
};

// Connections closes the connections of one I/O thread; used in that thread only.
struct Connections {
  struct Entry {
    std::function<void()> close;
    bool idle = true;
  };
  std::map<std::uint64_t, Entry> open;
  std::uint64_t next = 0;
};

// serve answers the requests of one connection until it ends. It counts in shared.connections from
// the call on.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket,
                                   std::shared_ptr<Shared> shared,
                                   std::shared_ptr<Connections> connections);

}  // namespace heqi::http
