#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <heqi/base/text.h>

#include "answer_head.h"
#include "transport.h"

namespace heqi::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;
using Parser = wire::request_parser<wire::vector_body<std::uint8_t>>;
template <class T = void>
using Awaitable = asio::awaitable<T>;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kDrainSize = 64 * 1024;  // read and dropped before a refused peer is closed
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kAtOnceMax = 16 * 1024;  // a body that goes out in one piece with its head

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// take_head checks the head that was read and copies it into request.
base::Status take_head(const Parser& parser, Request& request) {
  using base::Code;
  using base::fail;
  const auto& head = parser.get();
  if (head.version() != 11 && head.version() != 10)
    return fail(Code::unsupported, "HTTP version: 1.0 and 1.1 only");
  std::size_t hosts = 0, expectations = 0;
  for (const auto& field : head) {
    if (request.headers.size() == kHeaderCountMax)
      return fail(Code::http_header_too_large,
                  "more header fields than " + std::to_string(kHeaderCountMax));
    request.headers.emplace_back(lower(view(field.name_string())),
                                 std::string(view(field.value())));
    if (has_control(request.headers.back().second))
      return fail(Code::malformed, "control character in a header field");
    hosts += field.name() == wire::field::host;
    expectations += field.name() == wire::field::expect;
  }
  if (hosts > 1 || (hosts == 0 && head.version() == 11))
    return fail(Code::malformed, "expected one Host field");
  const auto expect = request.header("expect");
  if (expectations > 1 || (expect && lower(*expect) != "100-continue"))
    return fail(Code::malformed, "Expect: 100-continue only");
  const auto method = find_method(view(head.method_string()));
  if (!method) return fail(Code::http_method_not_allowed, "GET, HEAD, POST, PUT, PATCH, DELETE");
  request.method = *method;
  return parse_target(view(head.target()), request);
}

// Exchange is one request on its way through the pool. The worker only touches request and
// response, and only between submit and finished, so that nothing is shared at the same time.
struct Exchange {
  explicit Exchange(const asio::any_io_executor& executor) : timer(executor) {}
  Request request;
  const Route* route = nullptr;
  std::optional<base::Result<Response>> outcome;
  std::size_t body_charge = 0;
  bool finished = false;
  asio::steady_timer timer;
};

base::Result<Response> run_handler(const Route& route, const Request& request) {
  try {
    return route.handler(request);
  } catch (const std::exception& thrown) {
    return base::fail(base::Code::internal, std::string("exception: ") + thrown.what());
  }
}

// submit hands exchange to the pool; the timer is cancelled when the outcome is there.
bool submit(Shared& shared, const std::shared_ptr<Exchange>& exchange) {
  exchange->finished = false;
  exchange->timer.expires_after(shared.options.answer_time);
  const asio::any_io_executor executor = exchange->timer.get_executor();
  return shared.pool.submit([exchange, executor] {
    auto outcome =
        std::make_shared<base::Result<Response>>(run_handler(*exchange->route, exchange->request));
    asio::post(executor, [exchange, outcome] {
      exchange->outcome = std::move(*outcome);
      exchange->finished = true;
      exchange->timer.cancel();
    });
  });
}

// Counted counts a connection for as long as it lives.
struct Counted {
  explicit Counted(std::shared_ptr<Shared> counted) : shared(std::move(counted)) {}
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    {
      const std::lock_guard lock(shared->mutex);
      --shared->connections;
    }
    shared->ended.notify_all();
  }
  std::shared_ptr<Shared> shared;
};

// Connection holds one peer's stream; Stream is tcp_stream or ssl_stream over it.
template <class Stream>
struct Connection {
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  Connection(Stream made, std::shared_ptr<Shared> its_shared,
             std::shared_ptr<Connections> its_connections)
      : stream(std::move(made)),
        shared(std::move(its_shared)),
        connections(std::move(its_connections)),
        number(connections->next++) {
    Connections::Entry entry;
    entry.close = [this] { tcp().close(); };
    connections->open.emplace(number, std::move(entry));
    error_code error;
    const auto peer = tcp().socket().remote_endpoint(error);
    if (!error) peer_address = peer.address().to_string();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (charge != 0) shared->body_memory -= charge;
    connections->open.erase(number);
  }

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream); }
  void set_idle(bool idle) { connections->open.at(number).idle = idle; }

  Stream stream;
  std::shared_ptr<Shared> shared;
  std::shared_ptr<Connections> connections;
  std::uint64_t number;
  std::string peer_address;
  beast::flat_buffer buffer;
  std::size_t charge = 0;  // of shared->body_memory
};

template <class Stream>
using Peer = std::shared_ptr<Connection<Stream>>;

// charge_body reserves the memory of the body that is announced.
base::Status charge_body(Shared& shared, std::size_t size, std::size_t& charge) {
  if (shared.body_memory.fetch_add(size) + size > shared.options.body_memory_max) {
    shared.body_memory -= size;
    return base::fail(base::Code::unavailable, "too many uploads at once");
  }
  charge = size;
  return {};
}

