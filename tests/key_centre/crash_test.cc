// The device dies, or its disk fails, at every write of every operation with the key centre; then
// it starts again. One of the two states of before and after is there, on both sides.
#include "joined.h"

namespace heqi::joined {
namespace {

using base::Code;

constexpr std::string_view kNewPin = "905172";
constexpr std::size_t kDocuments = 3;

// Moment is when the n-th write goes wrong: nothing of it is on the disk, or all of it.
enum class Moment { before, after };

// DyingStore fails at one write and from then on always, as a process that died does.
class DyingStore final : public base::FileStore {
 public:
  DyingStore(base::FileStore& files, int& writes_left, Moment moment)
      : files_(files), writes_left_(writes_left), moment_(moment) {}
  base::Result<base::Bytes> read(std::string_view name, std::size_t size_max) const override {
    return files_.read(name, size_max);
  }
  base::Status write(std::string_view name, base::ByteView content) override {
    return change([&] { return files_.write(name, content); });
  }
  base::Status create(std::string_view name, base::ByteView content) override {
    return change([&] { return files_.create(name, content); });
  }
  base::Status append(std::string_view name, base::ByteView content) override {
    return change([&] { return files_.append(name, content); });
  }
  base::Status remove(std::string_view name) override {
    return change([&] { return files_.remove(name); });
  }
  base::Result<std::vector<std::string>> list(std::string_view folder) const override {
    return files_.list(folder);
  }

