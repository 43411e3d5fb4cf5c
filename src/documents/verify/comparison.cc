#include "comparison.h"

#include <algorithm>

#include <heqi/documents/verify/verify.h>

#include "change_rules.h"
#include "covering.h"

namespace heqi::documents::verify {

using base::Code;
using base::fail;
using pdf::Dictionary;
using pdf::Document;
using pdf::Kind;
using pdf::Reference;
using pdf::Value;

namespace {

constexpr std::size_t kPlaceSizeMax = 200;  // characters

Way below(const Way& place, std::string_view key) {
  return place.below(key);
}

// keys_of are the keys of both, each once.
std::set<std::string> keys_of(const Dictionary& a, const Dictionary& b) {
  std::set<std::string> keys;
  for (const Dictionary* one : {&a, &b})
    for (const pdf::Entry& entry : one->entries) keys.insert(entry.key.text);
  return keys;
}

bool is_present(const Value* value) {
  return value && !value->is_null();
}

}  // namespace

Way Way::below(std::string_view key) const {
  Way out(path.size() > kPlaceSizeMax ? path : path + "/" + std::string(key));
  out.to_field = rules::holds(rules::kWaysToField, key);
  return out;
}

base::Status Comparison::spend() {
  if (budget_ == 0) return fail(Code::limit_exceeded, "too many values to compare");
  --budget_;
  return {};
}

void Comparison::add(LaterChanges level, const Way& place, std::uint32_t object) {
  out_.level = std::max(out_.level, level);
  if (out_.changes.size() < kReportedChangesMax)
    out_.changes.push_back({level, place.path, object});
}

base::Result<Differences> Comparison::run() {
  HEQI_TRY(read_forms());
  HEQI_TRY(const auto pages, then_.pages());
  for (const pdf::Page& page : pages) pages_.insert(page.id.number);
  HEQI_TRY(trailer());
  HEQI_TRY(earlier_trailers());
  while (!queue_.empty()) {
    const auto [id, place] = std::move(queue_.front());
    queue_.pop_front();
    HEQI_TRY(object_pair(id, place));
  }
  HEQI_TRY(unexplained());
  return std::move(out_);
}

base::Result<Comparison::FieldState> Comparison::state_of(const pdf::Field& field,
                                                          const pdf::Field* before) const {
  FieldState state;
  state.name = field.name;
  state.is_signature = field.type == "Sig";
  state.is_added = before == nullptr;
  const bool was = before && is_present(before->value);
  if (!state.is_signature || was || !is_present(field.value)) return state;
  HEQI_TRY(const Value* const value, now_.resolve(*field.value));
  const Dictionary* dictionary = value->dictionary();
  state.newly_signed = dictionary && dictionary->find("ByteRange");
  const Value* type = dictionary ? dictionary->find("Type") : nullptr;
  state.is_time_stamp = type && type->is_name("DocTimeStamp");
  return state;
}

base::Status Comparison::read_forms() {
  HEQI_TRY(const pdf::Form before, pdf::get_form(then_));
  HEQI_TRY(const pdf::Form after, pdf::get_form(now_));
  std::map<std::uint32_t, const pdf::Field*> known;
  for (const pdf::Field& field : before.fields) known[field.id.number] = &field;
  std::vector<std::pair<pdf::Field, FieldState>> added;
  for (const pdf::Field& field : after.fields) {
    const auto found = known.find(field.id.number);
    HEQI_TRY(const FieldState state,
             state_of(field, found == known.end() ? nullptr : found->second));
    fields_[field.id.number] = state;
    for (const Reference widget : field.widgets) fields_[widget.number] = state;
    if (state.is_added) added.emplace_back(field, state);
  }
  for (const auto& [field, state] : added) {
    HEQI_TRY(added_field(field, state));
  }
  return {};
}

base::Status Comparison::added_field(const pdf::Field& field, const FieldState& state) {
  const std::string place = "field " + field.name;
  const std::uint32_t number = field.id.number;
  if (then_.entry(number).type != pdf::XrefEntry::Type::free || !state.newly_signed ||
      field.widgets.size() > 1) {
    other(place + " was added", number);
    return {};
  }
  explained_.insert(number);
  std::set<std::uint32_t> parts{number};
  for (const Reference widget : field.widgets) parts.insert(widget.number);
  bool visible = false;
  for (const std::uint32_t part : parts) {
    const Reference id{part, now_.entry(part).generation};
    HEQI_TRY(const pdf::Object* const object, now_.get(id));
    const Dictionary* dictionary = object->value.dictionary();
    if (!dictionary || then_.entry(part).type != pdf::XrefEntry::Type::free) {
      other(place + " was added over another object", part);
      return {};
    }
    explained_.insert(part);
    for (const pdf::Entry& entry : dictionary->entries) {
      if (!rules::holds(rules::kAddedField, entry.key.text) && entry.key.text != "Kids")
        other(below(place, entry.key.text), part);
      if (rules::holds(rules::kWaysBack, entry.key.text) || entry.key.text == "Kids") continue;
      HEQI_TRY(explain(entry.value, below(place, entry.key.text), part, 0));
    }
    if (const Value* rectangle = dictionary->find("Rect")) {
      HEQI_TRY(const pdf::Rectangle box, pdf::to_rectangle(now_, *rectangle));
      visible = visible || (box.width() > 0 && box.height() > 0);
      HEQI_TRY(const auto covered, find_covered(then_, now_, id, box));
      if (covered) other(place + " covers what was signed", covered->number);
    }
  }
  if (visible) out_.visible_fields.push_back(field.name);
  add(state.is_time_stamp && !visible ? LaterChanges::lta_only
                                      : LaterChanges::form_fill_or_signature,
      place + " was added and signed", number);
  return {};
}

base::Status Comparison::trailer() {
  const Dictionary &before = then_.trailer(), &after = now_.trailer();
  for (const std::string& key : keys_of(before, after)) {
    if (rules::holds(rules::kTrailerBookkeeping, key)) continue;
    const Value *old = before.find(key), *fresh = after.find(key);
    const Way place = Way("trailer").below(key);
    if (rules::holds(rules::kTrailerFree, key)) {
      const bool touched = !old || !fresh || !(*old == *fresh);
      if (touched) add(LaterChanges::lta_only, place, 0);
      if (fresh) HEQI_TRY(explain(*fresh, place, 0, 0));
    } else if (key == "ID") {
      // Later saves may add an identifier; the first half stays.
      const pdf::Array* a = old ? old->array() : nullptr;
      const pdf::Array* b = fresh ? fresh->array() : nullptr;
      if (a && !a->items.empty() && (!b || b->items.empty() || !(a->items[0] == b->items[0])))
        other(place, 0);
    } else {
      HEQI_TRY(same_entry(old, fresh, place, 0));
    }
  }
  return {};
}

// Some readers also look at what earlier trailers name and the last does not repeat.
base::Status Comparison::earlier_trailers() {
  for (const pdf::Revision& revision : then_.revisions()) {
    for (const pdf::Entry& entry : revision.trailer.entries) {
      const std::string_view key = entry.key.text;
      if (rules::holds(rules::kTrailerBookkeeping, key) || rules::holds(rules::kTrailerFree, key))
        continue;
      HEQI_TRY(same(entry.value, entry.value, Way("trailer").below(key), 0));
    }
  }
  return {};
}

base::Status Comparison::object_pair(Reference id, const Way& place) {
  if (compared_.count(id.number) != 0) return {};
  const bool met_as_field = as_fields_.count(id.number) != 0;
  if (place.to_field && met_as_field) return {};
  (place.to_field ? as_fields_ : compared_).insert(id.number);
  HEQI_TRY(spend());
  HEQI_TRY(const pdf::Object* const before, then_.get(id));
  const pdf::XrefEntry entry = now_.entry(id.number);
  if (entry.type != pdf::XrefEntry::Type::free && entry.generation != id.generation) {
    other(place, id.number);
    return {};
  }
  HEQI_TRY(const pdf::Object* const after, now_.get(id));
  const Value &old = before->value, &fresh = after->value;
  const bool plain = old.kind() == Kind::dictionary && fresh.kind() == Kind::dictionary;
  const auto known = fields_.find(id.number);
  const bool is_field = plain && known != fields_.end() && !known->second.is_added;
  if (plain && met_as_field && !is_field) return {};  // each key of it is a way of its own
  if (plain && id == then_.catalog_reference())
    return catalog(*old.dictionary(), *fresh.dictionary(), id.number);
  if (plain && pages_.count(id.number) != 0)
    return page(*old.dictionary(), *fresh.dictionary(), place, id.number);
  if (is_field && place.to_field)
    return field(known->second, *old.dictionary(), *fresh.dictionary(), place, id.number);
  return same(old, fresh, place, id.number);
}

base::Status Comparison::same_entry(const Value* before, const Value* after, const Way& place,
                                    std::uint32_t object) {
  if (!before && !after) return {};
  if (!before || !after) {
    other(place, object);
    return {};
  }
  return same(*before, *after, place, object);
}

base::Status Comparison::same(const Value& before, const Value& after, const Way& place,
                              std::uint32_t object) {
  HEQI_TRY(spend());
  if (before.kind() != after.kind()) {
    other(place, object);
    return {};
  }
  switch (before.kind()) {
    case Kind::reference:
      if (*before.reference() != *after.reference())
        other(place, object);
      else if (compared_.count(before.reference()->number) == 0)
        queue_.emplace_back(*before.reference(), place);
      return {};
    case Kind::array: {
      const auto &a = before.array()->items, &b = after.array()->items;
      if (a.size() != b.size()) {
        other(place, object);
        return {};
      }
      for (std::size_t i = 0; i < a.size(); ++i) HEQI_TRY(same(a[i], b[i], place, object));
      return {};
    }
    case Kind::stream: {
      const base::ByteView a = then_.raw(*before.stream()), b = now_.raw(*after.stream());
      const bool unmoved = a.data() == b.data() && a.size() == b.size();
      // In an encrypted file the same octets elsewhere are another content.
      const bool closed = now_.trailer().find("Encrypt") != nullptr;
      if (!unmoved && (closed || !base::same_bytes(a, b))) other(place, object);
      return same_dictionary(*before.dictionary(), *after.dictionary(), place, object);
    }
    case Kind::dictionary:
      return same_dictionary(*before.dictionary(), *after.dictionary(), place, object);
    default:
      if (!(before == after)) other(place, object);
      return {};
  }
}

base::Status Comparison::same_dictionary(const Dictionary& before, const Dictionary& after,
                                         const Way& place, std::uint32_t object) {
  for (const std::string& key : keys_of(before, after)) {
    HEQI_TRY(same_entry(before.find(key), after.find(key), below(place, key), object));
  }
  return {};
}

base::Status Comparison::catalog(const Dictionary& before, const Dictionary& after,
                                 std::uint32_t object) {
  for (const std::string& key : keys_of(before, after)) {
    const Value *old = before.find(key), *fresh = after.find(key);
    const Way place = Way("catalog").below(key);
    if (key == "AcroForm") {
      HEQI_TRY(form(old, fresh));
    } else if (rules::holds(rules::kCatalogFree, key)) {
      if (!old || !fresh || !(*old == *fresh)) add(LaterChanges::lta_only, place, object);
      if (fresh) HEQI_TRY(explain(*fresh, place, object, 0));
    } else {
      HEQI_TRY(same_entry(old, fresh, place, object));
    }
  }
  return {};
}

base::Status Comparison::form(const Value* before, const Value* after) {
  const Way place = "catalog/AcroForm";
  static const Dictionary none;
  const Dictionary *old = &none, *fresh = &none;
  if (before) {
    HEQI_TRY(const Value* const value, then_.resolve(*before));
    if (value->dictionary()) old = value->dictionary();
    if (before->reference()) grown_.insert(before->reference()->number);
  }
  if (after) {
    HEQI_TRY(const Value* const value, now_.resolve(*after));
    if (value->dictionary()) fresh = value->dictionary();
    if (after->reference()) explained_.insert(after->reference()->number);
  }
  for (const std::string& key : keys_of(*old, *fresh)) {
    const Value *a = old->find(key), *b = fresh->find(key);
    if (key == "Fields") {
      HEQI_TRY(annotations(a, b, below(place, key), 0));
    } else if (key == "SigFlags") {
      const std::int64_t had = a && a->integer() ? *a->integer() : 0;
      const std::int64_t has = b && b->integer() ? *b->integer() : 0;
      if ((has & had) != had || (has & ~std::int64_t{3}) != (had & ~std::int64_t{3}))
        other(below(place, key), 0);
    } else if (key == "DR") {
      HEQI_TRY(resources(a, b, below(place, key)));
    } else if (key == "DA" && !a) {
      continue;
    } else {
      HEQI_TRY(same_entry(a, b, below(place, key), 0));
    }
  }
  return {};
}

// resources may grow: what was there stays as it was.
base::Status Comparison::resources(const Value* before, const Value* after, const Way& place) {
  if (!before) return after ? explain(*after, place, 0, 0) : base::Status();
  if (!after) return same_entry(before, after, place, 0);
  HEQI_TRY(const Value* const old, then_.resolve(*before));
  HEQI_TRY(const Value* const fresh, now_.resolve(*after));
  if (before->reference()) grown_.insert(before->reference()->number);
  if (!old->dictionary() || !fresh->dictionary()) return same(*old, *fresh, place, 0);
  for (const std::string& key : keys_of(*old->dictionary(), *fresh->dictionary())) {
    const Value *a = old->dictionary()->find(key), *b = fresh->dictionary()->find(key);
    const bool both = a && b && a->kind() == Kind::dictionary && b->kind() == Kind::dictionary;
    if (!a) {
      HEQI_TRY(explain(*b, below(place, key), 0, 0));
    } else if (both) {
      for (const pdf::Entry& entry : b->dictionary()->entries) {
        const Value* was = a->dictionary()->find(entry.key.text);
        const Way inner = below(below(place, key), entry.key.text);
        if (was) continue;
        HEQI_TRY(explain(entry.value, inner, 0, 0));
      }
      for (const pdf::Entry& entry : a->dictionary()->entries) {
        HEQI_TRY(same_entry(&entry.value, b->dictionary()->find(entry.key.text),
                            below(below(place, key), entry.key.text), 0));
      }
    } else {
      HEQI_TRY(same_entry(a, b, below(place, key), 0));
    }
  }
  return {};
}

base::Status Comparison::page(const Dictionary& before, const Dictionary& after, const Way& place,
                              std::uint32_t object) {
  for (const std::string& key : keys_of(before, after)) {
    const Value *old = before.find(key), *fresh = after.find(key);
    if (key == "Annots") {
      HEQI_TRY(annotations(old, fresh, below(place, key), object));
    } else {
      HEQI_TRY(same_entry(old, fresh, below(place, key), object));
    }
  }
  return {};
}

// annotations compares a list that may grow: /Annots of a page, /Fields of the form.
base::Status Comparison::annotations(const Value* before, const Value* after, const Way& place,
                                     std::uint32_t object) {
  static const pdf::Array none;
  const pdf::Array *old = &none, *fresh = &none;
  if (before) {
    HEQI_TRY(const Value* const value, then_.resolve(*before));
    if (!value->array() && !value->is_null()) return same_entry(before, after, place, object);
    if (value->array()) old = value->array();
    if (before->reference()) grown_.insert(before->reference()->number);
  }
  if (after) {
    HEQI_TRY(const Value* const value, now_.resolve(*after));
    if (!value->array() && !value->is_null()) return same_entry(before, after, place, object);
    if (value->array()) fresh = value->array();
    if (after->reference()) explained_.insert(after->reference()->number);
  }
  std::size_t met = 0;
  for (const Value& item : fresh->items) {
    HEQI_TRY(spend());
    if (met < old->items.size() && old->items[met] == item) {
      HEQI_TRY(same(old->items[met++], item, place, object));
      continue;
    }
    const auto known = item.reference() ? fields_.find(item.reference()->number) : fields_.end();
    if (known != fields_.end() && known->second.is_added) continue;  // told by added_field
    if (known != fields_.end()) {
      other(place, object);
      continue;
    }
    add(LaterChanges::annotations, place, item.reference() ? item.reference()->number : object);
    HEQI_TRY(explain(item, place, object, 0));
  }
  if (met != old->items.size()) other(place, object);
  return {};
}

base::Status Comparison::field(const FieldState& state, const Dictionary& before,
                               const Dictionary& after, const Way& place, std::uint32_t object) {
  bool touched = false;
  for (const std::string& key : keys_of(before, after)) {
    const Value *old = before.find(key), *fresh = after.find(key);
    const Way where = below(place, key);
    const bool free = state.is_signature
                          ? state.newly_signed && rules::holds(rules::kSignedField, key)
                          : rules::holds(rules::kFilledField, key);
    if (!free) {
      HEQI_TRY(same_entry(old, fresh, where, object));
      continue;
    }
    // Behind an equal reference the object stays in the queue, so its change is still found.
    Differences kept = out_;
    const auto queued = queue_.size();
    HEQI_TRY(same_entry(old, fresh, where, object));
    const bool differs = out_.changes.size() != kept.changes.size() || out_.level != kept.level;
    out_ = std::move(kept);
    if (differs) {
      queue_.resize(queued);
      touched = true;
    }
    if (fresh) HEQI_TRY(explain(*fresh, where, object, 0));
  }
  if (!touched) return {};
  explained_.insert(object);
  auto& names = state.is_signature ? out_.signed_fields : out_.filled_fields;
  if (std::find(names.begin(), names.end(), state.name) == names.end()) names.push_back(state.name);
  add(state.is_time_stamp ? LaterChanges::lta_only : LaterChanges::form_fill_or_signature,
      "field " + state.name, object);
  return {};
}

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
      if (rules::holds(rules::kActive, entry.key.text)) other(below(place, entry.key.text), object);
      if (rules::holds(rules::kWaysBack, entry.key.text)) continue;
      HEQI_TRY(explain(entry.value, below(place, entry.key.text), object, depth + 1));
    }
  }
  return {};
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
