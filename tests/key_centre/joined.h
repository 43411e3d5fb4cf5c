// joined.h: the world of a device (src/device/tests/world.h) with the real key centre in the place
// of its stand-in: keys::Module over SQLite, reached with encoded requests.
#pragma once
#include <heqi/device/module.h>
#include <heqi/keys/module.h>

#include "tests/world.h"

namespace heqi::joined {

using device::Destination;
using device::kRightPin;
using device::kWrongPin;
using device::Msd;
using device::must;
using device::pin_of;
using device::Step;

struct Centre {
  explicit Centre(base::Random& given, base::Clock& its_clock) : random(given), clock(its_clock) {
    open();
  }
  void open() {
    module.reset();
    module = must(keys::Module::open({.database_url = "sqlite:" + folder.path() + "/module.db",
                                      .place = {"heqi", "test"},
                                      .exchanges = exchanges},
                                     {files, wrapping_files, random, clock, log}));
  }
  base::Result<base::Bytes> ask(keys::Operation operation, base::Bytes body) {
    return keys::parse_answer(module->handle(keys::encode_request({operation, std::move(body)})));
  }
  keys::KeyStatus key_status(const std::string& key_id) {
    return must(
        keys::parse_key_status(must(ask(keys::Operation::key_status, keys::encode_name(key_id)))));
  }

  base::Random& random;
  base::Clock& clock;
  base::NullLog log;
  testing::TemporaryFolder folder;
  testing::MemoryStore files, wrapping_files;
  keys::Exchanges exchanges = keys::Exchanges::joint;
  std::unique_ptr<keys::Module> module;
};

// House is one device of one person, its service and the key centre.
struct House {
  explicit House(std::uint64_t seed = 1) : world(seed), centre(world.random, world.clock) {
    world.certificate_care = &device::certificate_care();
    world.lists = &device::list_signing();
    world.restart();
  }

  // registration answers as the world does, with the real key centre's keys and channel.
  base::Result<base::Bytes> registration(base::ByteView message, const std::string& device_id) {
    const auto code = must(device::parse_enrolment_code(world.code));
    HEQI_TRY(const device::Register asked, device::parse_register(message, code.key));
    device::Registered answer;
    answer.app_id = "heqi";
    answer.platform_id = "test";
    EXPECT_OK(world.random.fill(answer.service_channel));
    EXPECT_OK(world.random.fill(answer.key_channel));
    answer.service_key = world.service.signer.public_key().encode();
    HEQI_TRY(const base::Bytes bound,
             centre.ask(keys::Operation::bind_device,
                        keys::encode_device_binding(
                            {device_id,
                             {asked.device_key.begin(), asked.device_key.end()},
                             {answer.key_channel.begin(), answer.key_channel.end()}})));
    HEQI_TRY(const keys::KeyCentreEnds ends, keys::parse_key_centre_ends(bound));
    std::copy_n(ends.channel_key.begin(), crypto::kPointSize, answer.key_centre_key.begin());
    std::copy_n(ends.sealing_key.begin(), crypto::kPointSize,
                answer.key_centre_sealing_key.begin());
    answer.subject = base::to_bytes(world.person.der());
    answer.anchors = {base::to_bytes(world.authority.certificate.der())};
    const auto device_key = must(crypto::PublicKey::decode(asked.device_key));
    world.service.end = device::End{{answer.service_channel,
                                     device::Direction::to_device,
                                     &world.service.signer,
                                     device_key,
                                     {},
                                     nullptr},
                                    {},
                                    {}};
    return device::encode_registered(answer, code.key, message);
  }

  base::Result<base::Bytes> carry(const Step& step) {
    carried.push_back(step.message);
    if (lost > 0 && step.destination == Destination::key_centre && --lost == 0) {
      const auto taken = centre.ask(keys::Operation::device_message, step.message);
      EXPECT_OK(taken);
      return base::fail(base::Code::timeout, "the answer was lost");
    }
    if (step.destination == Destination::registration)
      return registration(step.message, "device-" + std::to_string(++devices));
    if (step.destination == Destination::key_centre)
      return centre.ask(keys::Operation::device_message, step.message);
    return world.service.exchange(step.message);
  }
  base::Result<Step> follow(base::Result<Step> step) {
    while (step && step->kind == Step::Kind::send) {
      HEQI_TRY(const base::Bytes answer, carry(*step));
      step = world.msd->deliver(answer);
    }
    return step;
  }
  base::Result<Step> confirm(const base::Result<Step>& asked, std::string_view pin = kRightPin) {
    HEQI_TRY(const Step step, asked);
    if (!step.display) return step;
    return follow(
        world.msd->confirm(step.display->transaction_id, step.display->digest, pin_of(pin)));
  }
  base::Result<Step> enrol() {
    if (world.msd->information().stage == device::Stage::empty) {
      HEQI_TRY(world.msd->initialise());
    }
    HEQI_TRY(follow(world.msd->enrol(world.code)));
    return confirm(follow(world.msd->choose_pin(pin_of(kRightPin))));
  }
  // sign has one more document signed and verified; the outcome of its last step.
  base::Result<Step> sign(std::string_view pin = kRightPin) {
    const std::string data = "contract " + std::to_string(++documents);
    world.service.requests.clear();
    world.service.requests.push_back(world.request(data, "tx-" + std::to_string(documents)));
    HEQI_TRY(const Step done, confirm(follow(world.msd->poll()), pin));
    if (done.outcome == "signed") world.verify(world.service.answers.back(), data);
    return done;
  }
  std::string key_id() { return world.msd->information().key_id; }

  device::World world;
  Centre centre;
  std::vector<base::Bytes> carried;
  int devices = 0, documents = 0;
  int lost = 0;  // n: the answer to the n-th message from now on to the key centre is lost
};

}  // namespace heqi::joined
