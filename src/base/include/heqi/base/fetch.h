// heqi/base/fetch.h: asking another server is injected (OCSP, CRL and time-stamp fetches,
// callbacks).
#pragma once
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::base {

struct FetchRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body;
  Duration timeout = std::chrono::seconds(10);
  std::size_t answer_size_max = std::size_t{16} << 20;
};

struct FetchAnswer {
  int status = 0;
  std::string content_type;
  Bytes body;
};

class Fetch {
 public:
  virtual ~Fetch() = default;
  // fetch sends one request. An HTTP error status is an answer; unavailable and timeout are errors.
  virtual Result<FetchAnswer> fetch(const FetchRequest& request) = 0;
};

}  // namespace heqi::base
