// The seal component in a reader of somebody else's (foreign_reader.c, plain C), and what comes out
// of it before our own verifier.
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/pki/trust_store.h>

#include "component_reader.h"
#include "verification.h"

namespace heqi::program {
namespace {

namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;
using documents::verify::Report;
using documents::verify::Verdict;

// shows-part: ECP-3.2.4.2-b (a reader of another maker, which cannot be installed here)
TEST_F(SealComponent, IsFoundByItsFunctionsAndShowsItsSeals) {
  Piece name, version, list;
  ASSERT_EQ(reader_provider(reader, &name.value, &version.value), 0UL);
  EXPECT_EQ(version.text(), "2.0");
  EXPECT_FALSE(name.text().empty());
  ASSERT_EQ(reader_seals(reader, &list.value), 0UL);
  const std::string nul(1, '\0');
  EXPECT_EQ(list.text(), std::string(kId) + nul + std::string(kName) + nul + nul);
  for (const std::string_view wanted : {kId, kName}) {
    Piece got;
    ASSERT_EQ(reader_seal(reader, Piece(wanted).value, &got.value), 0UL);
    EXPECT_EQ(got.octets(), seal_octets());
  }
  piece facts[READER_FACTS]{};
  ASSERT_EQ(reader_seal_facts(reader, Piece(seal_octets()).value, facts), 0UL);
  std::vector<std::string> texts;
  for (piece& one : facts) {
    texts.emplace_back(one.octets, one.octets + one.size);
    reader_free(&one);
  }
  EXPECT_EQ(texts[0], kId);
  EXPECT_EQ(texts[1], "4");
  EXPECT_EQ(texts[4], kName);
  EXPECT_NE(texts[5].find("alice"), std::string::npos) << texts[5];
  EXPECT_EQ(texts[6].size(), 10U) << texts[6];
  EXPECT_NE(texts[9].find("maker"), std::string::npos) << texts[9];
  EXPECT_EQ(texts[10], "1.2.156.10197.1.501");
  Piece image;
  int width = 0, height = 0;
  ASSERT_EQ(reader_seal_image(reader, Piece(seal_octets()).value, &image.value, &width, &height),
            0UL);
  const seal::Picture picture = seal::parse_seal(seal_octets())->info.picture;
  EXPECT_EQ(image.octets(), picture.data);
  EXPECT_EQ(width, picture.width_mm);
  EXPECT_EQ(height, picture.height_mm);
}

// shows-part: ECP-3.2.4.2-b (a reader of another maker, which cannot be installed here)
TEST_F(SealComponent, SealsForAReaderAndTheFileIsValid) {
  const ofd::Prepared prepared = prepare();
  Piece value;
  const unsigned long code = seal_file(prepared, value);
  ASSERT_EQ(code, 0UL) << words(code);
  const unsigned long verified = verify(claim_of(prepared), value.octets());
  EXPECT_EQ(verified, 0UL) << words(verified);
  Piece image;
  int width = 0, height = 0;
  EXPECT_EQ(reader_sign_image(reader, Piece(value.octets()).value, &image.value, &width, &height),
            0UL);
  EXPECT_EQ(image.octets(), seal::parse_seal(seal_octets())->info.picture.data);

  const Bytes file = ofd::with(prepared.package, {{prepared.value_part, value.octets()}});
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests{ossl::digest};
  Evidence evidence;
  const base::Time now = base::SystemClock().now();
  evidence.crls = {*pki::parse_crl(authority.make_crl(now)),
                   *pki::parse_crl(authority.make_root_crl(now))};
  const Report report =
      ofd::must(verify_document(file, authority.trust(), {*signatures, digests}, now, evidence));
  EXPECT_EQ(report.verdict, Verdict::valid_with_notes) << ofd::words(report);  // nobody's time
  EXPECT_EQ(report.signatures.at(0).signer->common_name, "alice");
}

TEST_F(SealComponent, SaysOfWhatDoesNotHoldWhy) {
  const ofd::Prepared prepared = prepare();
  Piece value;
  ASSERT_EQ(seal_file(prepared, value), 0UL);
  const Bytes good = value.octets();
  Claim claim = claim_of(prepared);
  claim.digest[0] ^= 1;
  EXPECT_NE(words(verify(claim, good)).find("data_hash failed"), std::string::npos);
  claim = claim_of(prepared);
  claim.property = "/Doc_0/Signs/Sign_9/Signature.xml";
  EXPECT_NE(verify(claim, good), 0UL);
  claim = claim_of(prepared);
  claim.seal.back() ^= 1;
  EXPECT_NE(verify(claim, good), 0UL);
  claim = claim_of(prepared);
  claim.time = "2020-01-01 00:00:00";
  EXPECT_NE(verify(claim, good), 0UL);
  claim.time = "yesterday";
  EXPECT_NE(verify(claim, good), 0UL);
  claim = claim_of(prepared);
  claim.method = "1.2.840.113549.1.1.11";
  EXPECT_NE(verify(claim, good), 0UL);
  Bytes changed = good;
  changed.back() ^= 1;
  EXPECT_NE(words(verify(claim_of(prepared), changed)).find("signature failed"), std::string::npos);
  changed.resize(100);
  EXPECT_NE(verify(claim_of(prepared), changed), 0UL);
  EXPECT_NE(verify(claim_of(prepared), {}), 0UL);
}

TEST_F(SealComponent, WithoutRootsOrListsNothingIsCalledGood) {
  const ofd::Prepared prepared = prepare();
  Piece value;
  ASSERT_EQ(seal_file(prepared, value), 0UL);
  const Bytes good = value.octets();
  configure("alice", "mallory.one");
  EXPECT_NE(words(verify(claim_of(prepared), good)).find("signer_certificate"), std::string::npos);
  configure("");
  EXPECT_EQ(verify(claim_of(prepared), good), 0UL);  // no key is needed to verify
  std::filesystem::remove(at("evidence/issuing.crl"));
  EXPECT_NE(words(verify(claim_of(prepared), good)).find("unproved"), std::string::npos);
  write(at("evidence/issuing.crl"), "no list");
  EXPECT_NE(verify(claim_of(prepared), good), 0UL);
  const auto alice =
      x509::parse_certificates_pem(base::text_of(*base::read_file(at("alice.one"), 1 << 20)));
  authority.revoke(alice->at(0), base::SystemClock().now() - std::chrono::hours(1));
  keep_lists();
  EXPECT_NE(verify(claim_of(prepared), good), 0UL);
}

TEST_F(SealComponent, SealsForNobodyWhomTheSealDoesNotName) {
  const ofd::Prepared prepared = prepare();
  Piece value;
  configure("mallory");
  const unsigned long code = seal_file(prepared, value);
  EXPECT_NE(code, 0UL);
  EXPECT_NE(words(code).find("seal"), std::string::npos) << words(code);
  Piece none;
  configure("");
  EXPECT_NE(seal_file(prepared, none), 0UL);
  Piece unknown;
  configure("alice");
  EXPECT_NE(seal_file(prepared, unknown, "11010800000002"), 0UL);
}

TEST_F(SealComponent, RefusesArgumentsThatAreNone) {
  Piece out;
  piece bad{nullptr, 5};
  EXPECT_NE(reader_seal(reader, bad, &out.value), 0UL);
  bad = {nullptr, -1};
  EXPECT_NE(reader_verify(reader, bad, bad, bad, bad, bad, bad), 0UL);
  Piece digest;
  EXPECT_NE(reader_digest(reader, Piece("x").value, Piece("1.2.3").value, &digest.value), 0UL);
  write(at("oes.conf"), "seal = \"misspelt\"\n");
  Piece list;
  const unsigned long code = reader_seals(reader, &list.value);
  EXPECT_NE(code, 0UL);
  EXPECT_NE(words(code).find("seals"), std::string::npos) << words(code);
  EXPECT_FALSE(words(0x7777).empty());
  EXPECT_EQ(reader_load("/nowhere/liboes.so"), nullptr);
}

// ComponentSeal: heqi sign in the part of the reader.
struct ComponentSeal : public SealComponent {
  void TearDown() override {
    ::unsetenv("HONEST_COMPONENT");
    ::unsetenv("LYING_COMPONENT");
    SealComponent::TearDown();
  }
  static std::string uri(const std::string& library, std::string_view id = kId) {
    return "oes:library=" + library + ";seal=" + std::string(id);
  }
  Ran sign(const std::string& key, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--key", key, "--box", "1:20,20,40,40", "--out", at("sealed.ofd"),
                             HEQI_EXAMPLES "/lease.ofd"});
    return run(run_sign, more);
  }
  void expect_refused(const Ran& ran, const std::string& word) {
    EXPECT_NE(ran.code, 0);
    EXPECT_NE(ran.error.find(word), std::string::npos) << ran.error;
    EXPECT_FALSE(std::filesystem::exists(at("sealed.ofd")));
  }
};

