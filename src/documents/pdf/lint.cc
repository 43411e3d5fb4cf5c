#include <heqi/documents/pdf/lint.h>

#include <algorithm>
#include <set>

#include <heqi/documents/pdf/form.h>

#include "lint_text.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr std::int64_t kInvisible = 1, kHidden = 2, kNoView = 32;  // annotation flags, §12.5.3

bool is_one_of(const Value* value, std::initializer_list<std::string_view> names) {
  return value && value->name() &&
         std::find(names.begin(), names.end(), value->name()->text) != names.end();
}

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.right && b.left < a.right && a.bottom < b.top && b.bottom < a.top;
}

class Linter {
 public:
  explicit Linter(const Document& document) : document_(document) {}

  Result<std::vector<LintFinding>> run() {
    HEQI_TRY(reach(Value(document_.trailer()), 0));
    HEQI_TRY(unreferenced());
    HEQI_TRY(catalog());
    HEQI_TRY(form());
    HEQI_TRY(overlaps());
    HEQI_TRY(texts());
    return std::move(out_);
  }

 private:
  Status find(Lint lint, std::uint32_t object, std::string evidence = {}) {
    if (out_.size() >= kLintFindingsMax)
      return fail(Code::limit_exceeded, "more than 1000 findings");
    out_.push_back({lint, object, std::move(evidence)});
    return {};
  }

  // reach walks over everything that the trailer leads to, object by object.
  Status reach(const Value& start, std::uint32_t object) {
    std::vector<Reference> open;
    HEQI_TRY(look(start, object, open));
    while (!open.empty()) {
      const Reference id = open.back();
      open.pop_back();
      if (!reached_.insert(id.number).second) continue;
      HEQI_TRY(const Object* const one, document_.get(id));
      HEQI_TRY(look(one->value, id.number, open));
    }
    return {};
  }

  // look judges the dictionaries of one object and collects what it refers to.
  Status look(const Value& value, std::uint32_t object, std::vector<Reference>& open) {
    if (const Reference* reference = value.reference()) open.push_back(*reference);
    if (const Array* array = value.array())
      for (const Value& item : array->items) HEQI_TRY(look(item, object, open));
    const Dictionary* dictionary = value.dictionary();
    if (!dictionary) return {};
    HEQI_TRY(judge(*dictionary, value.stream() != nullptr, object));
    for (const Entry& entry : dictionary->entries) HEQI_TRY(look(entry.value, object, open));
    return {};
  }

  Status judge(const Dictionary& one, bool is_stream, std::uint32_t object) {
    HEQI_TRY(const Value* const type, document_.find(one, "Type"));
    HEQI_TRY(const Value* const subtype, document_.find(one, "Subtype"));
    if (one.find("OC") || is_one_of(type, {"OCG", "OCMD"}))
      HEQI_TRY(find(Lint::hidden_layer, object));
    if (one.find("AA")) HEQI_TRY(find(Lint::automatic_action, object, "/AA"));
    if (one.find("JS")) HEQI_TRY(find(Lint::script, object));
    if (is_stream && (one.find("F") || one.find("FFilter")))
      HEQI_TRY(find(Lint::external_content, object, "a stream in another file"));
    if (is_stream && (one.find("Ref") || one.find("OPI")))
      HEQI_TRY(find(Lint::external_content, object, "a form or picture of another file"));
    if (is_stream && one.find("Alternates")) HEQI_TRY(find(Lint::alternate_picture, object));
    if (is_one_of(type, {"EmbeddedFile"})) HEQI_TRY(find(Lint::attachment, object));
    if (is_one_of(type, {"Font"})) HEQI_TRY(font(one, object));
    HEQI_TRY(action(one, object));
    if (one.find("Rect")) return annotation(one, subtype, object);
    return {};
  }

  Status action(const Dictionary& one, std::uint32_t object) {
    HEQI_TRY(const Value* const kind, document_.find(one, "S"));
    if (is_one_of(kind, {"JavaScript", "Rendition"})) return find(Lint::script, object);
    if (is_one_of(kind, {"Launch", "GoToR", "GoToE", "SubmitForm", "ImportData", "ResetForm"}))
      return find(Lint::external_content, object, "an action: " + kind->name()->text);
    if (is_one_of(kind, {"SetOCGState", "Hide"})) return find(Lint::hidden_layer, object);
    if (is_one_of(kind, {"Sound", "Movie", "GoTo3DView", "RichMediaExecute"}))
      return find(Lint::moving_content, object);
    if (is_one_of(kind, {"URI"})) return find(Lint::link, object);
    return {};
  }

  Status annotation(const Dictionary& one, const Value* subtype, std::uint32_t object) {
    if (is_one_of(subtype, {"Sound", "Movie", "Screen", "3D", "RichMedia"}))
      HEQI_TRY(find(Lint::moving_content, object, subtype->name()->text));
    if (is_one_of(subtype, {"FileAttachment"})) HEQI_TRY(find(Lint::attachment, object));
    HEQI_TRY(const Value* const flags, document_.find(one, "F"));
    if (flags && flags->integer() && (*flags->integer() & (kInvisible | kHidden | kNoView)) != 0)
      return find(Lint::hidden_annotation, object);
    return {};
  }

