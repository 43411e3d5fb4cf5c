// uses: heqi_device
// What reaches a device or its servers: exchange messages, envelopes, bodies, registrations and
// commands. Parsers stay within the input; what has one form only is written again as it was read.
#include <memory>

#include <heqi/base/text.h>
#include <heqi/cosign/codec.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/device/channel.h>
#include <heqi/device/commands.h>
#include <heqi/device/enrolment.h>
#include <heqi/device/list_messages.h>
#include <heqi/device/sealed_octets.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/signer.h>

namespace {

using heqi::base::Bytes;
using heqi::base::ByteView;
using heqi::base::same_bytes;
namespace base = heqi::base;
namespace cosign = heqi::cosign;
namespace crypto = heqi::crypto;
namespace device = heqi::device;
namespace x509 = heqi::x509;

// again checks that parsing and encoding give back the input.
template <class Parse, class Encode>
void again(ByteView input, Parse parse, Encode encode) {
  if (const auto message = parse(input)) HEQI_CHECK(same_bytes(encode(*message), input));
}

// FixedRandom makes one fixed key.
class FixedRandom final : public base::Random {
 public:
  base::Status fill(base::MutableByteView out) override {
    for (std::uint8_t& octet : out) octet = ++last_;
    return {};
  }

 private:
  std::uint8_t last_ = 0;
};

void try_exchange(ByteView input) {
  again(input, cosign::parse_key_init, cosign::encode_key_init);
  again(input, cosign::parse_key_init_answer, cosign::encode_key_init_answer);
  again(input, cosign::parse_opening, cosign::encode_opening);
  again(input, cosign::parse_answer, cosign::encode_answer);
  again(input, cosign::parse_confirm, cosign::encode_confirm);
  again(input, cosign::parse_blind_opening, cosign::encode_blind_opening);
  again(input, cosign::parse_blind_commitment, cosign::encode_blind_commitment);
  again(input, cosign::parse_blind_request, cosign::encode_blind_request);
  again(input, cosign::parse_blind_answer, cosign::encode_blind_answer);
  again(input, cosign::parse_blind_close, cosign::encode_blind_close);
}

// try_sealed: what the joint key signs for an application is nothing else that it signs.
void try_sealed(ByteView input) {
  const auto sealed = device::read_sealed_octets(input);
  if (!sealed) {
    HEQI_CHECK(sealed.error().code == base::Code::unsupported);
    return;
  }
  HEQI_CHECK(!x509::parse_signed_attributes(input) && !x509::parse_csr(input) &&
             !x509::parse_certificate(input));
  HEQI_CHECK(base::is_utf8(sealed->seal_name) && base::is_utf8(sealed->seal_id));
  HEQI_CHECK(sealed->signers.size() <= device::kSealSignersMax);
}

void try_bodies(ByteView input) {
  again(input, device::parse_sign_request, device::encode_sign_request);
  again(input, device::parse_sign_answer, device::encode_sign_answer);
  again(input, device::parse_sign_answers, device::encode_sign_answers);
  again(input, device::parse_sign_results, device::encode_sign_results);
  again(input, device::parse_displays, device::encode_displays);
  again(input, device::parse_certificate_request, device::encode_certificate_request);
  again(input, device::parse_certificate_install, device::encode_certificate_install);
  again(input, device::parse_certificate_acknowledge, device::encode_certificate_acknowledge);
  if (!input.empty()) again(input, device::parse_poll, device::encode_poll);
  again(input, device::parse_certificate_question, device::encode_certificate_question);
  again(input, device::parse_question_answer, device::encode_question_answer);
  again(input, device::parse_revocation_request, device::encode_revocation_request);
  again(input, device::parse_certificate_clear, device::encode_certificate_clear);
  again(input, device::parse_update_activation, device::encode_update_activation);
  again(input, device::parse_update_request, device::encode_update_request);
  again(input, device::parse_key_challenge, device::encode_key_challenge);
  again(input, device::parse_joint_answer, device::encode_joint_answer);
  again(input, device::parse_joint_refused, device::encode_joint_refused);
  again(input, device::parse_failure, device::encode_failure);
  again(input, device::parse_position, device::encode_position);
  again(input, device::parse_local_request, device::encode_local_request);
  again(input, device::parse_verification, device::encode_verification);
  again(input, device::parse_encryption, device::encode_encryption);
  again(input, device::parse_agreement_offer, device::encode_agreement_offer);
  if (const auto command = device::parse_command(input))
    HEQI_CHECK(same_bytes(device::encode_command(*command).expose(), input));
  (void)device::parse_reply(input);
}

// An envelope is parsed before its signature is checked; one that nobody signed never opens.
void try_channel(ByteView input) {
  static FixedRandom random;
  static x509::SoftwareSm2Signer signer(*crypto::PrivateKey::generate(random), random);
  static const crypto::PublicKey peer = crypto::PrivateKey::generate(random)->public_key();
  device::ChannelKeys keys;
  keys.signer = &signer;
  keys.peer_key = peer;
  keys.sends = device::Direction::to_device;
  if (const auto id = device::find_channel_id(input)) keys.id = *id;
  device::Channel channel(keys, {});
  HEQI_CHECK(!channel.open(input).has_value());
  HEQI_CHECK(channel.position().received == 0);
  (void)device::find_reference(input);
  const device::EnrolmentKey key;
  (void)device::parse_register(input, key);
  (void)device::parse_registered(input, key, {});
  (void)device::verify_statement(input, peer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  try_exchange(input);
  try_sealed(input);
  try_bodies(input);
  try_channel(input);
  return 0;
}
