#include "device_key.h"

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/http/client.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/sm2_encoding.h>

#include <algorithm>
#include <cstdio>

#include "agreeing_person.h"
#include "key_uri.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kScheme = "heqi-device:";
constexpr std::size_t kPemSizeMax = std::size_t{1} << 20;

// OwnedSigner keeps what a DeviceSigner needs.
class OwnedSigner final : public x509::Signer {
 public:
  OwnedSigner(terminal::TerminalClient device, http::ClientOptions options, const DeviceUri& uri,
              const base::SecretBytes& pin)
      : device_(std::move(device)),
        fetch_(std::move(options)),
        person_(pin.clone(), show),
        signer_({device_, fetch_, clock_}, uri.server, uri.key, person_) {}
  x509::AlgorithmIdentifier algorithm() const override { return signer_.algorithm(); }
  Result<Bytes> sign(ByteView message) override { return signer_.sign(message); }

 private:
  static void show(const device::Display& display) {
    std::fprintf(stderr, "heqi-device  %s  %llu octets / 字节  SM3 %s\n", display.title.c_str(),
                 static_cast<unsigned long long>(display.size),
                 base::to_hex(display.digest).c_str());
  }
  terminal::TerminalClient device_;
  http::CurlFetch fetch_;
  base::SystemClock clock_;
  PersonWithPin person_;
  DeviceSigner signer_;
};

}  // namespace

bool is_device_uri(std::string_view text) {
  return text.starts_with(kScheme);
}

Result<DeviceUri> parse_device_uri(std::string_view text) {
  HEQI_TRY(const std::vector<UriAttribute> attributes, parse_key_uri(kScheme, text));
  DeviceUri uri;
  for (const UriAttribute& one : attributes) {
    std::string* const place = one.name == "key"      ? &uri.key
                               : one.name == "socket" ? &uri.socket
                               : one.name == "server" ? &uri.server
                               : one.name == "trust"  ? &uri.trust
                                                      : nullptr;
    if (place == nullptr)
      return fail(Code::malformed,
                  "the key's URI: " + one.name + " is none of key, socket, server, trust");
    *place = one.value;
  }
  const bool has_empty_name =
      std::any_of(attributes.begin(), attributes.end(),
                  [](const UriAttribute& one) { return one.name == "key" && one.value.empty(); });
  if (has_empty_name || uri.socket.empty() || uri.server.empty())
    return fail(Code::malformed,
                "the key's URI: heqi-device:key=NAME;socket=PATH;server=URL, without key= for the "
                "key in two shares");
  return uri;
}

Result<x509::PublicKeyInfo> find_local_key(terminal::TerminalClient& device,
                                           const std::string& name) {
  HEQI_TRY(const auto keys, device.local_keys());
  for (const device::LocalKeyLine& one : keys) {
    if (one.name != name) continue;
    HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(one.public_key));
    return x509::make_public_key_info(key);
  }
  return fail(Code::not_found,
              "the device has no local key " + name + "; heqi device make-key makes one");
}

Result<x509::PublicKeyInfo> find_shared_key(terminal::TerminalClient& device) {
  HEQI_TRY(const device::Information known, device.information());
  if (known.certificate.empty())
    return fail(Code::not_found, "the device is not enrolled; heqi device enrol enrols it");
  HEQI_TRY(const x509::Certificate own, x509::parse_certificate(known.certificate));
  return own.public_key();
}

x509::AlgorithmIdentifier DeviceSigner::algorithm() const {
  return x509::sm2_with_sm3_algorithm();
}

Result<Bytes> DeviceSigner::sign(ByteView message) {
  TerminalOptions options;
  options.server = server_;
  Terminal terminal(device_, fetch_, clock_, std::move(options));
  AgreeingPerson person(person_, message);
  const auto service = key_.empty() ? shared_ : device::LocalService::sign;
  HEQI_TRY(Outcome outcome,
           terminal.use_local_key({service, key_, base::to_bytes(message)}, person));
  if (outcome.what != "local_key") return fail(Code::cancelled, "the device did not sign");
  return std::move(outcome.result);
}

Result<DeviceKey> open_device_key(const DeviceUri& uri, const base::SecretBytes& pin) {
  HEQI_TRY(auto device, terminal::TerminalClient::connect(uri.socket));
  http::ClientOptions options;
  if (!uri.trust.empty()) {
    HEQI_TRY(const Bytes pem, base::read_file(uri.trust, kPemSizeMax));
    options.trusted_pem = base::text_of(pem);
  }
  DeviceKey out;
  HEQI_TRY(out.public_key,
           uri.key.empty() ? find_shared_key(device) : find_local_key(device, uri.key));
  out.signer = std::make_unique<OwnedSigner>(std::move(device), std::move(options), uri, pin);
  return out;
}

}  // namespace heqi::program
