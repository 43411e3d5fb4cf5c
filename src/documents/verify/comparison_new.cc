// What later revisions brought: all of it has to belong to something.
#include <algorithm>

#include "change_rules.h"
#include "comparison.h"

namespace heqi::documents::verify {

using base::Code;
using base::fail;
using pdf::Dictionary;
using pdf::Reference;
using pdf::Value;

base::Status Comparison::explain(const Value& value, const Way& place, std::uint32_t object,
                                 std::size_t depth) {
  if (depth > now_.limits().tree_depth)
    return fail(Code::limit_exceeded, "what was added is nested too deeply");
  HEQI_TRY(spend());
  if (const Reference* reference = value.reference()) {
    const std::uint32_t number = reference->number;
    if (pages_.count(number) != 0 || *reference == now_.catalog_reference()) return {};
    if (!explained_.insert(number).second) return {};
    HEQI_TRY(const pdf::Object* const target, now_.get(*reference));
    return explain(target->value, place, number, depth + 1);
  }
  if (const pdf::Array* array = value.array()) {
    for (const Value& item : array->items) HEQI_TRY(explain(item, place, object, depth + 1));
  }
  if (const Dictionary* dictionary = value.dictionary()) {
    for (const pdf::Entry& entry : dictionary->entries) {
      if (rules::holds(rules::kActive, entry.key.text)) other(place.below(entry.key.text), object);
      if (rules::holds(rules::kWaysBack, entry.key.text)) continue;
      HEQI_TRY(explain(entry.value, place.below(entry.key.text), object, depth + 1));
    }
  }
  return {};
}

// An appearance that something else than fields uses was a part of what was signed: giving it up is
// no filling in.
void Comparison::shared_appearances() {
  for (const auto& [number, place] : left_)
    if (otherwise_.count(number) != 0) other(place, number);
}

base::Status Comparison::unexplained() {
  std::set<std::uint64_t> sections;
  for (const pdf::Revision& revision : now_.revisions()) {
    sections.insert(revision.xref_offset);
    const Value* hidden = revision.trailer.find("XRefStm");
    if (hidden && hidden->integer())
      sections.insert(static_cast<std::uint64_t>(*hidden->integer()));
  }
  std::set<std::uint32_t> containers;
  for (std::uint32_t number = 0; number < now_.size(); ++number)
    if (now_.entry(number).type == pdf::XrefEntry::Type::in_object_stream)
      containers.insert(static_cast<std::uint32_t>(now_.entry(number).offset));
  for (std::uint32_t number = 1; number < now_.size(); ++number) {
    const pdf::XrefEntry before = then_.entry(number), after = now_.entry(number);
    if (before == after || after.type == pdf::XrefEntry::Type::free) continue;
    const auto met = {&compared_, &as_fields_, &grown_, &explained_, &containers};
    if (std::any_of(met.begin(), met.end(),
                    [&](const auto* one) { return one->count(number) != 0; }))
      continue;
    if (after.type == pdf::XrefEntry::Type::in_file && sections.count(after.offset) != 0) continue;
    other("an object that nothing refers to", number);
  }
  return {};
}

}  // namespace heqi::documents::verify
