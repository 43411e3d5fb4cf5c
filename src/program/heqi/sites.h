// sites.h: the pages that the platform serves: desk and verification on its own origin, signing on
// another.
#pragma once
#include <memory>
#include <optional>

#include <heqi/api/web.h>
#include <heqi/base/log.h>

#include "installation.h"

namespace heqi::program {

// Sites are the applications that were found. A platform without pages serves its interface only.
struct Sites {
  std::optional<api::WebBundle> desk, verify, signing;
  std::string tls_root_pem, signing_url;
};

// open_sites reads the pages: from web_folder, else from beside the program, else from the build
// folder that the program lies in. The signing bundle gets /pins.json: the public keys that a
// device in the browser must find at the other ends of its channels. Fails where web_folder is
// given and lacks one.
base::Result<Sites> open_sites(const Configuration& configuration, const Installation& installation,
                               base::Log& log);

// add_platform_pages: / and /desk, /verify, /trust, and the way from /s/… to the signing site.
void add_platform_pages(http::Router& router, const Sites& sites);
// add_signing_pages: /s/{link}, the bundle's files and its manifest.
void add_signing_pages(http::Router& router, const Sites& sites);

}  // namespace heqi::program
