// What a hybrid file hides from readers of old versions (ISO 32000-2 §7.5.8.4), and whether any of
// it is shown.
#include <set>

#include "judgement.h"

namespace heqi::documents::verify {

using pdf::Value;

namespace {

// ShownWalk looks for hidden objects behind the catalog. The structure tree says how to read pages
// aloud and in which order; no page is drawn by it, and word processors hide exactly that.
class ShownWalk {
 public:
  explicit ShownWalk(pdf::Document document) : document_(std::move(document)) {}

  base::Result<std::optional<std::uint32_t>> find_hidden() {
    meet(document_.catalog_reference());
    while (!found_ && !waiting_.empty()) {
      const pdf::Reference id = waiting_.back();
      waiting_.pop_back();
      HEQI_TRY(const pdf::Object* const object, document_.get(id));
      value(object->value);
    }
    return found_;
  }

 private:
  void meet(pdf::Reference id) {
    if (!seen_.insert(id.number).second) return;
    if (document_.entry(id.number).hidden) found_ = id.number;
    waiting_.push_back(id);
  }

  void value(const Value& one) {
    if (const pdf::Reference* id = one.reference()) return meet(*id);
    if (const pdf::Array* array = one.array())
      for (const Value& item : array->items) value(item);
    if (const pdf::Dictionary* dictionary = one.dictionary())
      for (const pdf::Entry& entry : dictionary->entries)
        if (entry.key.text != "StructTreeRoot") value(entry.value);
  }

  pdf::Document document_;
  std::set<std::uint32_t> seen_;
  std::vector<pdf::Reference> waiting_;
  std::optional<std::uint32_t> found_;
};

}  // namespace

base::Status judge_hybrid(const pdf::Document& document, const std::vector<Judged>& all,
                          Report& report) {
  if (!document.is_hybrid()) return {};
  std::set<std::size_t> revisions{document.revisions().size() - 1};
  for (const Judged& one : all)
    if (one.report.revision) revisions.insert(*one.report.revision);
  for (const std::size_t revision : revisions) {
    HEQI_TRY(const std::optional<std::uint32_t> shown,
             ShownWalk(document.at_revision(revision)).find_hidden());
    if (!shown) continue;
    report.findings.push_back(
        {Reason::hybrid_file, "object " + std::to_string(*shown), std::nullopt});
    return {};
  }
  report.findings.push_back({Reason::hybrid_structure, {}, std::nullopt});
  return {};
}

}  // namespace heqi::documents::verify
