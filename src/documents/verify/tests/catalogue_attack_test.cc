// Every key of the catalog, of a page, of an annotation and of a field that an attacker could use
// after signing, one by one: what change_rules.h does not name is caught.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

using pdf::Array;
using pdf::Dictionary;
using pdf::Reference;
using pdf::Value;

Value text(const std::string& value) {
  return pdf::String{base::to_bytes(value), false};
}

// form_page is a page with a text field, a picture with alternatives ready, and a font.
pdf::PdfText form_page() {
  pdf::PdfText page = pdf::PdfText::one_page();
  page.objects[1] =
      "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> /Spare [8 0 R 9 0 R] >>";
  page.objects[3] =
      "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [7 0 R] /Resources << /Font << /F1 5 0 "
      "R >> /XObject << /I1 6 0 R >> >> >>";
  page.objects[6] = pdf::PdfText::stream(
      "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace "
      "/DeviceGray",
      "x");
  page.objects[7] =
      "<< /Type /Annot /Subtype /Widget /FT /Tx /T (rent) /V (5000) /Rect [300 300 390 330] /P 3 0 "
      "R >>";
  page.objects[8] = pdf::PdfText::stream(
      "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace "
      "/DeviceGray",
      "y");
  page.objects[9] = "<< /Type /OCG /Name (layer) >>";
  return page;
}

struct Scene {
  explicit Scene(const testing::Suite& suite) : desk(7, suite) {}
  SigningDesk desk;
  Credential alice = desk.authority.make_person("Alice"), bob = desk.authority.make_person("Bob");
  Bytes ready = SigningDesk::with_fields(base::to_bytes(form_page().with_table()), 2);
  Bytes once = desk.sign(ready, "party1", alice);
  Edit now{once};

  Bytes with(Reference id, const std::string& key, const Value& value) const {
    return Edit(once).change(id, [&](Dictionary& one) { one.set(key, value); }).finish();
  }
  // each makes one case for each key.
  std::vector<Attack> each(const std::string& what, Reference id,
                           const std::vector<std::pair<std::string, Value>>& keys,
                           Reason reason = Reason::changed_otherwise) const {
    std::vector<Attack> out;
    for (const auto& [key, value] : keys)
      out.push_back({what + " " + key,
                     [this, id, key = key, value = value] { return with(id, key, value); },
                     reason});
    return out;
  }
};
HEQI_WITH_EACH_SUITE(CatalogueOfKeys);

// shows-part: ECP-DOC-1 (shadow and certification attacks through the catalog)
TEST_P(CatalogueOfKeys, OfTheCatalogAreCaught) {
  Scene s(suite());
  const Reference root = s.now.root();
  const Reference layer{9, 0};
  const Dictionary shown = dictionary(
      {{"OCGs", Array{{layer}}}, {"D", dictionary({{"ON", Array{}}, {"OFF", Array{{layer}}}})}});
  expect_caught(
      s.each("catalog", root,
             {{"OCProperties", shown},
              {"Outlines", Dictionary{}},
              {"Dests", Dictionary{}},
              {"Names", dictionary({{"JavaScript", Dictionary{}}})},
              {"ViewerPreferences", dictionary({{"HideToolbar", Value::of_boolean(true)}})},
              {"PageLayout", name("TwoColumnLeft")},
              {"PageMode", name("FullScreen")},
              {"PageLabels", Dictionary{}},
              {"AA", Dictionary{}},
              {"URI", dictionary({{"Base", text("http://evil.test/")}})},
              {"StructTreeRoot", Dictionary{}},
              {"Lang", text("en")},
              {"OutputIntents", Array{}},
              {"PieceInfo", Dictionary{}},
              {"Legal", Dictionary{}},
              {"Requirements", Array{}},
              {"Collection", Dictionary{}},
              {"NeedsRendering", Value::of_boolean(true)},
              {"Threads", Array{}},
              {"AF", Array{}},
              {"Spare", Array{{layer, layer}}}}),
      s.desk.options());
}

