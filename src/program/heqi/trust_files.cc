#include "trust_files.h"

#include <array>
#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/services/ca/hierarchy.h>

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kTrustFileSizeMax = std::size_t{1} << 20;
// Where an installation keeps what it trusts; the first that is there.
constexpr std::array kDefaultTrust{"/etc/heqi/trust", "/var/lib/heqi/certificates"};

bool is_folder(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_directory(path, none);
}

// load_folder takes the root alone where the folder is a hierarchy: what it issued is not an
// anchor.
Result<pki::TrustStore> load_folder(const std::string& path) {
  for (const std::string& folder : {path + "/certificates", path}) {
    if (!is_folder(folder)) continue;
    HEQI_TRY(const auto files, base::open_folder(folder));
    const auto hierarchy = services::ca::load_hierarchy(*files);
    if (hierarchy) return pki::TrustStore({hierarchy->root});
    if (hierarchy.error().code != Code::not_found) return hierarchy.error();
  }
  HEQI_TRY(const auto files, base::open_folder(path));
  return pki::load_trust_store(*files, "");
}

}  // namespace

Result<pki::TrustStore> load_trust(const std::optional<std::string>& given) {
  if (!given) {
    for (const char* path : kDefaultTrust)
      if (is_folder(path)) return load_folder(path);
    return pki::TrustStore();
  }
  if (is_folder(*given)) {
    HEQI_TRY(pki::TrustStore store, load_folder(*given));
    if (store.empty())
      return base::fail(Code::not_found, *given + ": no certificate in the folder");
    return store;
  }
  HEQI_TRY(const base::Bytes content, base::read_file(*given, kTrustFileSizeMax));
  pki::TrustStore store;
  HEQI_TRY(store.add_encoded(content));
  return store;
}

}  // namespace heqi::program