 private:
  base::Status change(const std::function<base::Status()>& act) {
    const base::Error dead = base::fail(Code::storage, "injected");
    if (writes_left_ <= 0) return dead;
    if (--writes_left_ > 0) return act();
    if (moment_ == Moment::after) (void)act().has_value();
    return dead;
  }
  base::FileStore& files_;
  int& writes_left_;
  Moment moment_;
};

// die_at runs operation with a store that dies at its n-th write; false where there are fewer.
bool die_at(House& house, int n, Moment moment, const std::function<void(House&)>& operation) {
  base::FileStore *files = house.world.store, *key_files = house.world.key_store;
  int left = n;
  DyingStore dying(*files, left, moment), dying_keys(*key_files, left, moment);
  house.world.store = &dying;
  house.world.key_store = &dying_keys;
  house.world.restart();
  operation(house);
  house.world.store = files;
  house.world.key_store = key_files;
  house.world.restart();
  return left <= 0;
}

// everywhere does so at each write in turn, each time with a new house, and then lets check look.
void everywhere(const std::function<void(House&)>& operation,
                const std::function<void(House&)>& check) {
  for (const Moment moment : {Moment::before, Moment::after}) {
    int n = 1;
    for (;; ++n) {
      SCOPED_TRACE(std::string(moment == Moment::before ? "before" : "after") + " write " +
                   std::to_string(n));
      House house;
      ASSERT_OK(house.enrol());
      const bool died = die_at(house, n, moment, operation);
      check(house);
      if (!died || ::testing::Test::HasFailure()) break;
    }
    EXPECT_GE(n, 3) << "the operation wrote less than it must";
  }
}

TEST(Crash, AfterABrokenChangeOfThePinTheOldOrTheNewOneSigns) {
  everywhere(
      [](House& house) {
        const auto asked = house.confirm(house.world.msd->change_pin());
        if (asked && asked->kind == Step::Kind::choose_pin)
          (void)house.follow(house.world.msd->choose_pin(pin_of(kNewPin))).has_value();
      },
      [](House& house) {
        const auto with_new = house.sign(kNewPin);
        ASSERT_OK(with_new);
        if (with_new->outcome == "signed") return;
        house.world.restart();
        const auto with_old = house.sign(kRightPin);
        ASSERT_OK(with_old);
        EXPECT_EQ(with_old->outcome, "signed");
        EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
      });
}

TEST(Crash, AfterABrokenRefreshTheKeySignsAndOneEpochIsInForce) {
  everywhere(
      [](House& house) { (void)house.confirm(house.world.msd->refresh_shares()).has_value(); },
      [](House& house) {
        const auto signed_once = house.sign();
        ASSERT_OK(signed_once);
        EXPECT_EQ(signed_once->outcome, "signed");
        const auto again = house.confirm(house.world.msd->refresh_shares());
        ASSERT_OK(again);
        EXPECT_EQ(again->outcome, "refreshed");
        EXPECT_EQ(house.sign()->outcome, "signed");
      });
}

TEST(Crash, AfterABrokenSignatureTheNextIsMadeAndNothingCountsTwice) {
  everywhere([](House& house) { (void)house.sign().has_value(); },
             [](House& house) {
               // What was waiting goes first: an answer that was not told, or the document again.
               const auto left = house.follow(house.world.msd->poll());
               ASSERT_OK(left);
               if (left->kind == Step::Kind::confirm) {
                 EXPECT_EQ(house.confirm(left)->outcome, "signed");
               }
               EXPECT_EQ(house.world.service.answers.size(), 1u);
               EXPECT_EQ(house.sign()->outcome, "signed");
               EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
             });
}

// shows: MSSP-6.1-g2
TEST(Crash, AfterABrokenListEachDocumentIsSignedOnceAndWithThePin) {
  everywhere(
      [](House& house) {
        for (std::size_t i = 0; i < kDocuments; ++i)
          house.world.service.requests.push_back(
              house.world.request("list " + std::to_string(i), "list-" + std::to_string(i)));
        (void)house.confirm(house.follow(house.world.msd->collect())).has_value();
      },
      [](House& house) {
        // The service's stand-in sees that no second signature comes for a document.
        const auto left = house.follow(house.world.msd->collect());
        ASSERT_OK(left);
        if (left->kind == Step::Kind::confirm) {
          EXPECT_TRUE(house.world.service.answers.empty());
          EXPECT_EQ(house.confirm(left)->outcome, "signed");
        }
        ASSERT_EQ(house.world.service.answers.size(), kDocuments);
        for (std::size_t i = 0; i < kDocuments; ++i)
          house.world.verify(house.world.service.answers[i], "list " + std::to_string(i));
        EXPECT_EQ(house.sign()->outcome, "signed");
        EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
      });
}

TEST(Crash, AfterABrokenUnbindingTheShareIsGoneOrTheKeySigns) {
  everywhere([](House& house) { (void)house.follow(house.world.msd->unbind()).has_value(); },
             [](House& house) {
               const std::string key_id = house.key_id();
               if (!key_id.empty() && house.centre.key_status(key_id).state == "active") {
                 EXPECT_EQ(house.sign()->outcome, "signed");
               }
               if (house.world.msd->information().stage != device::Stage::initialised) {
                 const auto done = house.follow(house.world.msd->unbind());
                 ASSERT_OK(done);
                 EXPECT_EQ(done->outcome, "unbound");
               }
               ASSERT_OK(house.enrol());
               EXPECT_EQ(house.sign()->outcome, "signed");
             });
}

TEST(Crash, AfterABrokenWipeNoShareIsLeftOnEitherSide) {
  everywhere(
      [](House& house) {
        (void)house.centre.ask(keys::Operation::order_wipe, keys::encode_name("device-1"))
            .has_value();
        house.world.service.requests.push_back(house.world.request("text"));
        (void)house.confirm(house.world.msd->change_pin()).has_value();
      },
      [](House& house) {
        // A device that died before the order took effect gets it with its next word.
        if (house.world.msd->information().stage == device::Stage::enrolled) {
          (void)house.confirm(house.world.msd->change_pin()).has_value();
        }
        EXPECT_TRUE(house.world.msd->information().key_id.empty());
        EXPECT_EQ(house.world.msd->information().stage, device::Stage::stopped);
      });
}

}  // namespace
}  // namespace heqi::joined
