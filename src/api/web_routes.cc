#include <heqi/api/web.h>
#include <heqi/base/text.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kSigningPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default heqi";
// The widgets of the desk set style attributes; nothing else is looser.
constexpr std::string_view kDeskPolicy =
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; "
    "font-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types heqi vue";

constexpr std::string_view kNothingGranted =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), midi=(), payment=(), usb=()";

// accepts tells whether a list field such as Accept names word and does not refuse it (RFC 9110
// §12.4.2).
bool accepts(const Request& request, std::string_view field, std::string_view word) {
  const std::string value = request.header(field).value_or("");
  for (const std::string_view item : base::split(value, ',')) {
    const std::size_t end = item.find(';');
    if (base::trim(item.substr(0, end)) != word) continue;
    const std::string_view weight =
        end == std::string_view::npos ? std::string_view() : base::trim(item.substr(end + 1));
    return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000";
  }
  return false;
}

bool names(const std::string& field, const std::string& tag) {
  for (const std::string_view item : base::split(field, ',')) {
    std::string_view one = base::trim(item);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag || one == "*") return true;
  }
  return false;
}

// Form is one way in which a file travels.
struct Form {
  std::string_view encoding, tag_ending;
  const base::Bytes& octets;
};

Form form_for(const WebFile& file, const Request& request) {
  if (!file.brotli.empty() && accepts(request, "accept-encoding", "br"))
    return {"br", "-br", file.brotli};
  if (!file.gzip.empty() && accepts(request, "accept-encoding", "gzip"))
    return {"gzip", "-gz", file.gzip};
  return {"", "", file.content};
}

}  // namespace

std::string_view policy_of(SitePolicy policy) {
  return policy == SitePolicy::desk ? kDeskPolicy : kSigningPolicy;
}

Response file_answer(const WebFile& file, SitePolicy policy, const Request& request) {
  const Form form = form_for(file, request);
  const std::string tag =
      "\"" + base::to_hex(file.sm3).substr(0, 32) + std::string(form.tag_ending) + "\"";
  const bool known = names(request.header("if-none-match").value_or(""), tag);
  Response response =
      known ? Response::empty(304) : Response::bytes(file.content_type, form.octets);
  response.headers = {
      {"ETag", tag},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      // Scripts and workers carry it too: a worker's policy is that of its own answer.
      {"Content-Security-Policy", std::string(policy_of(policy))},
      {"Cross-Origin-Embedder-Policy", "require-corp"},
      {"Permissions-Policy", std::string(kNothingGranted)},
  };
  if (!form.encoding.empty() && !known)
    response.headers.emplace_back("Content-Encoding", std::string(form.encoding));
  return response;
}

void add_site_routes(http::Router& router, const WebBundle& bundle, SitePolicy policy,
                     const std::string& prefix) {
  const auto index = [&bundle, policy](const Request& request) -> base::Result<Response> {
    return file_answer(*bundle.find("index.html"), policy, request);
  };
  router.get(prefix + "/", index);
  if (!prefix.empty()) router.get(prefix, index);
  router.get(prefix + "/{path*}",
             [&bundle, policy, index](const Request& request) -> base::Result<Response> {
               const std::string& path = request.path_text("path");
               if (const WebFile* file = bundle.find(path))
                 return file_answer(*file, policy, request);
               // A page of the application's own making has no ending; a missing file has one.
               const bool is_page =
                   path.find('.') == std::string::npos && accepts(request, "accept", "text/html");
               if (!is_page) return base::fail(base::Code::not_found, "no such file");
               return index(request);
             });
}

void add_manifest_route(http::Router& router, const WebBundle& bundle) {
  router.get(std::string(kManifestPath), [&bundle](const Request&) -> base::Result<Response> {
    return Response::json_text(bundle.manifest());
  });
}

}  // namespace heqi::api
