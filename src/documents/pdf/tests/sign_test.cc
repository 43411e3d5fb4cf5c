#include <heqi/documents/pdf/sign.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <heqi/base/file_store.h>

#include "pdf_text.h"

namespace heqi::documents::pdf {
namespace {

using base::Bytes;
using base::Code;

const base::Time kNow = base::time_from_micros(1'790'000'000'000'000);

Bytes bytes(const std::string& text) {
  return base::to_bytes(text);
}

// Every file that we must be able to append to.
std::vector<Bytes> seeds() {
  PdfText packed = PdfText::one_page();
  std::map<int, std::string> inside;
  for (const int number : {1, 2, 3}) inside[number] = packed.objects[number];
  for (const int number : {1, 2, 3}) packed.objects.erase(number);
  return {bytes(PdfText::one_page().with_table()), bytes(PdfText::one_page().with_stream()),
          bytes(packed.with_stream(inside))};
}

std::vector<FieldRequest> two_parties() {
  return {{"lessor", "出租方签名", {0, 20, 240, 60, 25}},
          {"lessee", "承租方签名", {0, 110, 240, 60, 25}}};
}

Appearance box() {
  Appearance appearance;
  appearance.width = 120, appearance.height = 50;
  appearance.graph.objects.push_back(
      {Dictionary{}, bytes("0 0 1 RG 1 1 118 48 re S 10 10 m 110 40 l S")});
  return appearance;
}

SignatureRequest request(const std::string& field) {
  SignatureRequest out;
  out.field = field;
  out.appearance = box();
  out.name = "张三";
  out.reason = "同意本合同";
  out.location = "Shanghai";
  out.time = kNow;
  return out;
}

const Bytes kDummyCms = testing::hex("3003020107");

Bytes signed_by(const Bytes& file, const SignatureRequest& what) {
  const auto prepared = prepare_signature(file, what);
  EXPECT_OK(prepared);
  const auto finished = finish_signature(*prepared, kDummyCms);
  EXPECT_OK(finished);
  return *finished;
}

bool begins_with(const Bytes& file, const Bytes& earlier) {
  return file.size() >= earlier.size() && std::equal(earlier.begin(), earlier.end(), file.begin());
}

// stranger runs a tool of another reader over the file; true where it is content or not installed.
bool stranger_accepts(const Bytes& file, const std::string& command) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/file.pdf";
  EXPECT_OK(base::write_file(path, file));
  const std::string tool = command.substr(0, command.find(' '));
  if (std::system(("command -v " + tool + " >/dev/null").c_str()) != 0) {
    std::puts((tool + " is not installed: not compared").c_str());
    return true;
  }
  const std::string log = folder.path() + "/log";
  const bool good = std::system((command + " " + path + " >" + log + " 2>&1").c_str()) == 0;
  if (!good) {
    const auto text = base::read_file(log, 1 << 20);
    std::puts(std::string(base::text_of(*text)).c_str());
  }
  return good;
}

// shows-part: ECP-DOC-1 (the CMS is a dummy; SM2 and RSA are in the tests of pki and verify)
TEST(Signing, TwoPartiesSignAndEveryEarlierOctetStays) {
  for (const Bytes& seed : seeds()) {
    const auto prepared = prepare_fields(seed, two_parties());
    ASSERT_OK(prepared);
    const Bytes once = signed_by(*prepared, request("lessor"));
    const Bytes twice = signed_by(once, request("lessee"));
    EXPECT_TRUE(begins_with(*prepared, seed));
    EXPECT_TRUE(begins_with(once, *prepared));
    EXPECT_TRUE(begins_with(twice, once));

    const auto document = Document::parse(twice);
    ASSERT_OK(document);
    EXPECT_OK(document->load_all());
    ASSERT_EQ(document->revisions().size(), 4u);
    for (std::size_t i = 1; i < 4; ++i)
      EXPECT_EQ(document->revisions()[i].style, document->revisions()[0].style);
    const auto signatures = find_signatures(*document);
    ASSERT_OK(signatures);
    ASSERT_EQ(signatures->size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      const SignatureDictionary& one = (*signatures)[i];
      EXPECT_TRUE(one.problems.empty());
      EXPECT_EQ(one.name, "张三");
      EXPECT_EQ(one.sub_filter, kSubFilterCades);
      ASSERT_EQ(one.byte_range.size(), 4u);
      EXPECT_EQ(static_cast<std::uint64_t>(one.byte_range[1]), one.contents_place.begin);
      EXPECT_EQ(static_cast<std::uint64_t>(one.byte_range[2]), one.contents_place.end);
      EXPECT_EQ(static_cast<std::uint64_t>(one.byte_range[2] + one.byte_range[3]),
                document->revisions()[2 + i].end);
      EXPECT_TRUE(std::equal(kDummyCms.begin(), kDummyCms.end(), one.contents.begin()));
      EXPECT_EQ(one.time, base::time_from_micros(1'790'000'000'000'000));
    }
    EXPECT_TRUE(stranger_accepts(twice, "qpdf --check"));
    EXPECT_TRUE(stranger_accepts(twice, "pdftoppm -r 20 -png"));
  }
}

TEST(Signing, ValidationDataAndADocumentTimeStampComeLast) {
  for (const Bytes& seed : seeds()) {
    const Bytes ready = *prepare_fields(seed, two_parties());
    const Bytes once = signed_by(ready, request("lessor"));
    ValidationData data;
    data.certificates = {{1, 2, 3}, {4, 5}};
    data.crls = {{6}};
    data.ocsps = {{7}, {8}};
    data.related = {{std::string(40, 'A'), {0, 1}, {0}, {1}}};
    const auto longer = add_validation_data(once, data);
    ASSERT_OK(longer);
    EXPECT_TRUE(begins_with(*longer, once));
    EXPECT_EQ(*add_validation_data(*longer, data), *longer);  // nothing new, nothing written
    data.certificates.push_back({9});
    data.related = {{std::string(40, 'B'), {2}, {}, {}}};
    const auto again = add_validation_data(*longer, data);
    ASSERT_OK(again);

    const auto stamped = prepare_document_time_stamp(*again, {});
    ASSERT_OK(stamped);
    const Bytes last = *finish_signature(*stamped, kDummyCms);
    EXPECT_TRUE(begins_with(last, *again));
    const auto document = Document::parse(last);
    ASSERT_OK(document);
    EXPECT_OK(document->load_all());
    const auto signatures = find_signatures(*document);
    ASSERT_EQ(signatures->size(), 2u);
    EXPECT_EQ((*signatures)[1].type, "DocTimeStamp");
    EXPECT_EQ((*signatures)[1].sub_filter, kSubFilterTimeStamp);
    const Dictionary& catalog = **document->catalog();
    const Value* dss = *document->find(catalog, "DSS");
    ASSERT_NE(dss, nullptr);
    EXPECT_EQ(dss->dictionary()->find("Certs")->array()->items.size(), 3u);
    EXPECT_EQ(dss->dictionary()->find("VRI")->dictionary()->entries.size(), 2u);
    EXPECT_TRUE(stranger_accepts(last, "qpdf --check"));
  }
}

// seam is a field whose seal of thirty millimetres has a slice on each of three pages.
FieldRequest seam(std::vector<double> widths = {10, 10, 10}) {
  FieldRequest out{"seam", "", {0, 170, 100, widths[0], 30}};
  for (std::size_t i = 1; i < widths.size(); ++i)
    out.slices.push_back({i, 170, 100, widths[i], 30});
  return out;
}

Bytes four_pages() {
  PdfText text = PdfText::one_page();
  text.objects[2] =
      "<< /Type /Pages /Kids [3 0 R 6 0 R 7 0 R 8 0 R] /Count 4 /MediaBox [0 0 595 842] >>";
  text.objects[6] = replaced(text.objects[3], "/Contents", "/Rotate 90 /Contents");
  text.objects[7] = replaced(text.objects[3], "/Contents", "/Rotate 270 /Contents");
  text.objects[8] = text.objects[3];
  return bytes(text.with_table());
}

SignatureRequest sealing(Fit fit = Fit::exact) {
  SignatureRequest out = request("seam");
  out.appearance->fit = fit;
  out.appearance->width = out.appearance->height = 30 * 72 / 25.4;
  return out;
}

// boxes are /BBox of what the field and its slices show.
std::vector<Rectangle> boxes(const Document& document) {
  std::vector<Rectangle> out;
  const auto form = get_form(document);
  std::vector<Reference> widgets{form->find("seam")->widgets[0]};
  const auto slices = find_slices(document, *form, *form->find("seam"));
  for (const Field* one : *slices) widgets.push_back(one->widgets[0]);
  for (const Reference widget : widgets) {
    const Dictionary* look = (*document.get(widget))->value.dictionary();
    const Reference normal = *look->find("AP")->dictionary()->find("N")->reference();
    const Dictionary* stream = (*document.get(normal))->value.dictionary();
    out.push_back(*to_rectangle(document, *stream->find("BBox")));
  }
  return out;
}

TEST(Seam, WidgetsShowOneSliceAfterTheOther) {
  const Bytes ready = *prepare_fields(four_pages(), {seam()});
  const Bytes done = signed_by(ready, sealing());
  const auto document = Document::parse(done);
  ASSERT_OK(document);
  EXPECT_OK(document->load_all());
  const std::vector<Rectangle> shown = boxes(*document);
  ASSERT_EQ(shown.size(), 3u);
  const double width = 10 * 72 / 25.4;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(shown[i].left, width * static_cast<double>(i), 0.001);
    EXPECT_NEAR(shown[i].right, width * static_cast<double>(i + 1), 0.001);
    EXPECT_NEAR(shown[i].height(), 3 * width, 0.001);
  }
  EXPECT_TRUE(stranger_accepts(done, "qpdf --check"));
}

// A whole seal on one page, and its slices on the others, are one field.
TEST(Seam, TheWholeMayStandBesideItsSlices) {
  FieldRequest field = seam({30, 15, 15});
  field.placement.left_mm = 20;
  const Bytes done = signed_by(*prepare_fields(four_pages(), {field}), sealing());
  const auto document = Document::parse(done);
  ASSERT_OK(document);
  const std::vector<Rectangle> shown = boxes(*document);
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_NEAR(shown[0].width(), 30 * 72 / 25.4, 0.001);
  EXPECT_NEAR(shown[1].left, 0, 0.001);
  EXPECT_NEAR(shown[2].left, 15 * 72 / 25.4, 0.001);
}

// shows-part: ECP-SEAL-4 (PDF: no seal that is not whole)   mutant: tests/mutants/ECP-SEAL-4.whole
TEST(Seam, IsRefusedWhereTheSealWouldNotBeWhole) {
  const auto refused = [](const FieldRequest& field, const SignatureRequest& wish) {
    const auto ready = prepare_fields(four_pages(), {field});
    EXPECT_OK(ready);
    EXPECT_ERROR(prepare_signature(*ready, wish), Code::malformed);
  };
  refused(seam({10, 10}), sealing());      // a third is missing
  refused(seam({10, 10, 9}), sealing());   // a bit is missing
  refused(seam({10, 10, 11}), sealing());  // more than the seal
  refused(seam({20, 20, 20}), sealing());  // the second slice leaves the seal
  refused(seam(), sealing(Fit::widget));   // nothing says how large it is
  FieldRequest low = seam();
  low.slices[0].height_mm = 20;
  refused(low, sealing());
  FieldRequest all = seam();
  all.lock = FieldLock{FieldLock::Action::all, {}};
  EXPECT_ERROR(prepare_fields(four_pages(), {all}), Code::malformed);
  EXPECT_ERROR(prepare_fields(four_pages(), {seam(), {"seam-seam1", "", {3, 20, 20, 30, 30}}}),
               Code::conflict);
  FieldRequest twice = seam();
  twice.slices[1].page = 1;
  EXPECT_ERROR(prepare_fields(four_pages(), {twice}), Code::conflict);
  FieldRequest off = seam();
  off.slices[1].page = 4;
  EXPECT_ERROR(prepare_fields(four_pages(), {off}), Code::malformed);
}

TEST(Signing, WhatIsPreparedCanBeKeptAndIsTheSameAgain) {
  const Bytes ready = *prepare_fields(seeds()[0], two_parties());
  const auto prepared = prepare_signature(ready, request("lessor"));
  ASSERT_OK(prepared);
  EXPECT_EQ(prepare_signature(ready, request("lessor"))->file, prepared->file);
  const Bytes kept = prepared->encode();
  const auto back = Prepared::parse(kept);
  ASSERT_OK(back);
  EXPECT_EQ(back->content_to_sign(), prepared->content_to_sign());
  EXPECT_EQ(*finish_signature(*back, kDummyCms), *finish_signature(*prepared, kDummyCms));
  const auto range = back->byte_range();
  EXPECT_EQ(range[1] + range[3], back->content_to_sign().size());

  // A prepared file with a hole elsewhere, filled already, or cut is none.
  Prepared other = *back;
  other.contents_begin -= 2;
  EXPECT_ERROR(Prepared::parse(other.encode()), Code::malformed);
  other = *back;
  other.file = *finish_signature(*back, kDummyCms);
  EXPECT_ERROR(Prepared::parse(other.encode()), Code::malformed);
  other = *back;
  other.field = "lessee";
  EXPECT_ERROR(Prepared::parse(other.encode()), Code::malformed);
  EXPECT_ERROR(Prepared::parse(base::ByteView(kept).first(kept.size() - 1)), Code::malformed);
  EXPECT_ERROR(Prepared::parse({}), Code::malformed);
}

// shows-part: ECP-DOC-1 (the CMS is a dummy)
TEST(Signing, RefusesWhatCannotBeDone) {
  const Bytes seed = seeds()[0];
  const Bytes ready = *prepare_fields(seed, two_parties());
  EXPECT_ERROR(prepare_fields(seed, {}), Code::malformed);
  EXPECT_ERROR(prepare_fields(ready, two_parties()), Code::conflict);
  auto fields = two_parties();
  fields[1].placement = fields[0].placement;
  EXPECT_ERROR(prepare_fields(seed, fields), Code::conflict);
  fields = two_parties();
  fields[1].name = "lessor";
  EXPECT_ERROR(prepare_fields(seed, fields), Code::conflict);
  fields[1].name = "a.b";
  EXPECT_ERROR(prepare_fields(seed, fields), Code::malformed);
  fields = two_parties();
  fields[0].placement.page = 1;
  EXPECT_ERROR(prepare_fields(seed, fields), Code::malformed);
  fields = two_parties();
  fields[0].placement.left_mm = 200;
  EXPECT_ERROR(prepare_fields(seed, fields), Code::malformed);

  EXPECT_ERROR(prepare_signature(seed, request("lessor")), Code::not_found);
  EXPECT_ERROR(prepare_signature(ready, request("nobody")), Code::not_found);
  SignatureRequest small = request("lessor");
  small.contents_reserved = 100;
  EXPECT_ERROR(prepare_signature(ready, small), Code::limit_exceeded);
  const Bytes once = signed_by(ready, request("lessor"));
  EXPECT_ERROR(prepare_signature(once, request("lessor")), Code::conflict);
  EXPECT_ERROR(prepare_fields(once, {{"third", "", {}}}), Code::conflict);
  SignatureRequest late = request("lessee");
  late.certification = Certification::form_filling;
  EXPECT_ERROR(prepare_signature(once, late), Code::conflict);

  const auto prepared = prepare_signature(ready, request("lessor"));
  EXPECT_ERROR(finish_signature(*prepared, {}), Code::malformed);
  EXPECT_ERROR(finish_signature(*prepared, testing::hex("020100")), Code::malformed);
  EXPECT_ERROR(finish_signature(*prepared, testing::hex("300302010700")), Code::malformed);
  Bytes large = testing::hex("30828001");
  large.resize(4 + 0x8001);
  EXPECT_ERROR(finish_signature(*prepared, large), Code::limit_exceeded);

  ValidationData data;
  data.related = {{"short", {}, {}, {}}};
  EXPECT_ERROR(add_validation_data(once, data), Code::malformed);
  data.related = {{std::string(40, 'A'), {3}, {}, {}}};
  EXPECT_ERROR(add_validation_data(once, data), Code::malformed);
}

TEST(Signing, TheFirstSignatureCanCertify) {
  SignatureRequest first = request("lessor");
  first.certification = Certification::form_filling;
  const Bytes once = signed_by(*prepare_fields(seeds()[1], two_parties()), first);
  const auto document = Document::parse(once);
  const Value* permissions = *document->find(**document->catalog(), "Perms");
  ASSERT_NE(permissions, nullptr);
  const auto signatures = find_signatures(*document);
  EXPECT_EQ(*permissions->dictionary()->find("DocMDP")->reference(), *(*signatures)[0].id);
  EXPECT_TRUE(stranger_accepts(signed_by(once, request("lessee")), "qpdf --check"));
}

TEST(Signing, APlacementIsMeantAsThePageIsDisplayed) {
  Page page;
  page.crop_box = {10, 20, 210, 320};  // 200 × 300 points
  const double mm = 25.4 / 72;
  const Placement upper_left{0, 0, 0, 50 * mm, 20 * mm};
  const auto near = [](const Rectangle& a, const Rectangle& b) {
    return std::abs(a.left - b.left) + std::abs(a.bottom - b.bottom) + std::abs(a.right - b.right) +
               std::abs(a.top - b.top) <
           0.01;
  };
  EXPECT_TRUE(near(*to_user_space(page, upper_left), {10, 300, 60, 320}));
  page.rotate = 90;  // the displayed upper left corner is the lower left one of the page
  EXPECT_TRUE(near(*to_user_space(page, upper_left), {10, 20, 30, 70}));
  page.rotate = 180;
  EXPECT_TRUE(near(*to_user_space(page, upper_left), {160, 20, 210, 40}));
  page.rotate = 270;
  EXPECT_TRUE(near(*to_user_space(page, upper_left), {190, 270, 210, 320}));
  EXPECT_ERROR(to_user_space(page, {0, -1, 0, 10, 10}), Code::malformed);
  EXPECT_ERROR(to_user_space(page, {0, 0, 0, 0, 10}), Code::malformed);
  EXPECT_ERROR(to_user_space(page, {0, 0, 0, std::nan(""), 10}), Code::malformed);
}

TEST(Values, TextStringsAndDatesComeBack) {
  for (const std::string text : {"", "plain", "合同（甲方）", "a\nb", "𠮷野家"})
    EXPECT_EQ(decode_text_string(*to_text_string(text).string()), text);
  EXPECT_EQ(decode_text_string({{0x80, 0xA0, 0xE9}, false}), "•€é");
  EXPECT_EQ(*parse_date(*to_date(kNow).string()), kNow);
  EXPECT_EQ(*parse_date({bytes("D:20260921")}), *base::parse_rfc3339("2026-09-21T00:00:00Z"));
  EXPECT_EQ(*parse_date({bytes("D:20260921101112+08'00")}),
            *base::parse_rfc3339("2026-09-21T02:11:12Z"));
  for (const std::string bad : {"", "D:", "D:20261301", "D:20260921101112X", "D:2026092110111",
                                "D:20260921101112+25'00'", "D:20260230"})
    EXPECT_ERROR(parse_date({bytes(bad)}), Code::malformed) << bad;
}

}  // namespace
}  // namespace heqi::documents::pdf
