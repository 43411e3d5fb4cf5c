// load.h: a load generator of its own process on the other core: keep-alive connections to a server
// in this process, which stays on its core.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <heqi/http/router.h>

namespace heqi::bench {

// Load is what is asked. The connections send the requests in turn, for ever; each its next one
// after the answer to the one before. workers are the server's.
struct Load {
  std::string method = "POST", path = "/", content_type = "application/octet-stream";
  std::vector<std::string> bodies;
  unsigned connections = 32, workers = 4;
  bool once = false;  // every body is sent once only: the connections share them
};

// Rates are answers of status 200 for each second of the server's processor time, and of the clock.
struct Rates {
  double per_processor_second = 0, per_second = 0;
};

// serve_under_load serves router to the generator for so many seconds, and gives the median of
// three such windows (with `once`: of the one window that the bodies last). Exits with a message
// where an answer is not 200.
Rates serve_under_load(const http::Router& router, const Load& load, double seconds);

}  // namespace heqi::bench
