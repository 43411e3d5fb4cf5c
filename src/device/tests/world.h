// world.h: everyone around a device, honest unless told otherwise: a certificate authority, an
// application, the mobile signature service and the key centre.
#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include <heqi/cosign/codec.h>
#include <heqi/cosign/server_share.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/device/commands.h>
#include <heqi/device/enrolment.h>
#include <heqi/device/list_messages.h>
#include <heqi/device/msd.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::device {

inline base::Time test_time() {
  return *base::parse_rfc3339("2026-11-21T08:00:00Z");
}
// issuing_time is when certificates begin; a test with a real clock moves it.
inline base::Time& issuing_time() {
  static base::Time time = test_time();
  return time;
}
inline base::SecretBytes pin_of(std::string_view digits) {
  return base::SecretBytes::copy_of(base::bytes_of(digits));
}
inline constexpr std::string_view kRightPin = "482913", kWrongPin = "482914";

using testing::must;

inline x509::Name name_of(std::string text) {
  return must(x509::Name::make(
      {{x509::oids::country(), "CN"}, {x509::oids::common_name(), std::move(text)}}));
}

// Authority issues certificates.
struct Authority {
  explicit Authority(base::Random& given, std::string text = "合契测试签发")
      : random(given),
        signer(must(crypto::PrivateKey::generate(given)), given),
        name(name_of(std::move(text))) {
    certificate = issue(name, signer.public_key(),
                        {x509::make_basic_constraints({true, 0}),
                         x509::make_key_usage({x509::KeyUsageBit::key_cert_sign})});
  }
  x509::Certificate issue(const x509::Name& subject, const crypto::PublicKey& key,
                          std::vector<x509::Extension> extensions = {}) {
    x509::CertificateBody body;
    body.serial = {++serial};
    body.issuer = name;
    body.subject = subject;
    body.not_before = issuing_time() - std::chrono::hours(1);
    body.not_after = issuing_time() + std::chrono::hours(1000);
    body.public_key = x509::make_public_key_info(key);
    body.extensions = std::move(extensions);
    return must(x509::make_certificate(body, signer));
  }
  base::Random& random;
  x509::SoftwareSm2Signer signer;
  x509::Name name;
  x509::Certificate certificate;
  std::uint8_t serial = 0;
};

// End is a server's end of a channel, with a position that is kept like a database would.
struct End {
  ChannelKeys keys;
  ChannelPosition position;
  std::set<std::uint64_t> seen;  // counters ever taken from the device

  Message open(base::ByteView envelope, base::Status& status) {
    Channel channel(keys, position);
    auto message = channel.open(envelope);
    if (!message) {
      status = message.error();
      return {};
    }
    position = channel.position();
    EXPECT_TRUE(seen.insert(message->counter).second) << "a counter was used twice";
    return *std::move(message);
  }
};

struct KeyCentre {
  explicit KeyCentre(base::Random& given)
      : random(given),
        signer(must(crypto::PrivateKey::generate(given)), given),
        opening_key(must(crypto::PrivateKey::generate(given))) {
    for (std::uint8_t i = 0; i < 16; ++i) master.expose_mutable()[i] = i;
  }

  base::Result<base::Bytes> exchange(base::ByteView envelope) {
    base::Status status;
    Message asked = end.open(envelope, status);
    HEQI_TRY(status);
    Channel channel(end.keys, end.position);
    auto sealed = [&]() -> base::Result<base::Bytes> {
      if (asked.type == MessageType::resynchronise) return channel.resynchronised(asked);
      const auto [type, body] = act(asked);
      if (asked.answer_key) return channel.seal_answer(type, body, std::move(*asked.answer_key));
      return channel.seal(type, body);
    }();
    end.position = channel.position();
    return sealed;
  }

