// Several transactions with one confirmation, through every layer: each keeps its own application,
// time and end.
#include <heqi/base/text.h>
#include <heqi/device/commands.h>
#include <heqi/device/list_messages.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

#include "deal.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Step;
using services::mss::TransactionStatus;

struct SeveralTransactions : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  Phone phone{house};

  SeveralTransactions() { EXPECT_OK(phone.enrol(house.code_for(zhang))); }

  services::mss::Transactions& transactions() { return house.services->transactions; }
  base::Result<TransactionStatus> submit(const std::string& id,
                                         const std::string& application = "bank") {
    house.clock.advance(std::chrono::milliseconds(1));
    return transactions().submit(application,
                                 house.request(application, id, zhang, "text of " + id));
  }
  TransactionStatus query(const TransactionStatus& of, const std::string& application = "bank") {
    return must(transactions().query(application, of.id));
  }
  base::Result<Step> collect() { return phone.follow(phone.msd->collect()); }
  // wait has the device say that it takes lists, and count requests come.
  std::vector<TransactionStatus> wait(std::size_t count) {
    EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
    std::vector<TransactionStatus> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(must(submit("t-" + std::to_string(i))));
    return out;
  }
  std::vector<device::Display> displays() {
    return must(device::parse_displays(must(phone.msd->displayed_data(device::kListId))));
  }
  std::string device_id() {
    return must(house.services->database->with_snapshot([](sql::Transaction& tx) {
             return tx.get_row("SELECT device_id FROM mss_devices WHERE state = 'active'");
           }))
        .text(0);
  }
};

// shows: MSSP-6.1-g2
TEST_F(SeveralTransactions, EachApplicationGetsTheSignatureOfItsOwnRequest) {
  EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
  const auto of_bank = must(submit("t-1")), of_shop = must(submit("t-1", "shop"));
  const auto last = must(submit("t-2"));
  const Step list = must(collect());
  ASSERT_EQ(list.display->kind, device::Display::Kind::list);
  ASSERT_EQ(displays().size(), 3u);
  EXPECT_EQ(displays()[1].transaction_id, of_shop.id);
  const Step done = must(phone.confirm(list));
  EXPECT_EQ(done.outcome, "signed");
  for (const auto& status :
       {query(of_bank), must(transactions().query("shop", of_shop.id)), query(last)}) {
    ASSERT_EQ(status.state, "DONE");
    const auto certificate = must(x509::parse_certificate(status.result->certificate));
    const auto attributes = must(x509::parse_signed_attributes(status.result->signed_attributes));
    EXPECT_OK(
        x509::verify_content(attributes, base::bytes_of("text of " + status.ap_transaction_id)));
    EXPECT_OK(crypto::verify(must(certificate.public_key().sm2_key()),
                             status.result->signed_attributes,
                             must(x509::parse_signature(status.result->signature))));
  }
  house.settle();
  EXPECT_EQ(house.results.size(), 3u);
}

TEST_F(SeveralTransactions, OneRequestWaitsForADeviceThatTakesNoLists) {
  ASSERT_OK(phone.poll());
  ASSERT_OK(submit("t-1"));
  EXPECT_ERROR(submit("t-2"), Code::signer_busy);
  EXPECT_EQ(must(collect()).display->kind, device::Display::Kind::document);
  EXPECT_OK(submit("t-2"));  // the device has said so now
}

TEST_F(SeveralTransactions, AtMostSoManyRequestsWaitForOneDevice) {
  const auto waiting = wait(services::mss::kOpenTransactionsMax);
  EXPECT_ERROR(submit("t-more"), Code::signer_busy);
  ASSERT_OK(transactions().cancel("bank", waiting[3].id, "not needed"));
  EXPECT_OK(submit("t-more"));
  const Step list = must(collect());
  EXPECT_EQ(displays().size(), device::kListItemsMax);
  EXPECT_EQ(must(phone.confirm(list)).outcome, "signed");
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_transactions WHERE open = 1"), 0);
}

