// heqi/api/web.h: the web applications: files read once at start, and what a browser may do with
// them.
#pragma once
#include <map>
#include <optional>
#include <string>

#include <heqi/crypto/sm3.h>
#include <heqi/http/router.h>

namespace heqi::api {

// Limits of one application; docs/limits.md.
inline constexpr std::size_t kWebFileSizeMax = std::size_t{16} << 20;
inline constexpr std::size_t kWebFilesMax = 4096;

// WebFile is one file as it is served.
struct WebFile {
  std::string content_type;
  base::Bytes content;
  base::Bytes gzip, brotli;  // RFC 1952, RFC 7932; empty where there is none, or it is not smaller
  crypto::Digest sm3{};
  base::Bytes sha256;
  bool is_immutable = false;        // its name holds its digest
  bool is_of_installation = false;  // not made by the build
};

// WebBundle is the files of one application, in memory: what is hashed is what is served, and a
// name that is not in it cannot be asked for.
class WebBundle {
 public:
  // load reads every file below folder, and the brotli forms that the build made below folder.br:
  // one that does not give its file, octet by octet, is malformed. Fails with not_found (no folder,
  // or no index.html in it), malformed (a link, or a name beyond [A-Za-z0-9._-]), limit_exceeded.
  static base::Result<WebBundle> load(const std::string& folder);

  // add_installation_file adds a file that the build does not make, such as this installation's
  // public keys.
  base::Status add_installation_file(const std::string& name, base::ByteView content);

  // find takes a relative name: "index.html", "assets/main-2f1a.js"; nullptr where there is none.
  const WebFile* find(std::string_view name) const;
  std::size_t size() const { return files_.size(); }

  // sm3 and sha256 are the bundle's digests in hexadecimal: over the lines "DIGEST  NAME\n" of its
  // files in the order of their names, as sha256sum prints them.
  std::string sm3() const;
  std::string sha256() const;
  // manifest is the published statement (JSON): both digests of the bundle and of each file, and
  // under "build" those without this installation's files, which everybody who builds gets.
  std::string manifest() const;

 private:
  enum class Part { build, all };
  std::string lines_sm3(Part part) const;
  std::string lines_sha256(Part part) const;

  std::map<std::string, WebFile, std::less<>> files_;
};

// SitePolicy is what a site's pages may do: its Content-Security-Policy.
enum class SitePolicy {
  signing,  // own scripts and WebAssembly only, no frame, no form, Trusted Types
  desk,     // own scripts only; style attributes, which its widgets set
  verify,   // as signing
};
std::string_view policy_of(SitePolicy policy);

// file_answer is the answer with one file: its type, an entity tag, compressed where the browser
// takes it, 304 where it has it. Pages (text/html) carry the policy.
http::Response file_answer(const WebFile& file, SitePolicy policy, const http::Request& request);

// add_site_routes serves bundle below prefix ("" or "/desk"); a path without a file that a browser
// opens as a page is answered with index.html. bundle outlives the router.
void add_site_routes(http::Router& router, const WebBundle& bundle, SitePolicy policy,
                     const std::string& prefix);

// kManifestPath is where the signing site's manifest is published.
inline constexpr std::string_view kManifestPath = "/.well-known/heqi-signing-bundle.json";
void add_manifest_route(http::Router& router, const WebBundle& bundle);

}  // namespace heqi::api
