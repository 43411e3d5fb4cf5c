// sdf_key.h: an SM2 key in a server's cipher device or hardware module, behind the interface of
// GM/T 0018 (SDF). The private key stays there.
#pragma once
#include <memory>
#include <string>

#include <heqi/base/secret.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/signer.h>

namespace heqi::program {

// SdfUri is what a URI says of a key: sdf:library=/…/library.so;index=1?password-file=/….
struct SdfUri {
  std::string library;        // of the maker, absolute
  unsigned int index = 0;     // of the signing key, from 1 on
  std::string password_file;  // of the key's access right; empty: not in the URI
};
bool is_sdf_uri(std::string_view text);
// parse_sdf_uri fails with malformed (also for an attribute that is not known or given twice), and
// with denied where a password stands in it.
base::Result<SdfUri> parse_sdf_uri(std::string_view text);

// SdfKey is a key that is open. signer gives no signature that does not hold under public_key;
// where the device has lost the session it opens another, once for each signature.
struct SdfKey {
  std::unique_ptr<x509::Signer> signer;
  x509::PublicKeyInfo public_key;
};
// open_sdf_key loads the library and gets the right to use the key with password, which counts
// where the URI names no file of it; empty: the device asks for none. Fails with not_found
// (library, key, file), malformed (not such a library), denied (password), unsupported (not a key
// of SM2, or structures of another size), unavailable (the device fails; the detail has its
// number).
base::Result<SdfKey> open_sdf_key(const SdfUri& uri, const base::SecretBytes& password);

}  // namespace heqi::program