// shows-part: ECP-DOC-1 (what a page shows)
TEST_P(CatalogueOfKeys, OfAPageAreCaught) {
  Scene s(suite());
  const Reference page = s.now.page();
  const Value box = pdf::to_value(pdf::Rectangle{0, 0, 9, 9});
  expect_caught(s.each("page", page,
                       {{"MediaBox", box},
                        {"BleedBox", box},
                        {"TrimBox", box},
                        {"ArtBox", box},
                        {"Group", Dictionary{}},
                        {"Thumb", Reference{8, 0}},
                        {"B", Array{}},
                        {"Dur", number(1)},
                        {"Trans", Dictionary{}},
                        {"Metadata", Reference{8, 0}},
                        {"PieceInfo", Dictionary{}},
                        {"UserUnit", number(10)},
                        {"VP", Array{}},
                        {"Tabs", name("S")},
                        {"PresSteps", Dictionary{}},
                        {"Contents", Array{{s.now.content(), s.now.content()}}}}),
                s.desk.options());
}

// shows-part: ECP-DOC-1 (fonts and pictures that a signed page shows)
TEST_P(CatalogueOfKeys, OfFontsAndPicturesAreCaught) {
  Scene s(suite());
  const Reference font{5, 0}, picture{6, 0};
  std::vector<Attack> all =
      s.each("font", font,
             {{"BaseFont", name("Courier")},
              {"Subtype", name("Type3")},
              {"Encoding", dictionary({{"Differences", Array{{number(65), name("B")}}}})},
              {"FirstChar", number(32)},
              {"Widths", Array{{number(0)}}},
              {"FontDescriptor", Dictionary{}},
              {"ToUnicode", Reference{8, 0}}});
  const auto picture_with = [&](const std::string& key, const Value& value) {
    return [&s, picture, key, value] {
      const pdf::Document document = must(pdf::Document::parse(s.once));
      const pdf::Object* object = must(document.get(picture));
      pdf::Update update(document);
      Dictionary head = *object->value.dictionary();
      head.remove("Length");
      head.set(key, value);
      update.put(picture, {head, base::to_bytes(document.raw(*object->value.stream()))});
      return base::concat({s.once, must(update.finish()).octets});
    };
  };
  const Reason other = Reason::changed_otherwise;
  all.push_back({"picture ColorSpace", picture_with("ColorSpace", name("DeviceRGB")), other});
  all.push_back({"picture SMask", picture_with("SMask", Reference{8, 0}), other});
  all.push_back({"picture Mask", picture_with("Mask", Reference{8, 0}), other});
  all.push_back({"picture Decode", picture_with("Decode", Array{{number(1), number(0)}}), other});
  all.push_back({"picture OC", picture_with("OC", Reference{9, 0}), other});
  all.push_back(
      {"picture Alternates",
       picture_with("Alternates",
                    Array{{dictionary({{"Image", Reference{8, 0}},
                                       {"DefaultForPrinting", Value::of_boolean(true)}})}}),
       other});
  all.push_back({"picture in another file", picture_with("F", text("http://evil.test/x")), other});
  all.push_back(
      {"picture with another filter", picture_with("Filter", name("ASCIIHexDecode")), other});
  all.push_back({"picture swapped in the resources",
                 [&] {
                   return s.with(s.now.page(), "Resources",
                                 dictionary({{"XObject", dictionary({{"I1", Reference{8, 0}}})}}));
                 },
                 other});
  expect_caught(all, s.desk.options());
}

