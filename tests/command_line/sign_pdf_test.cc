// heqi sign with a certificate: signatures inside PDF files, with keys that other programs made.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <heqi/base/text.h>
#include <heqi/documents/pdf/update.h>
#include <heqi/documents/verify/verify.h>
#include <heqi/ossl/digest.h>
#include <heqi/testing/foreign_suites.h>

#include "complete_pdf.h"
#include "shell.h"
#include "sign_pdf.h"

namespace heqi::program {
namespace {

using testing::Authority;
using testing::Credential;

const std::string kLease = std::string(HEQI_EXAMPLES) + "/lease.pdf";

struct SignPdf : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }

  // make_identity lets openssl make a key with a certificate of its own: name.key, name.pem, and
  // name.p12 under the password "secret".
  void make_identity(const std::string& name, const std::string& kind) {
    const std::string key = at(name + ".key"), certificate = at(name + ".pem");
    ASSERT_EQ(shell("openssl req -x509 -nodes " + kind + " -keyout " + key + " -out " +
                    certificate + " -days 3650 -subj '/C=CN/O=Test/CN=" + name +
                    "' -addext keyUsage=critical,digitalSignature,nonRepudiation"),
              0);
    ASSERT_EQ(shell("openssl pkcs12 -export -inkey " + key + " -in " + certificate + " -out " +
                    at(name + ".p12") + " -passout pass:secret"),
              0);
    write(at("password"), "secret\n");
    write(at("wrong"), "secrte\n");
  }
  void make_rsa() { make_identity("alice", "-newkey rsa:2048 -sha256"); }

  Ran sign(std::vector<std::string> more, const std::string& file = kLease) const {
    std::vector<std::string> all{"--key",         at("alice.key"), "--certificate",
                                 at("alice.pem"), "--out",         at("out.pdf")};
    all.insert(all.end(), more.begin(), more.end());
    all.push_back(file);
    return run(run_sign, all);
  }
  // left tells whether a refused signature left anything behind.
  bool left() const {
    for (const auto& one : std::filesystem::directory_iterator(folder.path()))
      if (one.path().filename().string().rfind("out.pdf", 0) == 0) return true;
    return false;
  }
  static std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  testing::TemporaryFolder folder;
};

