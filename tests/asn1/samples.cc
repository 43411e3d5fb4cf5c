// samples FOLDER: writes one DER sample of each message of docs/asn1/heqi.asn1, named by its type,
// for other ASN.1 tools to read.
#include <cstdio>

#include <heqi/base/file_store.h>
#include <heqi/cosign/codec.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/device/channel.h>
#include <heqi/device/commands.h>
#include <heqi/device/enrolment.h>
#include <heqi/device/list_messages.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/signer.h>

namespace heqi {
namespace {

using base::Bytes;

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", base::to_line(result.error()).c_str());
    std::exit(1);
  }
  return *std::move(result);
}

class Samples {
 public:
  explicit Samples(base::FileStore& files) : files_(files), random_(1) {}

  void write_all() {
    write_exchange();
    write_channel();
    write_bodies();
    write_local();
    write_commands();
  }

 private:
  void put(const std::string& type, base::ByteView der) {
    if (const auto written = files_.write(type + ".der", der); !written) std::exit(1);
  }

  void write_exchange() {
    const cosign::KeyName name{"合契", "test", {1, 2, 3}, 2};
    auto agreement = must(cosign::DeviceKeyAgreement::begin({name, Bytes(65)}, random_));
    put("KeyInit", cosign::encode_key_init(agreement.message()));
    const auto d2 = must(crypto::SecretScalar::draw(random_));
    const auto agreed =
        must(cosign::agree_on_key({name, Bytes(65)}, agreement.message(), d2, random_));
    put("KeyInitAnswer", cosign::encode_key_init_answer(agreed.answer));
    auto device =
        must(cosign::Device::with_key(must(std::move(agreement).finish(agreed.answer)), random_));
    auto opened = must(device.open({crypto::sm3({}), crypto::sm3(Bytes(1))}, 300));
    put("Opening", cosign::encode_opening(opened.opening));
    const cosign::ServerKey key{name, agreed.p1, agreed.answer.p, 0};
    cosign::Server server(key, d2.clone(), random_);
    const auto answered = must(server.answer(std::move(opened.opening)));
    put("Answer", cosign::encode_answer(answered.answer));
    put("Confirm",
        cosign::encode_confirm(must(device.finish(std::move(opened.nonces), answered.answer))));
    put("KeyChallenge", device::encode_key_challenge({name}));
    write_blind(key, d2);
  }

  void write_blind(const cosign::ServerKey& key, const crypto::SecretScalar& d2) {
    put("BlindOpening", cosign::encode_blind_opening({key.name, 300}));
    auto session = must(cosign::BlindSession::open(key, d2, 300, random_));
    put("BlindCommitment", cosign::encode_blind_commitment(session.commitment()));
    const auto scalar = must(crypto::Scalar::draw(random_));
    const crypto::SchnorrProof proof{session.commitment().r1, scalar};
    put("BlindRequest", cosign::encode_blind_request({key.name, {{7}, scalar, proof}}));
    put("BlindAnswer", cosign::encode_blind_answer({{7}, scalar, scalar}));
    put("BlindClose", cosign::encode_blind_close(key.name));
  }

  void write_channel() {
    x509::SoftwareSm2Signer one(must(crypto::PrivateKey::generate(random_)), random_);
    x509::SoftwareSm2Signer two(must(crypto::PrivateKey::generate(random_)), random_);
    const auto opening_key = must(crypto::PrivateKey::generate(random_));
    device::Channel device({{9},
                            device::Direction::to_server,
                            &one,
                            two.public_key(),
                            opening_key.public_key(),
                            nullptr},
                           {});
    device::Channel server(
        {{9}, device::Direction::to_device, &two, one.public_key(), {}, &opening_key}, {});
    put("Envelope", must(device.seal(device::MessageType::poll, Bytes{1, 2})));
    const auto secret =
        must(device.seal_secret(device::MessageType::joint_open, Bytes{1, 2}, random_));
    put("Envelope.secret", secret.envelope);
    device::Challenge challenge{};
    auto asked = must(server.open(must(device.ask_resynchronise(challenge, random_))));
    auto again = must(device.seal_secret(device::MessageType::joint_open, Bytes{1}, random_));
    auto opened = must(server.open(again.envelope));
    put("Envelope.answer", must(server.seal_answer(device::MessageType::joint_answer, Bytes{3},
                                                   std::move(*opened.answer_key))));

    const auto code =
        must(device::parse_enrolment_code(must(device::make_enrolment_code(random_))));
    const Bytes registration = must(device::encode_register(
        {code.reference, "手机", one.public_key().encode(), {}}, code.key, one));
    put("Register", registration);
    const auto point = two.public_key().encode();
    put("Registered",
        device::encode_registered(
            {"app", "platform", {1}, {2}, point, point, point, Bytes{0x30, 0}, {Bytes{1}}},
            code.key, registration));
    device::ApplicationStatement statement;
    statement.title = "标题";
    put("ApplicationStatement", must(device::make_statement(statement, one)));
  }

