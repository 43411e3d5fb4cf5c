// listener.h: somebody outside with an address, over TLS: what is posted there is kept.
#pragma once
#include <mutex>

#include <heqi/http/server.h>

#include "phone.h"
#include "tls_identity.h"

namespace heqi::testing {

class Listener {
 public:
  explicit Listener(base::Random& random) {
    router_.post("/told",
                 [this](const http::Request& request) -> base::Result<http::Response> {
                   const std::lock_guard lock(mutex_);
                   heard_.push_back(request);
                   if (refusals_ > 0 && --refusals_ >= 0)
                     return http::Response::text("busy\n", status_);
                   return http::Response::text("heard\n");
                 },
                 {.body_size_max = http::kUploadSizeMax});
    http::ServerOptions options;
    options.tls = identity.tls();
    server_ = must(http::Server::start(std::move(options), router_, random, log_));
  }
  ~Listener() { server_->stop(); }

  std::string url() const {
    return "https://127.0.0.1:" + std::to_string(server_->port()) + "/told";
  }
  // refuse_next answers so many posts with status before it listens.
  void refuse_next(int count, int status) {
    const std::lock_guard lock(mutex_);
    refusals_ = count, status_ = status;
  }
  std::vector<http::Request> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

  const http::testing::TestIdentity identity = http::testing::make_test_identity();

 private:
  class NoLog final : public base::Log {
    void write(base::Severity, std::string_view, std::initializer_list<base::LogField>) override {}
  } log_;
  http::Router router_;
  std::mutex mutex_;
  std::vector<http::Request> heard_;
  int refusals_ = 0, status_ = 503;
  std::unique_ptr<http::Server> server_;
};

}  // namespace heqi::testing
