#include <heqi/base/file_store.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/second_opinion/opinion.h>
#include <heqi/documents/second_opinion/upload.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <cstdlib>

namespace heqi::documents::second_opinion {
namespace {

using base::Bytes;
using base::Code;

Bytes lease() {
  return *base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20);
}

// with_catalog adds entries to the catalog of the lease, as a later save would.
Bytes with_catalog(const std::string& key, const pdf::Value& value) {
  const Bytes file = lease();
  const auto document = pdf::Document::parse(file);
  pdf::Update update(*document);
  pdf::Dictionary catalog = **document->catalog();
  catalog.set(key, value);
  update.put(document->catalog_reference(), {std::move(catalog), {}});
  return base::concat({file, update.finish()->octets});
}

pdf::Dictionary action(const std::string& kind) {
  pdf::Dictionary out;
  out.set("S", pdf::Name{kind});
  return out;
}

Bytes with_signature() {
  const Bytes ready = *pdf::prepare_fields(lease(), {{"lessor", "", {2, 20, 20, 60, 25}}});
  pdf::SignatureRequest request;
  request.field = "lessor";
  return *pdf::finish_signature(*pdf::prepare_signature(ready, request),
                                testing::hex("3003020107"));
}

// by_qpdf runs the qpdf command over the lease.
Bytes by_qpdf(const std::string& options) {
  const testing::TemporaryFolder folder;
  const std::string out = folder.path() + "/out.pdf";
  EXPECT_EQ(std::system(("qpdf " + options + " " HEQI_EXAMPLES "/lease.pdf " + out).c_str()), 0);
  return *base::read_file(out, 1 << 20);
}

TEST(Upload, TheLeaseIsFitToBeSigned) {
  const auto upload = inspect_upload(lease());
  ASSERT_OK(upload);
  EXPECT_EQ(upload->pages, 3u);
  EXPECT_EQ(upload->signatures, 0u);
  EXPECT_TRUE(upload->notes.empty());
  EXPECT_EQ(*summarise_ours(lease()), *summarise_theirs(lease()));
}

TEST(Upload, BadUploadsAreNamed) {
  EXPECT_ERROR(inspect_upload({}), Code::document_empty);
  EXPECT_ERROR(inspect_upload(base::bytes_of("PK\x03\x04 a letter")), Code::document_not_pdf);
  UploadOptions small;
  small.size_max = 1000;
  EXPECT_ERROR(inspect_upload(lease(), small), Code::limit_exceeded);
  small = {};
  small.pages_max = 2;
  EXPECT_ERROR(inspect_upload(lease(), small), Code::limit_exceeded);
  const Bytes file = lease();
  EXPECT_ERROR(inspect_upload(base::ByteView(file).first(file.size() / 2)), Code::malformed);
  EXPECT_ERROR(inspect_upload(by_qpdf("--encrypt a b 256 --")), Code::document_encrypted);
  EXPECT_ERROR(inspect_upload(by_qpdf("--allow-weak-crypto --encrypt '' b 128 --")),
               Code::document_encrypted);
}

TEST(Upload, ActiveContentIsRefused) {
  pdf::Dictionary names, form, go_to;
  EXPECT_ERROR(inspect_upload(with_catalog("OpenAction", action("JavaScript"))),
               Code::document_active_content);
  EXPECT_ERROR(inspect_upload(with_catalog("OpenAction", action("Named"))),
               Code::document_active_content);
  go_to = action("GoTo");
  go_to.set("Next", action("Named"));
  EXPECT_ERROR(inspect_upload(with_catalog("OpenAction", go_to)), Code::document_active_content);
  EXPECT_ERROR(inspect_upload(with_catalog("AA", action("GoTo"))), Code::document_active_content);
  for (const std::string kind : {"Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Hide"})
    EXPECT_ERROR(inspect_upload(with_catalog("Other", action(kind))), Code::document_active_content)
        << kind;
  for (const std::string key : {"JavaScript", "EmbeddedFiles"}) {
    names = {};
    names.set(key, pdf::Dictionary{});
    EXPECT_ERROR(inspect_upload(with_catalog("Names", names)), Code::document_active_content);
  }
  form.set("Fields", pdf::Array{}).set("XFA", pdf::Array{});
  EXPECT_ERROR(inspect_upload(with_catalog("AcroForm", form)), Code::document_active_content);
  EXPECT_OK(inspect_upload(with_catalog("OpenAction", action("GoTo"))));
}

TEST(Upload, NotesTellWhatASignerShouldKnow) {
  const auto upload = inspect_upload(with_catalog("OCProperties", pdf::Dictionary{}));
  ASSERT_OK(upload);
  EXPECT_EQ(upload->notes.size(), 2u);  // layers; saved twice
  EXPECT_ERROR(inspect_upload(with_signature()), Code::document_signed);
  UploadOptions options;
  options.signed_files = SignedFiles::allowed;
  const auto signed_one = inspect_upload(with_signature(), options);
  ASSERT_OK(signed_one);
  EXPECT_EQ(signed_one->signatures, 1u);
}

TEST(Upload, ReadersThatDisagreeAreHeard) {
  // Octet 0x7F is undefined in PDFDocEncoding: qpdf and we make different names of it.
  const Bytes file = lease();
  const auto document = pdf::Document::parse(file);
  pdf::Update update(*document);
  pdf::Dictionary field, form, catalog = **document->catalog();
  field.set("FT", pdf::Name{"Tx"}).set("T", pdf::String{{'a', 0x7F}, false});
  form.set("Fields", pdf::Array{{update.add({std::move(field), {}})}});
  catalog.set("AcroForm", std::move(form));
  update.put(document->catalog_reference(), {std::move(catalog), {}});
  const Bytes changed = base::concat({file, update.finish()->octets});
  EXPECT_OK(summarise_ours(changed));
  EXPECT_ERROR(compare_readers(changed), Code::document_readers_disagree);
  EXPECT_ERROR(inspect_upload(changed), Code::document_readers_disagree);
  EXPECT_ERROR(summarise_theirs(base::ByteView(file).first(1000)), Code::malformed);
}

TEST(Normalise, RepairsWhatIsDamagedAndLeavesSignedFilesAlone) {
  const Bytes file = lease();
  const std::string junk = "\r\nreceived by mail\r\n";
  const Bytes shifted = base::concat({base::bytes_of(junk), file});
  EXPECT_ERROR(inspect_upload(shifted), Code::document_not_pdf);
  const auto repaired = normalise(shifted);
  ASSERT_OK(repaired);
  const auto upload = inspect_upload(*repaired);
  ASSERT_OK(upload);
  EXPECT_EQ(upload->pages, 3u);
  EXPECT_EQ(*normalise(shifted), *repaired);

  Bytes cut = file;
  cut.resize(file.size() - 10);
  const auto mended = normalise(cut);
  ASSERT_OK(mended);
  EXPECT_OK(inspect_upload(*mended));

  EXPECT_ERROR(normalise(with_signature()), Code::document_signed);
  EXPECT_ERROR(normalise(by_qpdf("--encrypt '' b 256 --")), Code::document_encrypted);
  EXPECT_ERROR(normalise(by_qpdf("--encrypt a b 256 --")), Code::document_encrypted);
  EXPECT_ERROR(normalise({}), Code::document_not_pdf);
  EXPECT_ERROR(normalise(base::bytes_of("%PDF-1.7 and nothing else")), Code::malformed);
}

// The variants that other producers write are read, and appended to in their own style.
TEST(Variants, QpdfsOwnFilesAreReadAndSigned) {
  const std::string variants[] = {
      "--object-streams=generate",
      "--linearize",
      "--linearize --object-streams=generate",
      "--qdf",
      "--stream-data=uncompress",
      "--rotate=+90:1-z",
      "--compress-streams=y --recompress-flate --object-streams=generate"};
  for (const std::string& options : variants) {
    const Bytes file = by_qpdf(options);
    const auto upload = inspect_upload(file);
    ASSERT_OK(upload) << options;
    EXPECT_EQ(upload->revisions, 1u) << options;
    const auto ready = pdf::prepare_fields(
        file, {{"a", "", {2, 20, 20, 60, 25}}, {"b", "", {2, 100, 20, 60, 25}}});
    ASSERT_OK(ready) << options;
    Bytes now = *ready;
    for (const std::string field : {"a", "b"}) {
      pdf::SignatureRequest request;
      request.field = field;
      const auto prepared = pdf::prepare_signature(now, request);
      ASSERT_OK(prepared) << options;
      const Bytes next = *pdf::finish_signature(*prepared, testing::hex("3003020107"));
      EXPECT_TRUE(std::equal(now.begin(), now.end(), next.begin()));
      now = next;
    }
    EXPECT_OK(compare_readers(now)) << options;
    const auto document = pdf::Document::parse(now);
    EXPECT_EQ(document->revisions().size(), 4u);
    EXPECT_EQ(document->revisions()[3].style, document->revisions()[0].style);
    const testing::TemporaryFolder folder;
    ASSERT_OK(base::write_file(folder.path() + "/f.pdf", now));
    EXPECT_EQ(std::system(("qpdf --check " + folder.path() + "/f.pdf >" + folder.path() +
                           "/log 2>&1 || { cat " + folder.path() + "/log; false; }")
                              .c_str()),
              0)
        << options;
  }
}

}  // namespace
}  // namespace heqi::documents::second_opinion
