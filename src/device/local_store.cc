#include "local_store.h"

#include <algorithm>

#include <heqi/crypto/hmac.h>

#include "der.h"

namespace heqi::device {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using base::SecretBytes;
using base::Status;

constexpr std::string_view kFile = "local.keys";
constexpr std::size_t kFileSizeMax = 64 * 1024, kSealedMax = 128;

// sealing_key is made of both secrets; one alone makes nothing of it.
crypto::Sm4Key sealing_key(const WrapKeys& keys, ByteView released) {
  const base::SecretArray<32> device_secret = keys.local_secret();
  crypto::HmacSm3 mac(released);
  mac.update(base::bytes_of("heqi local keys 1")).update(device_secret.expose());
  const base::SecretArray<32> wide(mac.finish());
  crypto::Sm4Key key;
  std::copy_n(wide.expose().begin(), key.size(), key.expose_mutable().begin());
  return key;
}

// The name and the public key are bound to d: an entry that was swapped does not open.
Bytes associated_data(const LocalKey& key) {
  return der::message(
      [&](asn1::Writer& w) { w.utf8_string(key.name).octet_string(key.public_key); });
}

Status save(base::FileStore& files, const std::vector<LocalKey>& keys) {
  return files.write(
      kFile, der::message([&](asn1::Writer& w) {
        w.sequence([&](asn1::Writer& list) {
          for (const LocalKey& key : keys)
            list.sequence([&](asn1::Writer& one) {
              one.utf8_string(key.name).octet_string(key.public_key).octet_string(key.sealed);
            });
        });
      }));
}

Result<Bytes> generate(std::vector<LocalKey>& keys, const std::string& name,
                       const crypto::Sm4Key& sealing, base::Random& random) {
  for (const LocalKey& key : keys)
    if (key.name == name) return base::fail(Code::conflict, "there is a local key of this name");
  if (keys.size() == kLocalKeysMax)
    return base::fail(Code::limit_exceeded, "as many local keys as a device keeps");
  HEQI_TRY(const crypto::PrivateKey made, crypto::PrivateKey::generate(random));
  const crypto::PointBytes& point = made.public_key().encode();
  LocalKey key{name, {point.begin(), point.end()}, {}};
  HEQI_TRY(key.sealed, base::random_bytes(random, crypto::kGcmNonceSize));
  const auto d = made.encode();
  HEQI_TRY(const Bytes content,
           crypto::sm4_gcm_seal(sealing, key.sealed, associated_data(key), d.expose()));
  base::append(key.sealed, content);
  keys.push_back(key);
  return key.public_key;
}

Result<crypto::PrivateKey> open(const LocalKey& key, const crypto::Sm4Key& sealing) {
  if (key.sealed.size() < crypto::kGcmNonceSize)
    return base::fail(Code::malformed, "a local key is too short");
  const ByteView sealed(key.sealed);
  HEQI_TRY(const SecretBytes d,
           crypto::sm4_gcm_open(sealing, sealed.first(crypto::kGcmNonceSize), associated_data(key),
                                sealed.subspan(crypto::kGcmNonceSize)));
  return crypto::PrivateKey::decode(d.expose());
}

}  // namespace

Result<std::vector<LocalKey>> load_local_keys(const base::FileStore& files) {
  const auto content = files.read(kFile, kFileSizeMax);
  if (!content && content.error().code == Code::not_found) return std::vector<LocalKey>();
  if (!content) return content.error();
  HEQI_TRY(asn1::Reader in, der::read_message(*content, kFileSizeMax));
  HEQI_TRY(asn1::Reader list, in.sequence());
  std::vector<LocalKey> keys;
  while (!list.at_end()) {
    if (keys.size() == kLocalKeysMax) return der::at(list, Code::limit_exceeded, "local keys");
    HEQI_TRY(asn1::Reader one, list.sequence());
    LocalKey key;
    HEQI_TRY(key.name, der::read_text(one, kLocalNameMax));
    HEQI_TRY(key.public_key, der::read_bytes(one, crypto::kPointSize));
    HEQI_TRY(key.sealed, der::read_bytes(one, kSealedMax));
    HEQI_TRY(one.finish());
    keys.push_back(std::move(key));
  }
  HEQI_TRY(in.finish());
  return keys;
}

Status erase_local_keys(base::FileStore& files) {
  return files.remove(kFile);
}

Result<SecretBytes> serve_local(base::FileStore& files, const WrapKeys& keys, ByteView released,
                                const LocalRequest& request, std::optional<BegunAgreement>& begun,
                                base::Random& random) {
  if (!needs_key(request.service)) return serve_without_key(request, random);
  HEQI_TRY(std::vector<LocalKey> known, load_local_keys(files));
  const crypto::Sm4Key sealing = sealing_key(keys, released);
  if (request.service == LocalService::generate) {
    HEQI_TRY(const Bytes point, generate(known, request.name, sealing, random));
    HEQI_TRY(save(files, known));
    return SecretBytes::copy_of(point);
  }
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const LocalKey& key) { return key.name == request.name; });
  if (found == known.end()) return base::fail(Code::not_found, "no local key of this name");
  if (request.service != LocalService::destroy) {
    HEQI_TRY(const crypto::PrivateKey opened, open(*found, sealing));
    return serve_with_key(opened, request, begun, random);
  }
  known.erase(found);
  HEQI_TRY(save(files, known));
  return SecretBytes();
}

}  // namespace heqi::device
