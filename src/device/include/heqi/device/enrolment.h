// heqi/device/enrolment.h: how a device and a service that share an authorisation code get to know
// each other's keys. Not envelopes yet: these two messages make the channels.
#pragma once
#include <string>
#include <vector>

#include <heqi/cosign/key_name.h>
#include <heqi/device/channel.h>

namespace heqi::device {

inline constexpr std::size_t kEnrolmentKeySize = 32;
using EnrolmentKey = base::SecretArray<kEnrolmentKeySize>;
inline constexpr std::uint32_t kEnrolmentRounds = 10'000;  // docs/limits.md

// EnrolmentCode is the code of a notice, "REFERENCE-SECRET": the reference finds the record, the
// key made of the secret authenticates both messages. The service keeps the key, not the code.
struct EnrolmentCode {
  std::string reference;
  EnrolmentKey key;
};
// parse_enrolment_code takes what a person typed: case, spaces and further hyphens do not matter.
// Fails with malformed.
base::Result<EnrolmentCode> parse_enrolment_code(std::string_view typed);
// make_enrolment_code draws "XXXXX-XXXXX-XXXXX-XXXXX" (Crockford's base32: 25 bits of reference, 75
// of secret).
base::Result<std::string> make_enrolment_code(base::Random& random);

// Register is the device's first message, sent outside any channel.
struct Register {
  std::string reference;
  std::string device_name;          // for people, 0…64 octets
  crypto::PointBytes device_key{};  // signs the device's envelopes
  Challenge nonce{};
};
// Registered is the service's answer: the ends of both channels.
struct Registered {
  std::string app_id, platform_id;
  ChannelId service_channel{}, key_channel{};
  crypto::PointBytes service_key{};     // signs the envelopes of the mobile signature service
  crypto::PointBytes key_centre_key{};  // signs those of the key centre
  crypto::PointBytes key_centre_sealing_key{};  // secret bodies go to it
  base::Bytes subject;                          // DER Name for the certificate request
  std::vector<base::Bytes> anchors;  // DER certificates of issuing CAs that the device trusts
};

// encode_register authenticates with the code's key (HMAC-SM3) and the device's own signature.
base::Result<base::Bytes> encode_register(const Register& message, const EnrolmentKey& key,
                                          x509::Signer& device_signer);
// find_reference reads the reference of a Register, to find the key with which to parse it.
base::Result<std::string> find_reference(base::ByteView der);
// parse_register fails with unauthenticated where the code is wrong (count it), invalid_signature
// where the device does not hold its key.
base::Result<Register> parse_register(base::ByteView der, const EnrolmentKey& key);

// encode_registered authenticates the answer with the code's key, bound to the Register answered.
base::Bytes encode_registered(const Registered& message, const EnrolmentKey& key,
                              base::ByteView register_der);
// parse_registered fails with unauthenticated where the other end does not know the code.
base::Result<Registered> parse_registered(base::ByteView der, const EnrolmentKey& key,
                                          base::ByteView register_der);

}  // namespace heqi::device
