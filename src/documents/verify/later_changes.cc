// What came after a signature, and whether its author allowed it (DocMDP §12.8.2.2, FieldMDP
// §12.8.2.4).
#include <algorithm>

#include "comparison.h"
#include "judgement.h"

namespace heqi::documents::verify {

using pdf::Dictionary;
using pdf::Value;

namespace {

// Allowed is what a signature says about the future.
struct Allowed {
  std::optional<int> certification;
  bool locks = false, locks_all = false, locks_others = false;  // FieldMDP
  std::vector<std::string> locked;

  bool is_locked(const std::string& field) const {
    if (!locks) return false;
    if (locks_all) return true;
    const bool named = std::any_of(locked.begin(), locked.end(), [&](const std::string& one) {
      return field == one || (field.size() > one.size() && field.compare(0, one.size(), one) == 0 &&
                              field[one.size()] == '.');
    });
    return locks_others ? !named : named;
  }
};

base::Error bad(std::string detail) {
  return base::fail(base::Code::malformed, std::move(detail));
}

base::Status read_docmdp(const pdf::Document& document, const Dictionary* parameters,
                         Allowed& out) {
  out.certification = 2;
  if (!parameters) return {};
  HEQI_TRY(const Value* const level, document.find(*parameters, "P"));
  if (!level) return {};
  if (!level->integer() || *level->integer() < 1 || *level->integer() > 3)
    return bad("DocMDP: /P is not 1, 2 or 3");
  out.certification = static_cast<int>(*level->integer());
  return {};
}

base::Status read_fieldmdp(const pdf::Document& document, const Dictionary* parameters,
                           Allowed& out) {
  if (!parameters) return bad("FieldMDP without parameters");
  HEQI_TRY(const Value* const action, document.find(*parameters, "Action"));
  HEQI_TRY(const Value* const fields, document.find(*parameters, "Fields"));
  out.locks = true;
  if (action && action->is_name("All")) {
    out.locks_all = true;
    return {};
  }
  out.locks_others = action && action->is_name("Exclude");
  if (!action || (!out.locks_others && !action->is_name("Include")) || !fields || !fields->array())
    return bad("FieldMDP: /Action or /Fields cannot be read");
  for (const Value& item : fields->array()->items) {
    HEQI_TRY(const Value* const name, document.resolve(item));
    if (!name->string()) return bad("FieldMDP: /Fields holds no string");
    out.locked.push_back(pdf::decode_text_string(*name->string()));
  }
  return {};
}

base::Result<Allowed> read_allowed(const pdf::Document& document, const Dictionary& signature) {
  Allowed out;
  HEQI_TRY(const Value* const references, document.find(signature, "Reference"));
  if (!references) return out;
  if (!references->array()) return bad("/Reference is no array");
  for (const Value& item : references->array()->items) {
    HEQI_TRY(const Value* const reference, document.resolve(item));
    if (!reference->dictionary()) return bad("/Reference holds no dictionary");
    HEQI_TRY(const Value* const method, document.find(*reference->dictionary(), "TransformMethod"));
    HEQI_TRY(const Value* const given, document.find(*reference->dictionary(), "TransformParams"));
    const Dictionary* parameters = given ? given->dictionary() : nullptr;
    if (method && method->is_name("DocMDP")) {
      HEQI_TRY(read_docmdp(document, parameters, out));
    } else if (method && method->is_name("FieldMDP")) {
      HEQI_TRY(read_fieldmdp(document, parameters, out));
    } else {
      return bad("/TransformMethod is not known");
    }
  }
  return out;
}

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
