// heqi sign --seal inside a PDF: the value, the picture on the page, and who may use which seal.
#include <algorithm>

#include <heqi/documents/pdf/form.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/documents/seal/value.h>

#include "seal_desk.h"

namespace heqi::program {
namespace {

namespace pdf = documents::pdf;
namespace seal = documents::seal;
using base::Bytes;

const std::string kLease = std::string(HEQI_EXAMPLES) + "/lease.pdf";

struct SealPdf : public SealDesk {
  void SetUp() override {
    SealDesk::SetUp();
    const Ran made = make_seal();
    ASSERT_EQ(made.code, 0) << made.error;
  }
  Ran sign(const std::string& who, std::vector<std::string> more,
           const std::string& file = kLease) {
    more.insert(more.end(), {"--seal", at("seal.esl")});
    return sign_file(who, file, at("out.pdf"), more);
  }
  Ran verify(const std::vector<std::string>& more = {}) { return verify_file(at("out.pdf"), more); }
  Bytes made() const { return *base::read_file(at("out.pdf"), 1 << 24); }
};

// shows-part: ECP-DOC-1, ECP-DOC-5a (a seal in a PDF, from the command line)
TEST_F(SealPdf, IsWrittenVerifiedAndOpensslAgreesWithTheSigner) {
  const Ran ran = sign("alice", {"--box", "1:120,240"});
  ASSERT_EQ(ran.code, 0) << ran.error;
  const Ran verified = verify();
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("\"seal\":\"valid\""), std::string::npos) << verified.out;
  EXPECT_NE(verified.out.find("\"sub_filter\":\"GM.sm2seal\""), std::string::npos);
  EXPECT_NE(verified.out.find("合契科技有限公司"), std::string::npos);

  const Bytes file = made();
  const auto document = pdf::Document::parse(file);
  ASSERT_OK(document);
  const auto found = pdf::find_signatures(*document);
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 1u);
  const auto sealed = seal::parse_sealed_signature((*found)[0].contents);
  ASSERT_OK(sealed);
  const auto value = seal::read_sm2_value(sealed->signature);
  ASSERT_OK(value);
  write(at("octets"), base::text_of(sealed->to_sign));
  write(at("value"), base::text_of(value->der));
  ASSERT_EQ(
      shell("(openssl x509 -in " + at("alice.one") + " -pubkey -noout > " + at("pub.pem") + ")"),
      0);
  EXPECT_EQ(
      shell("openssl dgst -sm3 -verify " + at("pub.pem") +
            " -sigopt distid:1234567812345678 -signature " + at("value") + " " + at("octets")),
      0);
  if (shell("command -v qpdf") == 0) {
    EXPECT_EQ(shell("qpdf --check " + at("out.pdf")), 0);
  }
}

// Ppm is a picture of a page with one pixel for each millimetre.
struct Ppm {
  int width = 0, height = 0;
  std::string pixels;
  unsigned at(int x, int y, int channel) const {
    return static_cast<unsigned char>(
        pixels[static_cast<std::size_t>(3 * (y * width + x) + channel)]);
  }
};
Ppm read_ppm(const Bytes& file) {
  Ppm out;
  int used = 0;
  const std::string text(base::text_of(file));
  EXPECT_EQ(std::sscanf(text.c_str(), "P6 %d %d 255%n", &out.width, &out.height, &used), 2);
  out.pixels = text.substr(static_cast<std::size_t>(used) + 1);
  return out;
}

// A stranger draws the seal where it was put, in the millimetres that it states, and what is under
// it shines through: red of half opacity over white.
TEST_F(SealPdf, ShowsItsPictureInItsMillimetres) {
  if (shell("command -v pdftoppm") != 0)
    GTEST_SKIP() << "no pdftoppm: ./dev packages test installs poppler-utils";
  const Ran ran = sign("alice", {"--box", "1:150,20,10,10"});  // a seal has its own size
  ASSERT_EQ(ran.code, 0) << ran.error;
  ASSERT_EQ(shell("pdftoppm -r 25.4 -f 1 -l 1 -singlefile " + at("out.pdf") + " " + at("page")), 0);
  const Ppm page = read_ppm(*base::read_file(at("page.ppm"), 1 << 24));
  ASSERT_NEAR(page.width, 210, 1);
  int left = page.width, right = 0, top = page.height, bottom = 0;
  for (int y = 0; y < page.height; ++y)
    for (int x = 140; x < page.width; ++x) {
      if (page.at(x, y, 0) < page.at(x, y, 1) + 60) continue;
      left = std::min(left, x), right = std::max(right, x);
      top = std::min(top, y), bottom = std::max(bottom, y);
    }
  EXPECT_NEAR(left, 150, 1);
  EXPECT_NEAR(top, 20, 1);
  EXPECT_NEAR(right - left + 1, 40, 1);
  EXPECT_NEAR(bottom - top + 1, 40, 1);
  EXPECT_GT(page.at(170, 40, 1), 60u);
  EXPECT_LT(page.at(170, 40, 1), 200u);
}

TEST_F(SealPdf, IsRefusedWhereItIsNotTheSignersOrDoesNotFit) {
  const Ran borrowed = sign("mallory", {});
  EXPECT_NE(borrowed.code, 0);
  EXPECT_NE(borrowed.error.find("seal"), std::string::npos) << borrowed.error;
  const auto lease = base::read_file(kLease, 1 << 20);
  const auto small = pdf::prepare_fields(*lease, {{"party1", "", {0, 20, 20, 30, 30}}});
  ASSERT_OK(small);
  write(at("small.pdf"), base::text_of(*small));
  EXPECT_NE(sign("alice", {}, at("small.pdf")).code, 0);
  EXPECT_NE(sign("alice", {"--profile", "gm"}).code, 0);
  write(at("seal.esl"), "no seal");
  EXPECT_NE(sign("alice", {}).code, 0);
  EXPECT_ERROR(base::read_file(at("out.pdf"), 1 << 20), base::Code::not_found);
}

TEST_F(SealPdf, ThatWasWithdrawnIsSeen) {
  ASSERT_EQ(sign("alice", {}).code, 0);
  const Ran made = run(run_seal, {"withdraw", "11010800000001", "--key", at("maker.key"),
                                  "--certificate", at("maker.pem"), "--out", at("list")});
  ASSERT_EQ(made.code, 0) << made.error;
  const Ran verified = verify({"--status", at("list")});
  EXPECT_EQ(verified.code, 1);
  EXPECT_NE(verified.out.find("\"seal\":\"withdrawn\""), std::string::npos) << verified.out;
  EXPECT_EQ(verify({"--status", at("root.pem")}).code, 2);
}

}  // namespace
}  // namespace heqi::program
