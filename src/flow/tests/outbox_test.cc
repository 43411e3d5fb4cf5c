#include <heqi/flow/outbox.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include <heqi/flow/jobs.h>
#include <heqi/flow/runner.h>

#include "tests/on_flows.h"

namespace heqi::flow {
namespace {

using base::Bytes;
using base::Code;
using base::Status;
using base::to_bytes;

template <class EngineType>
class OutboxSuite : public OnFlows<EngineType> {
 protected:
  base::Result<std::string> put(std::string id, std::string topic = "push",
                                std::optional<base::Time> due = {}) {
    return this->database_->with_transaction([&](sql::Transaction& t) {
      return this->outbox_->put(t, {.topic = topic,
                                    .recipient = "device:7",
                                    .payload = to_bytes(id),
                                    .message_id = id,
                                    .due = due});
    });
  }
  // failing makes the topic "push" fail with code until told otherwise.
  void failing(Code code, TopicOptions options = {}) {
    this->outbox_->handle(
        "push",
        [this, code](const Message& message) -> Status {
          attempts_.push_back(message.attempt);
          last_errors_.push_back(message.last_error);
          if (!fails_) return {};
          return base::fail(code, "no answer");
        },
        options);
  }
  std::vector<std::int64_t> attempts_;
  std::vector<std::string> last_errors_;
  bool fails_ = true;
};
TYPED_TEST_SUITE(OutboxSuite, testing::Engines, testing::EngineName);

TYPED_TEST(OutboxSuite, AMessageIsDeliveredAsItWasPut) {
  ASSERT_OK(this->put("m1"));
  const auto messages = this->collect();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].message_id, "m1");
  EXPECT_EQ(messages[0].topic, "push");
  EXPECT_EQ(messages[0].recipient, "device:7");
  EXPECT_EQ(messages[0].payload, to_bytes("m1"));
  EXPECT_EQ(messages[0].attempt, 1);
  EXPECT_EQ(messages[0].created_at, this->clock_.now());
  EXPECT_FALSE(messages[0].ending.has_value());
  EXPECT_TRUE(this->collect().empty());
  EXPECT_EQ(this->outbox_->count()->delivered, 1);
}

TYPED_TEST(OutboxSuite, AMessageOfARolledBackTransactionNeverLeaves) {
  EXPECT_ERROR(this->database_->with_transaction([&](sql::Transaction& t) -> Status {
    HEQI_TRY(this->outbox_->put(t, {.topic = "push", .message_id = "m1"}));
    return base::fail(Code::denied);
  }),
               Code::denied);
  EXPECT_TRUE(this->collect().empty());
}

TYPED_TEST(OutboxSuite, TheSameMessageIdIsPutOnce) {
  ASSERT_OK(this->put("m1"));
  EXPECT_EQ(*this->put("m1"), "m1");
  EXPECT_EQ(this->collect().size(), 1u);
  ASSERT_OK(this->put("m1"));
  EXPECT_TRUE(this->collect().empty());
}

TYPED_TEST(OutboxSuite, MessagesOfABatchComeInTheirOrder) {
  for (int i = 0; i < 40; ++i) ASSERT_OK(this->put("m" + std::to_string(100 + i)));
  const auto messages = this->collect();
  ASSERT_EQ(messages.size(), 40u);
  for (std::size_t i = 1; i < messages.size(); ++i)
    EXPECT_LT(messages[i - 1].message_id, messages[i].message_id);
}