  void write_local() {
    const auto key = must(crypto::PrivateKey::generate(random_)).public_key().encode();
    const Bytes point(key.begin(), key.end());
    put("LocalRequest", device::encode_local_request({device::LocalService::sign, "mail", {1}}));
    put("LocalRequest.verify",
        device::encode_local_request({device::LocalService::verify, "", {1}}));
    put("LocalKeyLines", device::encode_local_lines({{"mail", point}}));
    put("Verification", device::encode_verification({point, {1, 2}, Bytes(70)}));
    put("Encryption", device::encode_encryption({point, {1, 2}}));
    device::AgreementOffer offer{point, point, "甲", "乙", 32};
    put("AgreementOffer", device::encode_agreement_offer(offer));
    offer.confirmation = Bytes(32);
    put("AgreementOffer.confirmed", device::encode_agreement_offer(offer));
  }

  void write_bodies() {
    const base::Time time = base::time_from_micros(1'795'000'000'000'000);
    put("SignRequest", device::encode_sign_request({"tx", Bytes(300), Bytes{1}, Bytes{2}}));
    put("SignAnswer",
        device::encode_sign_answer({"tx", device::SignOutcome::signed_, Bytes{1}, Bytes{2}, ""}));
    put("CertificateRequest", device::encode_certificate_request({Bytes{1}}));
    put("CertificateInstall", device::encode_certificate_install({Bytes{1}, {Bytes{2}}}));
    put("CertificateAcknowledge", device::encode_certificate_acknowledge({{}, "denied"}));
    put("SignAnswers",
        device::encode_sign_answers({{"tx-1", device::SignOutcome::signed_, Bytes{1}, Bytes{2}, ""},
                                     {"tx-2", device::SignOutcome::expired, {}, {}, ""}}));
    put("SignResults",
        device::encode_sign_results({{"tx-1", std::nullopt}, {"tx-2", base::Code::expired}}));
    put("Poll", device::encode_poll({device::Poll::Takes::questions}));
    put("Poll.lists", device::encode_poll({device::Poll::Takes::lists, "tx-1"}));
    put("CertificateQuestion",
        device::encode_certificate_question(
            {"q", device::CertificateQuestion::Act::revocation, {}, 1, "shop", time}));
    put("QuestionAnswer",
        device::encode_question_answer({"q", device::QuestionAnswer::Decision::declined}));
    put("RevocationRequest", device::encode_revocation_request({"", Bytes{1}, 1, Bytes{2}}));
    put("RevocationStatement", device::revocation_statement(Bytes{1}, 1));
    put("CertificateClear", device::encode_certificate_clear({}));
    put("UpdateActivation", device::encode_update_activation({"f", Bytes{1}, {}}));
    put("UpdateRequest", device::encode_update_request({"f", Bytes{1}, Bytes{2}}));
    put("UpdateStatement", device::update_statement("f", Bytes{1}, Bytes{2}));
    put("JointAnswer", device::encode_joint_answer({Bytes{1}, 3}));
    put("JointRefused", device::encode_joint_refused({base::Code::cosign_pin_delayed, 0, time}));
    put("Failure", device::encode_failure({base::Code::denied, "why"}));
  }

  void write_commands() {
    device::Command command{.type = device::CommandType::confirm, .text = "tx"};
    command.pin = base::SecretBytes::copy_of(base::bytes_of("123456"));
    put("Command", device::encode_command(command).expose());
    device::Reply reply;
    reply.failure = device::Failure{base::Code::denied, "why"};
    put("Reply.failure", device::encode_reply(reply));
    reply = {};
    reply.information.emplace();
    put("Reply.information", device::encode_reply(reply));
    reply = {};
    reply.step.emplace();
    reply.step->display.emplace();
    reply.step->display->code = "0042";
    reply.step->display->tries_left = 2;
    reply.step->display->expires = base::time_from_micros(1);
    reply.step->retry_at = base::time_from_micros(2);
    reply.step->tries_left = 3;
    put("Reply.step", device::encode_reply(reply));
    put("Displays", device::encode_displays({*reply.step->display, *reply.step->display}));
    reply = {};
    reply.data = {1, 2, 3};
    put("Reply.data", device::encode_reply(reply));
  }

  base::FileStore& files_;
  testing::SeededRandom random_;
};

}  // namespace
}  // namespace heqi

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "samples FOLDER\n");
    return 2;
  }
  const auto files = heqi::base::open_folder(argv[1]);
  if (!files) return 1;
  heqi::Samples(**files).write_all();
  return 0;
}
