// heqi pdf, and a signature in two phases whose key only openssl has.
#include "shell.h"

namespace heqi::program {
namespace {

const std::string kLease = std::string(HEQI_EXAMPLES) + "/lease.pdf";

struct PdfCommand : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  void make_identity() {
    ASSERT_EQ(shell("openssl req -x509 -nodes -newkey rsa:2048 -sha256 -days 3650 -keyout " +
                    at("key") + " -out " + at("cert") +
                    " -subj '/CN=Alice' -addext keyUsage=critical,digitalSignature"),
              0);
  }
  void make_fields() {
    ASSERT_EQ(run(run_pdf, {"fields", kLease, "lessor=3:20,20,60,25", "lessee=3:20,60,60,25",
                            "--out", at("ready.pdf")})
                  .code,
              0);
  }
  Ran prepare() {
    return run(run_pdf, {"prepare", at("ready.pdf"), "--certificate", at("cert"), "--field",
                         "lessor", "--pending", at("pending"), "--to-sign", at("octets")});
  }
  Ran finish(const std::string& file, const std::string& signature) {
    return run(run_pdf, {"finish", at(file), "--pending", at("pending"), "--signature",
                         at(signature), "--out", at("done.pdf")});
  }
  std::string bytes(const std::string& name) {
    const auto content = base::read_file(at(name), 1 << 20);
    EXPECT_OK(content);
    return content ? std::string(base::text_of(*content)) : "";
  }
  testing::TemporaryFolder folder;
};

TEST_F(PdfCommand, InspectShowsPagesFieldsAndSaves) {
  make_fields();
  const Ran ran = run(run_pdf, {"inspect", at("ready.pdf")});
  ASSERT_EQ(ran.code, 0) << ran.error;
  EXPECT_NE(ran.out.find("3 pages"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("lessee"), std::string::npos) << ran.out;
  const Ran json = run(run_pdf, {"inspect", "--json", at("ready.pdf")});
  EXPECT_NE(json.out.find("{\"name\":\"lessor\",\"type\":\"Sig\",\"filled\":false}"),
            std::string::npos)
      << json.out;
}

// shows-part: MSSP-2-b (from the command line)
TEST_F(PdfCommand, LintAcceptsTheExampleAndRefusesAFontThatIsElsewhere) {
  EXPECT_EQ(run(run_pdf, {"lint", kLease}).code, 0);
  const std::string page =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages "
      "/Kids "
      "[] /Count 0 >>\nendobj\n3 0 obj\n<< >>\nendobj\nxref\n0 4\n0000000000 65535 f \n0000000009 "
      "00000 n \n0000000058 00000 n \n0000000110 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R "
      ">>\nstartxref\n131\n%%EOF\n";
  write(at("odd.pdf"), page);
  const Ran ran = run(run_pdf, {"lint", "--json", at("odd.pdf")});
  EXPECT_EQ(ran.code, 1) << ran.error;
  EXPECT_NE(ran.out.find("unreferenced_object"), std::string::npos) << ran.out << ran.error;
}

// shows-part: ECP-DOC-1b (PDF: prepare, bytes, finish, each step again with the same result)
TEST_F(PdfCommand, OpensslSignsBetweenThePhasesAndTheSecondPhaseCanBeRepeated) {
  make_identity();
  make_fields();
  ASSERT_EQ(prepare().code, 0);
  ASSERT_EQ(shell("openssl dgst -sha256 -sign " + at("key") + " -out " + at("value") + " " +
                  at("octets")),
            0);
  const Ran ran = finish("ready.pdf", "value");
  ASSERT_EQ(ran.code, 0) << ran.error;
  const std::string first = bytes("done.pdf");
  ASSERT_EQ(finish("ready.pdf", "value").code, 0);
  EXPECT_EQ(bytes("done.pdf"), first);
  const Ran verified = run(run_verify, {"--trust", at("cert"), "--json", at("done.pdf")});
  EXPECT_NE(verified.out.find("\"integrity\":\"intact\",\"signature\":\"valid\""),
            std::string::npos)
      << verified.out.substr(0, 2000);
  if (shell("command -v pdfsig") == 0) {
    EXPECT_EQ(shell("pdfsig -nocert " + at("done.pdf") + " | grep -q 'Signature is Valid'"), 0);
  }
}

TEST_F(PdfCommand, TheSecondPhaseRefusesAnotherFileAnotherValueAndABrokenState) {
  make_identity();
  make_fields();
  ASSERT_EQ(prepare().code, 0);
  ASSERT_EQ(shell("openssl dgst -sha256 -sign " + at("key") + " -out " + at("value") + " " +
                  at("octets")),
            0);
  const auto refused = [&](const Ran& ran, const std::string& why) {
    EXPECT_EQ(ran.code, 1) << why;
    EXPECT_NE(ran.error.find(why), std::string::npos) << ran.error;
    EXPECT_NE(shell("test -e " + at("done.pdf")), 0) << why;
  };
  std::string other = bytes("ready.pdf");
  other[300] = other[300] == 'a' ? 'b' : 'a';
  write(at("other.pdf"), other);
  refused(finish("other.pdf", "value"), "was changed since it was prepared");
  write(at("longer.pdf"), bytes("ready.pdf") + "\n");
  refused(finish("longer.pdf", "value"), "octets");
  std::string value = bytes("value");
  value.back() = static_cast<char>(value.back() ^ 1);
  write(at("wrong"), value);
  refused(finish("ready.pdf", "wrong"), "does not verify");
  write(at("pending"), bytes("pending").substr(0, 500));
  refused(finish("ready.pdf", "value"), "");
}

TEST_F(PdfCommand, SaysWhichPartsThereAre) {
  EXPECT_EQ(run(run_pdf, {}).code, 2);
  EXPECT_EQ(run(run_pdf, {"--help"}).code, 0);
  EXPECT_EQ(run(run_pdf, {"inspekt", kLease}).code, 2);
  EXPECT_EQ(run(run_pdf, {"inspect", at("none.pdf")}).code, 1);
  EXPECT_EQ(run(run_pdf, {"fields", kLease, "a", "--out", at("x.pdf")}).code, 1);
  EXPECT_EQ(
      run(run_pdf, {"fields", kLease, "a=3:20,20,60,25", "b=3:30,30,60,25", "--out", at("x.pdf")})
          .code,
      1);  // they overlap
}

}  // namespace
}  // namespace heqi::program
