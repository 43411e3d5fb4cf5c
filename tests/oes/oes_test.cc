// The seal component in a reader of somebody else's (foreign_reader.c, plain C), and what comes out
// of it before our own verifier.
#include <filesystem>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/pki/trust_store.h>

#include "../../src/documents/ofd/tests/ofd_world.h"
#include "foreign_reader.h"
#include "seal_desk.h"
#include "verification.h"

namespace heqi::program {
namespace {

namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;
using documents::verify::Report;
using documents::verify::Verdict;

// Piece is an argument, or an answer that is given back at the end.
struct Piece {
  Piece() = default;
  explicit Piece(base::ByteView content) : kept(base::to_bytes(content)) {
    value = {kept.data(), static_cast<int>(kept.size())};
  }
  explicit Piece(std::string_view text) : Piece(base::bytes_of(text)) {}
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;
  ~Piece() {
    if (kept.empty()) reader_free(&value);
  }
  Bytes octets() const { return Bytes(value.octets, value.octets + value.size); }
  std::string text() const { return std::string(base::text_of(octets())); }
  Bytes kept;
  piece value{};
};

struct SealComponent : public SealDesk {
  void SetUp() override {
    SealDesk::SetUp();
    for (const char* name : {"alice", "mallory", "maker"}) {
      testing::CertificateWish wish;
      wish.common_name = name;
      wish.crl_and_ocsp_urls = true;  // revocation matters
      keep(name, authority.make(wish));
    }
    std::filesystem::create_directories(at("seals"));
    std::filesystem::create_directories(at("evidence"));
    ASSERT_EQ(make_seal().code, 0);
    std::filesystem::rename(at("seal.esl"), at("seals/seal.esl"));
    write(at("seals/broken.esl"), "no seal");
    keep_lists();
    configure("alice");
    ::setenv("HEQI_OES_CONFIG", at("oes.conf").c_str(), 1);
    reader = reader_load(HEQI_OES_LIBRARY);
    ASSERT_NE(reader, nullptr);
  }
  void TearDown() override {
    ::unsetenv("HEQI_OES_CONFIG");
    if (reader != nullptr) reader_close(reader);
  }
  void configure(const std::string& who, const std::string& roots = "root.pem") {
    std::string text = "seals = \"" + at("seals") + "\"\ntrust = \"" + at(roots) +
                       "\"\nevidence = \"" + at("evidence") + "\"\n";
    if (!who.empty())
      text += "key = \"" + at(who + ".key") + "\"\ncertificate = \"" + at(who + ".pem") + "\"\n";
    write(at("oes.conf"), text);
  }
  // keep_lists writes the lists of revoked certificates as of now.
  void keep_lists() {
    const base::Time now = std::chrono::floor<std::chrono::seconds>(base::SystemClock().now());
    write(at("evidence/issuing.crl"), base::text_of(authority.make_crl(now)));
    write(at("evidence/root.crl"), base::text_of(authority.make_root_crl(now)));
  }
  Bytes seal_octets() { return *base::read_file(at("seals/seal.esl"), seal::kSealSizeMax); }

  // prepare is what a reader does: it puts the seal on a page and writes Signature.xml.
  ofd::Prepared prepare() {
    const auto alice =
        x509::parse_certificates_pem(base::text_of(*base::read_file(at("alice.pem"), 1 << 20)));
    ofd::SignatureRequest request;
    request.type = ofd::SignatureType::seal;
    request.seal = seal_octets();
    request.signer = alice->at(0);
    request.time = std::chrono::floor<std::chrono::seconds>(base::SystemClock().now());
    request.stamps = {{0, {60, 60, 40, 40}, std::nullopt}};
    return ofd::must(ofd::prepare_signature(ofd::contract(), request));
  }
  // seal has the component seal what was prepared.
  unsigned long seal_file(const ofd::Prepared& prepared, Piece& value, std::string_view id = kId) {
    Piece sign_method, digest_method, time, digest;
    EXPECT_EQ(reader_methods(reader, &sign_method.value, &digest_method.value), 0UL);
    EXPECT_EQ(reader_time(reader, &time.value), 0UL);
    EXPECT_EQ(reader_digest(reader, Piece(prepared.signature_xml).value, digest_method.value,
                            &digest.value),
              0UL);
    EXPECT_EQ(digest.octets(), base::to_bytes(crypto::sm3(prepared.signature_xml)));
    return reader_sign(reader, Piece(id).value, Piece(prepared.part).value, digest.value,
                       sign_method.value, time.value, &value.value);
  }
  struct Claim {
    Bytes seal;
    std::string property;
    Bytes digest;
    std::string method = "1.2.156.10197.1.501", time = {};
  };
  Claim claim_of(const ofd::Prepared& prepared) {
    return {seal_octets(), prepared.part, base::to_bytes(crypto::sm3(prepared.signature_xml))};
  }
  unsigned long verify(const Claim& claim, const Bytes& value) {
    return reader_verify(reader, Piece(claim.seal).value, Piece(claim.property).value,
                         Piece(claim.digest).value, Piece(claim.method).value,
                         Piece(claim.time).value, Piece(value).value);
  }
  std::string words(unsigned long code) {
    Piece out;
    reader_words(reader, code, &out.value);
    return out.text();
  }

  static constexpr std::string_view kId = "11010800000001", kName = "合契科技有限公司";
  ::reader* reader = nullptr;
};

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
