// heqi verify, as a program, over the demo's file and what attackers and accidents make of it.
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/pdf/update.h>
#include <heqi/pki/cms.h>
#include <heqi/testing/expect.h>

#include "demo_run.h"
#include "flips.h"

namespace heqi::demo {
namespace {

namespace pdf = documents::pdf;

// key_of_signer is the public point of the signer's certificate, as hexadecimal digits.
std::string key_of_signer(base::ByteView contents) {
  const auto der = pki::der_prefix_of(contents);
  const auto message = pki::parse_signed_data(*der);
  for (const x509::Certificate& one : message->certificates)
    if (one.serial() == message->signers.at(0).serial)
      return base::to_hex(one.public_key().der).substr(2 * (one.public_key().der.size() - 64));
  return {};
}

class VerifyCommand : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run_.status(), 0) << run_.output(); }

  Ran verify(base::ByteView file, const std::string& options = "--lang en") const {
    write(folder_.path() + "/file.pdf", file);
    return shell(std::string(HEQI_PROGRAM) + " verify " + options + " --trust " +
                 run_.path("root.cer") + " " + folder_.path() + "/file.pdf");
  }
  // expect_said checks exit status and that the output has these words.
  void expect_said(base::ByteView file, int status, const std::string& words) const {
    const Ran ran = verify(file);
    EXPECT_EQ(ran.status, status) << ran.output;
    EXPECT_NE(ran.output.find(words), std::string::npos) << ran.output;
  }
  base::Bytes file() const { return run_.file(); }
  std::vector<pdf::SignatureDictionary> signatures() const {
    const auto document = pdf::Document::parse(run_.file());
    return *pdf::find_signatures(*document);
  }

  const DemoRun& run_ = DemoRun::get();
  testing::TemporaryFolder folder_;
};

TEST_F(VerifyCommand, TheDemosFileIsValid) {
  expect_said(file(), 0, "VALID: every signature holds");
  EXPECT_EQ(verify(file(), "--json").status, 0);
}

TEST_F(VerifyCommand, WithoutATrustedRootNothingIsMoreThanIndeterminate) {
  const Ran ran =
      shell(std::string(HEQI_PROGRAM) + " verify --lang en --trust " +
            run_.path("platform/data/certificates/tsa.cer") + " " + run_.path("contract.pdf"));
  EXPECT_EQ(ran.status, 1) << ran.output;
  EXPECT_NE(ran.output.find("INDETERMINATE"), std::string::npos) << ran.output;
}

TEST_F(VerifyCommand, ATruncatedFileIsUnreadable) {
  for (const std::size_t left :
       {run_.file().size() - 1, run_.file().size() - 7, run_.file().size() / 2, std::size_t{9}}) {
    const Ran ran = verify(base::ByteView(run_.file()).first(left));
    EXPECT_TRUE(ran.status == 2 || ran.status == 1) << left << ": " << ran.output;
    EXPECT_FALSE(ran.output.empty());
  }
}

TEST_F(VerifyCommand, AFileCutBackToAnEarlierRevisionIsThatRevisionAndNoMore) {
  const auto document = pdf::Document::parse(run_.file());
  ASSERT_OK(document);
  const auto revisions = document->revisions();
  // Before the first signature: fields, but nothing signed.
  expect_said(base::ByteView(run_.file()).first(revisions[1].end), 1, "NO SIGNATURE");
  expect_said(base::ByteView(run_.file()).first(revisions[0].end), 1, "NO SIGNATURE");
}

TEST_F(VerifyCommand, ASwappedCertificateIsNamed) {
  // In the first signature: the second signer's key in the certificate, which is as long.
  base::Bytes changed = file();
  const auto all = signatures();
  const std::string key = key_of_signer(all[0].contents), other = key_of_signer(all[1].contents);
  ASSERT_NE(key, other);
  const std::string digits = base::to_hex(all[0].contents);
  const std::size_t at = digits.find(key);
  ASSERT_NE(at, std::string::npos);
  std::copy(other.begin(), other.end(),
            changed.begin() + static_cast<std::ptrdiff_t>(all[0].contents_place.begin + 1 + at));
  expect_said(changed, 1, "INVALID");
}

TEST_F(VerifyCommand, AnAppendedObjectIsNamed) {
  const base::Bytes original = file();
  const auto document = pdf::Document::parse(original);
  ASSERT_OK(document);
  const auto pages = document->pages();
  ASSERT_OK(pages);
  pdf::Update update(*document);
  pdf::Dictionary page = *pages->front().dictionary;
  page.set("Contents", update.add({pdf::Dictionary{}, base::to_bytes("0 0 m 100 100 l S")}));
  update.put(pages->front().id, {std::move(page), {}});
  const base::Bytes changed = base::concat({original, update.finish()->octets});
  expect_said(changed, 1, "INVALID");
}

TEST_F(VerifyCommand, ARemovedSignatureIsNamed) {
  const base::Bytes original = file();
  const auto document = pdf::Document::parse(original);
  ASSERT_OK(document);
  const auto all = pdf::find_signatures(*document);
  ASSERT_OK(all);
  pdf::Update update(*document);
  pdf::Dictionary field = *all->front().field.dictionary;
  field.remove("V");
  update.put(all->front().field.id, {std::move(field), {}});
  expect_said(base::concat({original, update.finish()->octets}), 1, "INVALID");
}

TEST_F(VerifyCommand, WhatIsNeitherPdfNorOfdIsUnreadableAndSaysSo) {
  testing::SeededRandom random(11);
  base::Bytes noise(100'000);
  ASSERT_OK(random.fill(noise));
  expect_said(noise, 2, "not a PDF");
  expect_said({}, 2, "not a PDF");
  expect_said(base::bytes_of("PK\x03\x04 a letter"), 2, "not an OFD");
  base::Bytes looks_like = base::to_bytes("%PDF-1.7\n");
  base::append(looks_like, noise);
  EXPECT_EQ(verify(looks_like).status, 2);
  const Ran absent = shell(std::string(HEQI_PROGRAM) + " verify " + folder_.path() + "/absent.pdf");
  EXPECT_EQ(absent.status, 2) << absent.output;
}

// shows-part: ECP-CON-11 (a sample; every octet is the slow test)
TEST_F(VerifyCommand, OneFlippedBitIsNeverPlainlyValidInASample) {
  const Verifier verifier(run_.root());
  ASSERT_EQ(verifier.verdict(file()), documents::verify::Verdict::valid);
  testing::SeededRandom random(20261121);
  for (int i = 0; i < 150; ++i)
    verifier.expect_told(file(), random.below(file().size()),
                         static_cast<unsigned>(random.below(8)));
}

TEST_F(VerifyCommand, AFlippedCaseOfADigitOfTheOutermostContentsIsValidWithANoteOfItsOffset) {
  base::Bytes changed = file();
  std::size_t at = signatures().back().contents_place.begin + 1;
  while (changed[at] < 'A' || changed[at] > 'z') ++at;
  changed[at] ^= 0x20;
  const Ran ran = verify(changed);
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_NE(ran.output.find("VALID_WITH_NOTES"), std::string::npos) << ran.output;
  EXPECT_NE(ran.output.find(std::to_string(at)), std::string::npos) << ran.output;
}

}  // namespace
}  // namespace heqi::demo
