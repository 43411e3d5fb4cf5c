// Objects that may change by one way and are shown by another: what a later save may write must not
// be reachable except by the ways that allow it.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

using pdf::Array;
using pdf::Dictionary;
using pdf::Reference;
using pdf::Value;

constexpr Reference kCatalog{1, 0}, kRent{7, 0}, kForm{10, 0}, kFonts{11, 0}, kShown{13, 0},
    kSale{17, 0}, kNotes{18, 0};

// Ways are entries by which the signed file leads to an object once more.
struct Ways {
  std::string catalog = "", trailer = "", second_page = "", note = "";
  std::string notes = "[7 0 R 9 0 R 14 0 R]", first_content = "BT /F1 24 Tf (Lease) Tj ET";
  std::string resources = "<< >>";
};

// contract has two pages, two text fields and an empty signature field; 12 and 13 are what the
// field "rent" looks like, 17 is shown by nothing.
pdf::PdfText contract(const Ways& ways) {
  using pdf::PdfText;
  PdfText text = PdfText::one_page();
  const std::string widget = "<< /Type /Annot /Subtype /Widget /P 3 0 R ";
  const std::string form = "/Type /XObject /Subtype /Form /BBox [0 0 80 20]";
  text.trailer += " " + ways.trailer;
  text.objects[1] = "<< /Type /Catalog /Pages 2 0 R /AcroForm 10 0 R " + ways.catalog + " >>";
  text.objects[2] = "<< /Type /Pages /Kids [3 0 R 15 0 R] /Count 2 /MediaBox [0 0 595 842] >>";
  text.objects[3] = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots 18 0 R /Resources " +
                    ways.resources + " >>";
  text.objects[4] = PdfText::stream("", ways.first_content);
  text.objects[7] = widget + "/FT /Tx /T (rent) /Rect [10 10 90 30] /AP 12 0 R >>";
  text.objects[9] = widget + "/FT /Sig /T (party1) /Rect [10 50 90 70] >>";
  text.objects[10] = "<< /Fields [7 0 R 9 0 R 14 0 R] /DR 11 0 R >>";
  text.objects[11] = "<< /Font << /F1 5 0 R >> >>";
  text.objects[12] = "<< /N 13 0 R >>";
  text.objects[13] = PdfText::stream(form, "BT (5000) Tj ET");
  text.objects[14] = widget + "/FT /Tx /T (note) /Rect [10 90 90 110] " + ways.note + " >>";
  text.objects[15] = "<< /Type /Page /Parent 2 0 R " + ways.second_page + " >>";
  text.objects[16] = PdfText::stream("", "BT (Second page) Tj ET");
  text.objects[17] = PdfText::stream(form, "BT (Sale) Tj ET");
  text.objects[18] = ways.notes;
  return text;
}

class SharedObject : public ::testing::Test {
 protected:
  SigningDesk desk{7, testing::sm2_suite()};
  Credential alice = desk.authority.make_person("Alice");

  Bytes sign(const Ways& ways, pdf::Certification level = pdf::Certification::form_filling) {
    pdf::SignatureRequest request = SigningDesk::request("party1", kSignedAt);
    request.certification = level;
    return desk.sign(base::to_bytes(contract(ways).with_table()), request, alice);
  }

  // fill writes the value and, over the octets that were shown, another picture of it.
  static Edit fill(const Bytes& file, const std::function<void(Dictionary&)>& more = {}) {
    Edit edit(file);
    edit.put_stream(kShown, "BT (1) Tj ET").change(kRent, [&](Dictionary& rent) {
      rent.set("V", pdf::String{base::to_bytes("1"), false});
      rent.set("AP", dictionary({{"N", kShown}}));
      if (more) more(rent);
    });
    return edit;
  }
  Bytes filled(const Ways& ways) { return fill(sign(ways)).finish(); }

  void expect_filled(const Bytes& file) {
    const auto report = verify_pdf(file, desk.options());
    ASSERT_OK(report);
    EXPECT_EQ(report->verdict, Verdict::valid_with_notes) << words(*report);
    EXPECT_EQ(report->signatures[0].later_changes, LaterChanges::form_fill_or_signature);
  }
};

// shows-part: ECP-DOC-1 (what a filled field shows is shown by nothing else)
TEST_F(SharedObject, APictureOfAFilledFieldThatIsReachedByAnotherWayIsCaught) {
  const Reason other = Reason::changed_otherwise;
  const auto with = [&](Ways ways) { return [this, ways] { return filled(ways); }; };
  Ways trailer, behind_trailer, catalog, page, content, widget;
  trailer.trailer = "/Shadow 13 0 R";
  behind_trailer.trailer = "/Shadow << /Deep [12 0 R] >>";
  catalog.catalog = "/Shadow 13 0 R";
  page.second_page = "/Resources << /XObject << /Fm1 13 0 R >> >>";
  content.second_page = "/Contents [16 0 R 13 0 R]";
  widget.note = "/AP << /N 13 0 R >>";
  expect_caught({{"key of the first trailer", with(trailer), other},
                 {"behind a key of the first trailer", with(behind_trailer), other},
                 {"key of the catalog", with(catalog), other},
                 {"resource of another page", with(page), other},
                 {"content of another page", with(content), other},
                 {"picture of another field", with(widget), other},
                 {"key of the catalog that the later save takes away",
                  [&] {
                    return fill(sign(catalog))
                        .change(kCatalog, [](Dictionary& root) { root.remove("Shadow"); })
                        .finish();
                  },
                  other},
                 {"key of the later trailer",
                  [&] {
                    std::string out = text_of(filled({}));
                    const std::size_t where = out.rfind("/Root 1 0 R");
                    return base::to_bytes(out.insert(where, "/Shadow 13 0 R "));
                  },
                  other}},
                desk.options());
  expect_filled(filled({}));
}

