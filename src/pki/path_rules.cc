#include "path_rules.h"

#include <heqi/x509/oids.h>

#include <algorithm>

#include "facts.h"
#include "form_rules.h"
#include "issuers.h"
#include "policy_graph.h"

namespace heqi::pki {

namespace oids = x509::oids;
using base::Result;

namespace {

using Chain = std::vector<const x509::Certificate*>;

constexpr std::size_t kNameComparisonsMax = 65'536;

// Faults other than these two kinds make a chain untrusted; they are kept apart because a chain
// that is only expired, or only of the wrong purpose, is told as such.
struct Faults {
  std::string structure, time, usage;
};

std::string in_words(std::string_view what, std::size_t index, std::size_t size) {
  const std::string_view who = index == 0          ? "the certificate"
                               : index + 1 == size ? "the trust anchor"
                                                   : "an intermediate certificate";
  return std::string(who) + " " + std::string(what);
}

void set_once(std::string& to, std::string text) {
  if (to.empty()) to = std::move(text);
}

// check_issuers looks at every certificate that signs another one of the chain.
void check_issuers(const Chain& chain, Faults& faults) {
  unsigned below = 0;  // not self-issued intermediates between here and the leaf
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const x509::Certificate& own = *chain[i];
    if (!own.is_ca()) set_once(faults.structure, in_words("is not a CA's", i, chain.size()));
    if (!own.allows(KeyUsageBit::key_cert_sign))
      set_once(faults.structure, in_words("may not sign certificates", i, chain.size()));
    if (own.is_ca() && own.basic_constraints()->path_length &&
        below > *own.basic_constraints()->path_length)
      set_once(faults.structure, in_words("allows fewer intermediates", i, chain.size()));
    if (!chain[i]->is_self_issued()) ++below;
  }
}

void check_names(const Chain& chain, const std::vector<Facts>& facts, Faults& faults) {
  std::size_t work = 0;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (!facts[i].name_constraints) continue;
    const NameConstraints& constraints = *facts[i].name_constraints;
    for (std::size_t j = 0; j < i; ++j) {
      if (j > 0 && chain[j]->is_self_issued()) continue;  // §6.1.3 (b), (c)
      const std::vector<x509::GeneralName> names = constrained_names(*chain[j]);
      work += names.size() * (constraints.permitted.size() + constraints.excluded.size());
      if (work > kNameComparisonsMax) {
        set_once(faults.structure, "too many names under too many name constraints");
        return;
      }
      base::Status allowed;
      for (const x509::GeneralName& name : names)
        if (allowed) allowed = check_name(constraints, name);
      if (!allowed)
        set_once(faults.structure,
                 in_words("has a forbidden name: ", j, chain.size()) + allowed.error().detail);
    }
  }
}

void check_usage(const Chain& chain, const PathOptions& options, Faults& faults) {
  if (!options.usage_any_of.empty() &&
      std::none_of(options.usage_any_of.begin(), options.usage_any_of.end(),
                   [&](KeyUsageBit bit) { return chain[0]->allows(bit); }))
    set_once(faults.usage, "the certificate's key usage does not allow this");
  if (!options.purpose) return;
  // An intermediate's extended key usage bounds what it may certify, as all browsers hold.
  for (std::size_t i = 0; i + 1 < std::max<std::size_t>(chain.size(), 2); ++i)
    if (!serves(*chain[i], *options.purpose))
      set_once(faults.usage, in_words("is not for this purpose", i, chain.size()));
}

}  // namespace

Judgement judge_chain(const Chain& chain, const PathOptions& options) {
  Faults faults;
  std::vector<Facts> facts;
  // A certificate is valid to the end of its last second (RFC 5280 §4.1.2.5).
  const base::Time at = std::chrono::floor<std::chrono::seconds>(options.at);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    Result<Facts> read = read_facts(*chain[i]);
    if (!read)
      return {PathStatus::untrusted,
              in_words("cannot be judged: ", i, chain.size()) + read.error().detail};
    facts.push_back(*std::move(read));
    if (const base::Status form = check_form(*chain[i], options.form); !form)
      set_once(faults.structure, in_words(form.error().detail, i, chain.size()));
    if (!chain[i]->is_valid_at(at))
      set_once(faults.time, in_words("is not valid at the time", i, chain.size()));
  }
  check_issuers(chain, faults);
  check_names(chain, facts, faults);
  if (const base::Status held = check_policies(chain, facts, options.policies); !held)
    set_once(faults.structure, held.error().detail);
  check_usage(chain, options, faults);
  if (!faults.structure.empty()) return {PathStatus::untrusted, faults.structure};
  if (!faults.usage.empty()) return {PathStatus::wrong_usage, faults.usage};
  if (!faults.time.empty()) return {PathStatus::expired_at_time, faults.time};
  return {};
}

}  // namespace heqi::pki
