#include <heqi/http/server.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <heqi/http/client.h>
#include <heqi/testing/expect.h>

#include "raw_peer.h"
#include "tls_identity.h"

namespace heqi::http {
namespace {

using base::Code;
using http::testing::RawPeer;

// KeptLog keeps the events as text.
class KeptLog final : public base::Log {
 public:
  void write(base::Severity, std::string_view event,
             std::initializer_list<base::LogField> fields) override {
    const std::lock_guard lock(mutex_);
    text_.append(event);
    for (const base::LogField& field : fields) {
      text_.append(" ").append(field.name).append("=");
      if (const auto* text = std::get_if<std::string_view>(&field.value))
        text_.append(*text);
      else
        text_.append(std::to_string(std::get<std::int64_t>(field.value)));
    }
    text_.append("\n");
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

// Gate holds handlers back until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void await_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    router
        .get("/hello/{name}",
             [](const Request& request) -> base::Result<Response> {
               return Response::text("hello " + request.path_text("name"));
             })
        .post("/echo",
              [](const Request& request) -> base::Result<Response> {
                return Response::bytes("application/octet-stream", request.body);
              })
        .post("/small",
              [](const Request& request) -> base::Result<Response> {
                return Response::text(std::to_string(request.body.size()));
              },
              {.body_size_max = 16})
        .get("/gate",
             [this](const Request&) -> base::Result<Response> {
               gate.pass();
               return Response::text("through");
             })
        .get("/fails",
             [](const Request&) -> base::Result<Response> {
               return base::fail(Code::internal, "the-detail-of-the-failure");
             })
        .get("/throws",
             [](const Request&) -> base::Result<Response> { throw std::runtime_error("foreign"); })
        .get("/splits",
             [](const Request&) -> base::Result<Response> {
               return Response::empty().with_header("X-A", "1\r\nX-B: 2");
             })
        .get("/news",
             [this](const Request& request) -> base::Result<Response> {
               Response response = Response::text(news ? "news" : "nothing");
               if (!news) response.wait = std::chrono::seconds(20);
               if (request.waited.count() > 0) news = true;
               return response;
             })
        .get("/secret/{token}",
             [](const Request&) -> base::Result<Response> { return Response::text("ok"); },
             {.hides_path = true});
  }

  std::unique_ptr<Server> start(ServerOptions options = {}) {
    auto server = Server::start(std::move(options), router, random, log);
    EXPECT_OK(server);
    return std::move(server).value();
  }