  std::pair<MessageType, base::Bytes> act(const Message& asked) {
    if (asked.type == MessageType::key_ask) {
      name = {"heqi", "test", {}, 1};
      EXPECT_OK(random.fill(name.key_id));
      return {MessageType::key_challenge, encode_key_challenge({name})};
    }
    const auto d2 = must(cosign::derive_server_share(master, 1, name));
    if (asked.type == MessageType::key_init) {
      const auto init = must(cosign::parse_key_init(asked.body));
      const auto point = end.keys.peer_key->encode();
      auto agreed =
          must(cosign::agree_on_key({name, {point.begin(), point.end()}}, init, d2, random));
      key.emplace(cosign::ServerKey{name, agreed.p1, agreed.answer.p, 0});
      return {MessageType::key_init_answer, cosign::encode_key_init_answer(agreed.answer)};
    }
    if (asked.type == MessageType::joint_open) return open(asked.body, d2);
    if (asked.type == MessageType::joint_confirm) {
      EXPECT_OK(cosign::confirm(key->p, expected, must(cosign::parse_confirm(asked.body)), random));
      ++confirmed;
      return {MessageType::accepted, {}};
    }
    if (asked.type == MessageType::unlock_ask) {
      EXPECT_EQ(must(parse_key_challenge(asked.body)).name, name);
      if (!locked) return {MessageType::accepted, {}};
      return {MessageType::joint_refused, encode_joint_refused({*locked, tries, retry_at})};
    }
    if (asked.type == MessageType::share_revoke) return {MessageType::accepted, {}};
    return {MessageType::failure, encode_failure({base::Code::unsupported, "test"})};
  }

  std::pair<MessageType, base::Bytes> open(base::ByteView body, const crypto::SecretScalar& d2) {
    if (lie) return {MessageType::joint_answer, encode_joint_answer({lie(body), tries})};
    if (newer)
      return {MessageType::failure, encode_failure({base::Code::device_outdated, "version 2"})};
    auto opening = must(cosign::parse_opening(body));
    const std::uint64_t counter = opening.counter;
    if (locked)
      return {MessageType::joint_refused, encode_joint_refused({*locked, tries, retry_at})};
    --tries;
    cosign::Server server(*key, d2.clone(), random);
    auto answered = server.answer(std::move(opening));
    key->last_counter = counter;
    if (!answered)
      return {MessageType::joint_refused,
              encode_joint_refused({answered.error().code, tries, retry_at})};
    tries = 3;
    expected = answered->expected;
    return {MessageType::joint_answer,
            encode_joint_answer({cosign::encode_answer(answered->answer), tries})};
  }

  base::Random& random;
  x509::SoftwareSm2Signer signer;
  crypto::PrivateKey opening_key;
  crypto::Sm4Key master;
  cosign::KeyName name;
  std::optional<cosign::ServerKey> key;
  cosign::Expected expected;
  End end;
  unsigned tries = 3, confirmed = 0;
  std::optional<base::Code> locked;
  std::optional<base::Time> retry_at;  // told with every refusal
  bool newer = false;                  // speaks a newer exchange than the device
  std::function<base::Bytes(base::ByteView opening)> lie;  // gives a cosign::Answer
};

struct Service {
  explicit Service(base::Random& given, Authority& issuing)
      : random(given),
        authority(issuing),
        signer(must(crypto::PrivateKey::generate(given)), given) {}

  base::Result<base::Bytes> exchange(base::ByteView envelope) {
    base::Status status;
    const Message asked = end.open(envelope, status);
    HEQI_TRY(status);
    Channel channel(end.keys, end.position);
    auto sealed = [&]() -> base::Result<base::Bytes> {
      if (asked.type == MessageType::resynchronise) return channel.resynchronised(asked);
      const auto [type, body] = act(asked);
      return channel.seal(type, body);
    }();
    end.position = channel.position();
    return sealed;
  }

