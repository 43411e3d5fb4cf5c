#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/marked/marked.h>
#include <heqi/documents/ofd_render/render.h>

#include "../../ofd/tests/ofd_world.h"
#include "../../watermark/tests/page_model.h"

namespace heqi::documents::marked {
namespace {

using base::Bytes;
using base::Code;
using seal::must;
using watermark::Jpeg;
using watermark::Picture;

const MarkRecord kAll{{}, "承租方留存", {Mark::robust, Mark::dots, Mark::fragile}};
const crypto::Digest kSecret = crypto::sm3(base::bytes_of("secret"));

MarkRecord record_of(const Bytes& file) {
  const auto record = must(find_record(must(ofd::Package::open(file))));
  HEQI_CHECK(record.has_value());
  return *record;
}

// contract is small (A6): marks are searched for over all of a page.
Bytes contract(std::size_t pages, const std::string& amount = "壹万元整") {
  ofd::NewDocument out;
  out.title = "租赁合同";
  for (std::size_t i = 0; i < pages; ++i)
    out.pages.push_back(
        {105, 148, {{10, 20, 5, "月租金：人民币" + amount}}, {{10, 24, 95, 24}}, {}});
  return must(ofd::make_document(out));
}

Picture page_of(const Bytes& file, std::size_t page = 0) {
  ofd_render::RenderRequest request;
  request.page = page;
  request.pixels_per_mm = kMarkPixelsPerMm;
  return must(drawing::decode_png(must(ofd_render::render_page(file, request)).octets));
}

std::string states(const std::vector<MarkReading>& readings) {
  std::string out;
  for (const MarkReading& one : readings) out += std::string(name_of(one.state)) + " ";
  return out;
}

// shows: ECP-SEAL-2, ECP-SEAL-2b, ECP-SEAL-2c
TEST(MarkedDocument, ShowsEachMarkOnEachPageBeforeAndAfterSigning) {
  ofd::SealingDesk desk;
  const Bytes marked = must(mark_document(contract(2), kAll, kSecret));
  const Bytes sealed = desk.sealed(marked);
  EXPECT_EQ(desk.verify(sealed).verdict, ofd::Verdict::valid) << ofd::words(desk.verify(sealed));
  const MarkRecord record = record_of(sealed);
  EXPECT_EQ(record.document, crypto::sm3(contract(2)));
  EXPECT_EQ(record.use, "承租方留存");
  for (const Bytes& file : {marked, sealed}) {
    for (const std::size_t page : {0U, 1U})
      EXPECT_EQ(states(read_page(page_of(file, page), record, kSecret)), "read read read ");
  }
}

// shows: ECP-SEAL-2, ECP-SEAL-2c
TEST(MarkedDocument, ACopyKeepsAllButTheFragileMark) {
  const Bytes marked = must(mark_document(contract(1), kAll, kSecret));
  const MarkRecord record = record_of(marked);
  const Picture copy = Jpeg(50).apply(page_of(marked));
  EXPECT_EQ(states(read_page(copy, record, kSecret)), "read read missing ");
  const Picture scan = watermark::printed_and_scanned(page_of(marked), 3, kMarkPixelsPerMm);
  const Scan paper{kMarkPixelsPerMm, {.scale = 0.008, .degrees = 0.5}};
  EXPECT_EQ(states(read_page(scan, record, kSecret, paper)), "read read missing ");
}

// repeated_pixels is a copy that is larger by a part, without any blurring.
Picture repeated_pixels(const Picture& in, double by) {
  const auto width = static_cast<std::uint32_t>(in.width * by),
             height = static_cast<std::uint32_t>(in.height * by);
  Picture out{width, height, Bytes(std::size_t{width} * height * 4)};
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::size_t from =
          static_cast<std::size_t>(y / by) * in.width + static_cast<std::size_t>(x / by);
      std::copy_n(&in.rgba[from * 4], 4, &out.rgba[(std::size_t{y} * width + x) * 4]);
    }
  return out;
}

// shows: ECP-SEAL-2c   mutant: tests/mutants/ECP-SEAL-2c.not_searched
TEST(MarkedDocument, ACopyOfTheSameSharpnessAndAnotherSizeIsNotTheOriginal) {
  const Bytes marked = must(mark_document(contract(1), {{}, "原件", {Mark::fragile}}, kSecret));
  const MarkRecord record = record_of(marked);
  const Scan paper{kMarkPixelsPerMm, {.scale = 0.008}};
  EXPECT_EQ(states(read_page(page_of(marked), record, kSecret, paper)), "read ");
  const Picture copy = repeated_pixels(page_of(marked), 1.0046);
  EXPECT_EQ(states(read_page(copy, record, kSecret, paper)), "missing ");
}

// shows: ECP-SEAL-2
TEST(MarkedDocument, APictureOfItInAnotherDocumentIsNotTakenForItsOwn) {
  const Bytes marked = must(mark_document(contract(1), kAll, kSecret));
  const Picture stolen = page_of(marked);
  const Bytes other = must(mark_document(contract(1, "贰万元整"), kAll, kSecret));
  EXPECT_EQ(states(read_page(stolen, record_of(other), kSecret)), "missing missing missing ");
  MarkRecord another_use = record_of(marked);
  another_use.use = "出租方留存";
  EXPECT_EQ(states(read_page(stolen, another_use, kSecret)), "foreign foreign foreign ");
}

TEST(MarkedDocument, ShowsNothingToWhoHasNotTheSecretAndIsUnmarkedWithoutThem) {
  const Bytes marked = must(mark_document(contract(1), kAll, kSecret));
  const MarkRecord record = record_of(marked);
  EXPECT_EQ(states(read_page(page_of(marked), record, {})), "missing missing missing ");
  EXPECT_EQ(states(read_page(page_of(contract(1)), record, kSecret)), "missing missing missing ");
  EXPECT_FALSE(must(find_record(must(ofd::Package::open(contract(1))))).has_value());
}

TEST(MarkedDocument, RefusesWhatItCannotMark) {
  ofd::SealingDesk desk;
  const Bytes marked = must(mark_document(contract(1), kAll, kSecret));
  EXPECT_ERROR(mark_document(marked, kAll, kSecret), Code::conflict);
  EXPECT_ERROR(mark_document(desk.sealed(contract(1)), kAll, kSecret), Code::conflict);
  EXPECT_ERROR(mark_document(contract(1), {{}, "use", {}}, kSecret), Code::malformed);
  EXPECT_ERROR(mark_document(contract(1), {{}, "", {Mark::robust}}, kSecret), Code::malformed);
  EXPECT_ERROR(mark_document(base::to_bytes("no package"), kAll, kSecret), Code::document_not_ofd);
  ofd::NewDocument small;
  small.title = "x";
  small.pages = {{10, 10, {}, {}, {}}};
  EXPECT_ERROR(mark_document(must(ofd::make_document(small)), kAll, kSecret), Code::malformed);
  const Bytes annotated = ofd::edited(contract(1), "Doc_0/Document.xml", "</ofd:Pages>",
                                      "</ofd:Pages><ofd:Annotations>A.xml</ofd:Annotations>");
  EXPECT_ERROR(mark_document(annotated, kAll, kSecret), Code::unsupported);
}

TEST(MarkedDocument, RefusesABrokenRecord) {
  const Bytes marked = must(mark_document(contract(1), kAll, kSecret));
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"robust", "rubust"},
                                 {"Version=\"1\"", "Version=\"2\""},
                                 {"<Document>", "<Document>00"},
                                 {"<Use>承租方留存", "<Use>"}}) {
    const Bytes broken = ofd::edited(marked, kRecordPart, from, to);
    EXPECT_ERROR(find_record(must(ofd::Package::open(broken))), Code::malformed) << from;
  }
}

TEST(MarkedDocument, WhoseRecordWasChangedIsNoLongerSigned) {
  ofd::SealingDesk desk;
  const Bytes sealed = desk.sealed(must(mark_document(contract(1), kAll, kSecret)));
  const Bytes changed = ofd::edited(sealed, kRecordPart, "承租方留存", "出租方留存");
  EXPECT_EQ(desk.verify(changed).verdict, ofd::Verdict::invalid);
}

}  // namespace
}  // namespace heqi::documents::marked