  Router router;
  base::SystemRandom random;
  KeptLog log;
  Gate gate;
  std::atomic<bool> news{false};
};

TEST_F(ServerTest, AConnectionCarriesSeveralRequestsAndTheirPathIsDecoded) {
  const auto server = start();
  RawPeer peer(server->port());
  const std::string answer = peer.ask("GET /hello/%E5%BC%A0?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello 张")) << answer;
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
  EXPECT_NE(answer.find("Content-Security-Policy: default-src 'none'"), std::string::npos);
  EXPECT_NE(answer.find("Cache-Control: no-store"), std::string::npos);
  EXPECT_NE(answer.find("X-Request-Id: "), std::string::npos);
  // Two at once, answered in order.
  ASSERT_TRUE(peer.send(
      "GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\nGET /hello/b HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(peer.read_answer().ends_with("hello a"));
  EXPECT_TRUE(peer.read_answer().ends_with("hello b"));
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  const auto server = start();
  RawPeer peer(server->port());
  ASSERT_TRUE(peer.send("HEAD /hello/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const std::string answer = peer.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 7\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

struct BadRequest {
  const char* what;
  const char* text;
  int status;
};

class RefusalTest : public ServerTest, public ::testing::WithParamInterface<BadRequest> {};

TEST_P(RefusalTest, IsAnsweredWithAProblemAndTheConnectionEnds) {
  const auto server = start();
  RawPeer peer(server->port());
  ASSERT_TRUE(peer.send(GetParam().text));
  const std::string answer = peer.read_answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(GetParam().status)) ||
              answer.starts_with("HTTP/1.0 " + std::to_string(GetParam().status)))
      << answer;
  EXPECT_NE(answer.find("application/problem+json"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("hello"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Http, RefusalTest,
    ::testing::Values(
        BadRequest{"no host", "GET /hello/a HTTP/1.1\r\n\r\n", 400},
        BadRequest{"two hosts", "GET /hello/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        BadRequest{"not HTTP", "HELLO\r\n\r\n", 400},
        BadRequest{"a method of another protocol", "BREW /hello/a HTTP/1.1\r\nHost: a\r\n\r\n",
                   405},
        BadRequest{"wrong method", "POST /hello/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                   405},
        BadRequest{"unknown path", "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        BadRequest{"absolute target", "GET http://a/hello/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"dot segments", "GET /hello/../fails HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"escaped dot segments", "GET /hello/%2e%2E HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"escaped slash", "GET /hello/a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"escaped NUL", "GET /hello/a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"bad escape", "GET /hello/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"not UTF-8", "GET /hello/%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"length and chunks",
                   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n0\r\n\r\n",
                   400},
        BadRequest{"two lengths",
                   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: "
                   "6\r\n\r\nhelloo",
                   400},
        BadRequest{"negative length",
                   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400},
        BadRequest{"space before the colon", "GET /hello/a HTTP/1.1\r\nHost: a\r\nX-A : 1\r\n\r\n",
                   400},
        BadRequest{"unknown expectation",
                   "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: 0\r\n\r\n",
                   400},
        BadRequest{"too much announced",
                   "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n", 413},
        BadRequest{"too much in chunks",
                   "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "11\r\n0123456789abcdefg\r\n0\r\n\r\n",
                   413},
        BadRequest{"broken chunk",
                   "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                   400},
        BadRequest{"a handler that fails", "GET /fails HTTP/1.1\r\nHost: a\r\n\r\n", 500},
        BadRequest{"a handler that throws", "GET /throws HTTP/1.1\r\nHost: a\r\n\r\n", 500},
        BadRequest{"a handler that splits the answer", "GET /splits HTTP/1.1\r\nHost: a\r\n\r\n",
                   500}),
    [](const auto& chosen) {
      std::string name = chosen.param.what;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST_F(ServerTest, TheDetailOfAFailureIsInTheLogAndNotInTheAnswer) {
  const auto server = start();
  RawPeer peer(server->port());
  const std::string answer = peer.ask("GET /fails HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.find("the-detail"), std::string::npos);
  EXPECT_NE(answer.find("程序内部错误"), std::string::npos);
  EXPECT_NE(log.text().find("the-detail"), std::string::npos);
}

TEST_F(ServerTest, TheLogHoldsNeitherQueriesNorHiddenPaths) {
  const auto server = start();
  RawPeer peer(server->port());
  EXPECT_TRUE(peer.ask("GET /secret/canary-1?code=canary-2 HTTP/1.1\r\nHost: a\r\nAuthorization: "
                       "canary-3\r\n\r\n")
                  .ends_with("ok"));
  server->stop();
  EXPECT_NE(log.text().find("path=/secret/{token}"), std::string::npos) << log.text();
  EXPECT_EQ(log.text().find("canary"), std::string::npos) << log.text();
}

TEST_F(ServerTest, AHeadThatIsTooLargeIsRefused) {
  const auto server = start();
  RawPeer peer(server->port());
  peer.send("GET /hello/a HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(kHeaderSizeMax, 'a') +
            "\r\n\r\n");
  EXPECT_TRUE(peer.read_answer().starts_with("HTTP/1.1 431"));
  RawPeer other(server->port());
  std::string many = "GET /hello/a HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < kHeaderCountMax; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  other.send(many + "\r\n");
  EXPECT_TRUE(other.read_answer().starts_with("HTTP/1.1 431"));
}

TEST_F(ServerTest, ABodyAtTheLimitIsTakenAlsoAfterContinue) {
  const auto server = start();
  RawPeer peer(server->port());
  EXPECT_TRUE(
      peer.ask("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n0123456789abcdef")
          .ends_with("16"));
  ASSERT_TRUE(peer.send(
      "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_EQ(peer.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(peer.ask("abc").ends_with("\r\n3"));
}

TEST_F(ServerTest, ARefusedUploadStillGetsItsAnswer) {
  const auto server = start();
  RawPeer peer(server->port());
  // The peer sends on without looking; the refusal must not be lost to a reset.
  peer.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n");
  peer.send(std::string(40000, 'x'));
  EXPECT_TRUE(peer.read_answer().starts_with("HTTP/1.1 413"));
}

TEST_F(ServerTest, AFullPoolAnswers503AndWorksAgainLater) {
  const auto server = start({.workers = 1, .queue_max = 1});
  RawPeer first(server->port()), second(server->port()), third(server->port());
  const char* const request = "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_TRUE(first.send(request));
  gate.await_waiting(1);  // the only worker is taken
  ASSERT_TRUE(second.send(request));
  ASSERT_TRUE(third.send(request));
  // Of the second and third one waits in the queue; whichever came after it is refused.
  const bool second_refused = second.is_readable_before(third);
  const std::string refused = (second_refused ? second : third).read_answer();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503")) << refused;
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  gate.open();
  EXPECT_TRUE(first.read_answer().ends_with("through"));
  EXPECT_TRUE((second_refused ? third : second).read_answer().ends_with("through"));
  EXPECT_TRUE((second_refused ? second : third)
                  .ask("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n")
                  .ends_with("hello a"));
}

TEST_F(ServerTest, ASlowHeadIsCutOffHoweverItDrips) {
  const auto server = start({.header_time = std::chrono::milliseconds(300)});
  RawPeer peer(server->port());
  ASSERT_TRUE(peer.send("GET /hello/a HTTP/1.1\r\n"));
  // Bytes keep coming; the time is for the whole head.
  std::thread dripping([&] {
    for (int i = 0; i < 200 && peer.send("X"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  EXPECT_EQ(peer.read_to_end(), "");
  dripping.join();
}

TEST_F(ServerTest, ASlowBodyIsCutOff) {
  const auto server = start({.body_time = std::chrono::milliseconds(200)});
  RawPeer peer(server->port());
  ASSERT_TRUE(peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(ServerTest, AHandlerThatIsTooSlowIsAnsweredWith504) {
  const auto server = start({.answer_time = std::chrono::milliseconds(100)});
  RawPeer peer(server->port());
  EXPECT_TRUE(peer.ask("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 504"));
  gate.open();
}

TEST_F(ServerTest, TooManyConnectionsAreTurnedAway) {
  const auto server = start({.connections_max = 2});
  RawPeer first(server->port()), second(server->port());
  EXPECT_FALSE(first.ask("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n").empty());
  EXPECT_FALSE(second.ask("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n").empty());
  RawPeer third(server->port());
  EXPECT_EQ(third.read_to_end(), "");
  EXPECT_FALSE(first.ask("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n").empty());
}

TEST_F(ServerTest, TooManyBytesOnTheirWayAreRefused) {
  const auto server = start({.body_memory_max = 1000});
  RawPeer first(server->port()), second(server->port());
  ASSERT_TRUE(first.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 900\r\n\r\n"));
  EXPECT_EQ(first.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(second.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")
                  .starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(first.ask(std::string(900, 'y')).starts_with("HTTP/1.1 200"));
  RawPeer third(server->port());
  EXPECT_TRUE(third
                  .ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" +
                       std::string(900, 'z'))
                  .starts_with("HTTP/1.1 200"));
}

TEST_F(ServerTest, ALongPollIsAnsweredWhenThereIsNews) {
  const auto server = start({.workers = 1});
  RawPeer peer(server->port());
  EXPECT_TRUE(peer.ask("GET /news HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("news"));
}

TEST_F(ServerTest, StopLetsRunningRequestsEndAndClosesIdleConnections) {
  const auto server = start();
  RawPeer idle(server->port()), running(server->port());
  EXPECT_FALSE(idle.ask("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n").empty());
  ASSERT_TRUE(running.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n"));
  gate.await_waiting(1);
  std::thread stopping([&] { server->stop(); });
  EXPECT_EQ(idle.read_to_end(), "");  // closed although nothing was asked
  gate.open();
  EXPECT_TRUE(running.read_to_end().ends_with("through"));
  stopping.join();
  EXPECT_FALSE(RawPeer(server->port()).connected());
}

TEST_F(ServerTest, StopDoesNotWaitForPeersThatStall) {
  const auto server = start({.drain_time = std::chrono::milliseconds(50)});
  RawPeer peer(server->port());
  ASSERT_TRUE(peer.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"));
  EXPECT_FALSE(peer.read_answer().empty());
  server->stop();
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(ServerTest, APortThatIsTakenIsAnError) {
  const auto server = start();
  ServerOptions options;
  options.port = server->port();
  EXPECT_ERROR(Server::start(std::move(options), router, random, log), Code::unavailable);
}

TEST_F(ServerTest, ACertificateWithoutItsKeyIsRefused) {
  const auto one = http::testing::make_test_identity(), other = http::testing::make_test_identity();
  ServerOptions options;
  options.tls = TlsIdentity{one.certificate_pem, other.tls().key};
  EXPECT_ERROR(Server::start(std::move(options), router, random, log), Code::malformed);
}

class TlsTest : public ServerTest {
 protected:
  std::unique_ptr<Server> start_tls() {
    ServerOptions options;
    options.io_threads = 2;
    options.tls = identity.tls();
    return start(std::move(options));
  }
  std::string url(const Server& server, std::string_view path) {
    return "https://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
  }
  http::testing::TestIdentity identity = http::testing::make_test_identity();
};

TEST_F(TlsTest, TheClientReachesTheServerItTrusts) {
  const auto server = start_tls();
  CurlFetch client({.trusted_pem = identity.certificate_pem});
  base::FetchRequest request;
  request.method = "POST";
  request.url = url(*server, "/echo");
  request.body = base::Bytes(100'000, 7);
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.fetch(request);
    ASSERT_OK(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, request.body);
    EXPECT_EQ(answer->content_type, "application/octet-stream");
  }
}

TEST_F(TlsTest, ManyClientsAreServedAtOnce) {
  const auto server = start_tls();
  CurlFetch client({.trusted_pem = identity.certificate_pem});
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        base::FetchRequest request;
        request.url = url(*server, "/hello/" + std::to_string(t * 100 + i));
        const auto answer = client.fetch(request);
        if (answer && base::text_of(answer->body) == "hello " + std::to_string(t * 100 + i))
          ++right;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

TEST_F(TlsTest, TheClientRefusesAServerItDoesNotTrust) {
  const auto server = start_tls();
  base::FetchRequest request;
  request.url = url(*server, "/hello/a");
  CurlFetch stranger({.trusted_pem = http::testing::make_test_identity().certificate_pem});
  EXPECT_ERROR(stranger.fetch(request), Code::untrusted);
  CurlFetch system({});
  EXPECT_ERROR(system.fetch(request), Code::untrusted);
}

// shows-part: ECP-ADM-4b (the client's part; mutant: tests/mutants/ECP-ADM-4b.challenge)
TEST_F(TlsTest, TheClientRefusesWhatIsNotAllowed) {
  const auto server = start_tls();
  base::FetchRequest request;
  request.url = url(*server, "/hello/a");
  CurlFetch public_only(
      {.trusted_pem = identity.certificate_pem, .addresses = Addresses::public_only});
  EXPECT_ERROR(public_only.fetch(request), Code::denied);
  CurlFetch client({.trusted_pem = identity.certificate_pem});
  base::FetchRequest large = request;
  large.answer_size_max = 3;
  EXPECT_ERROR(client.fetch(large), Code::limit_exceeded);
  base::FetchRequest plain = request;
  plain.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/hello/a";
  EXPECT_ERROR(client.fetch(plain), Code::denied);
  base::FetchRequest file = request;
  file.url = "file:///etc/hostname";
  EXPECT_ERROR(client.fetch(file), Code::denied);
  base::FetchRequest split = request;
  split.headers = {{"X-A", "1\r\nX-B: 2"}};
  EXPECT_ERROR(client.fetch(split), Code::malformed);
  base::FetchRequest slow = request;
  slow.url = url(*server, "/gate");
  slow.timeout = std::chrono::milliseconds(200);
  EXPECT_ERROR(client.fetch(slow), Code::timeout);
  gate.open();
}

TEST_F(TlsTest, APlainRequestToTheTlsPortIsNotAnswered) {
  const auto server = start_tls();
  RawPeer peer(server->port());
  peer.send("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.finish_sending();
  EXPECT_EQ(peer.read_to_end().find("hello"), std::string::npos);
  EXPECT_EQ(log.text().find("http.answered"), std::string::npos);
}

TEST_F(ServerTest, NobodyListeningIsUnavailable) {
  std::uint16_t port = 0;
  {
    const auto server = start();
    port = server->port();
  }
  CurlFetch client({.allows_plain = true});
  base::FetchRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/";
  EXPECT_ERROR(client.fetch(request), Code::unavailable);
}

TEST(PublicAddresses, EveryFormOfAnInsideAddressIsRefused) {
  for (const char* inside : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.9",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:127.0.0.1",
                             "::ffff:8.8.8.8",
                             "::127.0.0.1",
                             "64:ff9b::7f00:1",
                             "100::1",
                             "2001::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "3fff::1",
                             "fc00::1",
                             "fd12:3456::1",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1",
                             "5f00::1",
                             "localhost",
                             "2130706433",
                             "0x7f000001",
                             "0177.0.0.1",
                             ""})
    EXPECT_FALSE(is_public_address(inside)) << inside;
  for (const char* outside :
       {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1",
        "172.32.0.1", "192.167.1.1", "198.20.0.1", "223.5.5.5", "2400:3200::1", "2a00:1450::1"})
    EXPECT_TRUE(is_public_address(outside)) << outside;
}

}  // namespace
}  // namespace heqi::http
