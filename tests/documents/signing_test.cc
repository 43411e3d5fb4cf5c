// From the example contract to a signed file that other readers open: all writing layers together.
#include <heqi/base/file_store.h>
#include <heqi/documents/appearance/signature_box.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/second_opinion/opinion.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <cstdio>
#include <cstdlib>

#include "contract_pdf.h"

namespace heqi::documents {
namespace {

using base::Bytes;

const appearance::Font& font() {
  static const appearance::Font opened = *appearance::Font::open({});
  return opened;
}

bool is_installed(const std::string& tool) {
  const bool found = std::system(("command -v " + tool + " >/dev/null").c_str()) == 0;
  if (!found) std::puts((tool + " is not installed: not compared").c_str());
  return found;
}

bool runs(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

Bytes signed_by(const Bytes& file, const std::string& field, const std::string& name) {
  appearance::SignatureBox box;
  box.signer = name;
  box.date = "2026-11-21 16:41:56 +08:00";
  box.code = "验证码 7K3M-Q2XD";
  pdf::SignatureRequest request;
  request.field = field;
  request.name = name;
  auto drawn = appearance::make_signature_box(font(), box);
  EXPECT_OK(drawn);
  request.appearance = *std::move(drawn);
  const auto prepared = pdf::prepare_signature(file, request);
  EXPECT_OK(prepared);
  return *pdf::finish_signature(*prepared, testing::hex("3003020107"));
}

Bytes signed_twice(const Bytes& file, std::size_t page) {
  const auto ready = pdf::prepare_fields(file, {{"lessor", "出租方", {page, 25, 42, 70, 30}},
                                                {"lessee", "承租方", {page, 110, 42, 70, 30}}});
  EXPECT_OK(ready);
  return signed_by(signed_by(*ready, "lessor", "张晓岚"), "lessee", "李承泽");
}

// keep writes a file where HEQI_KEEP names a folder, for a look at it.
void keep(const std::string& name, const Bytes& file) {
  const char* folder = std::getenv("HEQI_KEEP");
  if (folder) {
    EXPECT_OK(base::write_file(std::string(folder) + "/" + name, file));
  }
}

TEST(Example, TheCommittedLeaseIsWhatTheGeneratorWrites) {
  const auto made = write_contract(font(), lease());
  ASSERT_OK(made);
  const auto committed = base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20);
  ASSERT_OK(committed);
  // Font versions differ between machines; the rest does not.
  const auto ours = second_opinion::summarise_ours(*made);
  ASSERT_OK(ours);
  EXPECT_EQ(ours->size(), second_opinion::summarise_ours(*committed)->size());
  EXPECT_EQ((*ours)[0], "pages 3");
}

TEST(Example, TheLeaseIsSignedByBothAndShownByOthers) {
  const Bytes file = *base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20);
  const Bytes done = signed_twice(file, 2);
  keep("signed.pdf", done);
  EXPECT_OK(second_opinion::compare_readers(done));
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/signed.pdf";
  ASSERT_OK(base::write_file(path, done));
  if (is_installed("qpdf")) {
    EXPECT_TRUE(runs("qpdf --check " + path));
  }
  if (is_installed("pdftotext")) {
    // The names are real text with a way back to Unicode, also inside the appearance.
    EXPECT_TRUE(runs("pdftotext " + path + " - | grep -q 李承泽"));
    EXPECT_TRUE(
        runs("test -z \"$(pdftoppm -r 30 -png " + path + " " + folder.path() + "/page 2>&1)\""));
  }
}

// The appearance stands upright on the page as it is displayed, whatever /Rotate says.
TEST(Example, TurnedPagesAreSignedUpright) {
  if (!is_installed("qpdf"))
    GTEST_SKIP() << "qpdf is not installed: ./dev packages test installs it";
  for (const std::string angle : {"90", "180", "270"}) {
    const testing::TemporaryFolder folder;
    const std::string turned = folder.path() + "/turned.pdf";
    ASSERT_TRUE(runs("qpdf --rotate=" + angle + ":3 " HEQI_EXAMPLES "/lease.pdf " + turned));
    const Bytes file = *base::read_file(turned, 1 << 20);
    const auto ready = pdf::prepare_fields(file, {{"a", "", {2, 20, 10, 70, 30}}});
    ASSERT_OK(ready);
    const Bytes done = signed_by(*ready, "a", "张晓岚");
    keep("turned" + angle + ".pdf", done);
    const auto document = pdf::Document::parse(done);
    const auto pages = document->pages();
    const auto form = pdf::get_form(*document);
    const auto widget = document->get(form->find("a")->widgets[0]);
    const auto rectangle =
        pdf::to_rectangle(*document, *(*widget)->value.dictionary()->find("Rect"));
    const bool lies = angle != "180";
    EXPECT_EQ(rectangle->height() > rectangle->width(), lies) << angle;
    EXPECT_OK(second_opinion::compare_readers(done));
  }
}

}  // namespace
}  // namespace heqi::documents
