// Marks against counterfeits from the command line.
#include <heqi/documents/drawing/canvas.h>

#include "../../src/documents/ofd/tests/ofd_world.h"
#include "../../src/documents/watermark/tests/page_model.h"
#include "shell.h"

namespace heqi::program {
namespace {

namespace ofd = documents::ofd;
namespace drawing = documents::drawing;
using documents::seal::must;

struct WatermarkCommand : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  void SetUp() override {
    write(at("root.pem"), x509::to_pem(desk.authority.root().certificate));
    write(at("secret"), "sixteen octets or more");
    write(at("a.ofd"), base::text_of(contract("壹万元整")));
    write(at("b.ofd"), base::text_of(contract("贰万元整")));
  }
  // contract is small (A6): marks are searched for over all of a page.
  static base::Bytes contract(const std::string& amount) {
    ofd::NewDocument out;
    out.title = "租赁合同";
    out.pages = {{105, 148, {{10, 20, 5, "月租金：人民币" + amount}}, {{10, 24, 95, 24}}, {}}};
    return must(ofd::make_document(out));
  }
  Ran embed(const std::string& from, const std::string& to, std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"--use", "承租方留存", "--secret", at("secret"), "--out", at(to), at(from)});
    more.insert(more.begin(), "embed");
    return run(run_watermark, more);
  }
  Ran read(const std::string& picture, const std::string& of, std::vector<std::string> more = {}) {
    more.insert(more.begin(), "read");
    more.insert(more.end(), {"--of", at(of), "--secret", at("secret"), "--json", at(picture)});
    return run(run_watermark, more);
  }
  void sign(const std::string& from, const std::string& to) {
    write(at(to), base::text_of(desk.signed_by(*base::read_file(at(from), 1 << 24), desk.alice)));
  }
  Ran verify(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--trust", at("root.pem"), "--at", "2026-06-01T18:00:00Z", "--json",
                             "--marks", at(file)});
    return run(run_verify, more);
  }
  testing::TemporaryFolder folder;
  ofd::SealingDesk desk;
};

bool has(const Ran& ran, const std::string& mark, const std::string& state) {
  return ran.out.find("\"mark\":\"" + mark + "\",\"state\":\"" + state + "\"") != std::string::npos;
}

// shows: ECP-SEAL-2, ECP-SEAL-2b, ECP-SEAL-2c
TEST_F(WatermarkCommand, MarksAreReadByTheVerifierWhileTheyAreWhole) {
  ASSERT_EQ(embed("a.ofd", "marked.ofd").code, 0);
  sign("marked.ofd", "signed.ofd");
  const Ran verdict = verify("signed.ofd", {"--secret", at("secret")});
  EXPECT_EQ(verdict.code, 0) << verdict.out << verdict.error;
  for (const std::string mark : {"robust", "dots", "fragile"})
    EXPECT_TRUE(has(verdict, mark, "read")) << verdict.out;
  // Without the secret nothing is seen, and what the record promises is missing.
  EXPECT_EQ(verify("signed.ofd").code, 1);
  sign("a.ofd", "plain.ofd");
  const Ran plain = verify("plain.ofd");
  EXPECT_EQ(plain.code, 0) << plain.out;
  EXPECT_EQ(plain.out.find("\"marks\""), std::string::npos);
}

// shows: ECP-SEAL-2
TEST_F(WatermarkCommand, APageCopiedIntoAnotherDocumentIsFound) {
  ASSERT_EQ(embed("a.ofd", "marked.ofd").code, 0);
  ASSERT_EQ(embed("b.ofd", "other.ofd").code, 0);
  ASSERT_EQ(run(run_render, {at("marked.ofd"), "--out", at("page.png")}).code, 0);
  const Ran own = read("page.png", "marked.ofd");
  EXPECT_EQ(own.code, 0) << own.out;
  EXPECT_TRUE(has(own, "fragile", "read")) << own.out;
  const Ran foreign = read("page.png", "other.ofd");
  EXPECT_EQ(foreign.code, 1) << foreign.out;
  EXPECT_TRUE(has(foreign, "robust", "missing")) << foreign.out;
  // The other document's record over this document's marks: signed, and all the same refused.
  const auto marked = must(base::read_file(at("marked.ofd"), 1 << 24));
  write(at("mixed.ofd"),
        base::text_of(ofd::with(must(base::read_file(at("other.ofd"), 1 << 24)),
                                {{"Doc_0/Marks/marks_0.png",
                                  base::to_bytes(ofd::part(marked, "Doc_0/Marks/marks_0.png"))}})));
  sign("mixed.ofd", "signed.ofd");
  EXPECT_EQ(verify("signed.ofd", {"--secret", at("secret")}).code, 1);
}

// shows: ECP-SEAL-2b, ECP-SEAL-2c
// shows: ECP-3.2.4.2-c
TEST_F(WatermarkCommand, APrintedAndScannedPageStillSaysWhoseItIs) {
  ASSERT_EQ(embed("a.ofd", "marked.ofd").code, 0);
  ASSERT_EQ(run(run_render, {at("marked.ofd"), "--out", at("page.png")}).code, 0);
  const drawing::Picture page =
      must(drawing::decode_png(must(base::read_file(at("page.png"), 1 << 26))));
  const auto scan = documents::watermark::printed_and_scanned(page, 3, 150 / 25.4);
  write(at("scan.png"), base::text_of(drawing::encode_png(scan)));
  const Ran seen = read("scan.png", "marked.ofd", {"--paper"});
  EXPECT_EQ(seen.code, 0) << seen.out;
  EXPECT_TRUE(has(seen, "dots", "read")) << seen.out;
  EXPECT_TRUE(has(seen, "fragile", "missing")) << seen.out;
}

TEST_F(WatermarkCommand, SaysNoToWhatDoesNotFit) {
  EXPECT_EQ(embed("a.ofd", "out.ofd", {"--mark", "loud"}).code, 1);
  EXPECT_EQ(embed("root.pem", "out.ofd").code, 1);
  sign("a.ofd", "signed.ofd");
  EXPECT_EQ(embed("signed.ofd", "out.ofd").code, 1);
  write(at("short"), "short");
  EXPECT_EQ(run(run_watermark, {"embed", "--use", "x", "--secret", at("short"), "--out",
                                at("out.ofd"), at("a.ofd")})
                .code,
            1);
  EXPECT_EQ(shell("test -e " + at("out.ofd")), 1);
  EXPECT_EQ(read("root.pem", "a.ofd").code, 1);  // a.ofd has no marks
  EXPECT_EQ(run(run_watermark, {"embed", at("a.ofd")}).code, 2);
  EXPECT_EQ(run(run_watermark, {"wash"}).code, 2);
  EXPECT_EQ(run(run_watermark, {}).code, 2);
}

}  // namespace
}  // namespace heqi::program