// check_body finds the route and decides on the body before a byte of it is taken.
template <class Stream>
base::Status check_body(Connection<Stream>& peer, Parser& parser, Exchange& exchange) {
  HEQI_TRY(exchange.route, peer.shared->router.find(exchange.request));
  const std::size_t limit = exchange.route->options.body_size_max;
  const auto announced = parser.content_length();
  if (announced && *announced > limit)
    return base::fail(base::Code::limit_exceeded,
                      "body: this path takes at most " + std::to_string(limit) + " octets");
  parser.body_limit(limit);
  const std::size_t size = announced ? *announced : parser.chunked() ? limit : 0;
  return charge_body(*peer.shared, size, peer.charge);
}

// read_body takes the body; nothing where the connection is lost.
template <class Stream>
Awaitable<std::optional<base::Status>> read_body(Peer<Stream> peer, Parser& parser,
                                                 std::shared_ptr<Exchange> exchange) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  peer->tcp().expires_after(peer->shared->options.body_time);
  if (exchange->request.header("expect") && !parser.is_done()) {
    const auto line = asio::buffer(kContinue.data(), kContinue.size());
    co_await asio::async_write(peer->stream, line, token);
    if (error) co_return std::nullopt;
  }
  co_await wire::async_read(peer->stream, peer->buffer, parser, token);
  if (error == wire::error::body_limit)
    co_return base::Status(base::fail(
        base::Code::limit_exceeded,
        "body: this path takes at most " + std::to_string(exchange->route->options.body_size_max)));
  if (error == wire::error::bad_chunk || error == wire::error::bad_chunk_extension)
    co_return base::Status(base::fail(base::Code::malformed, "body: bad chunk"));
  if (error) co_return std::nullopt;
  exchange->request.body = std::move(parser.get().body());
  co_return base::Status();
}

// run_in_pool gives the outcome of the handler, or says why there is none.
template <class Stream>
Awaitable<base::Result<Response>> run_in_pool(Peer<Stream> peer,
                                              std::shared_ptr<Exchange> exchange) {
  if (exchange->route->options.runs_inline)
    co_return run_handler(*exchange->route, exchange->request);
  const base::Duration begun = peer->shared->clock.steady();
  for (;;) {
    if (!submit(*peer->shared, exchange))
      co_return base::fail(base::Code::unavailable, "all workers are busy");
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await exchange->timer.async_wait(token);
    if (!exchange->finished) co_return base::fail(base::Code::timeout, "the handler is too slow");
    base::Result<Response> outcome = std::move(*exchange->outcome);
    if (!outcome || outcome->wait.count() <= 0 || peer->shared->stopping) co_return outcome;
    const base::Duration waited = peer->shared->clock.steady() - begun;
    if (waited >= std::min<base::Duration>(outcome->wait, kWaitMax)) co_return outcome;
    exchange->request.waited = waited;
    exchange->timer.expires_after(kWaitInterval);
    co_await exchange->timer.async_wait(token);
  }
}

// write_answer sends head and body; false where the connection is lost.
template <class Stream>
Awaitable<bool> write_answer(Peer<Stream> peer, std::string head, base::Bytes body) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  peer->tcp().expires_after(peer->shared->options.answer_time);
  const bool at_once = body.size() <= kAtOnceMax;
  if (at_once) head.append(base::text_of(body));
  co_await asio::async_write(peer->stream, asio::buffer(head), token);
  if (!at_once && !error) co_await asio::async_write(peer->stream, asio::buffer(body), token);
  co_return !error;
}

// close_gently ends the connection so that the last answer arrives even where the peer is still
// sending: a socket closed with unread data would throw the answer away.
template <class Stream>
Awaitable<void> close_gently(Peer<Stream> peer) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  peer->tcp().expires_after(kLingerTime);
  if constexpr (Connection<Stream>::kTls) co_await peer->stream.async_shutdown(token);
  peer->tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  char dropped[4096];
  for (std::size_t total = 0; !error && total < kDrainSize;)
    total += co_await peer->tcp().async_read_some(asio::buffer(dropped), token);
  peer->tcp().close();
}

template <class Stream>
void log_answer(Connection<Stream>& peer, const Exchange& exchange, const Response& response,
                std::string_view error_id, base::Duration begun) {
  const Request& request = exchange.request;
  const std::string_view path = exchange.route == nullptr ? std::string_view("-")
                                : exchange.route->options.hides_path
                                    ? exchange.route->pattern
                                    : std::string_view(request.path);
  const base::Duration duration = peer.shared->clock.steady() - begun;
  peer.shared->log.info("http.answered", {{"request", std::string_view(request.id)},
                                          {"peer", std::string_view(peer.peer_address)},
                                          {"method", method_name(request.method)},
                                          {"path", path},
                                          {"status", std::int64_t{response.status}},
                                          {"error", error_id},
                                          {"size", static_cast<std::int64_t>(response.body.size())},
                                          {"duration_us", std::int64_t{duration.count()}}});
}

