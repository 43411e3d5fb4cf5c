// Commands in any order: whatever is asked after whatever, no octets of a private key come out.
#include <set>

#include <heqi/device/local_keys.h>

#include "joined.h"
#include "local_store.h"
#include "pin.h"

namespace heqi::joined {
namespace {

using device::Command;
using device::CommandType;
using device::LocalRequest;
using device::LocalService;

// Walk drives a device's module with commands that a seed chooses, and keeps what comes out.
class Walk {
 public:
  explicit Walk(std::uint64_t seed) : house_(seed), choices_(seed) {
    module_ = device::Module::open(
        {{*house_.world.store, *house_.world.key_store, house_.world.random, house_.world.clock},
         log_,
         {},
         {}},
        {.pin_rounds = 3, .device_name = "测试设备"});
  }
  // run does a command, carries what it wants carried, and keeps every reply.
  void run(Command command) {
    base::Bytes encoded = module_->run(device::encode_command(command).expose());
    auto reply = device::parse_reply(encoded);
    replies.insert(std::move(encoded));
    if (!reply || !reply->step) return;
    if (reply->step->display) display_ = reply->step->display;
    if (!reply->step->message.empty()) last_ = reply->step->message;
    ++outcomes[reply->step->outcome];
    if (reply->step->kind != Step::Kind::send) return;
    if (const auto answer = house_.carry(*reply->step))
      run({.type = CommandType::deliver, .message = *answer});
  }
  void enrol() {
    run({.type = CommandType::initialise});
    run({.type = CommandType::enrol, .text = house_.world.code});
    run({.type = CommandType::choose_pin, .pin = pin_of(kRightPin)});
    confirm();
  }
  void confirm() {
    if (display_)
      run({.type = CommandType::confirm,
           .text = display_->transaction_id,
           .pin = pin_of(kRightPin),
           .digest = display_->digest});
  }
  void use(LocalRequest request) {
    run({.type = CommandType::local_key, .message = device::encode_local_request(request)});
    confirm();
  }
  // step is one command of the walk.
  void step() {
    const auto type =
        static_cast<CommandType>(1 + choose(static_cast<int>(device::kLastCommandType)));
    if (type == CommandType::retire || type == CommandType::unbind) return;
    if (type == CommandType::poll) {
      house_.world.service.requests.clear();
      const std::string id = "tx-" + std::to_string(++house_.documents);
      house_.world.service.requests.push_back(house_.world.request("contract " + id, id));
    }
    LocalRequest request{
        static_cast<LocalService>(1 + choose(device::kLastLocalService)), "mail", {}};
    if (device::takes_data(request.service)) request.data = last_.empty() ? base::Bytes{1} : last_;
    if (!device::needs_key(request.service)) request.name.clear();
    const std::string texts[] = {"", "mail", display_ ? display_->transaction_id : "local-key"};
    run({.type = type,
         .text = texts[choose(3)],
         .pin = pin_of(kRightPin),
         .digest = display_ ? display_->digest : crypto::Digest{},
         .message = choose(4) == 0 ? last_ : device::encode_local_request(request)});
    if (choose(2) == 0) confirm();
  }

  House& house() { return house_; }
  std::set<base::Bytes> replies;
  std::map<std::string, int> outcomes;

 private:
  int choose(int of) { return static_cast<int>(choices_.next() % static_cast<std::uint64_t>(of)); }
  int choose(LocalService last) { return choose(static_cast<int>(last)); }

  House house_;
  testing::SeededRandom choices_;
  base::NullLog log_;
  std::unique_ptr<device::Module> module_;
  std::optional<device::Display> display_;
  base::Bytes last_;
};

// private_keys_in counts the places where 32 octets are the private key of one of these points.
std::size_t private_keys_in(const std::set<base::Bytes>& replies,
                            const std::vector<crypto::Point>& points) {
  std::set<base::Bytes> seen;
  std::size_t found = 0;
  for (const base::Bytes& reply : replies)
    for (std::size_t at = 0; at + 32 <= reply.size(); ++at) {
      const base::ByteView window = base::ByteView(reply).subspan(at, 32);
      if (!seen.insert(base::to_bytes(window)).second) continue;
      const crypto::Point point = crypto::mul_base(crypto::Scalar::reduce(window));
      for (const crypto::Point& one : points) found += equal_vartime(point, one) ? 1 : 0;
    }
  return found;
}

// shows: MSSP-7.2-b
TEST(Sequences, NoneOfThemGivesOctetsOfAPrivateKey) {
  for (const std::uint64_t seed : {11, 12}) {
    Walk walk(seed);
    walk.enrol();
    walk.use({LocalService::generate, "mail", {}});
    for (int i = 0; i < 3; ++i) walk.use({LocalService::sign, "mail", {1, 2, 3}});
    for (int i = 0; i < 100; ++i) walk.step();
    walk.use({LocalService::generate, "last", {}});
    EXPECT_GT(walk.outcomes["local_key"], 3);
    EXPECT_GT(walk.replies.size(), 60u);

    const auto wrap = must(device::WrapKeys::load(*walk.house().world.key_store));
    const auto state = must(device::load_state(*walk.house().world.store, wrap));
    const auto d1 = device::recover_share(*state.key, base::bytes_of(kRightPin), wrap);
    const auto channel = must(device::open_channel_key(wrap, state.sealed_channel_key));
    std::vector<crypto::Point> points = {crypto::mul_base(d1.expose()),
                                         channel.public_key().point()};
    for (const auto& key : must(device::load_local_keys(*walk.house().world.store)))
      points.push_back(must(crypto::PublicKey::decode(key.public_key)).point());
    EXPECT_GE(points.size(), 3u);
    EXPECT_EQ(private_keys_in(walk.replies, points), 0u);
    // The search finds one where there is one.
    base::Bytes planted(7, 1);
    base::append(planted, d1.expose().encode());
    EXPECT_EQ(private_keys_in({planted}, points), 1u);
  }
}

}  // namespace
}  // namespace heqi::joined
