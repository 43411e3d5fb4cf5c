#include "comparison.h"

#include <algorithm>

#include <heqi/documents/verify/verify.h>

#include "change_rules.h"

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

}  // namespace

std::set<std::string> keys_of(const Dictionary& a, const Dictionary& b) {
  std::set<std::string> keys;
  for (const Dictionary* one : {&a, &b})
    for (const pdf::Entry& entry : one->entries) keys.insert(entry.key.text);
  return keys;
}

Way Way::below(std::string_view key) const {
  Way out(path.size() > kPlaceSizeMax ? path : path + "/" + std::string(key));
  out.to_field = rules::holds(rules::kWaysToField, key);
  out.to_appearance = key == "AP";
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
  shared_appearances();
  return std::move(out_);
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
      if (!place.to_appearance) otherwise_.insert(before.reference()->number);
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
    HEQI_TRY(same_entry(before.find(key), after.find(key), place.below(key), object));
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

base::Status Comparison::page(const Dictionary& before, const Dictionary& after, const Way& place,
                              std::uint32_t object) {
  for (const std::string& key : keys_of(before, after)) {
    const Value *old = before.find(key), *fresh = after.find(key);
    if (key == "Annots") {
      HEQI_TRY(annotations(old, fresh, place.below(key), object));
    } else {
      HEQI_TRY(same_entry(old, fresh, place.below(key), object));
    }
  }
  return {};
}

}  // namespace heqi::documents::verify