// finish_response turns an outcome into what is written, and logs what only the log may know.
template <class Stream>
Response finish_response(Connection<Stream>& peer, const Exchange& exchange,
                         base::Result<Response> outcome, base::Duration begun) {
  const std::string& id = exchange.request.id;
  if (outcome && !is_writable(*outcome))
    outcome = base::fail(base::Code::internal, "the handler's answer cannot be written");
  std::string_view error_id;
  if (!outcome) {
    error_id = base::error_text(outcome.error().code).id;
    if (base::error_text(outcome.error().code).http_status >= 500)
      peer.shared->log.error("http.handler_failed", {{"request", std::string_view(id)},
                                                     {"error", error_id},
                                                     {"detail", outcome.error().detail}});
  }
  Response response = outcome ? std::move(outcome).value() : problem(outcome.error(), id);
  log_answer(peer, exchange, response, error_id, begun);
  return response;
}

// answer_one reads one request and answers it; true where the connection can take another.
template <class Stream>
Awaitable<bool> answer_one(Peer<Stream> peer) {
  Shared& shared = *peer->shared;
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  peer->tcp().expires_after(shared.options.header_time);
  Parser parser;
  parser.header_limit(kHeaderSizeMax);
  parser.body_limit(boost::none);  // decided per route, after the head
  co_await wire::async_read_header(peer->stream, peer->buffer, parser, token);
  const base::Duration begun = shared.clock.steady();
  auto exchange = std::make_shared<Exchange>(peer->tcp().get_executor());
  exchange->request.id = shared.id_prefix + std::to_string(shared.requests++);
  exchange->request.peer_address = peer->peer_address;
  base::Result<Response> outcome = Response();
  bool keep_alive = false;
  if (error == wire::error::header_limit) {
    outcome = base::fail(base::Code::http_header_too_large,
                         "larger than " + std::to_string(kHeaderSizeMax) + " octets");
  } else if (error &&
             error.category() == wire::make_error_code(wire::error::bad_method).category() &&
             error != wire::error::end_of_stream && error != wire::error::partial_message) {
    outcome = base::fail(base::Code::malformed, "HTTP: " + error.message());
  } else if (error) {
    co_return false;
  } else if (auto head = take_head(parser, exchange->request); !head) {
    outcome = head.error();
  } else if (auto body = check_body(*peer, parser, *exchange); !body) {
    outcome = body.error();
    keep_alive = parser.is_done() && parser.keep_alive();
  } else {
    std::optional<base::Status> read = co_await read_body(peer, parser, exchange);
    if (!read) co_return false;
    keep_alive = read->has_value() && parser.keep_alive();
    if (!*read) {
      outcome = read->error();
    } else {
      peer->tcp().expires_never();
      outcome = co_await run_in_pool(peer, exchange);
      if (!outcome && outcome.error().code == base::Code::timeout) keep_alive = false;
    }
  }
  shared.body_memory -= std::exchange(peer->charge, 0);
  keep_alive = keep_alive && !shared.stopping;
  Response response = finish_response(*peer, *exchange, std::move(outcome), begun);
  HeadFacts facts;
  facts.method = exchange->request.method;
  facts.request_id = exchange->request.id;
  if (parser.is_header_done() && parser.get().version() == 10) facts.version = 10;
  facts.keeps_alive = keep_alive;
  facts.over_tls = Connection<Stream>::kTls;
  std::string head = encode_head(response, facts);
  if (!sends_body(response, facts.method)) response.body.clear();
  const bool written = co_await write_answer(peer, std::move(head), std::move(response.body));
  if (written && !keep_alive) co_await close_gently(peer);
  co_return written&& keep_alive;
}

template <class Stream>
Awaitable<void> serve_stream(Peer<Stream> peer) {
  const ServerOptions& options = peer->shared->options;
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  if constexpr (Connection<Stream>::kTls) {
    peer->tcp().expires_after(options.handshake_time);
    co_await peer->stream.async_handshake(asio::ssl::stream_base::server, token);
    if (error) co_return;
  }
  for (std::size_t count = 0; count < kRequestsPerConnectionMax; ++count) {
    if (peer->buffer.size() == 0) {
      if (peer->shared->stopping) co_return;
      peer->set_idle(true);
      peer->tcp().expires_after(count == 0 ? options.header_time : options.idle_time);
      auto space = peer->buffer.prepare(4096);
      const std::size_t got = co_await peer->stream.async_read_some(space, token);
      if (error) co_return;
      peer->buffer.commit(got);
      peer->set_idle(false);
    }
    const bool more = co_await answer_one(peer);
    if (!more) co_return;
  }
}

}  // namespace

asio::awaitable<void> serve(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared,
                            std::shared_ptr<Connections> connections) {
  const Counted counted(shared);
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  beast::tcp_stream plain(std::move(socket));
  if (shared->tls) {
    using Tls = beast::ssl_stream<beast::tcp_stream>;
    Tls stream(std::move(plain), *shared->tls);
    auto peer = std::make_shared<Connection<Tls>>(std::move(stream), shared, connections);
    co_await serve_stream(peer);
  } else {
    auto peer =
        std::make_shared<Connection<beast::tcp_stream>>(std::move(plain), shared, connections);
    co_await serve_stream(peer);
  }
}

}  // namespace heqi::http
