#include <heqi/flow/engine.h>

#include "tests/on_flows.h"

namespace heqi::flow {
namespace {

using base::Bytes;
using base::Code;
using base::Result;
using base::Status;
using base::to_bytes;
using Kind = Handled::Kind;

template <class EngineType>
class Flows : public OnFlows<EngineType> {
 protected:
  std::int64_t outbox_size() { return this->number("SELECT COUNT(*) FROM flow_outbox"); }
};
TYPED_TEST_SUITE(Flows, testing::Engines, testing::EngineName);

TYPED_TEST(Flows, AStartIsReadBackAsItWasWritten) {
  NewFlow wanted = this->new_flow("start-1");
  wanted.state = Bytes{0, 1, 2, 255};
  const auto started = this->engine_->start(wanted, this->answering("accepted"));
  ASSERT_OK(started);
  EXPECT_EQ(started->kind, Kind::accepted);
  const auto flow = this->engine_->get(started->flow.id);
  ASSERT_OK(flow);
  EXPECT_EQ(flow->id.size(), 26u);
  EXPECT_EQ(flow->kind, "sign");
  EXPECT_EQ(flow->step, "sent");
  EXPECT_EQ(flow->state, wanted.state);
  EXPECT_EQ(flow->deadline, wanted.deadline);
  EXPECT_EQ(flow->created_at, this->clock_.now());
  EXPECT_TRUE(flow->is_open());
}

// shows-part: MSSP-6.1-l (the mechanism; the service maps the AP transaction id to message_id)
TYPED_TEST(Flows, ARepeatedStartGetsTheFirstFlowAndItsAnswer) {
  const auto first = this->engine_->start(this->new_flow("ap-1"), this->moving("sent", "accepted"));
  const auto again = this->engine_->start(this->new_flow("ap-1"), this->moving("sent", "other"));
  ASSERT_OK(again);
  EXPECT_EQ(again->kind, Kind::repeated);
  EXPECT_EQ(again->flow.id, first->flow.id);
  EXPECT_EQ(again->answer, to_bytes("accepted"));
  EXPECT_EQ(this->runs_, 1);
  EXPECT_EQ(this->outbox_size(), 1);
}

TYPED_TEST(Flows, ARepeatWithAnotherContentIsAConflict) {
  NewFlow wanted = this->new_flow("ap-1");
  wanted.fingerprint = Bytes{1};
  ASSERT_OK(this->engine_->start(wanted, this->answering("")));
  wanted.fingerprint = Bytes{2};
  EXPECT_ERROR(this->engine_->start(wanted, this->answering("")), Code::conflict);

  const Flow flow = this->start("ap-2");
  Event event = this->event(flow, "m1");
  event.fingerprint = Bytes{1};
  ASSERT_OK(this->engine_->handle(event, this->answering("")));
  event.fingerprint = Bytes{2};
  EXPECT_ERROR(this->engine_->handle(event, this->answering("")), Code::conflict);
}

TYPED_TEST(Flows, AMessageIdOfAnotherFlowIsAConflict) {
  const Flow one = this->start("ap-1"), other = this->start("ap-2");
  ASSERT_OK(this->engine_->handle(this->event(one, "m1"), this->answering("")));
  EXPECT_ERROR(this->engine_->handle(this->event(other, "m1"), this->answering("")),
               Code::conflict);
}

TYPED_TEST(Flows, TheSameMessageIdOfAnotherSenderIsAnotherEvent) {
  const Flow flow = this->start();
  Event event = this->event(flow, "m1");
  ASSERT_OK(this->engine_->handle(event, this->answering("")));
  event.sender = "device:8";
  EXPECT_EQ(this->engine_->handle(event, this->answering(""))->kind, Kind::accepted);
}

TYPED_TEST(Flows, ARepeatedEventGetsTheStoredAnswerAndDoesNothing) {
  const Flow flow = this->start();
  const Event event = this->event(flow, "m1", {"sent"});
  const auto first = this->engine_->handle(event, this->moving("displayed", "shown"));
  ASSERT_OK(first);
  EXPECT_EQ(first->kind, Kind::accepted);
  EXPECT_EQ(first->flow.step, "displayed");
  for (int i = 0; i < 3; ++i) {
    const auto again = this->engine_->handle(event, this->moving("elsewhere", "other"));
    ASSERT_OK(again);
    EXPECT_EQ(again->kind, Kind::repeated);
    EXPECT_EQ(again->answer, to_bytes("shown"));
    EXPECT_EQ(again->flow.step, "displayed");
  }
  EXPECT_EQ(this->outbox_size(), 1);
}

TYPED_TEST(Flows, AnEventAtAnotherStepIsRefusedAndMayComeAgainAtItsTime) {
  const Flow flow = this->start();
  const Event early = this->event(flow, "m2", {"displayed"});
  const auto refused = this->engine_->handle(early, this->moving("signed", "thanks"));
  ASSERT_OK(refused);
  EXPECT_EQ(refused->kind, Kind::unexpected_step);
  EXPECT_ERROR(refused->to_result(), Code::conflict);
  ASSERT_OK(
      this->engine_->handle(this->event(flow, "m1", {"sent"}), this->moving("displayed", "")));
  EXPECT_EQ(this->engine_->handle(early, this->moving("signed", "thanks"))->kind, Kind::accepted);
}

TYPED_TEST(Flows, AnEventOfAnUnknownFlowIsNotFound) {
  EXPECT_ERROR(this->engine_->handle(this->event(Flow{.id = "nowhere"}, "m1"), this->answering("")),
               Code::not_found);
  EXPECT_ERROR(this->engine_->get("nowhere"), Code::not_found);
  EXPECT_ERROR(this->engine_->finish("nowhere", Ending::done()), Code::not_found);
}

// shows-part: MSSP-6.1-k (the mechanism; that no signature comes of it is the service's)
TYPED_TEST(Flows, ExpiryIsCheckedBeforeAnythingElse) {
  const Flow flow = this->start();
  this->clock_.advance(std::chrono::minutes(5));
  // The right step, the wrong step: both are simply too late.
  for (const char* step : {"sent", "displayed"}) {
    const auto late = this->engine_->handle(this->event(flow, std::string("m-") + step, {step}),
                                            this->ending(Ending::done()));
    ASSERT_OK(late);
    EXPECT_EQ(late->kind, Kind::expired);
    EXPECT_ERROR(late->to_result(), Code::expired);
  }
  EXPECT_EQ(this->runs_, 1);  // the start
  EXPECT_EQ(this->engine_->get(flow.id)->ending->outcome, Outcome::expired);
  EXPECT_EQ(this->collect().size(), 2u);
}

TYPED_TEST(Flows, OneMicrosecondBeforeTheDeadlineIsInTime) {
  const Flow flow = this->start();
  this->clock_.advance(std::chrono::minutes(5) - base::Duration(1));
  EXPECT_EQ(this->engine_->handle(this->event(flow, "m1"), this->answering(""))->kind,
            Kind::accepted);
}

TYPED_TEST(Flows, WhatWasAcknowledgedInTimeIsAnsweredTheSameAfterTheDeadline) {
  const Flow flow = this->start();
  const Event event = this->event(flow, "m1", {"sent"});
  ASSERT_OK(this->engine_->handle(event, this->moving("displayed", "shown")));
  this->clock_.advance(std::chrono::hours(1));
  const auto again = this->engine_->handle(event, this->moving("displayed", "other"));
  ASSERT_OK(again);
  EXPECT_EQ(again->kind, Kind::repeated);
  EXPECT_EQ(again->answer, to_bytes("shown"));
  EXPECT_EQ(again->flow.ending->outcome, Outcome::expired);
}

// shows-part: MSSP-7.1-d2 (the message; its way to person and AP is the services')
TYPED_TEST(Flows, AnEndIsToldToEveryPartyOnce) {
  const Flow flow = this->start();
  ASSERT_OK(this->engine_->handle(this->event(flow, "m1"),
                                  this->ending(Ending::failed("signer.declined", "the person"))));
  const auto messages = this->collect();
  ASSERT_EQ(messages.size(), 2u);
  for (const Message& message : messages) {
    ASSERT_TRUE(message.ending.has_value());
    EXPECT_EQ(message.ending->outcome, Outcome::failed);
    EXPECT_EQ(message.ending->code, "signer.declined");
    EXPECT_EQ(message.ending->detail, "the person");
    EXPECT_EQ(message.flow_id, flow.id);
    EXPECT_EQ(message.payload, to_bytes("the result"));
  }
  EXPECT_EQ(messages[0].recipient, "ap:bank");
  EXPECT_EQ(messages[1].recipient, "device:7");
  EXPECT_TRUE(this->collect().empty());
}

TYPED_TEST(Flows, APartyThatJoinedLaterIsToldToo) {
  const Flow flow = this->start();
  ASSERT_OK(this->engine_->handle(this->event(flow, "m1"), [](Move& move) -> Result<Bytes> {
    move.add_party({"person:9", "push"});
    move.add_party({"device:7", "push"});  // is one already
    return Bytes{};
  }));
  ASSERT_OK(this->engine_->finish(flow.id, Ending::cancelled("ap.withdrawn")));
  EXPECT_EQ(this->collect().size(), 3u);
}

TYPED_TEST(Flows, AnEndedFlowNeverMovesAgain) {
  const Flow flow = this->start();
  ASSERT_OK(this->engine_->handle(this->event(flow, "m1"), this->ending(Ending::done())));
  const auto late = this->engine_->handle(this->event(flow, "m2"), this->moving("sent", ""));
  ASSERT_OK(late);
  EXPECT_EQ(late->kind, Kind::ended);
  EXPECT_ERROR(late->to_result(), Code::conflict);
  const auto again = this->engine_->finish(flow.id, Ending::cancelled("ap.withdrawn"));
  ASSERT_OK(again);
  EXPECT_EQ(again->ending->outcome, Outcome::done);
  this->clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(*this->engine_->expire_due(10), 0u);
  EXPECT_EQ(this->engine_->get(flow.id)->ending->outcome, Outcome::done);
  EXPECT_EQ(this->collect().size(), 2u);
}

TYPED_TEST(Flows, ACancelledFlowAnswersThatItWasCancelled) {
  const Flow flow = this->start();
  ASSERT_OK(this->engine_->finish(flow.id, Ending::cancelled("ap.withdrawn")));
  EXPECT_ERROR(this->engine_->handle(this->event(flow, "m2"), this->answering(""))->to_result(),
               Code::cancelled);
}

TYPED_TEST(Flows, LateEventsAreKeptInTheHistoryUpToALimit) {
  const Flow flow = this->start();
  ASSERT_OK(this->engine_->handle(this->event(flow, "m1"), this->moving("displayed", "")));
  ASSERT_OK(this->engine_->finish(flow.id, Ending::done()));
  for (std::size_t i = 0; i < kLateMax + 5; ++i)
    ASSERT_OK(
        this->engine_->handle(this->event(flow, "late-" + std::to_string(i)), this->answering("")));
  const auto history = this->engine_->list_history(flow.id);
  ASSERT_OK(history);
  ASSERT_EQ(history->size(), 3 + kLateMax);
  EXPECT_EQ((*history)[0].note, "start");
  EXPECT_EQ((*history)[1].from_step, "sent");
  EXPECT_EQ((*history)[1].to_step, "displayed");
  EXPECT_EQ((*history)[2].note, "end:DONE");
  EXPECT_EQ((*history)[3].note, "late");
  EXPECT_EQ((*history)[3].message_id, "late-0");
}

TYPED_TEST(Flows, AStepThatFailsLeavesNothingAndMayBeTriedAgain) {
  const Flow flow = this->start();
  const Event event = this->event(flow, "m1");
  const auto failed = this->engine_->handle(event, [](Move& move) -> Result<Bytes> {
    HEQI_TRY(
        move.transaction().execute("INSERT INTO domain_item VALUES (?1, 'x')", move.flow().id));
    move.go_to("displayed");
    move.send({.topic = "push"});
    return base::fail(Code::denied, "by the business");
  });
  EXPECT_ERROR(failed, Code::denied);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM domain_item"), 0);
  EXPECT_EQ(this->outbox_size(), 0);
  EXPECT_EQ(this->engine_->get(flow.id)->step, "sent");
  EXPECT_EQ(this->engine_->handle(event, this->answering("now"))->kind, Kind::accepted);
}

TYPED_TEST(Flows, ADomainTransactionHoldsTheTableTheFlowAndTheOutboxTogether) {
  const Flow flow = this->start();
  const auto work = [&](bool fails) {
    return this->database_->with_transaction([&, fails](sql::Transaction& t) -> Result<Handled> {
      HEQI_TRY(t.execute("INSERT INTO domain_item VALUES (?1, 'mine')", flow.id));
      HEQI_TRY(Handled handled, this->engine_->handle_in(t, this->event(flow, "m1"),
                                                         this->moving("displayed", "shown")));
      if (fails) return base::fail(Code::denied);
      return handled;
    });
  };
  EXPECT_ERROR(work(true), Code::denied);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM domain_item"), 0);
  EXPECT_EQ(this->outbox_size(), 0);
  ASSERT_OK(work(false));
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM domain_item"), 1);
  EXPECT_EQ(this->outbox_size(), 1);
}

TYPED_TEST(Flows, TheOwnersTablesFollowEveryEnd) {
  this->engine_->define("sign", {.on_end = [](sql::Transaction& t, const Flow& flow) -> Status {
                          HEQI_TRY(t.execute("INSERT INTO domain_item VALUES (?1, ?2)", flow.id,
                                             to_text(flow.ending->outcome)));
                          return {};
                        }});
  const Flow one = this->start("ap-1"), other = this->start("ap-2");
  ASSERT_OK(this->engine_->finish(one.id, Ending::done()));
  this->clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(*this->engine_->expire_due(10), 1u);
  EXPECT_EQ(this->get("SELECT note FROM domain_item WHERE flow_id = ?1", one.id)->text(0), "DONE");
  EXPECT_EQ(this->get("SELECT note FROM domain_item WHERE flow_id = ?1", other.id)->text(0),
            "EXPIRED");
}

TYPED_TEST(Flows, AnEndThatTheOwnerCannotFollowDoesNotHappen) {
  this->engine_->define("sign", {.on_end = [](sql::Transaction&, const Flow&) -> Status {
                          return base::fail(Code::internal, "the owner is confused");
                        }});
  const Flow flow = this->start();
  EXPECT_ERROR(this->engine_->finish(flow.id, Ending::done()), Code::internal);
  EXPECT_TRUE(this->engine_->get(flow.id)->is_open());
  EXPECT_EQ(this->outbox_size(), 0);
}

TYPED_TEST(Flows, DeadlinesEndFlowsWithoutAnyEvent) {
  const Flow flow = this->start();
  NewFlow patient = this->new_flow("ap-2");
  patient.deadline.reset();
  const auto without = this->engine_->start(patient, this->answering(""));
  EXPECT_EQ(*this->engine_->expire_due(10), 0u);
  EXPECT_EQ(*this->engine_->find_next_deadline(), flow.deadline);
  this->clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(this->engine_->get(flow.id)->ending->outcome,
            Outcome::expired);  // before it is recorded
  EXPECT_EQ(*this->engine_->expire_due(10), 1u);
  EXPECT_EQ(*this->engine_->expire_due(10), 0u);
  EXPECT_TRUE(this->engine_->get(without->flow.id)->is_open());
  EXPECT_EQ(*this->engine_->find_next_deadline(), std::nullopt);
  EXPECT_EQ(this->collect().size(), 2u);
  EXPECT_EQ(*this->engine_->list_open("sign", 10), std::vector<std::string>{without->flow.id});
}

TYPED_TEST(Flows, AMovedDeadlineCounts) {
  const Flow flow = this->start();
  ASSERT_OK(this->engine_->handle(this->event(flow, "m1"), [](Move& move) -> Result<Bytes> {
    move.set_deadline(move.now() + std::chrono::hours(2));
    return Bytes{};
  }));
  this->clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(*this->engine_->expire_due(10), 0u);
}

TYPED_TEST(Flows, AttemptsCountWithinAStep) {
  const Flow flow = this->start();
  const Step count = [](Move& move) -> Result<Bytes> {
    return Bytes{static_cast<std::uint8_t>(move.count_attempt())};
  };
  EXPECT_EQ(this->engine_->handle(this->event(flow, "m1"), count)->answer, Bytes{1});
  EXPECT_EQ(this->engine_->handle(this->event(flow, "m2"), count)->answer, Bytes{2});
  ASSERT_OK(this->engine_->handle(this->event(flow, "m3"), this->moving("displayed", "")));
  EXPECT_EQ(this->engine_->handle(this->event(flow, "m4"), count)->answer, Bytes{1});
}

TYPED_TEST(Flows, WhatBreaksALimitIsRefused) {
  const Flow flow = this->start();
  const std::string long_name(kNameMax + 1, 'x');
  for (const std::string& name : {std::string(), long_name, std::string("\xff")}) {
    Event event = this->event(flow, name);
    EXPECT_ERROR(this->engine_->handle(event, this->answering("")), Code::malformed);
    event = this->event(flow, "m");
    event.sender = name;
    EXPECT_ERROR(this->engine_->handle(event, this->answering("")), Code::malformed);
    EXPECT_ERROR(this->engine_->handle(this->event(flow, "m"), this->moving(name, "")),
                 Code::malformed);
  }
  EXPECT_ERROR(this->engine_->handle(this->event(flow, "m"),
                                     this->answering(std::string(kDataMax + 1, 'x'))),
               Code::limit_exceeded);
  EXPECT_ERROR(this->engine_->finish(flow.id, Ending::failed("", "without a code")),
               Code::malformed);
  NewFlow crowded = this->new_flow("ap-3");
  for (std::size_t i = 0; i <= kPartiesMax; ++i)
    crowded.parties.push_back({"p" + std::to_string(i), "push"});
  EXPECT_ERROR(this->engine_->start(crowded, this->answering("")), Code::limit_exceeded);
  NewFlow strange = this->new_flow("ap-4");
  strange.kind = "undefined";
  EXPECT_ERROR(this->engine_->start(strange, this->answering("")), Code::internal);
  NewFlow over = this->new_flow("ap-5");
  over.deadline = this->clock_.now();
  EXPECT_ERROR(this->engine_->start(over, this->answering("")), Code::expired);
}

TYPED_TEST(Flows, AStepThatEndsItsOwnFlowFromOutsideIsAConflict) {
  const Flow flow = this->start();
  EXPECT_ERROR(this->engine_->handle(this->event(flow, "m1"),
                                     [&](Move& move) -> Result<Bytes> {
                                       HEQI_TRY(this->engine_->finish_in(move.transaction(),
                                                                         flow.id, Ending::done()));
                                       return Bytes{};
                                     }),
               Code::conflict);
  EXPECT_TRUE(this->engine_->get(flow.id)->is_open());
}

// shows-part: MSSP-6.1-l (the mechanism, under concurrency)
TYPED_TEST(Flows, OfOneEventSentManyTimesAtOnceOneIsHandled) {
  const Flow flow = this->start();
  std::atomic<int> accepted{0}, repeated{0};
  this->in_parallel(6, [&](int) {
    const auto handled = this->engine_->handle(this->event(flow, "m1", {"sent"}),
                                               this->moving("displayed", "shown"));
    ASSERT_OK(handled);
    EXPECT_EQ(handled->answer, to_bytes("shown"));
    ++(handled->kind == Kind::accepted ? accepted : repeated);
  });
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(repeated, 5);
  EXPECT_EQ(this->outbox_size(), 1);
}

TYPED_TEST(Flows, OfManyDifferentEventsForOneStepOneMovesTheFlow) {
  const Flow flow = this->start();
  std::atomic<int> accepted{0}, refused{0};
  this->in_parallel(6, [&](int who) {
    const auto handled = this->engine_->handle(
        this->event(flow, "m" + std::to_string(who), {"sent"}), this->moving("displayed", "shown"));
    ASSERT_OK(handled);
    ++(handled->kind == Kind::accepted ? accepted : refused);
  });
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(this->outbox_size(), 1);
}

TYPED_TEST(Flows, OfManyEndsAtOnceOneHoldsAndEachPartyHearsOfThatOne) {
  for (int round = 0; round < 5; ++round) {
    const Flow flow = this->start("ap-" + std::to_string(round));
    this->in_parallel(4, [&](int who) {
      EXPECT_OK(this->engine_->finish(
          flow.id, who % 2 == 0 ? Ending::done() : Ending::cancelled("ap.withdrawn")));
    });
    const Ending ending = *this->engine_->get(flow.id)->ending;
    const auto messages = this->collect();
    ASSERT_EQ(messages.size(), 2u);
    for (const Message& message : messages) EXPECT_EQ(message.ending->outcome, ending.outcome);
  }
}

TEST(FlowId, Is128BitsInBase32) {
  testing::ScriptedRandom random(Bytes(16, 0xff));
  EXPECT_EQ(*make_id(random), "77777777777777777777777774");
  EXPECT_ERROR(make_id(random), Code::crypto_random_failed);
}

TEST(FlowOutcome, IsOneOfFour) {
  for (const Outcome outcome :
       {Outcome::done, Outcome::failed, Outcome::expired, Outcome::cancelled})
    EXPECT_EQ(*parse_outcome(to_text(outcome)), outcome);
  for (const char* text : {"", "done", "PENDING", "DONE "})
    EXPECT_ERROR(parse_outcome(text), Code::malformed);
  EXPECT_EQ(Ending::failed(base::fail(Code::signer_busy, "why")).code, "signer.busy");
}

}  // namespace
}  // namespace heqi::flow
