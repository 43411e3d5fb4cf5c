#include <heqi/documents/pdf/lint.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/testing/expect.h>

#include <algorithm>

#include "pdf_text.h"

namespace heqi::documents::pdf {
namespace {

// embedded is a page whose font is in the file.
PdfText embedded() {
  PdfText text = PdfText::one_page();
  text.objects[5] =
      "<< /Type /Font /Subtype /TrueType /BaseFont /Own /FirstChar 32 /LastChar 126 /Widths [500] "
      "/FontDescriptor 6 0 R >>";
  text.objects[6] = "<< /Type /FontDescriptor /FontName /Own /FontFile2 7 0 R >>";
  text.objects[7] = PdfText::stream("", "glyphs");
  return text;
}

std::vector<Lint> found(const std::string& file) {
  const base::Bytes octets = base::to_bytes(file);
  const auto document = Document::parse(octets);
  EXPECT_OK(document);
  const auto all = lint(*document);
  EXPECT_OK(all);
  std::vector<Lint> out;
  for (const LintFinding& one : *all) out.push_back(one.lint);
  return out;
}

TEST(Lint, APlainContractWithItsOwnFontIsClean) {
  EXPECT_TRUE(found(embedded().with_table()).empty());
  EXPECT_TRUE(found(embedded().with_stream()).empty());
  const auto prepared =
      prepare_fields(base::to_bytes(embedded().with_table()),
                     {{"a", "", {0, 20, 20, 60, 25}}, {"b", "", {0, 20, 50, 60, 25}}});
  ASSERT_OK(prepared);
  EXPECT_TRUE(found(std::string(base::text_of(*prepared))).empty());
}

struct Case {
  std::string name;
  Lint expected;
  std::function<void(PdfText&)> change;
};

std::function<void(PdfText&)> in_object(int number, const std::string& entries) {
  return [number, entries](PdfText& text) { text.objects[number].insert(3, entries + " "); };
}
std::function<void(PdfText&)> annotation(const std::string& entries) {
  return [entries](PdfText& text) {
    text.objects[3].insert(3, "/Annots [8 0 R] ");
    text.objects[8] = "<< /Type /Annot /Rect [0 0 9 9] " + entries + " >>";
  };
}

// shows-part: MSSP-2-b (what cannot be inspected completely is named before it is signed; PDF)
TEST(Lint, NamesEachThingThatCouldShowSomethingElse) {
  const std::string widget = "/Subtype /Widget /FT /Tx /V (1) ";
  const std::vector<Case> cases{
      {"layers", Lint::hidden_layer, in_object(1, "/OCProperties << >>")},
      {"layer of a page's picture", Lint::hidden_layer, in_object(3, "/OC << /Type /OCG >>")},
      {"script at start", Lint::script,
       in_object(1, "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")},
      {"start action", Lint::automatic_action, in_object(1, "/OpenAction << /S /Named >>")},
      {"page action", Lint::automatic_action, in_object(3, "/AA << >>")},
      {"program", Lint::external_content, annotation("/Subtype /Link /A << /S /Launch >>")},
      {"form sent away", Lint::external_content,
       annotation("/Subtype /Link /A << /S /SubmitForm >>")},
      {"layer switch", Lint::hidden_layer, annotation("/Subtype /Link /A << /S /SetOCGState >>")},
      {"link", Lint::link, annotation("/Subtype /Link /A << /S /URI /URI (http://x/) >>")},
      {"film", Lint::moving_content, annotation("/Subtype /Movie")},
      {"model", Lint::moving_content, annotation("/Subtype /3D")},
      {"hidden note", Lint::hidden_annotation, annotation("/Subtype /Text /F 2")},
      {"note on paper only", Lint::hidden_annotation, annotation("/Subtype /Text /F 32")},
      {"attachment", Lint::attachment, annotation("/Subtype /FileAttachment")},
      {"font elsewhere", Lint::font_not_embedded,
       [](PdfText& text) { text.objects[6] = "<< /Type /FontDescriptor /FontName /Own >>"; }},
      {"standard font", Lint::font_not_embedded,
       [](PdfText& text) {
         text.objects[5] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
         text.objects.erase(6), text.objects.erase(7);
       }},
      {"character that is not there", Lint::missing_glyph,
       [](PdfText& text) {
         text.objects[4] = PdfText::stream("", "BT /F1 24 Tf [(Lea) -20 (\\351)] TJ ET");
       }},
      {"nothing refers to it", Lint::unreferenced_object,
       [](PdfText& text) { text.objects[8] = PdfText::stream("", "BT (later) Tj ET"); }},
      {"content of another file", Lint::external_content,
       [](PdfText& text) { text.objects[7] = PdfText::stream("/F (other.bin)", ""); }},
      {"dynamic form", Lint::dynamic_form, in_object(1, "/AcroForm << /XFA [] /Fields [] >>")},
      {"drawn by the reader", Lint::appearance_missing,
       in_object(1, "/AcroForm << /NeedAppearances true /Fields [] >>")},
      {"field without a look", Lint::appearance_missing,
       [&](PdfText& text) {
         text.objects[1].insert(3, "/AcroForm << /Fields [8 0 R] >> ");
         annotation(widget + "/T (a)")(text);
       }},
      {"fields over each other", Lint::overlapping_fields,
       [&](PdfText& text) {
         text.objects[1].insert(3, "/AcroForm << /Fields [8 0 R 9 0 R] >> ");
         text.objects[3].insert(3, "/Annots [8 0 R 9 0 R] ");
         text.objects[8] = "<< /Type /Annot /Rect [0 0 9 9] " + widget + "/T (a) >>";
         text.objects[9] = "<< /Type /Annot /Rect [5 5 20 20] " + widget + "/T (b) >>";
       }},
      {"another picture for printing", Lint::alternate_picture, [](PdfText& text) {
         text.objects[3] =
             "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> "
             "/XObject << /I 8 0 R >> >> >>";
         text.objects[8] = PdfText::stream("/Subtype /Image /Alternates []", "x");
       }}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    PdfText text = embedded();
    one.change(text);
    const std::vector<Lint> all = found(text.with_table());
    EXPECT_NE(std::find(all.begin(), all.end(), one.expected), all.end());
  }
}

TEST(Lint, AnObjectThatCannotBeReadIsAnErrorAndNoCleanFile) {
  PdfText text = embedded();
  text.objects[7] = "<< /Length 99 >>\nstream\nglyphs\nendstream";
  const base::Bytes octets = base::to_bytes(text.with_table());
  const auto document = Document::parse(octets);
  ASSERT_OK(document);
  EXPECT_ERROR(lint(*document), base::Code::malformed);
}

}  // namespace
}  // namespace heqi::documents::pdf
