// OFD and seals from the command line, with a stranger's opinion on every SM2 value.
#include <heqi/crypto/sm3.h>
#include <heqi/documents/drawing/typeface.h>
#include <heqi/documents/ofd/make.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/seal/value.h>
#include <heqi/pki/cms.h>

#include "seal_desk.h"

namespace heqi::program {
namespace {

namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;

struct OfdCommand : public SealDesk {
  void SetUp() override {
    SealDesk::SetUp();
    ofd::NewDocument document;
    document.title = "合同";
    for (int i = 0; i < 3; ++i)
      document.pages.push_back({210, 297, {{30, 60, 4.2, "甲方（盖章）："}}, {}, {}});
    write(at("a.ofd"), base::text_of(*ofd::make_document(document)));
  }
  Ran sign(const std::string& who, const std::string& from, const std::string& to,
           const std::vector<std::string>& more = {}) {
    return sign_file(who, at(from), at(to), more);
  }
  Ran verify(const std::string& file) { return verify_file(at(file)); }
  // openssl_agrees asks the openssl program about a value over octets under a certificate's key.
  bool openssl_agrees(base::ByteView octets, base::ByteView value, const std::string& who) {
    const auto der = seal::read_sm2_value(value);
    write(at("octets"), base::text_of(octets));
    write(at("value"), base::text_of(der->der));
    return shell("(openssl x509 -in " + at(who + ".one") + " -pubkey -noout > " + at("pub.pem") +
                 ")") == 0 &&
           shell("openssl dgst -sm3 -verify " + at("pub.pem") +
                 " -sigopt distid:1234567812345678 -signature " + at("value") + " " +
                 at("octets")) == 0;
  }
  std::string entry(const std::string& file, const std::string& name) {
    const auto octets = base::read_file(at(file), 1 << 24);
    const auto package = ofd::Package::open(*octets);
    return std::string(base::text_of(*package->read(name)));
  }
};

// shows: ECP-SEAL-1
TEST_F(OfdCommand, ASealIsMadeAndOpensslAgreesWithItsMaker) {
  const Ran made = make_seal();
  ASSERT_EQ(made.code, 0) << made.error;
  const auto file = base::read_file(at("seal.esl"), 1 << 20);
  const auto parsed = seal::parse_seal(*file);
  ASSERT_OK(parsed);
  EXPECT_TRUE(openssl_agrees(parsed->info_der, parsed->signature, "maker"));
  EXPECT_FALSE(openssl_agrees(parsed->info_der, parsed->signature, "alice"));
  const Ran shown = run(run_seal, {"inspect", at("seal.esl"), "--trust", at("root.pem"), "--json"});
  EXPECT_EQ(shown.code, 0) << shown.out;
  EXPECT_NE(shown.out.find("\"step\":\"maker_certificate\",\"outcome\":\"passed\""),
            std::string::npos)
      << shown.out;
  EXPECT_EQ(run(run_seal, {"inspect", at("seal.esl")}).code, 0);
}

// shows: ECP-SEAL-1b
TEST_F(OfdCommand, SealsAreMadeFromANameInThreeShapes) {
  if (!documents::drawing::Typeface::open_style(documents::drawing::Style::song))
    GTEST_SKIP() << "no Chinese font here: ./dev packages build installs fonts-noto-cjk";
  for (const std::string shape : {"round", "oval", "square"}) {
    SCOPED_TRACE(shape);
    const Ran made =
        run(run_seal, {"make", "--name", "合契科技", "--shape", shape, "--id", "1", "--signers",
                       at("alice.one"), "--key", at("maker.key"), "--certificate", at("maker.pem"),
                       "--preview", at("preview.png"), "--out", at("seal.esl")});
    ASSERT_EQ(made.code, 0) << made.error;
    const auto parsed = seal::parse_seal(*base::read_file(at("seal.esl"), 1 << 22));
    ASSERT_OK(parsed);
    const seal::Picture& picture = parsed->info.picture;
    EXPECT_EQ(picture.width_mm, shape == "round" ? 40 : shape == "oval" ? 45 : 20);
    EXPECT_EQ(picture.height_mm, shape == "round" ? 40 : shape == "oval" ? 30 : 20);
    EXPECT_EQ(picture.data, *base::read_file(at("preview.png"), 1 << 22));
    EXPECT_TRUE(openssl_agrees(parsed->info_der, parsed->signature, "maker"));
    EXPECT_EQ(run(run_seal, {"inspect", at("seal.esl"), "--trust", at("root.pem")}).code, 0);
  }
}

// shows: ECP-DOC-2, ZSA37-7.4-c
TEST_F(OfdCommand, SealsVerifyAndOpensslAgreesWithTheSigner) {
  ASSERT_EQ(make_seal().code, 0);
  const Ran done =
      sign("alice", "a.ofd", "b.ofd", {"--seal", at("seal.esl"), "--word", "（盖章）"});
  ASSERT_EQ(done.code, 0) << done.error;
  const Ran verdict = verify("b.ofd");
  EXPECT_EQ(verdict.code, 0) << verdict.out;
  EXPECT_NE(verdict.out.find("\"verdict\":\"VALID_WITH_NOTES\""), std::string::npos) << verdict.out;
  EXPECT_NE(verdict.out.find("\"seal\":\"valid\""), std::string::npos);
  const std::string value = entry("b.ofd", "Doc_0/Signs/Sign_0/SignedValue.dat");
  const auto parsed = seal::parse_sealed_signature(base::bytes_of(value));
  ASSERT_OK(parsed);
  EXPECT_TRUE(openssl_agrees(parsed->to_sign, parsed->signature, "alice"));
  const crypto::Digest digest =
      crypto::sm3(base::bytes_of(entry("b.ofd", "Doc_0/Signs/Sign_0/Signature.xml")));
  EXPECT_TRUE(base::same_bytes(parsed->data_hash, digest));

  ASSERT_EQ(sign("mallory", "b.ofd", "c.ofd").code, 0);
  EXPECT_EQ(verify("c.ofd").code, 0);
  const std::string bare = entry("c.ofd", "Doc_0/Signs/Sign_1/SignedValue.dat");
  const auto message = pki::parse_signed_data(base::bytes_of(bare));
  ASSERT_OK(message);
  const pki::SignerInfo& signer = message->signers.at(0);
  EXPECT_TRUE(openssl_agrees(signer.signed_attributes, signer.signature, "mallory"));
  EXPECT_FALSE(openssl_agrees(signer.signed_attributes, signer.signature, "alice"));
  ASSERT_EQ(
      sign("alice", "c.ofd", "d.ofd", {"--seal", at("seal.esl"), "--seam", "right", "--close"})
          .code,
      0);
  EXPECT_EQ(verify("d.ofd").code, 0);
  const Ran closed = sign("mallory", "d.ofd", "e.ofd");
  EXPECT_EQ(closed.code, 1);
  EXPECT_NE(closed.error.find("closed"), std::string::npos) << closed.error;
}

TEST_F(OfdCommand, AChangedFileIsInvalid) {
  ASSERT_EQ(make_seal().code, 0);
  ASSERT_EQ(
      sign("alice", "a.ofd", "b.ofd", {"--seal", at("seal.esl"), "--box", "1:20,20,40,40"}).code,
      0);
  const auto file = base::read_file(at("b.ofd"), 1 << 24);
  const auto package = ofd::Package::open(*file);
  std::string page = entry("b.ofd", "Doc_0/Pages/Page_0/Content.xml");
  page.replace(page.find("甲方"), 6, "乙方");
  const auto changed =
      ofd::write_package(&*package, {{"Doc_0/Pages/Page_0/Content.xml", base::to_bytes(page)}});
  write(at("c.ofd"), base::text_of(*changed));
  EXPECT_EQ(verify("c.ofd").code, 1);
  write(at("d.ofd"), base::text_of(*file).substr(0, file->size() / 2));
  EXPECT_EQ(verify("d.ofd").code, 2);
  EXPECT_EQ(verify("a.ofd").code, 1);  // nobody signed
}

TEST_F(OfdCommand, RendersAllPagesIntoAFolderWithTheDigestThatWasSigned) {
  ASSERT_EQ(make_seal().code, 0);
  ASSERT_EQ(
      sign("alice", "a.ofd", "b.ofd", {"--seal", at("seal.esl"), "--box", "2:20,20,40,40"}).code,
      0);
  const std::string digest =
      base::to_hex(crypto::sm3(*base::read_file(at("b.ofd"), std::size_t{1} << 24)));
  for (const std::string format : {"png", "svg"}) {
    SCOPED_TRACE(format);
    const Ran ran = run(run_render, {at("b.ofd"), "--output", at(format + "/new"), "--format",
                                     format, "--resolution", "30", "--json"});
    ASSERT_EQ(ran.code, 0) << ran.error;
    EXPECT_NE(ran.out.find("\"sm3\":\"" + digest + "\",\"pages\":3"), std::string::npos) << ran.out;
    for (const char* page : {"1", "2", "3"})
      EXPECT_OK(base::read_file(at(format + "/new/page-000" + page + "." + format), 1 << 24));
    const auto record = base::read_file(at(format + "/new/rendering.json"), 1 << 20);
    ASSERT_OK(record);
    EXPECT_EQ(std::string(base::text_of(*record)), ran.out);
  }
  EXPECT_NE(verify("b.ofd").out.find(digest), std::string::npos);
}

TEST_F(OfdCommand, RendersAPdfByAProgramOfTheDistribution) {
  if (shell("pdftoppm -v") != 0) GTEST_SKIP() << "no pdftoppm: ./dev packages test installs it";
  const std::string lease = HEQI_EXAMPLES "/lease.pdf";
  const std::string digest = base::to_hex(crypto::sm3(*base::read_file(lease, 1 << 24)));
  const Ran ran = run(run_render, {lease, "--output", at("pdf"), "--resolution", "20", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.error;
  EXPECT_NE(ran.out.find(digest), std::string::npos) << ran.out;
  const auto page = base::read_file(at("pdf/page-0001.png"), 1 << 24);
  ASSERT_OK(page);
  EXPECT_TRUE(base::text_of(*page).starts_with("\x89PNG"));
  const Ran svg = run(run_render, {lease, "--out", at("lease.svg")});
  ASSERT_EQ(svg.code, 0) << svg.error;
  EXPECT_NE(base::text_of(*base::read_file(at("lease.svg"), 1 << 24)).find("<svg"),
            std::string_view::npos);
  EXPECT_EQ(run(run_render, {lease, "--out", at("no.png"), "--page", "99"}).code, 1);
}

TEST_F(OfdCommand, RendersNothingFromWhatIsBroken) {
  write(at("broken.pdf"), "%PDF-1.7\nnothing\n%%EOF\n");
  write(at("broken.ofd"), std::string("PK\x03\x04", 4) + "nothing");
  for (const std::string file : {"broken.pdf", "broken.ofd", "none.ofd"}) {
    EXPECT_EQ(run(run_render, {at(file), "--out", at("page.png")}).code, 1) << file;
    EXPECT_EQ(shell("test -e " + at("page.png")), 1) << file;
  }
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--out", at("a.png"), "--dpi", "2000"}).code, 1);
  EXPECT_EQ(run(run_render, {at("a.ofd")}).code, 2);
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--out", at("a.png"), "--output", at("x")}).code, 2);
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--output", at("x"), "--format", "bmp"}).code, 2);
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--output", at("x"), "--page", "1"}).code, 2);
}

TEST_F(OfdCommand, RendersWhatItVerifies) {
  const Ran png = run(run_render, {at("a.ofd"), "--out", at("a.png"), "--dpi", "30", "--json"});
  ASSERT_EQ(png.code, 0) << png.error;
  const auto file = base::read_file(at("a.ofd"), 1 << 24);
  const std::string digest = base::to_hex(crypto::sm3(*file));
  EXPECT_NE(png.out.find(digest), std::string::npos);
  EXPECT_NE(verify("a.ofd").out.find(digest), std::string::npos);
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--out", at("a.svg"), "--page", "3"}).code, 0);
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--out", at("a.svg"), "--page", "4"}).code, 1);
  EXPECT_EQ(run(run_render, {at("a.ofd"), "--out", at("a.bmp")}).code, 2);
  EXPECT_EQ(run(run_render, {at("root.pem"), "--out", at("a.png")}).code, 1);
}

TEST_F(OfdCommand, SaysNoToWhatDoesNotFit) {
  ASSERT_EQ(make_seal().code, 0);
  const Ran borrowed =
      sign("mallory", "a.ofd", "b.ofd", {"--seal", at("seal.esl"), "--seam", "left"});
  EXPECT_EQ(borrowed.code, 1);
  EXPECT_NE(borrowed.error.find("seal.unusable"), std::string::npos) << borrowed.error;
  EXPECT_EQ(sign("alice", "a.ofd", "b.ofd", {"--seal", at("seal.esl")}).code, 1);
  EXPECT_EQ(sign("alice", "a.ofd", "b.ofd", {"--seam", "right"}).code, 1);
  EXPECT_EQ(sign("alice", "a.ofd", "b.ofd", {"--seal", at("seal.esl"), "--word", "无"}).code, 1);
  EXPECT_EQ(sign("alice", "a.ofd", "b.ofd", {"--seal", at("seal.esl"), "--seam", "top"}).code, 1);
  EXPECT_EQ(
      run(run_seal, {"make", "--name", "x", "--id", "1", "--picture", at("picture.png")}).code, 2);
  EXPECT_EQ(run(run_seal, {"make", "--shape", "star", "--name", "x"}).code, 1);
  EXPECT_EQ(run(run_seal, {"inspect", at("root.pem")}).code, 2);
  EXPECT_EQ(run(run_seal, {"sell"}).code, 2);
  EXPECT_EQ(run(run_seal, {}).code, 2);
}

// shows-part: ECP-SEAL-3d (the list that a verifier is given; the service that keeps seals is
// another)
TEST_F(OfdCommand, AWithdrawnSealIsSeen) {
  ASSERT_EQ(make_seal().code, 0);
  ASSERT_EQ(run(run_seal, {"withdraw", "11010800000001", "--key", at("maker.key"), "--certificate",
                           at("maker.pem"), "--out", at("list")})
                .code,
            0);
  const auto list = seal::parse_status_list(*base::read_file(at("list"), 1 << 20));
  ASSERT_OK(list);
  EXPECT_TRUE(openssl_agrees(list->info_der, list->signature, "maker"));
  const std::vector<std::string> inspect = {"inspect", at("seal.esl"), "--trust", at("root.pem"),
                                            "--json",  "--status",     at("list")};
  const Ran shown = run(run_seal, inspect);
  EXPECT_EQ(shown.code, 1);
  EXPECT_NE(shown.out.find("\"step\":\"seal_status\",\"outcome\":\"failed\""), std::string::npos);
}

}  // namespace
}  // namespace heqi::program