  std::pair<MessageType, base::Bytes> act(const Message& asked) {
    if (asked.type == MessageType::certificate_request) {
      const auto request = must(parse_certificate_request(asked.body));
      const auto csr = must(x509::parse_csr(request.csr));
      EXPECT_OK(x509::verify_possession(csr));
      const auto issued = authority.issue(
          wrong_person ? name_of("李四") : csr.body.subject,
          wrong_key ? authority.signer.public_key() : must(csr.body.public_key.sm2_key()));
      return {MessageType::certificate_install,
              encode_certificate_install({base::to_bytes(issued.der()), {}})};
    }
    if (asked.type == MessageType::certificate_acknowledge) {
      acknowledges.push_back(must(parse_certificate_acknowledge(asked.body)));
      return {MessageType::accepted, {}};
    }
    if (asked.type == MessageType::sign_answer) {
      take(must(parse_sign_answer(asked.body)));
      return {MessageType::accepted, {}};
    }
    if (asked.type == MessageType::sign_answers) {
      std::vector<SignResult> results;
      for (const SignAnswer& answer : must(parse_sign_answers(asked.body))) {
        const auto refused = refusals.find(answer.transaction_id);
        if (refused == refusals.end()) take(answer);
        results.push_back({answer.transaction_id, refused == refusals.end()
                                                      ? std::nullopt
                                                      : std::optional(refused->second)});
      }
      if (change_results) change_results(results);
      return {MessageType::sign_results, encode_sign_results(results)};
    }
    if (asked.type == MessageType::poll) return next_for(must(parse_poll(asked.body)));
    return {MessageType::idle, {}};
  }

  void take(const SignAnswer& answer) {
    for (const SignAnswer& known : answers) {
      if (known.transaction_id != answer.transaction_id) continue;
      EXPECT_EQ(known.signature, answer.signature);  // sent again, never made again
      return;
    }
    answers.push_back(answer);
    std::erase_if(requests, [&](const SignRequest& request) {
      return request.transaction_id == answer.transaction_id;
    });
  }

  std::pair<MessageType, base::Bytes> next_for(const Poll& poll) {
    auto next = requests.begin();
    if (!poll.after.empty()) {
      next = std::find_if(requests.begin(), requests.end(), [&](const SignRequest& request) {
        return request.transaction_id == poll.after;
      });
      if (next != requests.end()) ++next;
    }
    if (next == requests.end()) return {MessageType::idle, {}};
    return {MessageType::sign_request, encode_sign_request(*next)};
  }

  base::Random& random;
  Authority& authority;
  x509::SoftwareSm2Signer signer;
  End end;
  std::deque<SignRequest> requests;
  std::vector<SignAnswer> answers;
  std::map<std::string, base::Code> refusals;  // of answers to a list, by transaction
  std::function<void(std::vector<SignResult>&)> change_results;
  std::vector<CertificateAcknowledge> acknowledges;
  bool wrong_person = false, wrong_key = false;
};

struct World {
  explicit World(std::uint64_t seed = 1)
      : random(seed),
        clock(issuing_time()),
        authority(random),
        application_signer(must(crypto::PrivateKey::generate(random)), random),
        application(
            authority.issue(name_of("示例合同平台"), application_signer.public_key(),
                            {x509::make_extended_key_usage({x509::oids::purpose_client_auth()})})),
        key_centre(random),
        service(random, authority) {
    code = must(make_enrolment_code(random));
    restart();
  }

  // restart is what a crash leaves: the files.
  void restart() {
    msd.reset();
    msd = must(Msd::open({*store, *key_store, random, clock}, {.pin_rounds = 3,
                                                               .device_name = "测试设备",
                                                               .exchange = exchange,
                                                               .certificate_care = certificate_care,
                                                               .lists = lists}));
  }

  base::Result<base::Bytes> registration(base::ByteView message) {
    const auto expected = must(parse_enrolment_code(code));
    HEQI_TRY(const std::string reference, find_reference(message));
    EXPECT_EQ(reference, expected.reference);
    HEQI_TRY(const Register asked, parse_register(message, expected.key));
    Registered answer;
    answer.app_id = "heqi";
    answer.platform_id = "test";
    EXPECT_OK(random.fill(answer.service_channel));
    EXPECT_OK(random.fill(answer.key_channel));
    answer.service_key = service.signer.public_key().encode();
    answer.key_centre_key = key_centre.signer.public_key().encode();
    answer.key_centre_sealing_key = key_centre.opening_key.public_key().encode();
    answer.subject = base::to_bytes(person.der());
    answer.anchors = {base::to_bytes(authority.certificate.der())};
    const auto device_key = must(crypto::PublicKey::decode(asked.device_key));
    service.end = End{
        {answer.service_channel, Direction::to_device, &service.signer, device_key, {}, nullptr},
        {},
        {}};
    key_centre.end = End{{answer.key_channel,
                          Direction::to_device,
                          &key_centre.signer,
                          device_key,
                          {},
                          &key_centre.opening_key},
                         {},
                         {}};
    return encode_registered(answer, expected.key, message);
  }