TYPED_TEST(OutboxSuite, AFailedDeliveryIsTriedAgainAfterAGrowingWait) {
  this->failing(Code::unavailable, {.attempts_max = 10,
                                    .wait_first = std::chrono::seconds(1),
                                    .wait_max = std::chrono::seconds(4)});
  ASSERT_OK(this->put("m1"));
  EXPECT_EQ(*this->outbox_->drain(), 1u);
  for (const int wait : {1, 2, 4, 4}) {
    EXPECT_EQ(*this->outbox_->drain(), 0u);
    this->clock_.advance(std::chrono::seconds(wait) - base::Duration(1));
    EXPECT_EQ(*this->outbox_->drain(), 0u) << wait;
    this->clock_.advance(base::Duration(1));
    EXPECT_EQ(*this->outbox_->drain(), 1u) << wait;
  }
  this->fails_ = false;
  this->clock_.advance(std::chrono::seconds(4));
  EXPECT_EQ(*this->outbox_->drain(), 1u);
  this->clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(*this->outbox_->drain(), 0u);
  EXPECT_EQ(this->attempts_, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_NE(this->last_errors_.back().find("no answer"), std::string::npos);
}

TYPED_TEST(OutboxSuite, AMessageWhoseAttemptsAreUsedUpIsDeadAndSeen) {
  this->failing(Code::unavailable, {.attempts_max = 3});
  ASSERT_OK(this->put("m1"));
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(this->outbox_->drain());
    this->clock_.advance(std::chrono::hours(1));
  }
  EXPECT_EQ(this->attempts_.size(), 3u);
  const auto dead = this->outbox_->list_dead(10);
  ASSERT_OK(dead);
  ASSERT_EQ(dead->size(), 1u);
  EXPECT_EQ((*dead)[0].message_id, "m1");
  EXPECT_NE((*dead)[0].last_error.find("no answer"), std::string::npos);
  EXPECT_EQ(this->outbox_->count()->dead, 1);

  this->fails_ = false;
  EXPECT_ERROR(this->outbox_->revive("m2"), Code::not_found);
  ASSERT_OK(this->outbox_->revive("m1"));
  EXPECT_EQ(*this->outbox_->drain(), 1u);
  EXPECT_TRUE(this->outbox_->list_dead(10)->empty());
  EXPECT_ERROR(this->outbox_->revive("m1"), Code::not_found);
}

TYPED_TEST(OutboxSuite, AMessageThatCannotSucceedIsDeadAtOnce) {
  this->failing(Code::malformed);
  ASSERT_OK(this->put("m1"));
  ASSERT_OK(this->outbox_->drain());
  EXPECT_EQ(this->outbox_->list_dead(10)->size(), 1u);
}

TYPED_TEST(OutboxSuite, AMessageWithoutAHandlerWaits) {
  ASSERT_OK(this->put("m1", "nobody"));
  EXPECT_TRUE(this->collect().empty());
  EXPECT_EQ(this->outbox_->count()->waiting, 1);
}

TYPED_TEST(OutboxSuite, AMessageForLaterIsNotDeliveredEarlyAndMayBeWithdrawn) {
  const base::Time due = this->clock_.now() + std::chrono::hours(1);
  ASSERT_OK(this->put("kept", "push", due));
  ASSERT_OK(this->put("withdrawn", "push", due));
  EXPECT_TRUE(this->collect().empty());
  EXPECT_EQ(*this->outbox_->find_next_due(), due);
  ASSERT_OK(this->database_->with_transaction(
      [&](sql::Transaction& t) { return this->outbox_->withdraw(t, "withdrawn"); }));
  this->clock_.advance(std::chrono::hours(1));
  const auto messages = this->collect();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].message_id, "kept");
  EXPECT_EQ(*this->outbox_->find_next_due(), std::nullopt);
}

// shows-part: MSSP-7.1-d (a node's death; the whole chain is shown with the services)
TYPED_TEST(OutboxSuite, WhatANodeHeldWhenItDiedIsDeliveredByAnotherAfterItsClaim) {
  ASSERT_OK(this->put("m1"));
  const auto other = this->make_outbox("node-2");
  std::vector<std::int64_t> seen;
  other->handle("push", [&](const Message& message) -> Status {
    seen.push_back(message.attempt);
    return {};
  });
  // The death: a handler that never comes back, seen from inside.
  this->outbox_->handle("push", [&](const Message&) -> Status {
    EXPECT_EQ(*other->drain(), 0u);
    EXPECT_OK(other->release_claims());  // not its own
    EXPECT_EQ(*other->drain(), 0u);
    this->clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(*other->drain(), 1u);
    return base::fail(Code::unavailable, "too late: no longer ours");
  });
  ASSERT_OK(this->outbox_->drain());
  EXPECT_EQ(seen, std::vector<std::int64_t>{2});
  this->clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(*other->drain(), 0u);
  EXPECT_EQ(this->outbox_->count()->delivered, 1);
}

