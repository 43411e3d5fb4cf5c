#include "software_key.h"

#include <heqi/base/text.h>
#include <heqi/x509/sm2_encoding.h>

#include <utility>

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::Result;
using base::SecretBytes;
using base::Status;

namespace {

constexpr std::string_view kWrappingFile = "keys/wrapping.sealed";
constexpr keys::SealContext kWrappingContext{"ca-wrapping-key", "wrapping", 1};

std::string key_file(std::string_view name) {
  return "keys/" + std::string(name) + ".sealed";
}
keys::SealContext key_context(std::string_view name) {
  return {"ca-key", name, 1};
}

std::optional<keys::Purpose> purpose_of(std::string_view name) {
  constexpr std::pair<std::string_view, keys::Purpose> purposes[] = {
      {"root", keys::Purpose::certificates},
      {"issuing", keys::Purpose::certificates},
      {"ocsp", keys::Purpose::status_answers},
      {"tsa", keys::Purpose::time_stamps},
      {"application", keys::Purpose::statements}};
  for (const auto& [known, purpose] : purposes)
    if (known == name) return purpose;
  return std::nullopt;
}

Result<crypto::Sm4Key> wrapping_key_of(const SecretBytes& octets) {
  if (octets.size() != crypto::kSm4KeySize)
    return base::fail(Code::malformed, "the wrapping key has another size");
  return crypto::Sm4Key(octets.expose().first<crypto::kSm4KeySize>());
}

}  // namespace

Result<std::unique_ptr<Randomness>> make_randomness() {
  auto out = std::make_unique<Randomness>();
  HEQI_TRY(out->generator, crypto::HashDrbg::make(out->system, out->clock, base::bytes_of("heqi")));
  return out;
}

Result<crypto::PrivateKey> parse_software_key(base::ByteView file) {
  if (!file.empty() && file[0] == 0x30) return x509::parse_private_key(file);
  HEQI_TRY(auto blocks, base::parse_pem(base::text_of(file)));
  for (base::PemBlock& block : blocks) {
    const WipedOctets der{std::move(block.der)};
    if (block.label == "ENCRYPTED PRIVATE KEY")
      return base::fail(Code::unsupported, "an encrypted key");
    if (block.label.ends_with("PRIVATE KEY")) return x509::parse_private_key(der.octets);
  }
  return base::fail(Code::malformed, "no private key");
}

Status write_software_key(const std::string& path, const crypto::PrivateKey& key) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  HEQI_TRY(const auto files, base::open_folder(folder, {.mode = 0600}));
  const SecretBytes der = x509::encode_private_key(key);
  std::string pem = base::to_pem("PRIVATE KEY", der.expose());
  const Status written = files->create(name, base::bytes_of(pem));
  base::secure_wipe(pem.data(), pem.size());
  if (!written && written.error().code == Code::conflict)
    return base::fail(Code::conflict, path + ": is there already");
  return written;
}

Result<SealedKeys> SealedKeys::make(base::FileStore& files, const SecretBytes& passphrase,
                                    base::Random& random) {
  crypto::Sm4Key key;
  HEQI_TRY(random.fill(key.expose_mutable()));
  HEQI_TRY(const Bytes sealed, keys::seal_under_passphrase(kWrappingContext, passphrase.expose(),
                                                           key.expose(), random));
  HEQI_TRY(files.create(kWrappingFile, sealed));
  return SealedKeys(files, keys::WrappingKey(std::move(key)));
}

Result<SealedKeys> SealedKeys::open(base::FileStore& files, const SecretBytes& passphrase) {
  HEQI_TRY(const Bytes sealed, files.read(kWrappingFile, kKeyFileSizeMax));
  const auto opened = keys::open_under_passphrase(kWrappingContext, passphrase.expose(), sealed);
  if (!opened) return base::fail(Code::denied, "the passphrase is wrong, or the keys were changed");
  HEQI_TRY(crypto::Sm4Key key, wrapping_key_of(*opened));
  return SealedKeys(files, keys::WrappingKey(std::move(key)));
}

Result<HeldKey> SealedKeys::get(std::string_view name) const {
  HEQI_TRY(const Bytes sealed, files_->read(key_file(name), kKeyFileSizeMax));
  HEQI_TRY(const SecretBytes octets, wrapping_.open(key_context(name), sealed));
  HeldKey held;
  if (octets.size() != crypto::kScalarSize) {  // a PEM text: RSA or ECDSA
    HEQI_TRY(ossl::KeyPair pair, ossl::parse_private_key_pem(octets.expose()));
    held.other = std::move(pair.signer);
    held.public_key = std::move(pair.public_key);
  } else {
    HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::decode(octets.expose()));
    held = hold_sm2(std::move(key));
  }
  held.purpose = purpose_of(name);
  return held;
}

Result<HeldKey> SealedKeys::get_or_make(std::string_view name, std::optional<ossl::KeyKind> kind,
                                        base::Random& random) {
  auto found = get(name);
  if (found || found.error().code != Code::not_found) return found;
  SecretBytes octets;
  if (kind) {
    HEQI_TRY(octets, ossl::make_key_pem(*kind));
  } else {
    HEQI_TRY(const crypto::PrivateKey key, crypto::PrivateKey::generate(random));
    octets = SecretBytes::copy_of(key.encode().expose());
  }
  HEQI_TRY(const Bytes sealed, wrapping_.seal(key_context(name), octets.expose(), random));
  HEQI_TRY(files_->create(key_file(name), sealed));
  return get(name);
}

}  // namespace heqi::program