// shows-part: ECP-DOC-1 (RSA, from the command line)
TEST_F(SignPdf, AFileSignedWithAnRsaKeyHoldsWithUsAndWithPoppler) {
  make_rsa();
  const Ran ran = sign({"--reason", "同意", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.error;
  EXPECT_NE(ran.out.find("\"field\":\"Signature1\""), std::string::npos) << ran.out;
  const Ran verified =
      run(run_verify, {"--trust", at("alice.pem"), "--lang", "en", "--json", at("out.pdf")});
  EXPECT_NE(verified.out.find("\"integrity\":\"intact\",\"signature\":\"valid\""),
            std::string::npos)
      << verified.out.substr(0, 2000);
  if (shell("command -v pdfsig") == 0) {
    EXPECT_EQ(shell("pdfsig -nocert " + at("out.pdf") + " | grep -q 'Signature is Valid'"), 0);
    EXPECT_EQ(shell("pdfsig -nocert " + at("out.pdf") + " | grep -q 'Total document signed'"), 0);
  }
  const std::string original = text_of(kLease), made = text_of(at("out.pdf"));
  EXPECT_EQ(made.compare(0, original.size(), original), 0);  // appended, never rewritten
}

TEST_F(SignPdf, ProgressIsToldOnRequestAndNeverInTheAnswer) {
  make_rsa();
  const Ran silent = sign({"--json"}), told = sign({"--json", "--progress"});
  ASSERT_EQ(told.code, 0) << told.error;
  EXPECT_EQ(silent.error, "");
  std::size_t last = 0;
  for (const char* step : {"copying the file", "hashing", "signing", "writing to the disk"}) {
    const std::size_t at = told.error.find(step);
    ASSERT_NE(at, std::string::npos) << step << "\n" << told.error;
    EXPECT_GE(at, last) << step;
    last = at;
  }
  EXPECT_EQ(told.out.find("hashing"), std::string::npos);
  const Ran judged = run(run_verify, {"--trust", at("alice.pem"), "--progress", at("out.pdf")});
  EXPECT_NE(judged.error.find("judging"), std::string::npos) << judged.error;
  EXPECT_NE(judged.error.find("with qpdf"), std::string::npos) << judged.error;
}

TEST_F(SignPdf, TheNewFileMayBeReadByWhoeverCouldReadTheOldOne) {
  make_rsa();
  const auto lease = base::read_file(kLease, 1 << 20);
  ASSERT_OK(lease);
  ASSERT_OK(base::write_file(at("private.pdf"), *lease));
  ASSERT_EQ(::chmod(at("private.pdf").c_str(), 0600), 0);
  const Ran ran = sign({}, at("private.pdf"));
  ASSERT_EQ(ran.code, 0) << ran.error;
  struct stat status {};
  ASSERT_EQ(::stat(at("out.pdf").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

// The report as a PDF is text that another reader finds, on pages that ours reads.
TEST_F(SignPdf, TheReportIsWrittenAsAPdfToo) {
  make_rsa();
  ASSERT_EQ(sign({}).code, 0);
  const Ran ran =
      run(run_verify, {"--trust", at("alice.pem"), "--pdf", at("report.pdf"), at("out.pdf")});
  EXPECT_EQ(run(run_pdf, {"lint", at("report.pdf")}).code, 0);
  const Ran inspected = run(run_pdf, {"inspect", "--json", at("report.pdf")});
  EXPECT_NE(inspected.out.find("\"pages\":[{"), std::string::npos) << inspected.out;
  if (shell("command -v pdftotext") == 0) {
    EXPECT_EQ(shell("pdftotext " + at("report.pdf") + " - | grep -q Signature1"), 0);
    EXPECT_EQ(shell("pdftotext " + at("report.pdf") + " - | grep -q 签名"), 0);
  }
  if (shell("command -v qpdf") == 0) {
    EXPECT_EQ(shell("qpdf --check " + at("report.pdf")), 0);
  }
  EXPECT_EQ(run(run_verify, {"--pdf", at("x.pdf"), at("out.pdf"), kLease}).code, 2);
  EXPECT_EQ(run(run_verify, {"--pdf", at("none/x.pdf"), at("out.pdf")}).code, 2);
}

TEST_F(SignPdf, Pkcs12OfEachKindOfKeyIsTaken) {
  make_identity("rsa", "-newkey rsa:2048 -sha256");
  make_identity("p384", "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384");
  make_identity("sm2", "-newkey sm2 -sm3 -sigopt distid:1234567812345678");
  for (const char* name : {"rsa", "p384", "sm2"}) {
    SCOPED_TRACE(name);
    const std::string out = at(std::string(name) + ".pdf");
    const Ran ran = run(run_sign, {"--key", at(std::string(name) + ".p12"), "--password-file",
                                   at("password"), "--out", out, kLease});
    EXPECT_EQ(ran.code, 0) << ran.error;
    const Ran verified = run(run_verify, {"--json", out});
    EXPECT_NE(verified.out.find("\"signature\":\"valid\""), std::string::npos);
  }
}

// shows-part: ECP-3.2.4.2-a (the choice in the platform's contracts: devices there sign with SM2)
TEST_F(SignPdf, OnePartySignsWithRsaAndTheOtherWithSm2) {
  make_identity("rsa", "-newkey rsa:2048 -sha256");
  make_identity("sm2", "-newkey sm2 -sm3 -sigopt distid:1234567812345678");
  ASSERT_EQ(run(run_pdf, {"fields", kLease, "lessor=3:20,20,60,25", "lessee=3:20,60,60,25", "--out",
                          at("fields.pdf")})
                .code,
            0);
  const auto sign_as = [&](const std::string& who, const std::string& from, const std::string& to) {
    return run(run_sign, {"--key", at(who + ".p12"), "--password-file", at("password"), "--out",
                          at(to), from});
  };
  const auto count = [](const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++found;
    return found;
  };
  for (const auto& [first, second] : {std::pair("rsa", "sm2"), {"sm2", "rsa"}}) {
    SCOPED_TRACE(first);
    ASSERT_EQ(sign_as(first, at("fields.pdf"), "one.pdf").code, 0);
    const Ran two = sign_as(second, at("one.pdf"), "two.pdf");
    ASSERT_EQ(two.code, 0) << two.error;
    const Ran verified = run(run_verify, {"--json", at("two.pdf")});
    EXPECT_EQ(count(verified.out, "\"integrity\":\"intact\",\"signature\":\"valid\""), 2U)
        << verified.out.substr(0, 2000);
    // An octet of the first party's document breaks both.
    std::string changed = text_of(at("two.pdf"));
    changed[text_of(kLease).size() / 2] ^= 1;
    write(at("changed.pdf"), changed);
    const Ran broken = run(run_verify, {"--json", at("changed.pdf")});
    EXPECT_NE(broken.code, 0);
    EXPECT_EQ(count(broken.out, "\"integrity\":\"intact\""), 0U) << broken.out.substr(0, 2000);
  }
}

TEST_F(SignPdf, TheSecondPartySignsInTheFieldThatWasPrepared) {
  make_rsa();
  const Ran first = sign({"--box", "3:20,20,60,25", "--field", "lessor"});
  ASSERT_EQ(first.code, 0) << first.error;
  // A second field cannot be prepared any more, and a signed one is not signed again.
  const auto again = run(run_sign, {"--key", at("alice.key"), "--certificate", at("alice.pem"),
                                    "--field", "lessor", "--out", at("two.pdf"), at("out.pdf")});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.error.find("is signed already"), std::string::npos) << again.error;
}

TEST_F(SignPdf, RefusesWhatDoesNotFitAndLeavesNothing) {
  make_rsa();
  make_identity("bob", "-newkey rsa:2048 -sha256");
  const auto refused = [&](const std::vector<std::string>& more, const std::string& why) {
    const Ran ran = sign(more);
    EXPECT_EQ(ran.code, 1) << why;
    EXPECT_NE(ran.error.find(why), std::string::npos) << ran.error;
    EXPECT_FALSE(left()) << why;
  };
  refused({"--profile", "gm"}, "needs an SM2 key");
  refused({"--profile", "gomain"}, "SM2 key");
  refused({"--profile", "adobee"}, "no profile adobee");
  refused({"--level", "t"}, "--tsa");
  refused({"--level", "lta", "--tsa", "http://127.0.0.1:9/"}, "--trust");
  refused({"--level", "t", "--tsa", "http://127.0.0.1:9/"}, "");
  refused({"--level", "x"}, "--level");
  refused({"--field", "nowhere"}, "no signature field named nowhere");
  refused({"--box", "3:20,20,60"}, "PAGE:X,Y,W,H");
  refused({"--box", "0:1,1,50,20"}, "PAGE:X,Y,W,H");
  refused({"--box", "9:1,1,50,20"}, "no page 9");
  refused({"--box", "1:1,1,5000,20"}, "not wholly on page");
  refused({"--certify", "4"}, "--certify");
  const Ran other = run(run_sign, {"--key", at("bob.key"), "--certificate", at("alice.pem"),
                                   "--out", at("out.pdf"), kLease});
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.error.find("not of this key"), std::string::npos) << other.error;
  const Ran wrong = run(run_sign, {"--key", at("bob.p12"), "--password-file", at("wrong"), "--out",
                                   at("out.pdf"), kLease});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.error.find("password"), std::string::npos) << wrong.error;
  write(at("text.txt"), "no PDF");
  EXPECT_EQ(sign({}, at("text.txt")).code, 1);
  EXPECT_EQ(sign({}, at("none.pdf")).code, 1);
  EXPECT_FALSE(left());
  const Ran itself = run(
      run_sign, {"--key", at("bob.key"), "--certificate", at("bob.pem"), "--out", kLease, kLease});
  EXPECT_EQ(itself.code, 1);
}

// SharedSigner lends the key of a test's credential.
class SharedSigner final : public x509::Signer {
 public:
  explicit SharedSigner(std::shared_ptr<x509::Signer> signer) : signer_(std::move(signer)) {}
  x509::AlgorithmIdentifier algorithm() const override { return signer_->algorithm(); }
  base::Result<base::Bytes> sign(base::ByteView message) override { return signer_->sign(message); }

 private:
  std::shared_ptr<x509::Signer> signer_;
};

// shows-part: ECP-DOC-1 (time-stamp and long-term data from the command line's code)
// The signer can inspect the whole file, and what shows otherwise elsewhere is not signed.
// shows-part: MSSP-2-b (the terminal of a device)
TEST_F(SignPdf, RefusesWhatCannotBeShownCompletelyUnlessItIsNamed) {
  make_rsa();
  // A script that nothing on the pages shows, put into the catalogue by an update.
  namespace pdf = documents::pdf;
  const std::string whole = text_of(kLease);
  const base::Bytes octets = base::to_bytes(whole);
  const auto document = pdf::Document::parse(octets);
  ASSERT_OK(document);
  pdf::Update update(*document);
  pdf::Dictionary catalog = **document->catalog(), action;
  action.set("S", pdf::Name{"JavaScript"});
  catalog.set("OpenAction", action);
  update.put(document->catalog_reference(), {std::move(catalog), {}});
  write(at("script.pdf"), whole + std::string(base::text_of(update.finish()->octets)));

  const Ran refused = sign({}, at("script.pdf"));
  EXPECT_NE(refused.code, 0);
  EXPECT_NE(refused.error.find("script, object"), std::string::npos) << refused.error;
  EXPECT_NE(refused.error.find("--despite script"), std::string::npos) << refused.error;
  EXPECT_FALSE(left());
  const Ran other = sign({"--despite", "link"}, at("script.pdf"));
  EXPECT_NE(other.code, 0);
  EXPECT_FALSE(left());
  const Ran unknown = sign({"--despite", "scripts"}, at("script.pdf"));
  EXPECT_NE(unknown.error.find("no finding named \"scripts\""), std::string::npos) << unknown.error;
  EXPECT_FALSE(left());
  const Ran named = sign({"--despite", "automatic_action,script"}, at("script.pdf"));
  EXPECT_EQ(named.code, 0) << named.error;
}

TEST_F(SignPdf, TheHighestLevelIsMadeInOneStepWithEachKindOfKey) {
  for (const testing::Suite* suite :
       {&testing::sm2_suite(), &testing::rsa_suite(), &testing::ecdsa_suite()}) {
    SCOPED_TRACE(suite->name());
    Authority authority(5, *suite);
    testing::CertificateWish person;
    person.crl_and_ocsp_urls = true;
    const Credential alice = authority.make(person);
    const testing::FakeClock clock(testing::at("2026-06-01T12:00:00Z"));
    const auto fetch = authority.make_fetch(clock);
    testing::SeededRandom random(3);
    SigningKey key{std::make_unique<SharedSigner>(alice.signer), alice.certificate,
                   authority.chain()};
    PdfWish wish;
    wish.input = kLease;
    wish.output = at("lta.pdf");
    wish.level = Level::lta;
    wish.time_stamp_url = "http://ca.test/tsa";
    wish.trust = authority.trust();
    Progress silent(Told::never);
    ASSERT_OK(sign_pdf(wish, key, *fetch, clock, random, silent));

    const auto file = base::read_file(wish.output, 1 << 20);
    ASSERT_OK(file);
    const pki::FunctionDigester digests(ossl::digest, ossl::digest_parts);
    documents::verify::VerifyOptions options;
    options.trust = authority.trust();
    options.now = clock.now() + std::chrono::hours(1);
    options.signatures = &suite->algorithms().signatures;
    options.digests = &digests;
    const auto report = documents::verify::verify_pdf(*file, options);
    ASSERT_OK(report);
    EXPECT_EQ(report->verdict, documents::verify::Verdict::valid);
    ASSERT_EQ(report->signatures.size(), 2u);
    EXPECT_EQ(report->signatures[0].best_time, clock.now());

    // Where the status of the certificate cannot be had, nothing is written.
    wish.output = at("out.pdf");
    wish.trust = Authority(6, *suite).trust();
    EXPECT_ERROR(sign_pdf(wish, key, *fetch, clock, random, silent), base::Code::unavailable);
    EXPECT_FALSE(left());
  }
}

// A file that was signed without long-term data gets it afterwards, and once more after years.
// shows-part: ECP-DOC-1 (long-term data afterwards)
TEST_F(SignPdf, WhatWasSignedIsCompletedAfterwardsAndAgain) {
  for (const testing::Suite* suite : {&testing::sm2_suite(), &testing::rsa_suite()}) {
    SCOPED_TRACE(suite->name());
    Authority authority(5, *suite);
    testing::CertificateWish person;
    person.crl_and_ocsp_urls = true;
    const Credential alice = authority.make(person);
    const base::Time begin = testing::at("2026-06-01T12:00:00Z");
    testing::SeededRandom random(3);
    Progress silent(Told::never);
    SigningKey key{std::make_unique<SharedSigner>(alice.signer), alice.certificate,
                   authority.chain()};
    PdfWish wish;
    wish.input = kLease;
    wish.output = at("t.pdf");
    wish.level = Level::t;
    wish.time_stamp_url = "http://ca.test/tsa";
    const testing::FakeClock first(begin);
    const auto then = authority.make_fetch(first);
    ASSERT_OK(sign_pdf(wish, key, *then, first, random, silent));

    CompletionWish more{at("t.pdf"), at("lta.pdf"), "http://ca.test/tsa", authority.trust()};
    for (const int days : {1, 400}) {
      const testing::FakeClock clock(begin + std::chrono::hours(24 * days));
      const auto fetch = authority.make_fetch(clock);
      ASSERT_OK(complete_pdf(more, *fetch, clock, random, silent));
      more.input = more.output, more.output = at("again.pdf");
    }
    const auto file = base::read_file(at("again.pdf"), 1 << 21);
    ASSERT_OK(file);
    const pki::FunctionDigester digests(ossl::digest, ossl::digest_parts);
    documents::verify::VerifyOptions options;
    options.trust = authority.trust();
    options.now = begin + std::chrono::hours(24 * 401);
    options.signatures = &suite->algorithms().signatures;
    options.digests = &digests;
    const auto report = documents::verify::verify_pdf(*file, options);
    ASSERT_OK(report);
    EXPECT_EQ(report->verdict, documents::verify::Verdict::valid);
    ASSERT_EQ(report->signatures.size(), 3u);
    EXPECT_EQ(report->signatures[0].best_time, begin);
    for (const std::size_t i : {1U, 2U})
      EXPECT_EQ(report->signatures[i].kind, documents::verify::SignatureKind::document_time_stamp);

    const testing::FakeClock clock(begin);
    const auto fetch = authority.make_fetch(clock);
    const auto refused = [&](const std::string& input, const pki::TrustStore& trust) {
      return complete_pdf({input, at("out.pdf"), "http://ca.test/tsa", trust}, *fetch, clock,
                          random, silent);
    };
    EXPECT_ERROR(refused(kLease, authority.trust()), base::Code::not_found);
    EXPECT_ERROR(refused(at("t.pdf"), Authority(6, *suite).trust()), base::Code::unavailable);
    EXPECT_ERROR(refused(at("t.pdf"), {}), base::Code::malformed);
    EXPECT_ERROR(refused(at("out.pdf"), authority.trust()), base::Code::malformed);
    EXPECT_FALSE(left());
  }
}

}  // namespace
}  // namespace heqi::program
