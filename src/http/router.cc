#include <heqi/http/router.h>

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::http {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool has_slash(const std::string& segment) {
  return segment.find('/') != std::string::npos;
}

}  // namespace

Router& Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
  HEQI_CHECK(!pattern.empty() && pattern.front() == '/');
  for (const Route& route : routes_)
    HEQI_CHECK(!(route.method == method && route.pattern == pattern));
  Pattern parsed;
  parsed.takes_escaped_slashes = options.takes_escaped_slashes;
  for (std::string_view segment : base::split(std::string_view(pattern).substr(1), '/')) {
    HEQI_CHECK(!parsed.takes_rest);
    if (is_parameter(segment) && segment[segment.size() - 2] == '*') {
      parsed.takes_rest = true;
      parsed.segments.push_back("{" + std::string(segment.substr(1, segment.size() - 3)) + "}");
    } else {
      parsed.segments.emplace_back(segment);
    }
  }
  patterns_.push_back(std::move(parsed));
  routes_.push_back({method, std::move(pattern), std::move(handler), options});
  return *this;
}

Router& Router::get(std::string pattern, Handler handler, RouteOptions options) {
  return add(Method::get, std::move(pattern), std::move(handler), options);
}
Router& Router::post(std::string pattern, Handler handler, RouteOptions options) {
  return add(Method::post, std::move(pattern), std::move(handler), options);
}
Router& Router::put(std::string pattern, Handler handler, RouteOptions options) {
  return add(Method::put, std::move(pattern), std::move(handler), options);
}
Router& Router::remove(std::string pattern, Handler handler, RouteOptions options) {
  return add(Method::remove, std::move(pattern), std::move(handler), options);
}

base::Result<const Route*> Router::find(Request& request) const {
  HEQI_TRY(const std::vector<std::string> segments, path_segments(request.path));
  const Method wanted = request.method == Method::head ? Method::get : request.method;

  // rank reads as a word: a literal segment is 'a', a parameter 'b', the rest 'c'. Least wins.
  const auto rank = [&](const Pattern& pattern) -> std::optional<std::string> {
    const std::size_t count = pattern.segments.size();
    if (pattern.takes_rest ? segments.size() < count : segments.size() != count)
      return std::nullopt;
    std::string word;
    for (std::size_t i = 0; i < count; ++i) {
      const bool parameter = is_parameter(pattern.segments[i]);
      if (!parameter && pattern.segments[i] != segments[i]) return std::nullopt;
      if (parameter && segments[i].empty()) return std::nullopt;
      word.push_back(!parameter ? 'a' : pattern.takes_rest && i + 1 == count ? 'c' : 'b');
    }
    const std::size_t slashes_from =
        pattern.takes_rest && pattern.takes_escaped_slashes ? count - 1 : segments.size();
    const auto rest = segments.begin() + static_cast<std::ptrdiff_t>(slashes_from);
    if (std::any_of(segments.begin(), rest, has_slash)) return std::nullopt;
    return word;
  };

  std::optional<std::string> best;
  for (const Pattern& pattern : patterns_) {
    const auto word = rank(pattern);
    if (word && (!best || *word < *best)) best = word;
  }
  if (!best && std::any_of(segments.begin(), segments.end(), has_slash))
    return base::fail(base::Code::malformed, "request target: escaped slash in a segment");
  if (!best) return base::fail(base::Code::not_found, "no such path");

  std::string allowed;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (rank(patterns_[i]) != best) continue;
    if (routes_[i].method != wanted) {
      allowed.append(allowed.empty() ? "" : ", ").append(method_name(routes_[i].method));
      continue;
    }
    request.path_parameters.clear();
    const Pattern& pattern = patterns_[i];
    for (std::size_t j = 0; j < pattern.segments.size(); ++j) {
      if (!is_parameter(pattern.segments[j])) continue;
      std::string value = segments[j];
      if (pattern.takes_rest && j + 1 == pattern.segments.size())
        for (std::size_t k = j + 1; k < segments.size(); ++k) value += "/" + segments[k];
      request.path_parameters.emplace_back(
          pattern.segments[j].substr(1, pattern.segments[j].size() - 2), std::move(value));
    }
    return &routes_[i];
  }
  return base::fail(base::Code::http_method_not_allowed, allowed);
}

Response Router::answer(Request request) const {
  if (request.path.empty())
    if (auto parsed = parse_target(request.target, request); !parsed)
      return problem(parsed.error(), request.id);
  const auto route = find(request);
  if (!route) return problem(route.error(), request.id);
  if (request.body.size() > (*route)->options.body_size_max)
    return problem(base::fail(base::Code::limit_exceeded, "body"), request.id);
  auto response = (*route)->handler(request);
  return response ? std::move(response).value() : problem(response.error(), request.id);
}

}  // namespace heqi::http
