#include <heqi/api/authority.h>
#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace heqi::api {
namespace {

using Routes = std::set<std::string>;  // "GET /path"

// Unmade is room for services that no route is asked to use: adding routes only keeps the address.
template <class T>
struct Unmade {
  T& get() { return *reinterpret_cast<T*>(room); }
  alignas(T) unsigned char room[sizeof(T)] = {};
};

Routes served() {
  Unmade<Services> services;
  Unmade<AuthorityParts> authority;
  Unmade<PkiServices> pki_services;
  http::Router router, signing_router, pki_router;
  add_routes(router, services.get());
  add_authority_routes(router, services.get(), authority.get());
  add_signing_routes(signing_router, services.get());
  add_pki_routes(pki_router, pki_services.get());
  Routes out;
  for (const http::Router* one : {&router, &signing_router, &pki_router})
    for (const http::Route& route : one->routes()) {
      std::string pattern = route.pattern;
      std::erase(pattern, '*');  // OpenAPI has no sign for the rest of a path
      out.insert(std::string(http::method_name(route.method)) + " " + pattern);
    }
  return out;
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// described reads the section "paths" by its indentation: paths by two, methods by four.
Routes described() {
  const auto file = base::read_file(HEQI_OPENAPI, std::size_t{1} << 20);
  EXPECT_OK(file);
  if (!file) return {};
  Routes out;
  std::string path;
  bool inside = false;
  for (const std::string_view line : base::split(base::text_of(*file), '\n')) {
    const std::size_t indent = indent_of(line);
    const std::string_view text = line.substr(indent);
    const std::string word(text.substr(0, text.rfind(':')));
    if (indent == 0 && !text.empty()) inside = text == "paths:";
    if (inside && indent == 2) path = word;
    if (!inside || indent != 4 || !text.ends_with(':') || word == "parameters") continue;
    std::string method = word;
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_TRUE(out.insert(method + " " + path).second) << method << " " << path << " twice";
  }
  return out;
}

TEST(OpenApi, NamesExactlyTheRoutesThatAreServed) {
  const Routes there = served(), told = described();
  EXPECT_GT(there.size(), 20U);
  for (const std::string& route : there)
    EXPECT_TRUE(told.contains(route)) << route << " is served and not in docs/openapi.yaml";
  for (const std::string& route : told)
    EXPECT_TRUE(there.contains(route)) << route << " is in docs/openapi.yaml and not served";
}

}  // namespace
}  // namespace heqi::api
