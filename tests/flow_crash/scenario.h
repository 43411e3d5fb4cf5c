// tests/flow_crash/scenario.h: what the child does and the driver checks.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/flow/flow.h>
#include <heqi/sql/migrations.h>

namespace heqi::flow_crash {

inline constexpr int kFlows = 6;
inline constexpr base::Duration kTimeLimit = std::chrono::minutes(5);
inline const base::Time kStart = base::time_from_micros(1'795'250'516'000'000);

// The domain's own table: one row for each step that was acknowledged.
inline const sql::Migration kDomain[] = {
    {1, "start",
     "CREATE TABLE domain_step (flow_id {text} NOT NULL, step {text} NOT NULL) {strict}"}};

inline std::vector<sql::Component> components() {
  return {flow::schema(), {"domain", kDomain}};
}

inline std::string flow_id(int i) {
  return "flow-" + std::to_string(i);
}

// planned_outcome is how flow i ends, whatever crashes on the way.
inline flow::Outcome planned_outcome(int i) {
  constexpr flow::Outcome kPlan[] = {flow::Outcome::done, flow::Outcome::failed,
                                     flow::Outcome::cancelled, flow::Outcome::expired};
  return kPlan[i % 4];
}

inline const std::vector<flow::Party> kParties = {{"ap:bank", "callback"}, {"device:7", "push"}};

}  // namespace heqi::flow_crash