  // font: what is shown must come from the file itself. A composite font has it in its descendant.
  Status font(const Dictionary& one, std::uint32_t object) {
    HEQI_TRY(const Value* const subtype, document_.find(one, "Subtype"));
    if (is_one_of(subtype, {"Type0", "Type3"})) return {};
    HEQI_TRY(const Value* const name, document_.find(one, "BaseFont"));
    const std::string called = name && name->name() ? name->name()->text : "?";
    HEQI_TRY(const Value* const descriptor, document_.find(one, "FontDescriptor"));
    const Dictionary* inside = descriptor ? descriptor->dictionary() : nullptr;
    const bool embedded = inside && (inside->find("FontFile") || inside->find("FontFile2") ||
                                     inside->find("FontFile3"));
    return embedded ? Status() : find(Lint::font_not_embedded, object, called);
  }

  Status texts() {
    HEQI_TRY(const auto pages, document_.pages());
    for (const Page& page : pages)
      HEQI_TRY(find_missing_codes(document_, page, [&](std::uint32_t object, unsigned code) {
        return find(Lint::missing_glyph, object, "code " + std::to_string(code));
      }));
    return {};
  }

  Status unreferenced() {
    std::set<std::uint32_t> containers;
    for (std::uint32_t number = 0; number < document_.size(); ++number)
      if (document_.entry(number).type == XrefEntry::Type::in_object_stream)
        containers.insert(static_cast<std::uint32_t>(document_.entry(number).offset));
    for (std::uint32_t number = 1; number < document_.size(); ++number) {
      const XrefEntry entry = document_.entry(number);
      if (entry.type == XrefEntry::Type::free || reached_.count(number) != 0 ||
          containers.count(number) != 0)
        continue;
      HEQI_TRY(const Object* const one, document_.get({number, entry.generation}));
      const Dictionary* dictionary = one->value.dictionary();
      const Value* type = dictionary ? dictionary->find("Type") : nullptr;
      // Cross-reference streams and the dictionary of a linearised file stand alone.
      if (is_one_of(type, {"XRef"}) || (dictionary && dictionary->find("Linearized"))) continue;
      HEQI_TRY(find(Lint::unreferenced_object, number));
    }
    return {};
  }

  Status catalog() {
    HEQI_TRY(const Dictionary* const root, document_.catalog());
    const std::uint32_t number = document_.catalog_reference().number;
    if (root->find("OCProperties")) HEQI_TRY(find(Lint::hidden_layer, number, "/OCProperties"));
    HEQI_TRY(const Value* const action, document_.find(*root, "OpenAction"));
    if (action && action->dictionary())
      HEQI_TRY(find(Lint::automatic_action, number, "/OpenAction"));
    return {};
  }

  Status form() {
    HEQI_TRY(const Form all, get_form(document_));
    if (!all.present) return {};
    const std::uint32_t number = all.id ? all.id->number : document_.catalog_reference().number;
    if (all.dictionary->find("XFA")) HEQI_TRY(find(Lint::dynamic_form, number));
    HEQI_TRY(const Value* const needed, document_.find(*all.dictionary, "NeedAppearances"));
    if (needed && needed->boolean() && *needed->boolean())
      HEQI_TRY(find(Lint::appearance_missing, number, "/NeedAppearances"));
    for (const Field& one : all.fields) {
      if (one.type == "Sig" || !one.value || one.value->is_null()) continue;
      for (const Reference widget : one.widgets) {
        HEQI_TRY(const Object* const object, document_.get(widget));
        if (object->value.dictionary() && !object->value.dictionary()->find("AP"))
          HEQI_TRY(find(Lint::appearance_missing, widget.number, one.name));
      }
    }
    return {};
  }

  Status overlaps() {
    HEQI_TRY(const auto pages, document_.pages());
    for (const Page& page : pages) {
      HEQI_TRY(const Value* const list, document_.find(*page.dictionary, "Annots"));
      if (!list || !list->array()) continue;
      std::vector<std::pair<std::uint32_t, Rectangle>> boxes;
      for (const Value& item : list->array()->items) {
        HEQI_TRY(const Value* const value, document_.resolve(item));
        const Dictionary* one = value->dictionary();
        if (!one || !is_one_of(one->find("Subtype"), {"Widget"}) || !one->find("Rect")) continue;
        HEQI_TRY(const Rectangle box, to_rectangle(document_, *one->find("Rect")));
        const std::uint32_t number = item.reference() ? item.reference()->number : page.id.number;
        const auto other = std::find_if(boxes.begin(), boxes.end(), [&](const auto& known) {
          return overlap(known.second, box);
        });
        if (other != boxes.end())
          HEQI_TRY(find(Lint::overlapping_fields, number,
                        "over object " + std::to_string(other->first)));
        boxes.emplace_back(number, box);
      }
    }
    return {};
  }

  const Document& document_;
  std::set<std::uint32_t> reached_;
  std::vector<LintFinding> out_;
};

}  // namespace

const LintText& text_of(Lint lint) {
  static constexpr LintText texts[] = {
#define HEQI_LINT(symbol, weight, english, chinese) {#symbol, LintWeight::weight, english, chinese},
#include <heqi/documents/pdf/lint_rules.def>
#undef HEQI_LINT
  };
  return texts[static_cast<std::size_t>(lint)];
}

std::optional<Lint> find_lint(std::string_view name) {
#define HEQI_LINT(symbol, weight, english, chinese) \
  if (name == #symbol) return Lint::symbol;
#include <heqi/documents/pdf/lint_rules.def>
#undef HEQI_LINT
  return std::nullopt;
}

Result<std::vector<LintFinding>> lint(const Document& document) {
  return Linter(document).run();
}

}  // namespace heqi::documents::pdf
