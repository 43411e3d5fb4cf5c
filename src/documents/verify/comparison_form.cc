// What may change in a form: fields that are filled in, signed or added, and the lists they stand
// in.
#include <algorithm>

#include <heqi/documents/pdf/sign.h>

#include "allowed.h"
#include "change_rules.h"
#include "comparison.h"
#include "covering.h"

namespace heqi::documents::verify {

using pdf::Dictionary;
using pdf::Kind;
using pdf::Reference;
using pdf::Value;

namespace {

bool is_present(const Value* value) {
  return value && !value->is_null();
}

}  // namespace

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
  for (const pdf::Field& field : after.fields) {
    if (known.count(field.id.number) != 0 && fields_[field.id.number].newly_signed)
      HEQI_TRY(slices_of(before, field));
  }
  return {};
}

base::Status Comparison::slices_of(const pdf::Form& before, const pdf::Field& field) {
  const pdf::Field* prepared = before.find(field.name);
  if (!prepared || prepared->id != field.id) return {};
  HEQI_TRY(const auto slices, pdf::find_slices(then_, before, *prepared));
  if (slices.empty()) return {};
  HEQI_TRY(const Value* const signature, now_.resolve(*field.value));
  const auto allowed = read_allowed(now_, *signature->dictionary());
  if (!allowed) return {};
  for (const pdf::Field* one : slices) {
    const Reference widget = one->widgets[0];
    HEQI_TRY(const pdf::Object* const object, then_.get(widget));
    const Dictionary* dictionary = object->value.dictionary();
    const bool is_empty = dictionary && !dictionary->find("AP") && !is_present(one->value);
    if (!is_empty || !allowed->is_locked(one->name)) continue;
    fields_[one->id.number].is_slice = fields_[widget.number].is_slice = true;
  }
  return {};
}

base::Status Comparison::added_field(const pdf::Field& field, const FieldState& state) {
  const Way place("field " + field.name);
  const std::uint32_t number = field.id.number;
  if (then_.entry(number).type != pdf::XrefEntry::Type::free || !state.newly_signed ||
      field.widgets.size() > 1) {
    other(place.path + " was added", number);
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
      other(place.path + " was added over another object", part);
      return {};
    }
    explained_.insert(part);
    for (const pdf::Entry& entry : dictionary->entries) {
      if (!rules::holds(rules::kAddedField, entry.key.text) && entry.key.text != "Kids")
        other(place.below(entry.key.text), part);
      if (rules::holds(rules::kWaysBack, entry.key.text) || entry.key.text == "Kids") continue;
      HEQI_TRY(explain(entry.value, place.below(entry.key.text), part, 0));
    }
    if (const Value* rectangle = dictionary->find("Rect")) {
      HEQI_TRY(const pdf::Rectangle box, pdf::to_rectangle(now_, *rectangle));
      visible = visible || (box.width() > 0 && box.height() > 0);
      HEQI_TRY(const auto covered, find_covered(then_, now_, id, box));
      if (covered) other(place.path + " covers what was signed", covered->number);
    }
  }
  if (visible) out_.visible_fields.push_back(field.name);
  add(state.is_time_stamp && !visible ? LaterChanges::lta_only
                                      : LaterChanges::form_fill_or_signature,
      place.path + " was added and signed", number);
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
      HEQI_TRY(annotations(a, b, place.below(key), 0));
    } else if (key == "SigFlags") {
      const std::int64_t had = a && a->integer() ? *a->integer() : 0;
      const std::int64_t has = b && b->integer() ? *b->integer() : 0;
      if ((has & had) != had || (has & ~std::int64_t{3}) != (had & ~std::int64_t{3}))
        other(place.below(key), 0);
    } else if (key == "DR") {
      HEQI_TRY(resources(a, b, place.below(key)));
    } else if (key == "DA" && !a) {
      continue;
    } else {
      HEQI_TRY(same_entry(a, b, place.below(key), 0));
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
      HEQI_TRY(explain(*b, place.below(key), 0, 0));
    } else if (both) {
      for (const pdf::Entry& entry : b->dictionary()->entries) {
        const Value* was = a->dictionary()->find(entry.key.text);
        const Way inner = place.below(key).below(entry.key.text);
        if (was) continue;
        HEQI_TRY(explain(entry.value, inner, 0, 0));
      }
      for (const pdf::Entry& entry : a->dictionary()->entries) {
        HEQI_TRY(same_entry(&entry.value, b->dictionary()->find(entry.key.text),
                            place.below(key).below(entry.key.text), 0));
      }
    } else {
      HEQI_TRY(same_entry(a, b, place.below(key), 0));
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
    const Way where = place.below(key);
    const bool free = state.is_signature
                          ? state.newly_signed && rules::holds(rules::kSignedField, key)
                      : state.is_slice ? rules::holds(rules::kSlice, key)
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
      const bool moved = key == "AP" && old && old->reference() && !(fresh && *fresh == *old);
      if (moved) left_.emplace_back(old->reference()->number, where);
    }
    if (fresh) HEQI_TRY(explain(*fresh, where, object, 0));
  }
  if (!touched) return {};
  explained_.insert(object);
  const bool is_signing = state.is_signature || state.is_slice;
  auto& names = is_signing ? out_.signed_fields : out_.filled_fields;
  if (std::find(names.begin(), names.end(), state.name) == names.end()) names.push_back(state.name);
  add(state.is_time_stamp ? LaterChanges::lta_only : LaterChanges::form_fill_or_signature,
      "field " + state.name, object);
  return {};
}

}  // namespace heqi::documents::verify
