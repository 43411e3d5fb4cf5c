#include "sdf_key.h"

#include <charconv>
#include <mutex>

#include <heqi/x509/sm2_encoding.h>

#include "key_uri.h"
#include "pin_entry.h"
#include "sdf_device.h"

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kSdfScheme = "sdf:";

Status set_attribute(SdfUri& uri, const UriAttribute& one) {
  if (one.name == "password")
    return fail(Code::denied,
                "a password does not belong into an argument: use ?password-file=FILE, or "
                "--password-file");
  if (one.name == "library") {
    uri.library = one.value;
  } else if (one.name == "password-file") {
    uri.password_file = one.value;
  } else if (one.name == "index") {
    const char* const end = one.value.data() + one.value.size();
    const auto read = std::from_chars(one.value.data(), end, uri.index);
    if (read.ec != std::errc() || read.ptr != end || uri.index == 0)
      return fail(Code::malformed, "SDF URI: index= is a number from 1 on");
  } else {
    return fail(Code::malformed, "SDF URI: " + one.name + "=" + one.value);
  }
  return {};
}

class SdfSigner final : public x509::Signer {
 public:
  SdfSigner(std::unique_ptr<SdfDevice> device, unsigned int key, base::SecretBytes password,
            crypto::PublicKey public_key)
      : device_(std::move(device)),
        key_(key),
        password_(std::move(password)),
        public_key_(std::move(public_key)) {}
  x509::AlgorithmIdentifier algorithm() const override { return x509::sm2_with_sm3_algorithm(); }
  Result<base::Bytes> sign(base::ByteView message) override {
    const crypto::Digest e = crypto::message_digest(public_key_, message);
    const std::lock_guard turn(turn_);
    auto value = device_->sign(key_, e);
    if (!value && value.error().code != Code::not_found) {  // the session may be lost
      HEQI_TRY(device_->open_session(key_, password_));
      value = device_->sign(key_, e);
    }
    if (!value) return value.error();
    if (!crypto::verify_digest(public_key_, e, *value))
      return fail(Code::unavailable,
                  "the device gave a signature that does not hold under its key");
    return x509::encode_signature(*value);
  }

 private:
  std::mutex turn_;
  std::unique_ptr<SdfDevice> device_;
  unsigned int key_;
  base::SecretBytes password_;
  crypto::PublicKey public_key_;
};

}  // namespace

bool is_sdf_uri(std::string_view text) {
  return text.starts_with(kSdfScheme);
}

Result<SdfUri> parse_sdf_uri(std::string_view text) {
  HEQI_TRY(const std::vector<UriAttribute> attributes, parse_key_uri(kSdfScheme, text));
  SdfUri uri;
  for (const UriAttribute& one : attributes) HEQI_TRY(set_attribute(uri, one));
  if (!uri.library.starts_with('/'))
    return fail(Code::malformed, "SDF URI: library=/… names the maker's library");
  if (uri.index == 0) return fail(Code::malformed, "SDF URI: index= names the key");
  return uri;
}

Result<SdfKey> open_sdf_key(const SdfUri& uri, const base::SecretBytes& password) {
  base::SecretBytes right = password.clone();
  if (!uri.password_file.empty()) {
    HEQI_TRY(right, read_secret_file(uri.password_file));
  }
  HEQI_TRY(std::unique_ptr<SdfDevice> device, SdfDevice::load(uri.library));
  HEQI_TRY(device->open_session(uri.index, right));
  HEQI_TRY(crypto::PublicKey key, device->public_key(uri.index));
  SdfKey out;
  out.public_key = x509::make_public_key_info(key);
  out.signer =
      std::make_unique<SdfSigner>(std::move(device), uri.index, std::move(right), std::move(key));
  return out;
}

}  // namespace heqi::program