// shows-part: ECP-DOC-1 (fields that were signed along with the document)
TEST_P(CatalogueOfKeys, OfAFilledFieldAndOfTheSignatureFieldAreCaught) {
  Scene s(suite());
  const Value box = pdf::to_value(pdf::Rectangle{0, 0, 9, 9});
  const std::vector<std::pair<std::string, Value>> keys{{"Rect", box},
                                                        {"F", number(2)},
                                                        {"Ff", number(1)},
                                                        {"MK", dictionary({{"CA", text("x")}})},
                                                        {"BS", Dictionary{}},
                                                        {"DA", text("/Helv 0 Tf")},
                                                        {"TU", text("another label")},
                                                        {"Lock", Dictionary{}},
                                                        {"OC", Reference{9, 0}},
                                                        {"AA", Dictionary{}},
                                                        {"A", dictionary({{"S", name("Launch")}})},
                                                        {"Kids", Array{}}};
  std::vector<Attack> all = s.each("text field", s.now.field("rent"), keys);
  all.pop_back();  // an empty /Kids makes the field one without widgets: caught below as malformed
  for (Attack& one : s.each("signature field", s.now.field("party1"), keys)) all.push_back(one);
  all.pop_back();
  for (Attack& one : s.each("signature dictionary", s.now.signature("party1"),
                            {{"Reason", text("another")},
                             {"M", text("D:20200101000000Z")},
                             {"Cert", text("x")},
                             {"Reference", Array{}}},
                            Reason::signature_removed))
    all.push_back(one);
  expect_caught(all, s.desk.options());
}

// with_annotation adds an annotation of a subtype over the whole page.
Bytes with_annotation(const Bytes& file, const std::string& subtype) {
  Edit edit(file);
  const Reference id =
      edit.add(dictionary({{"Type", name("Annot")},
                           {"Subtype", name(subtype)},
                           {"Rect", pdf::to_value(pdf::Rectangle{0, 0, 595, 842})}}));
  return edit
      .change(edit.page(),
              [&](Dictionary& page) {
                Array list = *page.find("Annots")->array();
                list.items.push_back(id);
                page.set("Annots", list);
              })
      .finish();
}

// shows-part: ECP-DOC-1 (evil annotations; nothing was certified)
TEST_P(CatalogueOfKeys, AnnotationsOfEverySubtypeAreCaught) {
  Scene s(suite());
  std::vector<Attack> all;
  for (const char* subtype :
       {"Text",    "Link",     "FreeText",   "Line",        "Square",         "Circle",
        "Polygon", "PolyLine", "Highlight",  "Underline",   "Squiggly",       "StrikeOut",
        "Caret",   "Stamp",    "Ink",        "Popup",       "FileAttachment", "Sound",
        "Movie",   "Screen",   "Widget",     "PrinterMark", "TrapNet",        "Watermark",
        "3D",      "Redact",   "Projection", "RichMedia"})
    all.push_back({std::string("annotation ") + subtype,
                   [&s, subtype] { return with_annotation(s.once, subtype); },
                   Reason::certification_violated});
  expect_caught(all, s.desk.options());
}

// covering lets bob sign in a field of his own that lies over what stands at box.
Bytes covering(Scene& s, const pdf::Rectangle& box) {
  Edit edit(s.once);
  const Reference id = edit.add(dictionary({{"Type", name("Annot")},
                                            {"Subtype", name("Widget")},
                                            {"FT", name("Sig")},
                                            {"T", text("cover")},
                                            {"P", edit.page()},
                                            {"Rect", pdf::to_value(box)}}));
  edit.change(edit.page(), [&](Dictionary& page) {
    Array list = *page.find("Annots")->array();
    list.items.push_back(id);
    page.set("Annots", list);
  });
  edit.change(edit.root(), [&](Dictionary& root) {
    Dictionary form = *root.find("AcroForm")->dictionary();
    Array list = *form.find("Fields")->array();
    list.items.push_back(id);
    form.set("Fields", list);
    root.set("AcroForm", form);
  });
  return s.desk.sign(edit.finish(), "cover", s.bob);
}

// shows: ECP-DOC-1   mutant: tests/mutants/ECP-DOC-1.covers
TEST_P(CatalogueOfKeys, ASignatureOfTheAttackersOwnThatCoversAFieldIsCaught) {
  Scene s(suite());
  const Reason other = Reason::changed_otherwise;
  expect_caught({{"sneaky signature over a filled field",
                  [&] {
                    return covering(s, {310, 310, 500, 400});
                  },
                  other},
                 {"sneaky signature over a signature",
                  [&] {
                    return covering(s, {30, 760, 60, 800});
                  },
                  other},
                 {"sneaky signature over the whole page",
                  [&] {
                    return covering(s, {0, 0, 595, 842});
                  },
                  other}},
                s.desk.options());
  // Beside everything it is a note.
  const auto beside = verify_pdf(covering(s, {400, 500, 500, 540}), s.desk.options());
  ASSERT_OK(beside);
  EXPECT_EQ(beside->verdict, Verdict::valid_with_notes) << words(*beside);
}

