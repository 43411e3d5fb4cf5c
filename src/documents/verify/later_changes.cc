// What came after a signature, and whether its author allowed it (DocMDP §12.8.2.2, FieldMDP
// §12.8.2.4).
#include <algorithm>

#include "allowed.h"
#include "comparison.h"
#include "judgement.h"

namespace heqi::documents::verify {

using pdf::Dictionary;
using pdf::Value;

namespace {

// certification_over is the strictest certification among the signatures up to this one.
std::optional<int> certification_over(const Judged& judged, const std::vector<Judged>& all) {
  std::optional<int> strictest;
  for (const Judged& other : all) {
    if (!other.report.certification || !other.report.revision ||
        *other.report.revision > *judged.report.revision)
      continue;
    strictest = std::min(strictest.value_or(3), *other.report.certification);
  }
  return strictest;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

void judge_permissions(Judged& judged, const Differences& found, const Allowed& own,
                       std::optional<int> level) {
  SignatureReport& report = judged.report;
  const auto violated = [&](Reason reason, std::string evidence) {
    report.permissions = Permissions::violated;
    judged.find(reason, std::move(evidence));
  };
  report.permissions = level || own.locks ? Permissions::respected : Permissions::not_stated;
  const std::string stated =
      level ? "certification " + std::to_string(*level) : "no certification allows it";
  if (level == 1 && found.level > LaterChanges::lta_only)
    violated(Reason::certification_violated, stated);
  if (!found.filled_fields.empty()) {
    if (level && *level >= 2)
      judged.find(Reason::form_filled, list_of(found.filled_fields));
    else
      violated(Reason::certification_violated,
               "filled in: " + list_of(found.filled_fields) + "; " + stated);
  }
  if (!found.visible_fields.empty()) {
    if (level)
      violated(Reason::certification_violated,
               "visible field added: " + list_of(found.visible_fields) + "; " + stated);
    else
      judged.find(Reason::visible_field_added, list_of(found.visible_fields));
  }
  const bool annotated =
      std::any_of(found.changes.begin(), found.changes.end(),
                  [](const Change& change) { return change.level == LaterChanges::annotations; });
  if (annotated && level == 3)
    judged.find(Reason::annotations_added);
  else if (annotated)
    violated(Reason::certification_violated, "annotations added; " + stated);
  for (const auto* names : {&found.filled_fields, &found.signed_fields})
    for (const std::string& name : *names)
      if (own.is_locked(name)) violated(Reason::field_lock_violated, name);
}

}  // namespace

void judge_later_changes(const Context& context, Judged& judged, const std::vector<Judged>& all,
                         std::size_t& budget) {
  SignatureReport& report = judged.report;
  if (!report.revision) return;
  const auto allowed = read_allowed(context.document, *judged.dictionary.dictionary);
  if (!allowed) {
    report.permissions = Permissions::violated;
    judged.find(Reason::permissions_malformed, allowed.error().detail);
    return;
  }
  const pdf::Document then = context.document.at_revision(*report.revision);
  auto found = Comparison(then, context.document, budget).run();
  if (!found) {
    judged.find(Reason::changes_not_evaluated, found.error().detail);
    return;
  }
  report.later_changes = found->level;
  report.changes = found->changes;
  if (found->level == LaterChanges::other) {
    const auto first =
        std::find_if(found->changes.begin(), found->changes.end(),
                     [](const Change& change) { return change.level == LaterChanges::other; });
    const bool named = first != found->changes.end();
    judged.find(Reason::changed_otherwise,
                named ? first->place + ", object " + std::to_string(first->object) : "");
  }
  judge_permissions(judged, *found, *allowed, certification_over(judged, all));
}

std::optional<int> certification_of(const pdf::Document& document, const Dictionary* signature) {
  if (!signature) return std::nullopt;
  const auto allowed = read_allowed(document, *signature);
  return allowed ? allowed->certification : std::nullopt;
}

}  // namespace heqi::documents::verify