TYPED_TEST(OutboxSuite, ANodeThatStartsAgainTakesItsClaimsBackAtOnce) {
  ASSERT_OK(this->put("m1"));
  const auto reborn = this->make_outbox("node-1");
  std::vector<std::int64_t> seen;
  reborn->handle("push", [&](const Message& message) -> Status {
    seen.push_back(message.attempt);
    return {};
  });
  this->outbox_->handle("push", [&](const Message&) -> Status {
    EXPECT_EQ(*reborn->drain(), 0u);
    EXPECT_OK(reborn->release_claims());
    EXPECT_EQ(*reborn->drain(), 1u);
    return {};
  });
  ASSERT_OK(this->outbox_->drain());
  EXPECT_EQ(seen, std::vector<std::int64_t>{2});
}

TYPED_TEST(OutboxSuite, AMessageThatKillsItsHandlerEachTimeIsDeadInTheEnd) {
  ASSERT_OK(this->put("m1"));
  ASSERT_OK(this->run("UPDATE flow_outbox SET attempts = 3"));  // three claims without an end
  this->failing(Code::unavailable, {.attempts_max = 3});
  ASSERT_OK(this->outbox_->drain());
  EXPECT_TRUE(this->attempts_.empty());
  EXPECT_EQ(this->outbox_->list_dead(10)->size(), 1u);
}