// The appearance's stream stands in the signed revision, /M in the signature's own dictionary.
// shows: ECP-3.2.4.3-j
// shows-part: ECP-DOC-5 (PDF: what was changed is named)
TEST_P(CatalogueOfKeys, ContentPictureAndTimeAreCoveredTogether) {
  Scene s(suite());
  const auto swapped = [&](const std::string& from, const std::string& to) {
    return [&s, from, to] { return in_place(s.once, from, to); };
  };
  const Dictionary widget = s.now.get(s.now.field("party1"));
  const Reference picture = *widget.find("AP")->dictionary()->find("N")->reference();
  expect_caught(
      {{"content in place", swapped("(Lease)", "(Leasf)"), Reason::digest_mismatch},
       {"picture in place", swapped("0 0 1 RG 1 1 118", "1 0 0 RG 1 1 118"),
        Reason::digest_mismatch},
       {"time in place", swapped("/M (D:2026", "/M (D:2025"), Reason::digest_mismatch},
       {"picture by an update",
        [&] { return Edit(s.once).put_stream(picture, "1 0 0 RG 1 1 9 9 re S").finish(); },
        Reason::changed_otherwise},
       {"another picture by an update",
        [&] {
          Edit edit(s.once);
          const Reference other = edit.add_stream("1 0 0 RG 1 1 9 9 re S");
          return edit
              .change(edit.field("party1"),
                      [&](Dictionary& field) {
                        field.set("AP", dictionary({{"N", other}}));
                      })
              .finish();
        },
        Reason::changed_otherwise}},
      s.desk.options());
  const auto report = verify_pdf(Edit(s.once).put_stream(picture, "1 0 0 RG 1 1 9 9 re S").finish(),
                                 s.desk.options());
  ASSERT_OK(report);
  ASSERT_FALSE(report->signatures.at(0).changes.empty());
  EXPECT_EQ(report->signatures.at(0).changes.at(0).object, picture.number);
}

// shows-part: ECP-3.2.4.5-d (attachments inside a PDF are covered by its signatures)
TEST_P(CatalogueOfKeys, AttachmentsAreCovered) {
  SigningDesk desk(7, suite());
  pdf::PdfText page = pdf::PdfText::one_page();
  page.objects[1] =
      "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(list) 6 0 R] >> >> >>";
  page.objects[6] = "<< /Type /Filespec /F (list.txt) /EF << /F 7 0 R >> >>";
  page.objects[7] = pdf::PdfText::stream("/Type /EmbeddedFile", "rooms: 2");
  const Bytes once = desk.sign(SigningDesk::with_fields(base::to_bytes(page.with_table()), 1),
                               "party1", desk.authority.make_person("Alice"));
  ASSERT_EQ(must(verify_pdf(once, desk.options())).verdict, Verdict::valid);
  const Reference attachment{7, 0}, specification{6, 0};
  expect_caught({{"attachment in place", [&] { return in_place(once, "rooms: 2", "rooms: 9"); },
                  Reason::digest_mismatch},
                 {"attachment by an update",
                  [&] { return Edit(once).put_stream(attachment, "rooms: 9").finish(); },
                  Reason::changed_otherwise},
                 {"name of the attachment",
                  [&] {
                    return Edit(once)
                        .change(specification,
                                [](Dictionary& one) { one.set("F", text("bill.txt")); })
                        .finish();
                  },
                  Reason::changed_otherwise},
                 {"attachment removed",
                  [&] {
                    const Edit edit(once);
                    return Edit(once)
                        .change(edit.root(), [](Dictionary& root) { root.remove("Names"); })
                        .finish();
                  },
                  Reason::changed_otherwise}},
                desk.options());
}

}  // namespace
}  // namespace heqi::documents::verify
