#include "transport.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include <heqi/base/text.h>

#include "public_half.h"

namespace heqi::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Code;
using base::fail;
using base::Result;
using base::Status;
using boost::system::error_code;

// IoThread runs the connections that were given to it: each belongs to one thread only.
struct IoThread {
  asio::io_context context{1};
  std::shared_ptr<Connections> connections = std::make_shared<Connections>();
  std::thread thread;
};
using IoThreads = std::vector<std::unique_ptr<IoThread>>;

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, std::shared_ptr<Shared> shared,
                                 IoThreads& threads) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  asio::steady_timer pause(acceptor.get_executor());
  for (std::size_t turn = 0; !shared->stopping; ++turn) {
    IoThread& thread = *threads[turn % threads.size()];
    tcp::socket socket = co_await acceptor.async_accept(thread.context, token);
    if (error == asio::error::operation_aborted || shared->stopping) co_return;
    if (error) {  // out of descriptors, or the peer is gone already
      shared->log.warning("http.accept_failed", {{"error", error.message()}});
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(token);
      continue;
    }
    bool full = false;
    {
      const std::lock_guard lock(shared->mutex);
      full = shared->connections >= shared->options.connections_max;
      if (!full) ++shared->connections;
    }
    if (full) {
      shared->log.warning("http.too_many_connections");
      socket.close(error);
      continue;
    }
    asio::co_spawn(thread.context, serve(std::move(socket), shared, thread.connections),
                   asio::detached);
  }
}

Status load_identity(Shared& shared, const TlsIdentity& identity) {
  error_code error;
  shared.tls.emplace(asio::ssl::context::tls_server);
  SSL_CTX* context = shared.tls->native_handle();
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    return fail(Code::internal, "TLS: minimum version");
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    return fail(Code::internal, "TLS: cipher list");
  const std::string& chain = identity.certificate_chain_pem;
  shared.tls->use_certificate_chain(asio::buffer(chain), error);
  if (error) return fail(Code::malformed, "TLS certificate chain: " + error.message());
  HEQI_TRY(const PublicHalf key, public_half_of(*identity.key));
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fail(Code::malformed, "TLS private key: not the certificate's");
  return {};
}

class BoundServer final : public Server {
 public:
  explicit BoundServer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    const unsigned count = std::max(1u, shared_->options.io_threads);
    for (unsigned i = 0; i < count; ++i) threads_.push_back(std::make_unique<IoThread>());
    acceptor_.emplace(threads_.front()->context);
  }
  ~BoundServer() override { stop(); }

  Status listen() {
    const ServerOptions& options = shared_->options;
    const std::string where = options.address + ":" + std::to_string(options.port);
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return fail(Code::malformed, "listen address: " + options.address);
    const tcp::endpoint endpoint(address, options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(Code::unavailable, "listen on " + where + ": " + error.message());
    port_ = acceptor_->local_endpoint(error).port();
    if (error) return fail(Code::unavailable, "listen on " + where + ": " + error.message());
    return {};
  }

  void run() {
    asio::co_spawn(threads_.front()->context, accept_all(*acceptor_, shared_, threads_),
                   asio::detached);
    for (auto& thread : threads_) {
      IoThread* const io = thread.get();
      io->thread = std::thread([io] {
        const auto guard = asio::make_work_guard(io->context);
        io->context.run();
      });
    }
    running_ = true;
  }

  std::uint16_t port() const override { return port_; }

  void stop() override {
    const std::lock_guard once(stop_mutex_);
    if (!std::exchange(running_, false)) return;
    shared_->stopping = true;
    asio::post(threads_.front()->context, [this] {
      error_code ignored;
      acceptor_->close(ignored);
    });
    close_connections(&Connections::Entry::idle);
    {
      std::unique_lock lock(shared_->mutex);
      shared_->ended.wait_for(lock, shared_->options.drain_time,
                              [this] { return shared_->connections == 0; });
    }
    close_connections(nullptr);
    shared_->pool.stop();
    for (auto& thread : threads_) thread->context.stop();
    for (auto& thread : threads_) thread->thread.join();
  }

 private:
  // close_connections closes those whose member only is set; all where only is null.
  void close_connections(bool Connections::Entry::*only) {
    for (auto& thread : threads_) {
      asio::post(thread->context, [connections = thread->connections, only] {
        for (auto& [number, entry] : connections->open)
          if (only == nullptr || entry.*only) entry.close();
      });
    }
  }

  std::shared_ptr<Shared> shared_;
  IoThreads threads_;
  std::optional<tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  std::mutex stop_mutex_;
  bool running_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, const Router& router,
                                              base::Random& random, base::Log& log) {
  HEQI_TRY(const base::Bytes prefix, base::random_bytes(random, 6));
  try {
    auto shared =
        std::make_shared<Shared>(std::move(options), router, log, base::to_hex(prefix) + "-");
    if (shared->options.tls) HEQI_TRY(load_identity(*shared, *shared->options.tls));
    auto server = std::make_unique<BoundServer>(shared);
    HEQI_TRY(server->listen());
    server->run();
    return std::unique_ptr<Server>(std::move(server));
  } catch (const std::exception& thrown) {
    return fail(Code::unavailable, std::string("server: ") + thrown.what());
  }
}

}  // namespace heqi::http
