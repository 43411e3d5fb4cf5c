#include "sites.h"

#include <algorithm>
#include <filesystem>

#include <heqi/base/json.h>
#include <heqi/base/text.h>

#include "process.h"
#include "trust_page.h"

namespace heqi::program {
namespace {

using http::Request;
using http::Response;

base::Result<std::string> find_web_folder(const Configuration& configuration) {
  if (!configuration.web_folder.empty()) return configuration.web_folder;
  HEQI_TRY(const std::string program, find_program("heqi"));
  const std::string folder = program.substr(0, program.rfind('/'));
  std::error_code error;
  for (const char* candidate :
       {"/../share/heqi/web", "/../../../../web", "/../../../../../build/web"})
    if (std::filesystem::is_directory(folder + candidate, error)) return folder + candidate;
  return base::fail(base::Code::not_found, "the pages; ./dev web builds them");
}

base::Status open_site(const Configuration& configuration, const std::string& folder,
                       std::string_view name, std::optional<api::WebBundle>& out, base::Log& log) {
  auto bundle = api::WebBundle::load(folder + "/" + std::string(name));
  if (bundle) {
    const std::string sm3 = bundle->sm3(), sha256 = bundle->sha256();
    log.info("web.site_opened", {{"site", name},
                                 {"files", static_cast<std::int64_t>(bundle->size())},
                                 {"sm3", std::string_view(sm3)},
                                 {"sha256", std::string_view(sha256)}});
    out = *std::move(bundle);
    return {};
  }
  if (!configuration.web_folder.empty() || bundle.error().code != base::Code::not_found)
    return std::move(bundle).error();
  log.warning("web.site_missing", {{"site", name}});
  return {};
}

// is_link tells whether text can be the secret of a link: nothing in it could lead elsewhere.
bool is_link(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

std::string pins_of(const Installation& installation) {
  base::JsonWriter json;
  json.begin_object()
      .field("version", std::int64_t{1})
      .field("key_centre_key", base::to_hex(installation.key_centre_channel_key))
      .field("key_centre_sealing_key", base::to_hex(installation.key_centre_sealing_key))
      .field("service_key", base::to_hex(installation.service_channel_key))
      .end_object();
  return json.str();
}

Response missing_page() {
  return Response::text(
      "The pages are not built: ./dev web builds them. The REST interface answers.\n"
      "网页尚未构建：请运行 ./dev web。REST 接口可用。\n");
}

}  // namespace

base::Result<Sites> open_sites(const Configuration& configuration, const Installation& installation,
                               base::Log& log) {
  Sites out;
  out.tls_root_pem = installation.tls_root_pem;
  out.signing_url = configuration.signing_url;
  const auto folder = find_web_folder(configuration);
  if (!folder) {
    log.warning("web.no_pages");
    return out;
  }
  HEQI_TRY(open_site(configuration, *folder, "desk", out.desk, log));
  HEQI_TRY(open_site(configuration, *folder, "verify", out.verify, log));
  HEQI_TRY(open_site(configuration, *folder, "signing", out.signing, log));
  if (!out.signing) return out;
  HEQI_TRY(out.signing->add_installation_file("pins.json", base::bytes_of(pins_of(installation))));
  const std::string sm3 = out.signing->sm3(), sha256 = out.signing->sha256();
  log.info("web.signing_bundle",
           {{"sm3", std::string_view(sm3)}, {"sha256", std::string_view(sha256)}});
  return out;
}

void add_platform_pages(http::Router& router, const Sites& sites) {
  using api::SitePolicy;
  if (sites.desk) {
    api::add_site_routes(router, *sites.desk, SitePolicy::desk, "/desk");
    router.get("/", [&sites](const Request& request) -> base::Result<Response> {
      return api::file_answer(*sites.desk->find("index.html"), SitePolicy::desk, request);
    });
  } else {
    router.get("/", [](const Request&) -> base::Result<Response> { return missing_page(); });
  }
  if (sites.verify) api::add_site_routes(router, *sites.verify, SitePolicy::verify, "/verify");
  if (sites.signing) api::add_manifest_route(router, *sites.signing);
  if (!sites.tls_root_pem.empty()) add_trust_page(router, sites.tls_root_pem);
  router.get("/s/{link}",
             [&sites](const Request& request) -> base::Result<Response> {
               const std::string& link = request.path_text("link");
               if (!is_link(link))
                 return base::fail(base::Code::not_found, "the link is not valid");
               return Response::see_other(sites.signing_url + "/s/" + link);
             },
             {.hides_path = true});
}

void add_signing_pages(http::Router& router, const Sites& sites) {
  if (!sites.signing) {
    router.get("/s/{link}", [](const Request&) -> base::Result<Response> { return missing_page(); },
               {.hides_path = true});
    return;
  }
  api::add_site_routes(router, *sites.signing, api::SitePolicy::signing, "");
  router.get("/s/{link}",
             [&sites](const Request& request) -> base::Result<Response> {
               return api::file_answer(*sites.signing->find("index.html"), api::SitePolicy::signing,
                                       request);
             },
             {.hides_path = true});
  api::add_manifest_route(router, *sites.signing);
}

}  // namespace heqi::program
