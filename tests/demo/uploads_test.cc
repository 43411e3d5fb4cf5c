// Files that must not become contracts, sent to a running platform: each gets a clear answer and
// leaves nothing behind.
#include <heqi/documents/pdf/update.h>
#include <heqi/testing/expect.h>

#include <algorithm>

#include "demo_run.h"
#include "platform.h"

namespace heqi::demo {
namespace {

namespace pdf = documents::pdf;

base::Bytes lease() {
  return read(std::string(HEQI_EXAMPLES) + "/lease.pdf");
}

// with_catalog adds an entry to the catalog of the lease, as a later save would.
base::Bytes with_catalog(const std::string& key, const pdf::Value& value, bool field = false) {
  const base::Bytes file = lease();
  const auto document = pdf::Document::parse(file);
  pdf::Update update(*document);
  pdf::Dictionary catalog = **document->catalog();
  if (field) {
    pdf::Dictionary form, text;
    // Octet 0x7F is undefined in PDFDocEncoding: two readers make different names of it.
    text.set("FT", pdf::Name{"Tx"}).set("T", pdf::String{{'a', 0x7F}, false});
    form.set("Fields", pdf::Array{{update.add({std::move(text), {}})}});
    catalog.set(key, std::move(form));
  } else {
    catalog.set(key, value);
  }
  update.put(document->catalog_reference(), {std::move(catalog), {}});
  return base::concat({file, update.finish()->octets});
}

base::Bytes with_script() {
  pdf::Dictionary action;
  action.set("S", pdf::Name{"JavaScript"});
  action.set("JS", pdf::String{base::to_bytes("app.alert(1)"), false});
  return with_catalog("OpenAction", action);
}

class Uploads : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    platform_ = new Platform;
    started_ = new base::Status(platform_->start());
  }
  static void TearDownTestSuite() {
    delete started_;
    delete platform_;
  }
  void SetUp() override { ASSERT_OK(*started_); }

  // expect_refused sends document and expects this answer, and that the disk is as before.
  void expect_refused(base::ByteView document, int status, const std::string& id) {
    const auto before = platform_->look();
    ASSERT_OK(before);
    const auto answer = platform_->upload(document);
    ASSERT_OK(answer);
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->text("id"), id) << answer->text("detail");
    EXPECT_TRUE(answer->content_type.starts_with("application/problem+json"))
        << answer->content_type;
    // In words, in both languages, with what to do.
    EXPECT_FALSE(answer->text("title").empty());
    const auto after = platform_->look();
    ASSERT_OK(after);
    EXPECT_TRUE(*before == *after);
    const auto alive = platform_->ask("GET", "/api/v1/contracts", {});
    ASSERT_OK(alive);
    EXPECT_EQ(alive->status, 200);
    const http::Json* contracts = alive->json.find("contracts");
    ASSERT_NE(contracts, nullptr);
    EXPECT_TRUE(contracts->array()->empty());
  }

  static Platform* platform_;
  static base::Status* started_;
};
Platform* Uploads::platform_ = nullptr;
base::Status* Uploads::started_ = nullptr;

TEST_F(Uploads, AFileThatIsNoPdfIsRefused) {
  expect_refused(base::bytes_of("PK\x03\x04 a letter"), 422, "document.not_pdf");
}

TEST_F(Uploads, AnEmptyFileIsRefused) {
  expect_refused({}, 422, "document.empty");
}

TEST_F(Uploads, AnEncryptedFileIsRefused) {
  HEQI_NEEDS_PROGRAM("qpdf");
  const testing::TemporaryFolder folder;
  const Ran ran = shell("qpdf --encrypt '' owner 256 -- " + std::string(HEQI_EXAMPLES) +
                        "/lease.pdf " + folder.path() + "/e.pdf");
  ASSERT_EQ(ran.status, 0) << ran.output;
  expect_refused(read(folder.path() + "/e.pdf"), 422, "document.encrypted");
}

TEST_F(Uploads, AFileWithAScriptIsRefused) {
  expect_refused(with_script(), 422, "document.active_content");
}

TEST_F(Uploads, AFileThatIsSignedAlreadyIsRefused) {
  ASSERT_EQ(DemoRun::get().status(), 0) << DemoRun::get().output();
  expect_refused(DemoRun::get().file(), 409, "document.signed");
}

TEST_F(Uploads, AFileThatTwoReadersSeeDifferentlyIsRefused) {
  expect_refused(with_catalog("AcroForm", {}, true), 422, "document.readers_disagree");
}

TEST_F(Uploads, AFileThatEndsTooEarlyIsRefused) {
  const base::Bytes file = lease();
  expect_refused(base::ByteView(file).first(file.size() / 2), 400, "malformed");
}

TEST_F(Uploads, TwoHundredMegabytesAreRefusedBeforeTheyAreTaken) {
  base::Bytes large = lease();
  large.resize(std::size_t{200} << 20, ' ');
  expect_refused(large, 413, "limit_exceeded");
}

TEST_F(Uploads, MoreThanADocumentMayHaveIsRefusedWhereTheRequestItselfMayBeLarger) {
  base::Bytes large = lease();
  large.resize((std::size_t{50} << 20) + 1, ' ');
  expect_refused(large, 413, "limit_exceeded");
}

// The last one, since it does leave something: the control of all the others.
// shows-part: ECP-CON-1 (OFD, DOCX, templates with fields, attachments)
TEST_F(Uploads, TheLeaseItselfIsTakenAndLeavesItsTraces) {
  const auto before = platform_->look();
  ASSERT_OK(before);
  const auto answer = platform_->upload(lease());
  ASSERT_OK(answer);
  EXPECT_EQ(answer->status, 201) << answer->text("detail");
  const auto after = platform_->look();
  ASSERT_OK(after);
  EXPECT_GT(after->blobs.size(), before->blobs.size());
  EXPECT_EQ(after->rows.at("contract_contracts"), 1);
}

}  // namespace
}  // namespace heqi::demo
