// device_key.h: a signer's key in heqi-device on this machine: an SM2 key with the protection
// *local*, opened for each signature by the PIN, whose tries the key centre counts; or the key in
// two shares that the device was enrolled for, which signs with a seal only.
#pragma once
#include <memory>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/fetch.h>
#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>
#include <heqi/terminal/terminal_client.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/signer.h>

#include "terminal.h"

namespace heqi::program {

// DeviceUri is heqi-device:key=NAME;socket=PATH;server=URL;trust=PEM, trust not being needed where
// the system's roots are those of the server. Without key it is the key in two shares: one in the
// device, one with the service that server names.
struct DeviceUri {
  std::string key, socket, server, trust;
};
bool is_device_uri(std::string_view text);
// parse_device_uri fails as parse_key_uri, and with malformed where an attribute is unknown, or
// socket or server is missing.
base::Result<DeviceUri> parse_device_uri(std::string_view text);

// find_local_key is the public key of a local key of the device. Fails with not_found.
base::Result<x509::PublicKeyInfo> find_local_key(terminal::TerminalClient& device,
                                                 const std::string& name);

// find_shared_key is the public key of the device's key in two shares, from its certificate. Fails
// with not_found where the device is not enrolled.
base::Result<x509::PublicKeyInfo> find_shared_key(terminal::TerminalClient& device);

// DeviceSigner signs by a local key; where key is empty, by the one in two shares, which fails with
// unsupported for all but what is signed with a seal (or, where shared says so, but a certificate
// request for itself). The device displays size and digest of each
// message; where they are not those of the message, nothing is signed (device_display_differs).
// Fails as Terminal does. Parts outlive it.
class DeviceSigner final : public x509::Signer {
 public:
  struct Parts {
    terminal::TerminalClient& device;
    base::Fetch& fetch;
    const base::Clock& clock;
  };
  DeviceSigner(Parts parts, std::string server, std::string key, Person& person,
               device::LocalService shared = device::LocalService::seal)
      : device_(parts.device),
        fetch_(parts.fetch),
        clock_(parts.clock),
        server_(std::move(server)),
        key_(std::move(key)),
        person_(person),
        shared_(shared) {}
  x509::AlgorithmIdentifier algorithm() const override;
  base::Result<base::Bytes> sign(base::ByteView message) override;

 private:
  terminal::TerminalClient& device_;
  base::Fetch& fetch_;
  const base::Clock& clock_;
  std::string server_, key_;
  Person& person_;
  device::LocalService shared_;  // what the key in two shares is asked for
};

// DeviceKey is a signer with all its parts, and the key that it signs by.
struct DeviceKey {
  std::unique_ptr<x509::Signer> signer;
  x509::PublicKeyInfo public_key;
};
// open_device_key fails with unavailable (no device there), not_found (the key), and as read_file.
base::Result<DeviceKey> open_device_key(const DeviceUri& uri, const base::SecretBytes& pin);

}  // namespace heqi::program
