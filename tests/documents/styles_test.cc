// Files as other programs write them: linearised, with object streams, without compression, turned,
// of a later version, merged of several, encrypted without a password to open them. Two parties
// sign each of them.
#include <heqi/documents/second_opinion/opinion.h>

#include "pades_desk.h"
#include "strangers.h"

namespace heqi::documents {
namespace {

struct Style {
  std::string name, options;  // of qpdf
};

// Rewriting lets qpdf write the example in another way.
class Rewriting : public ::testing::Test {
 protected:
  // rewritten is the example as qpdf writes it.
  base::Result<Bytes> rewritten(const std::string& options) const {
    const std::string path = folder_.path() + "/style.pdf";
    const Ran ran = run("qpdf " HEQI_EXAMPLES "/lease.pdf " + options + " " + path);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return base::read_file(path, 1 << 22);
  }
  testing::TemporaryFolder folder_;
};

class Encrypted : public Rewriting {};
class Styles : public Rewriting, public ::testing::WithParamInterface<Style> {};

INSTANTIATE_TEST_SUITE_P(
    Of, Styles,
    ::testing::Values(
        Style{"linearised", "--linearize"}, Style{"object_streams", "--object-streams=generate"},
        Style{"linearised_object_streams", "--linearize --object-streams=generate"},
        Style{"uncompressed", "--stream-data=uncompress"},
        Style{"normalised", "--normalize-content=y --newline-before-endstream"},
        Style{"turned", "--rotate=90:1-z"}, Style{"upside_down", "--rotate=180:3"},
        Style{"version_2", "--force-version=2.0"},
        Style{"merged", "--pages . 1-z . 1 -- --object-streams=generate"},
        Style{"aes_256", "--encrypt '' owner 256 --"},
        Style{"aes_256_packed", "--linearize --object-streams=generate --encrypt '' owner 256 --"},
        Style{"aes_256_revision_5", "--allow-weak-crypto --encrypt '' owner 256 --force-R5 --"},
        Style{"aes_256_open_metadata", "--encrypt '' owner 256 --cleartext-metadata --"},
        Style{"aes_128", "--allow-weak-crypto --encrypt '' owner 128 --use-aes=y --"},
        Style{"rc4_128", "--allow-weak-crypto --encrypt '' owner 128 --use-aes=n --"},
        Style{"rc4_40", "--allow-weak-crypto --encrypt '' owner 40 --"}),
    [](const auto& one) { return one.param.name; });

// shows-part: ECP-DOC-1 (files of every style, several signatures)
TEST_P(Styles, TwoPartiesSignAndEveryReaderSeesTheSameFile) {
  if (!is_installed("qpdf"))
    GTEST_SKIP() << "qpdf is not installed: ./dev packages test installs it";
  const Bytes file = must(rewritten(GetParam().options));
  for (const testing::Suite* suite : {&testing::sm2_suite(), &testing::ecdsa_suite()}) {
    PadesDesk desk(*suite);
    const Credential alice = desk.make_person("Alice"), bob = desk.make_person("Bob");
    Bytes done = must(pdf::prepare_fields(
        file, {{"party1", "", {0, 20, 20, 60, 25}}, {"party2", "", {2, 20, 60, 60, 25}}}));
    done = desk.sign(done, "party1", alice, Level::t);
    done = desk.sign(done, "party2", bob, Level::lta);
    const auto report = desk.verify(done, kSignedAt + std::chrono::hours(1));
    EXPECT_EQ(report.verdict, verify::Verdict::valid);
    EXPECT_EQ(report.signatures.size(), 3u);
    EXPECT_OK(second_opinion::compare_readers(done));
    const std::string path = folder_.path() + "/signed.pdf";
    ASSERT_OK(base::write_file(path, done));
    const Ran checked = run("qpdf --check " + path);
    EXPECT_EQ(checked.status, 0) << checked.output;
    if (suite->name() != "sm2" && is_installed("pdfsig")) {
      const Ran ran = run("pdfsig -nocert " + path);
      EXPECT_EQ(count(ran.output, "Signature is Valid."), 2u) << ran.output;
    }
  }
}

// A file that opens with a password only is refused by name, by every step.
TEST_F(Encrypted, AreRefusedByNameWhereTheyNeedAPassword) {
  if (!is_installed("qpdf"))
    GTEST_SKIP() << "qpdf is not installed: ./dev packages test installs it";
  for (const std::string method : {"256", "128 --use-aes=y", "40"}) {
    const std::string weak = method == "256" ? "" : "--allow-weak-crypto ";
    const Bytes file = must(rewritten(weak + "--encrypt secret owner " + method + " --"));
    const auto parsed = pdf::Document::parse(file);
    EXPECT_ERROR(parsed, base::Code::document_encrypted);
    EXPECT_NE(parsed.error().detail.find("password"), std::string::npos);
    EXPECT_ERROR(pdf::prepare_fields(file, {{"a", "", {0, 20, 20, 60, 25}}}),
                 base::Code::document_encrypted);
    EXPECT_ERROR(verify::verify_pdf(file, {}), base::Code::document_encrypted);
  }
}

TEST_F(Encrypted, AreNotSignedWhereTheirAuthorDoesNotAllowIt) {
  if (!is_installed("qpdf"))
    GTEST_SKIP() << "qpdf is not installed: ./dev packages test installs it";
  PadesDesk desk(testing::sm2_suite());
  const Credential alice = desk.make_person("Alice");
  const Bytes file = must(pdf::prepare_fields(
      must(rewritten("--encrypt '' owner 256 --modify=none --annotate=n --form=n --modify-other=n "
                     "--assemble=n --")),
      {{"party1", "", {0, 20, 20, 60, 25}}}));
  EXPECT_ERROR(sign::prepare(file, desk.wish_of("party1", alice), desk.algorithms().digests),
               base::Code::denied);
}

// The words that a signature shows are closed like all others; its value is not.
TEST_F(Encrypted, KeepTheirWordsClosed) {
  if (!is_installed("qpdf"))
    GTEST_SKIP() << "qpdf is not installed: ./dev packages test installs it";
  PadesDesk desk(testing::sm2_suite());
  const Credential alice = desk.make_person("Alice");
  const Bytes file = must(pdf::prepare_fields(must(rewritten("--encrypt '' owner 256 --")),
                                              {{"party1", "", {0, 20, 20, 60, 25}}}));
  sign::Wish wish = desk.wish_of("party1", alice);
  wish.place.reason = "a reason in plain words";
  const Bytes done = desk.sign(file, wish, alice, Level::lta);
  EXPECT_EQ(base::text_of(done).find("reason in plain"), std::string_view::npos);
  const auto report = desk.verify(done, kSignedAt + std::chrono::hours(1));
  EXPECT_EQ(report.verdict, verify::Verdict::valid);
  ASSERT_EQ(report.signatures.size(), 2u);
  EXPECT_EQ(report.signatures[0].reason, "a reason in plain words");
  EXPECT_EQ(report.signatures[0].field, "party1");

  // A later revision that is not encrypted alike is not read.
  std::string text(base::text_of(done));
  text.replace(text.rfind("/Encrypt"), 8, "/Encrypx");
  EXPECT_ERROR(verify::verify_pdf(base::to_bytes(text), {}), base::Code::malformed);
  for (std::size_t at = 100; at < done.size(); at += done.size() / 97) {
    Bytes other = done;
    other[at] ^= 1;
    verify::VerifyOptions options;
    options.trust = desk.authority.trust();
    options.now = kSignedAt + std::chrono::hours(1);
    const auto judged = verify::verify_pdf(other, options);
    if (judged) {
      EXPECT_NE(judged->verdict, verify::Verdict::valid) << at;
    }
  }
}

}  // namespace
}  // namespace heqi::documents