TEST_F(SeveralTransactions, WhatTheApplicationCancelsAfterTheLookIsSignedForNobody) {
  const auto waiting = wait(3);
  const Step list = must(collect());
  ASSERT_OK(transactions().cancel("bank", waiting[1].id, "changed our mind"));
  const Step done = must(phone.confirm(list));
  EXPECT_EQ(done.outcome, device::kSignedInPart);
  const auto results = must(device::parse_sign_results(done.message));
  EXPECT_EQ(results.at(1).failure, Code::cancelled);
  EXPECT_EQ(query(waiting[0]).state, "DONE");
  EXPECT_EQ(query(waiting[1]).state, "CANCELLED");
  EXPECT_FALSE(query(waiting[1]).result.has_value());
  EXPECT_EQ(query(waiting[2]).state, "DONE");
  EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
}

TEST_F(SeveralTransactions, AWrongPinAndACancelLeaveNoSignature) {
  const auto waiting = wait(2);
  const Step again = must(phone.confirm(must(collect()), kWrongPin));
  EXPECT_EQ(again.display->tries_left, 2u);
  EXPECT_EQ(must(phone.cancel(again)).outcome, "cancelled");
  for (const auto& one : waiting) {
    EXPECT_EQ(query(one).state, "CANCELLED");
    EXPECT_FALSE(query(one).result.has_value());
  }
}

// shows: MSSP-6.1-d
TEST_F(SeveralTransactions, AnotherDevicesTransactionIsNoPlaceToGoOnFrom) {
  const auto waiting = wait(2);
  EXPECT_ERROR(transactions().next_for("another-device", waiting[0].id), Code::not_found);
  EXPECT_ERROR(transactions().next_for(device_id(), "no-such-id"), Code::not_found);
  EXPECT_EQ(must(transactions().next_for(device_id(), waiting[0].id))->id, waiting[1].id);
  EXPECT_FALSE(must(transactions().next_for(device_id(), waiting[1].id)).has_value());
}

// Everything goes down after each message in turn, and comes up again: each request ends once.
TEST_F(SeveralTransactions, GoesOnAfterARestartAtEveryMessage) {
  EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
  std::size_t results = 0;
  bool broken = true;
  for (int last = 1; broken; ++last) {
    SCOPED_TRACE(last);
    ASSERT_LT(last, 20);
    std::vector<TransactionStatus> waiting;
    for (const char* name : {"-a", "-b", "-c"})
      waiting.push_back(must(submit("t-" + std::to_string(last) + name)));
    house.restart();
    phone.carried = 0;
    phone.on_answer = [&](int n) { return n != last; };
    auto step = collect();
    if (step) step = phone.confirm(*step);
    broken = !step.has_value();
    phone.on_answer = nullptr;
    if (broken) {
      house.restart();
      phone.restart();
      step = collect();
      for (int i = 0; i < 4 && step && step->kind == Step::Kind::confirm; ++i)
        step = phone.confirm(*step);
      ASSERT_OK(step);
    }
    for (const TransactionStatus& one : waiting) EXPECT_EQ(query(one).state, "DONE");
    house.settle();
    results += waiting.size();
    EXPECT_EQ(house.results.size(), results);
  }
}

struct ListedContracts : ::testing::Test, Deal {};

// shows-part: ECP-CON-5 (the PIN, and a batch of contracts; the other ways)
TEST_F(ListedContracts, AreSignedWithOneConfirmation) {
  ASSERT_EQ(must(li.follow(li.msd->collect())).kind, Step::Kind::idle);
  std::vector<std::string> contracts;
  for (int i = 0; i < 3; ++i) {
    contracts.push_back(begin());
    ASSERT_OK(ask(kLi));
  }
  const Step list = must(li.follow(li.msd->collect()));
  ASSERT_EQ(list.display->kind, device::Display::Kind::list);
  EXPECT_EQ(list.display->title, "3");
  EXPECT_EQ(must(li.confirm(list)).outcome, "signed");
  house.settle();
  for (const std::string& contract : contracts) EXPECT_EQ(signatures(get(contract)).size(), 1u);
}

}  // namespace
}  // namespace heqi::testing