// shows-part: ECP-DOC-1 (lists and resources that may grow are nothing else)
TEST_F(SharedObject, AListThatMayGrowAndIsReachedByAnotherWayIsCaught) {
  const Reason other = Reason::changed_otherwise;
  const auto level = pdf::Certification::annotations;
  const auto grown = [&](const Ways& ways, Value list) {
    return Edit(sign(ways, level)).put(kNotes, std::move(list)).finish();
  };
  const Value note = dictionary({{"Type", name("Annot")}, {"Subtype", name("Text")}});
  Ways catalog, content;
  catalog.catalog = "/Shadow 18 0 R";
  content.notes = "[16 0 R]";
  content.second_page = "/Contents 18 0 R";
  expect_caught({{"annotations under a key of the catalog",
                  [&] {
                    return grown(catalog, Array{{kRent, Reference{9, 0}, Reference{14, 0}, note}});
                  },
                  other},
                 {"annotations of one page, content of the next",
                  [&] {
                    return grown(content, Array{{Reference{16, 0}, Reference{17, 0}}});
                  },
                  other}},
                desk.options());
}

// shows-part: ECP-DOC-1 (the form and its resources)
TEST_F(SharedObject, AFormOrItsResourcesReachedByAnotherWayAreCaught) {
  const Reason other = Reason::changed_otherwise;
  const auto with_fonts = [&](const Ways& ways) {
    return Edit(sign(ways))
        .change(kFonts,
                [](Dictionary& fonts) {
                  fonts.set("XObject", dictionary({{"Fm9", Reference{17, 0}}}));
                })
        .finish();
  };
  Ways page, catalog, form;
  page.resources = "11 0 R";
  page.first_content = "/Fm9 Do";
  catalog.catalog = "/Shadow 11 0 R";
  form.catalog = "/Shadow [10 0 R]";
  expect_caught(
      {{"resources of the form are those of a page", [&] { return with_fonts(page); }, other},
       {"resources of the form under a key of the catalog", [&] { return with_fonts(catalog); },
        other},
       {"form under a key of the catalog",
        [&] {
          return Edit(sign(form))
              .change(kForm,
                      [](Dictionary& one) {
                        one.set("DA", pdf::String{base::to_bytes("/F1 9 Tf"), false});
                      })
              .finish();
        },
        other}},
      desk.options());
  // Positive: fonts of the form alone may be added.
  const auto report = verify_pdf(with_fonts({}), desk.options());
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::valid_with_notes) << words(*report);
}

// shows-part: ECP-DOC-1 (a field is a field and nothing else)
TEST_F(SharedObject, AFilledFieldThatIsReachedByAnotherWayIsCaught) {
  const Reason other = Reason::changed_otherwise;
  Ways group, catalog, list;
  group.second_page = "/Group 7 0 R";
  catalog.catalog = "/Shadow 7 0 R";
  list.catalog = "/Shadow 18 0 R";
  expect_caught({{"group of a page",
                  [&] {
                    return fill(sign(group),
                                [](Dictionary& rent) { rent.set("I", Value::of_boolean(true)); })
                        .finish();
                  },
                  other},
                 {"key of the catalog", [&] { return filled(catalog); }, other},
                 {"list under a key of the catalog", [&] { return filled(list); }, other}},
                desk.options());
  // Positive: the order of calculation and the structure tree lead to fields.
  Ways structure;
  structure.catalog =
      "/StructTreeRoot << /Type /StructTreeRoot /K << /S /Form /K << /Type /OBJR /Obj 7 0 R >> >> "
      ">>";
  expect_filled(filled(structure));
}

// shows-part: ECP-DOC-1 (appearances that are more than appearances)
// mutant: tests/mutants/ECP-DOC-1.left_appearance
TEST_F(SharedObject, AnAppearanceThatIsUsedElsewhereMayNotBeGivenUpByItsField) {
  // The field gets a picture of its own; the shared one stays as it was.
  const auto redrawn = [&](const Ways& ways) {
    return Edit(sign(ways))
        .change(kRent,
                [](Dictionary& rent) {
                  rent.set("AP", dictionary({{"N", kSale}}));
                })
        .finish();
  };
  Ways catalog, trailer, page, shared;
  catalog.catalog = "/FooBar 12 0 R";
  trailer.trailer = "/FooBar 12 0 R";
  page.second_page = "/PieceInfo << /Data 12 0 R >>";
  shared.note = "/AP 12 0 R";
  const auto with = [&](Ways ways) { return [redrawn, ways] { return redrawn(ways); }; };
  expect_caught({{"key of the catalog", with(catalog), Reason::changed_otherwise},
                 {"key of the trailer", with(trailer), Reason::changed_otherwise},
                 {"key of a page", with(page), Reason::changed_otherwise}},
                desk.options());
  expect_filled(redrawn({}));
  expect_filled(redrawn(shared));  // empty fields of one maker look alike
}

}  // namespace
}  // namespace heqi::documents::verify