// shows-part: ECP-3.2.4.2-b (a component of another maker, which cannot be had here)
TEST_F(ComponentSeal, OfAComponentIsPutIntoAFileAndHolds) {
  for (const std::string_view id : {kId, kName}) {
    const Ran sealed = sign(uri(HEQI_OES_LIBRARY, id));
    ASSERT_EQ(sealed.code, 0) << sealed.error;
    const Ran ran = verify_file(
        at("sealed.ofd"), {"--crl", at("evidence/issuing.crl"), "--crl", at("evidence/root.crl")});
    EXPECT_EQ(ran.code, 0) << ran.out;
    EXPECT_NE(ran.out.find("VALID_WITH_NOTES"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("\"seal\":\"valid\""), std::string::npos) << ran.out;
  }
}

TEST_F(ComponentSeal, OfAComponentThatLiesIsNotWritten) {
  ::setenv("HONEST_COMPONENT", HEQI_OES_LIBRARY, 1);
  const struct {
    const char *lie, *word;
  } lies[] = {{"digest", "data_hash"}, {"longer", "longer"}, {"cancel", "cancel"}, {"seal", ""}};
  for (const auto& one : lies) {
    SCOPED_TRACE(one.lie);
    ::setenv("LYING_COMPONENT", one.lie, 1);
    expect_refused(sign(uri(HEQI_LYING_COMPONENT)), one.word);
  }
  ::setenv("LYING_COMPONENT", "", 1);
  EXPECT_EQ(sign(uri(HEQI_LYING_COMPONENT)).code, 0);
}

TEST_F(ComponentSeal, IsRefusedWithTheComponentsWordsOrOurs) {
  expect_refused(sign(uri("/nowhere/liboes.so")), "/nowhere/liboes.so");
  expect_refused(sign(uri("libm.so.6")), "OES_GetSeal");
  expect_refused(sign(uri(HEQI_OES_LIBRARY, "11010800000002")), "11010800000002");
  configure("mallory");
  expect_refused(sign(uri(HEQI_OES_LIBRARY)), "OES_Sign");
  configure("alice");
  expect_refused(sign("oes:library=x"), "oes:library=FILE;seal=ID");
  expect_refused(sign("oes:library=x;seal=y;pin=123456"), "PIN");
  expect_refused(sign(uri(HEQI_OES_LIBRARY), {"--certificate", at("alice.pem")}), "certificate");
  const Ran pdf = run(run_sign, {"--key", uri(HEQI_OES_LIBRARY), HEQI_EXAMPLES "/lease.pdf"});
  EXPECT_NE(pdf.code, 0);
  EXPECT_NE(pdf.error.find("OFD"), std::string::npos) << pdf.error;
}

}  // namespace
}  // namespace heqi::program
