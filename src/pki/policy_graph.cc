#include "policy_graph.h"

#include <heqi/x509/oids.h>

#include <algorithm>
#include <optional>

namespace heqi::pki {

namespace oids = x509::oids;

namespace {

using Policies = std::vector<asn1::Oid>;

bool contains(const Policies& policies, const asn1::Oid& policy) {
  return std::find(policies.begin(), policies.end(), policy) != policies.end();
}

// Node is a policy of one level. parents are indices of the level above.
struct Node {
  asn1::Oid policy;
  Policies expected;
  std::vector<std::size_t> parents;
};
using Level = std::vector<Node>;

Node* find(Level& level, const asn1::Oid& policy) {
  const auto at = std::find_if(level.begin(), level.end(),
                               [&](const Node& node) { return node.policy == policy; });
  return at == level.end() ? nullptr : &*at;
}

class PolicyGraph {
 public:
  PolicyGraph() : levels_{{Node{oids::any_policy(), {oids::any_policy()}, {}}}} {}

  bool is_null() const { return levels_.back().empty(); }

  // descend adds the level of one certificate (§6.1.3 d, e). One without policies ends the graph.
  void descend(const Policies& stated, bool may_state_any) {
    Level next;
    const Level& above = levels_.back();
    for (const asn1::Oid& policy : stated)
      if (!(policy == oids::any_policy())) add_stated(next, above, policy);
    if (may_state_any && contains(stated, oids::any_policy())) add_expected(next, above);
    levels_.push_back(std::move(next));
  }

  // map replaces what is expected below, or forbids the policies that are mapped (§6.1.4 b).
  void map(const PolicyMappings& mappings, bool may_map) {
    Level& level = levels_.back();
    for (const auto& mapping : mappings) {
      const asn1::Oid& from = mapping.first;
      if (!may_map)
        std::erase_if(level, [&](const Node& node) { return node.policy == from; });
      else if (find(level, from) != nullptr)
        find(level, from)->expected.clear();
      else if (const Node* any = find(level, oids::any_policy()))
        level.push_back(Node{from, {}, any->parents});
    }
    if (!may_map) return;
    for (const auto& [from, to] : mappings)
      if (Node* node = find(level, from); node != nullptr && !contains(node->expected, to))
        node->expected.push_back(to);
  }

  // authorities are the policies in the anchor's own terms that hold for the whole chain; nullopt:
  // any of them does.
  std::optional<Policies> authorities() const {
    if (const Level& last = levels_.back();
        std::any_of(last.begin(), last.end(),
                    [](const Node& node) { return node.policy == oids::any_policy(); }))
      return std::nullopt;
    Policies found;
    std::vector<bool> reached(levels_.back().size(), true);
    for (std::size_t depth = levels_.size() - 1; depth > 0; --depth)
      reached = ascend(depth, reached, found);
    return found;
  }

 private:
  static void add_stated(Level& next, const Level& above, const asn1::Oid& policy) {
    Node node{policy, {policy}, {}};
    std::optional<std::size_t> any;
    for (std::size_t i = 0; i < above.size(); ++i) {
      if (contains(above[i].expected, policy)) node.parents.push_back(i);
      if (above[i].policy == oids::any_policy()) any = i;
    }
    if (node.parents.empty() && any) node.parents.push_back(*any);
    if (!node.parents.empty()) next.push_back(std::move(node));
  }

  static void add_expected(Level& next, const Level& above) {
    const std::size_t stated = next.size();
    for (std::size_t i = 0; i < above.size(); ++i)
      for (const asn1::Oid& policy : above[i].expected) {
        Node* const known = find(next, policy);
        if (known == nullptr)
          next.push_back(Node{policy, {policy}, {i}});
        else if (static_cast<std::size_t>(known - next.data()) >= stated)
          known->parents.push_back(i);
      }
  }

  // ascend goes from the nodes reached at depth to those above, and notes where a policy was first
  // named below anyPolicy.
  std::vector<bool> ascend(std::size_t depth, const std::vector<bool>& reached,
                           Policies& found) const {
    const Level &level = levels_[depth], &above = levels_[depth - 1];
    std::vector<bool> next(above.size(), false);
    for (std::size_t i = 0; i < level.size(); ++i)
      for (const std::size_t parent : level[i].parents) {
        if (!reached[i]) continue;
        if (!(above[parent].policy == oids::any_policy()))
          next[parent] = true;
        else if (!contains(found, level[i].policy))
          found.push_back(level[i].policy);
      }
    return next;
  }

  std::vector<Level> levels_;
};

// Counters say after how many certificates something holds (§6.1.2 d–f).
struct Counters {
  std::int64_t explicit_policy, inhibit_any, mapping;

  static void lower(std::int64_t& counter) { counter = std::max<std::int64_t>(0, counter - 1); }
  static void bound(std::int64_t& counter, const std::optional<std::int64_t>& stated) {
    if (stated) counter = std::min(counter, *stated);
  }
};

base::Error no_policy() {
  return base::fail(base::Code::untrusted, "no certificate policy is valid for the whole chain");
}

// prepare_next is §6.1.4 a, b, h–j for a certificate that is not the last.
void prepare_next(const x509::Certificate& certificate, const Facts& facts, PolicyGraph& graph,
                  Counters& counters) {
  graph.map(facts.policy_mappings, counters.mapping > 0);
  if (!certificate.is_self_issued())
    for (std::int64_t* counter :
         {&counters.explicit_policy, &counters.inhibit_any, &counters.mapping})
      Counters::lower(*counter);
  Counters::bound(counters.explicit_policy, facts.require_explicit_policy);
  Counters::bound(counters.mapping, facts.inhibit_policy_mapping);
  Counters::bound(counters.inhibit_any, facts.inhibit_any_policy);
}

}  // namespace

base::Status check_policies(const std::vector<const x509::Certificate*>& chain,
                            const std::vector<Facts>& facts, const Policies& accepted) {
  PolicyGraph graph;
  const auto beyond = static_cast<std::int64_t>(chain.size()) + 1;
  Counters counters{accepted.empty() ? beyond : 0, beyond, beyond};
  for (std::size_t i = chain.size() - 1; i-- > 0;) {
    const bool is_last = i == 0;
    const bool may_state_any = counters.inhibit_any > 0 || (!is_last && chain[i]->is_self_issued());
    graph.descend(chain[i]->policies(), may_state_any);
    if (counters.explicit_policy == 0 && graph.is_null()) return no_policy();
    if (!is_last) {
      prepare_next(*chain[i], facts[i], graph, counters);
      continue;
    }
    Counters::lower(counters.explicit_policy);  // §6.1.5 a, b
    if (facts[i].require_explicit_policy == 0) counters.explicit_policy = 0;
  }
  if (counters.explicit_policy > 0) return {};
  if (graph.is_null()) return no_policy();
  const std::optional<Policies> authorities = graph.authorities();
  if (accepted.empty() || !authorities) return {};
  for (const asn1::Oid& policy : *authorities)
    if (contains(accepted, policy)) return {};
  return base::fail(base::Code::untrusted, "the chain's certificate policies are not accepted");
}

}  // namespace heqi::pki
