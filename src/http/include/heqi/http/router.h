// heqi/http/router.h: which handler answers which method and path.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <heqi/base/result.h>
#include <heqi/http/limits.h>
#include <heqi/http/response.h>

namespace heqi::http {

// Handler is a plain function, called from several threads at once. An Error becomes problem+json.
using Handler = std::function<base::Result<Response>(const Request& request)>;

struct RouteOptions {
  std::size_t body_size_max = kBodySizeDefault;
  bool hides_path = false;   // the log shows the pattern only (the path holds a token)
  bool runs_inline = false;  // in the I/O thread: only for what never blocks (health)
  // "%2F" in the rest of the path ({name*}) is a slash of it: base64 stands there (RFC 6960 A.1).
  // Elsewhere it is refused, since it means different paths to different readers.
  bool takes_escaped_slashes = false;
};

struct Route {
  Method method;
  std::string pattern;
  Handler handler;
  RouteOptions options;
};

// Router finds routes. Filled before the server starts, then only read.
class Router {
 public:
  // add takes a pattern of literal segments and {name} segments ("/api/v1/contracts/{id}"); the
  // last may be {name*}, which takes the rest of the path. A literal segment wins over {name}. The
  // same pattern twice is a programmer's error.
  Router& add(Method method, std::string pattern, Handler handler, RouteOptions options = {});

  Router& get(std::string pattern, Handler handler, RouteOptions options = {});
  Router& post(std::string pattern, Handler handler, RouteOptions options = {});
  Router& put(std::string pattern, Handler handler, RouteOptions options = {});
  Router& remove(std::string pattern, Handler handler, RouteOptions options = {});

  // find returns the route and fills request.path_parameters. HEAD finds GET. Fails with
  // not_found; malformed (an escaped slash that no route takes); http_method_not_allowed (the
  // detail names the methods allowed).
  base::Result<const Route*> find(Request& request) const;

  // answer runs the handler of request without a network: for tests and in-process callers.
  Response answer(Request request) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Pattern {
    std::vector<std::string> segments;  // "{name}" stands for a parameter
    bool takes_rest = false;
    bool takes_escaped_slashes = false;
  };
  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;
};

}  // namespace heqi::http
