// heqi/services/mss/ports.h: what the mobile signature service needs of others; program/ wires it.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/secret.h>

namespace heqi::services::mss {

// CertificateCheck asks whether a certificate is good now (OCSP behind it).
class CertificateCheck {
 public:
  virtual ~CertificateCheck() = default;
  // check fails with revoked, expired, untrusted, unavailable.
  virtual base::Status check(base::ByteView certificate_der) = 0;
};

// KeyCentreEnds is what a device is told of the key centre: points are 04 || X || Y.
struct KeyCentreEnds {
  std::string app_id, platform_id;
  base::Bytes channel_key, sealing_key;
};

// EndedKey is a key of a device whose share in the key centre is gone.
struct EndedKey {
  std::string key_id, device_id;
  base::Bytes public_key;  // 04 || X || Y; empty where the key was never made
};

// KeyCentre is the module's process.
class KeyCentre {
 public:
  virtual ~KeyCentre() = default;
  virtual base::Result<KeyCentreEnds> bind_device(const std::string& device_id,
                                                  base::ByteView channel_public_key,
                                                  base::ByteView channel_id) = 0;
  // mac is HMAC-SM3 under a key of this name that never leaves the key centre.
  virtual base::Result<base::SecretBytes> mac(std::string_view name, base::ByteView message) = 0;
  // ended_keys are those whose end was not said to be heard; some of them, where there are many.
  virtual base::Result<std::vector<EndedKey>> ended_keys() = 0;
  virtual base::Status heard_ended(const std::vector<std::string>& key_ids) = 0;
  // order_wipe ends the keys of a lost device, which erases its shares when it comes back.
  // not_found where the device is not bound.
  virtual base::Status order_wipe(const std::string& device_id) = 0;
  // end_key ends that key of the device and no other; a repeat changes nothing. not_found.
  virtual base::Status end_key(const std::string& device_id, base::ByteView public_key) = 0;
};

// Issued is what a certificate authority gives for a request.
struct Issued {
  std::string ca_id;
  base::Bytes certificate;         // DER
  std::vector<base::Bytes> chain;  // DER, issuing CA first
};

// kServiceId is this service at the installation's own CA; no application may have it.
inline constexpr std::string_view kServiceId = "heqi-mss";

// Origin is who asked for a revocation first (GB/T 38646 §6.2.4 a).
enum class Origin : std::uint8_t { user, application, service };
std::string_view name_of(Origin origin);

// InUse is a published certificate of a person, as a connected CA is told of it.
struct InUse {
  std::string ca_id, person_id, device_id;
  base::Bytes certificate;  // DER
};

// RevocationOrder is what goes to the CA (§8.3.3 a).
struct RevocationOrder {
  InUse of;
  Origin origin = Origin::user;
  std::string asked_by;  // the application
  std::int64_t reason = 0;
  base::Bytes signature;  // by the certificate's key over device::revocation_statement
};

// UpdateStart asks the CA to start an update (§8.3.2 a); StartedUpdate is its activation (b).
struct UpdateStart {
  std::string id;      // of this service; the same again is the same update
  std::string prompt;  // of the CA, where it found the need itself
  InUse of;
};
struct StartedUpdate {
  std::string flow;
  base::Bytes nonce;
};

// CertificateAuthority is one connected CA.
class CertificateAuthority {
 public:
  virtual ~CertificateAuthority() = default;
  // issue answers a repeat of request_id with the first certificate. The certificate is not
  // published yet.
  virtual base::Result<Issued> issue(const std::string& request_id, const std::string& person_id,
                                     base::ByteView csr) = 0;
  // refuse tells the CA that what it answered to request_id is of no use: what it recorded for the
  // request is revoked. A repeat has the same answer.
  virtual base::Status refuse(const std::string& request_id) = 0;
  // publish makes it valid for everybody; a repeat has the same answer.
  virtual base::Status publish(const Issued& issued) = 0;
  // withdraw ends a certificate that its device refused, or whose key has ended; a repeat has the
  // same answer.
  virtual base::Status withdraw(const Issued& issued) = 0;
  // revoke revokes at once and records the origin; a repeat has the same answer. Fails with
  // invalid_signature, not_found, denied; unavailable, storage… where asking again may help.
  virtual base::Status revoke(const RevocationOrder& order) = 0;
  // start_update, update, publish_update and abandon_update are §8.3.2 and the publish pair; a
  // repeat has the same answer. update fails with invalid_signature, revoked, expired, conflict;
  // publish_update revokes the old certificate in the same act; abandon_update revokes what was
  // issued. decline_update tells the CA that the person refused its prompt.
  virtual base::Result<StartedUpdate> start_update(const UpdateStart& start) = 0;
  virtual base::Status decline_update(const std::string& prompt) = 0;
  virtual base::Result<Issued> update(const std::string& flow, base::ByteView csr,
                                      base::ByteView signature) = 0;
  virtual base::Status publish_update(const std::string& flow) = 0;
  virtual base::Status abandon_update(const std::string& flow) = 0;
  // anchors are the DER certificates that devices trust.
  virtual std::vector<base::Bytes> anchors() = 0;
};

// People knows who a person is.
class People {
 public:
  virtual ~People() = default;
  // subject_of is the DER Name for certificates of a verified person; denied where identity is not
  // verified.
  virtual base::Result<base::Bytes> subject_of(const std::string& person_id) = 0;
};

}  // namespace heqi::services::mss
