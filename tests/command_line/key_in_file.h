// key_in_file.h: an SM2 key out of its file, in the test's own process.
#pragma once
#include <heqi/base/file_store.h>

#include "software_key.h"

namespace heqi::program {

inline base::Result<crypto::PrivateKey> key_in_file(const std::string& path) {
  WipedOctets file;
  HEQI_TRY(file.octets, base::read_file(path, kKeyFileSizeMax));
  return parse_software_key(file.octets);
}

}  // namespace heqi::program
