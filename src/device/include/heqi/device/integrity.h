// heqi/device/integrity.h: the integrity of a module's own files (T/ZSA 67.3 §8.2, §11 a): beside
// each program of the boundary stands PROGRAM.integrity, which names its files with size and SM3
// and is signed with SM2. The verifying key is compiled in. Linux.
#pragma once
#include <heqi/base/random.h>
#include <heqi/crypto/sm2.h>

namespace heqi::device {

// ModuleFile is one file of the boundary under the name that stands in the manifest.
struct ModuleFile {
  std::string name;  // [A-Za-z0-9._-], 1…64 octets
  base::Bytes content;
};

// make_integrity_manifest signs the names, sizes and digests of files. malformed for a bad name.
base::Result<base::Bytes> make_integrity_manifest(const std::vector<ModuleFile>& files,
                                                  const crypto::PrivateKey& key,
                                                  base::Random& random);

// verify_integrity checks that the manifest is signed with key and names exactly files, as they
// are. Fails with device_self_test, naming the file.
base::Status verify_integrity(base::ByteView manifest, const crypto::PublicKey& key,
                              const std::vector<ModuleFile>& files);

// check_own_integrity does so for the running program and the manifest beside it, under the key
// that it was built with.
base::Status check_own_integrity();

// development_key is the signing key of builds for which no other was set (HEQI_MODULE_KEY).
// Everybody knows it; it finds accidents, not attackers. uses_development_key tells of it.
base::Result<crypto::PrivateKey> development_key();
bool uses_development_key();

}  // namespace heqi::device