TYPED_TEST(OutboxSuite, WhatASlowBatchDoesNotReachIsGivenBackUntried) {
  for (const char* id : {"m1", "m2", "m3"}) ASSERT_OK(this->put(id));
  std::vector<std::pair<std::string, std::int64_t>> seen;
  this->outbox_->handle("push", [&](const Message& message) -> Status {
    seen.emplace_back(message.message_id, message.attempt);
    this->clock_.advance(std::chrono::seconds(40));
    return {};
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*this->outbox_->drain(), 1u);
  EXPECT_EQ(*this->outbox_->drain(), 0u);
  EXPECT_EQ(seen,
            (std::vector<std::pair<std::string, std::int64_t>>{{"m1", 1}, {"m2", 1}, {"m3", 1}}));
}

TYPED_TEST(OutboxSuite, APauseEndsTheBatchAndKeepsTheRest) {
  for (const char* id : {"m1", "m2", "m3"}) ASSERT_OK(this->put(id));
  int runs = 0;
  this->outbox_->handle("push", [&](const Message&) -> Status {
    ++runs;
    this->outbox_->pause();
    return {};
  });
  EXPECT_EQ(*this->outbox_->drain(), 1u);
  EXPECT_EQ(*this->outbox_->drain(), 0u);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(this->outbox_->count()->waiting, 2);
  this->outbox_->resume();
  EXPECT_EQ(*this->outbox_->drain(), 1u);
}

TYPED_TEST(OutboxSuite, ManyNodesDeliverEachMessageOnce) {
  for (int i = 0; i < 60; ++i) ASSERT_OK(this->put("m" + std::to_string(i)));
  std::mutex mutex;
  std::multiset<std::string> seen;
  this->in_parallel(3, [&](int node) {
    const auto outbox = this->make_outbox("node-" + std::to_string(node), 4);
    outbox->handle("push", [&](const Message& message) -> Status {
      const std::scoped_lock lock(mutex);
      seen.insert(message.message_id);
      return {};
    });
    for (;;) {
      const auto handled = outbox->drain();
      ASSERT_OK(handled);
      if (*handled == 0) break;
    }
  });
  EXPECT_EQ(seen.size(), 60u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 60u);
}

TYPED_TEST(OutboxSuite, DeliveredMessagesArePurgedAndOthersKept) {
  ASSERT_OK(this->put("old"));
  ASSERT_EQ(this->collect().size(), 1u);
  this->clock_.advance(std::chrono::hours(1));
  ASSERT_OK(this->put("waiting", "nobody"));
  EXPECT_EQ(*this->outbox_->purge(this->clock_.now()), 1);
  EXPECT_EQ(this->outbox_->count()->waiting, 1);
  EXPECT_EQ(this->outbox_->count()->delivered, 0);
}

TYPED_TEST(OutboxSuite, WhatBreaksALimitIsRefused) {
  EXPECT_ERROR(this->put("m1", ""), Code::malformed);
  EXPECT_ERROR(this->put("m1", std::string(kNameMax + 1, 'x')), Code::malformed);
  EXPECT_ERROR(this->put(std::string(kNameMax + 1, 'x')), Code::malformed);
  EXPECT_ERROR(this->database_->with_transaction([&](sql::Transaction& t) {
    return this->outbox_->put(t, {.topic = "push", .payload = Bytes(kDataMax + 1)});
  }),
               Code::limit_exceeded);
}

TYPED_TEST(OutboxSuite, AJobRunsOnceForItsKeyAndNotBeforeItsTime) {
  Jobs jobs(*this->outbox_);
  int runs = 0;
  jobs.handle("ca.crl", [&](const Message& message) -> Status {
    EXPECT_EQ(message.payload, to_bytes("issue"));
    ++runs;
    return {};
  });
  const auto schedule = [&](std::string key) {
    return this->database_->with_transaction([&](sql::Transaction& t) {
      return jobs.schedule(
          t, {"ca.crl", key, to_bytes("issue"), this->clock_.now() + std::chrono::hours(1)});
    });
  };
  ASSERT_OK(schedule("09:00"));
  ASSERT_OK(schedule("09:00"));
  ASSERT_OK(schedule("10:00"));
  EXPECT_ERROR(schedule(""), Code::malformed);
  ASSERT_OK(this->database_->with_transaction(
      [&](sql::Transaction& t) { return jobs.cancel(t, "ca.crl", "10:00"); }));
  EXPECT_EQ(*this->outbox_->drain(), 0u);
  this->clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(*this->outbox_->drain(), 1u);
  ASSERT_OK(schedule("09:00"));
  this->clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(*this->outbox_->drain(), 0u);
  EXPECT_EQ(runs, 1);
}

TYPED_TEST(OutboxSuite, ARunnerStepByStepExpiresAndDeliversAll) {
  Runner runner(*this->engine_, *this->outbox_, this->log_);
  this->fails_ = false;
  this->failing(Code::internal);
  this->outbox_->handle("callback", [](const Message&) -> Status { return {}; });
  this->start();
  EXPECT_EQ(*runner.run_once(), 0u);
  this->clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(*runner.run_once(), 3u);  // one expiry, two parties told
  EXPECT_EQ(*runner.run_once(), 0u);
}

TYPED_TEST(OutboxSuite, ARunnersThreadsDeliverWhatIsPutAndEndWhenStopped) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::set<std::string> seen;
  this->outbox_->handle("push", [&](const Message& message) -> Status {
    const std::scoped_lock lock(mutex);
    seen.insert(message.message_id);
    arrived.notify_all();
    return {};
  });
  ASSERT_OK(this->put("before"));
  // The poll is longer than the test may take: only the hint brings the later messages.
  Runner runner(*this->engine_, *this->outbox_, this->log_,
                {.threads = 2, .poll = std::chrono::hours(1)});
  ASSERT_OK(runner.start());
  for (int i = 0; i < 10; ++i) ASSERT_OK(this->put("m" + std::to_string(i)));
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(
        arrived.wait_for(lock, std::chrono::seconds(60), [&] { return seen.size() == 11; }));
  }
  runner.stop();
  runner.stop();
  ASSERT_OK(this->put("after"));
  EXPECT_EQ(this->outbox_->count()->delivered, 11);
  EXPECT_EQ(this->outbox_->count()->waiting, 1);
}

}  // namespace
}  // namespace heqi::flow