  base::Result<base::Bytes> take(const Step& step) {
    if (step.destination == Destination::registration) return registration(step.message);
    if (step.destination == Destination::key_centre) return key_centre.exchange(step.message);
    return service.exchange(step.message);
  }
  base::Result<base::Bytes> carry(const Step& step) {
    carried.push_back(step.message);
    base::Result<base::Bytes> answer = take(step);
    if (answer) carried.push_back(*answer);
    return answer;
  }

  // follow carries messages until the device wants something else.
  base::Result<Step> follow(base::Result<Step> step) {
    while (step && step->kind == Step::Kind::send) {
      HEQI_TRY(const base::Bytes answer, carry(*step));
      step = msd->deliver(answer);
    }
    return step;
  }

  base::Result<Step> confirm(const Step& step, std::string_view pin = kRightPin) {
    return follow(msd->confirm(step.display->transaction_id, step.display->digest, pin_of(pin)));
  }

  // enrol runs the enrolment to its end.
  base::Result<Step> enrol() {
    if (msd->information().stage == Stage::empty) {
      HEQI_TRY(msd->initialise());
    }
    HEQI_TRY(Step step, follow(msd->enrol(code)));
    if (step.kind != Step::Kind::choose_pin) return step;
    HEQI_TRY(step, follow(msd->choose_pin(pin_of(kRightPin))));
    if (step.kind != Step::Kind::confirm) return step;
    return confirm(step);
  }

  SignRequest request(std::string_view data, std::string id = "tx-1") {
    ApplicationStatement statement;
    statement.application_id = "contract";
    statement.application_transaction = "ap-" + id;
    statement.title = "租赁合同";
    statement.size = data.size();
    statement.digest = crypto::sm3(base::bytes_of(data));
    statement.expires = clock.now() + std::chrono::minutes(10);
    return sign_request(statement, data, std::move(id));
  }
  SignRequest sign_request(const ApplicationStatement& statement, std::string_view data,
                           std::string id) {
    return {std::move(id), base::to_bytes(data),
            must(make_statement(statement, application_signer)), base::to_bytes(application.der())};
  }

  // verify checks an answer as an application would.
  void verify(const SignAnswer& answer, std::string_view data) {
    ASSERT_EQ(answer.outcome, SignOutcome::signed_);
    const auto certificate = must(x509::parse_certificate(msd->information().certificate));
    EXPECT_OK(crypto::verify(must(certificate.public_key().sm2_key()), answer.signed_attributes,
                             must(x509::parse_signature(answer.signature))));
    const auto attributes = must(x509::parse_signed_attributes(answer.signed_attributes));
    EXPECT_OK(x509::verify_content(attributes, base::bytes_of(data)));
    EXPECT_OK(x509::verify_signing_certificate(attributes, certificate));
  }

  testing::SeededRandom random;
  testing::FakeClock clock;
  testing::MemoryStore own_store, own_key_store;
  const SignatureExchange* exchange = nullptr;
  // The native device has these, the browser's has not.
  const CertificateCare* certificate_care = nullptr;
  const ListSigning* lists = nullptr;
  base::FileStore *store = &own_store, *key_store = &own_key_store;
  Authority authority;
  x509::SoftwareSm2Signer application_signer;
  x509::Certificate application;
  KeyCentre key_centre;
  Service service;
  x509::Name person = name_of("张三");
  std::string code;
  std::vector<base::Bytes> carried;  // every message, both ways
  std::unique_ptr<Msd> msd;
};

}  // namespace heqi::device
