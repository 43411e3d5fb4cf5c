// trust_files.h: the roots that a command line trusts.
#pragma once
#include <optional>
#include <string>

#include <heqi/pki/trust_store.h>

namespace heqi::program {

// load_trust reads a PEM or DER file, a folder of them, or a platform's data folder, of which the
// root alone is trusted. Without given the folders of an installation are tried; nothing is trusted
// where there are none. Fails with not_found (also for a folder without certificates), malformed.
base::Result<pki::TrustStore> load_trust(const std::optional<std::string>& given);

}  // namespace heqi::program
