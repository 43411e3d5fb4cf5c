// What the suites of flow run on: both engines, time that stands still.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include <heqi/base/log.h>
#include <heqi/flow/engine.h>
#include <heqi/flow/jobs.h>
#include <heqi/flow/outbox.h>
#include <heqi/flow/runner.h>
#include <heqi/sql/migrations.h>
#include <heqi/testing/engines.h>

namespace heqi::flow {

// FakeLog is a log that nobody reads.
using FakeLog = base::NullLog;

template <class EngineType>
class OnFlows : public testing::OnEngine<EngineType> {
 protected:
  void SetUp() override {
    testing::OnEngine<EngineType>::SetUp();
    if (!this->database_) return;
    const sql::Migration domain[] = {
        {1, "start", "CREATE TABLE domain_item (flow_id {text}, note {text}) {strict}"}};
    const sql::Component components[] = {schema(), {"domain", domain}};
    ASSERT_OK(sql::apply_migrations(*this->database_, components, clock_));
    outbox_ = make_outbox("node-1");
    engine_ = std::make_unique<Engine>(*this->database_, *outbox_, clock_, random_, log_);
    engine_->define("sign");
  }

  std::unique_ptr<Outbox> make_outbox(std::string node, std::size_t batch = 16) {
    return std::make_unique<Outbox>(*this->database_, clock_, random_, log_,
                                    OutboxOptions{std::move(node), batch});
  }

  NewFlow new_flow(std::string message_id) {
    NewFlow flow;
    flow.kind = "sign";
    flow.step = "sent";
    flow.deadline = clock_.now() + std::chrono::minutes(5);
    flow.parties = {{"ap:bank", "callback"}, {"device:7", "push"}};
    flow.sender = "ap:bank";
    flow.message_id = std::move(message_id);
    return flow;
  }
  // start makes a flow at the step "sent" with two parties and a deadline in five minutes.
  Flow start(const std::string& message_id = "start-1") {
    auto started = engine_->start(new_flow(message_id), answering("accepted"));
    EXPECT_OK(started);
    return started ? started->flow : Flow{};
  }

  Event event(const Flow& flow, std::string message_id, std::vector<std::string> steps = {}) {
    return {.flow_id = flow.id,
            .sender = "device:7",
            .message_id = std::move(message_id),
            .expected_steps = std::move(steps)};
  }

  // answering is a step that does nothing but answer; moving one that also goes to `to` and sends.
  Step answering(std::string answer) {
    return [this, answer](Move&) -> base::Result<base::Bytes> {
      ++runs_;
      return base::to_bytes(answer);
    };
  }
  Step moving(std::string to, std::string answer) {
    return [this, to, answer](Move& move) -> base::Result<base::Bytes> {
      ++runs_;
      move.go_to(to);
      move.send({.topic = "push", .recipient = "device:7", .payload = base::to_bytes(to)});
      return base::to_bytes(answer);
    };
  }
  Step ending(Ending how) {
    return [this, how](Move& move) -> base::Result<base::Bytes> {
      ++runs_;
      move.finish(how, base::to_bytes("the result"));
      return base::to_bytes("ended");
    };
  }

  // collect drains the outbox until nothing is due and returns what came for all the topics.
  std::vector<Message> collect() {
    auto messages = std::make_shared<std::vector<Message>>();
    for (const char* topic : {"callback", "push"})
      outbox_->handle(topic, [messages](const Message& message) -> base::Status {
        messages->push_back(message);
        return {};
      });
    for (;;) {
      const auto handled = outbox_->drain();
      EXPECT_OK(handled);
      if (!handled || *handled == 0) return *messages;
    }
  }

  static void in_parallel(int threads, const std::function<void(int)>& work) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
    for (std::thread& thread : running) thread.join();
  }

  testing::FakeClock clock_{base::time_from_micros(1'795'250'516'000'000)};
  base::SystemRandom random_;  // SeededRandom is not for many threads
  FakeLog log_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Engine> engine_;
  std::atomic<int> runs_{0};
};

}  // namespace heqi::flow
