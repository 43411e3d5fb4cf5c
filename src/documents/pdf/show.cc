// Appearance streams of widgets (ISO 32000-2 §12.5.5).
#include "show.h"

#include <algorithm>
#include <cmath>

#include "form_edit.h"
#include "structure.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

constexpr double kRounding = 1e-3;  // points, of rectangles that are written with few digits
constexpr double kSeam = 0.05;      // points, of many such rectangles side by side

// Shown is a widget as its page displays it.
struct Shown {
  Reference id;
  int rotate = 0;                // of the page
  double width = 0, height = 0;  // points, as displayed
};

// find_page is the page that shows the widget: by /P, else by /Annots.
base::Result<const Page*> find_page(const Document& document, const std::vector<Page>& pages,
                                    const Dictionary& widget, Reference id) {
  const Value* parent = widget.find("P");
  for (const Page& page : pages) {
    if (parent && parent->reference() && *parent->reference() == page.id) return &page;
    if (parent) continue;
    HEQI_TRY(const Value* const annotations, document.find(*page.dictionary, "Annots"));
    if (!annotations || !annotations->array()) continue;
    for (const Value& item : annotations->array()->items)
      if (item.reference() && *item.reference() == id) return &page;
  }
  return fail(Code::malformed, "the widget " + std::to_string(id.number) + " is on no page");
}

base::Result<Shown> read_widget(const Document& document, const Update& update,
                                const std::vector<Page>& pages, Reference id) {
  HEQI_TRY(const Dictionary widget, dictionary_of(update, id));
  HEQI_TRY(const Page* const page, find_page(document, pages, widget, id));
  const Value* direct = widget.find("Rect");
  if (!direct) return fail(Code::malformed, "the widget has no /Rect");
  HEQI_TRY(const Rectangle rectangle, to_rectangle(document, *direct));
  const bool turned = page->rotate == 90 || page->rotate == 270;
  return Shown{id, page->rotate, turned ? rectangle.height() : rectangle.width(),
               turned ? rectangle.width() : rectangle.height()};
}

Array matrix_for(int rotate) {
  const auto row = [](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return Array{{a, b, c, d, std::int64_t{0}, std::int64_t{0}}};
  };
  switch (rotate) {
    case 90:
      return row(0, 1, -1, 0);
    case 180:
      return row(-1, 0, 0, -1);
    case 270:
      return row(0, -1, 1, 0);
    default:
      return row(1, 0, 0, 1);
  }
}

// set_box makes form show what is in box, upright on a turned page.
void set_box(Dictionary& form, const Rectangle& box, int rotate) {
  form.set("Type", Name{"XObject"}).set("Subtype", Name{"Form"});
  form.set("BBox", to_value(box)).set("Matrix", matrix_for(rotate));
}

base::Status set_appearance(Update& update, Reference widget, Reference form) {
  HEQI_TRY(Dictionary dictionary, dictionary_of(update, widget));
  Dictionary states;
  states.set("N", form);
  dictionary.set("AP", std::move(states));
  update.put(widget, {std::move(dictionary), {}});
  return {};
}

// box_in is the part of the drawing's plane that fills the widget, the drawing in its middle.
base::Result<Rectangle> box_in(const Shown& widget, const Appearance& appearance) {
  if (!(widget.width > 0 && widget.height > 0))
    return Rectangle{0, 0, appearance.width, appearance.height};
  const double largest =
      std::min(widget.width / appearance.width, widget.height / appearance.height);
  const bool exact = appearance.fit == Fit::exact;
  if (exact && largest < 1 - kRounding)
    return fail(Code::malformed, "the field is smaller than what it is to show");
  const double scale = exact ? 1 : largest;
  const double side = (widget.width / scale - appearance.width) / 2;
  const double above = (widget.height / scale - appearance.height) / 2;
  return Rectangle{-side, -above, appearance.width + side, appearance.height + above};
}

base::Status show_whole(Update& update, const Shown& widget, const Appearance& appearance) {
  Graph graph = appearance.graph;
  Dictionary form = *graph.objects[0].value.dictionary();
  HEQI_TRY(const Rectangle box, box_in(widget, appearance));
  set_box(form, box, widget.rotate);
  graph.objects[0].value = std::move(form);
  return set_appearance(update, widget.id, update.add_graph(graph));
}

// add_slice is a form that shows what box cuts out of whole.
Reference add_slice(Update& update, Reference whole, const Rectangle& box, int rotate) {
  Dictionary forms, resources, form;
  forms.set("Fm1", whole);
  resources.set("XObject", std::move(forms));
  form.set("Resources", std::move(resources));
  set_box(form, box, rotate);
  return update.add({std::move(form), base::to_bytes("/Fm1 Do")});
}

base::Status show_in_slices(Update& update, const std::vector<Shown>& widgets,
                            const Appearance& appearance) {
  if (appearance.fit != Fit::exact)
    return fail(Code::malformed, "only what has its own size is shown in slices");
  Graph graph = appearance.graph;
  Dictionary form = *graph.objects[0].value.dictionary();
  set_box(form, {0, 0, appearance.width, appearance.height}, 0);
  graph.objects[0].value = std::move(form);
  const Reference whole = update.add_graph(graph);
  double begin = 0;
  for (const Shown& widget : widgets) {
    const double end = begin + widget.width;
    if (!(widget.width > 0) || std::abs(widget.height - appearance.height) > kSeam ||
        end > appearance.width + kSeam)
      return fail(Code::malformed, "the slices of the field are not of the size of what they show");
    const Reference slice =
        add_slice(update, whole, {begin, 0, end, appearance.height}, widget.rotate);
    HEQI_TRY(set_appearance(update, widget.id, slice));
    begin = end > appearance.width - kSeam ? 0 : end;
  }
  if (begin != 0) return fail(Code::malformed, "the slices of the field do not show the whole");
  return {};
}

}  // namespace

base::Status show(const Document& document, Update& update, const std::vector<Reference>& widgets,
                  const Appearance& appearance) {
  if (!(appearance.width > 0 && appearance.height > 0) || appearance.graph.objects.empty() ||
      !appearance.graph.objects[0].data || !appearance.graph.objects[0].value.dictionary())
    return fail(Code::malformed, "the appearance is no form with a size");
  HEQI_TRY(const std::vector<Page> pages, document.pages());
  std::vector<Shown> shown;
  for (const Reference id : widgets) {
    HEQI_TRY(const Shown one, read_widget(document, update, pages, id));
    shown.push_back(one);
  }
  if (shown.size() == 1) return show_whole(update, shown[0], appearance);
  return show_in_slices(update, shown, appearance);
}

}  // namespace heqi::documents::pdf
