// component_reader.h: an authority, seals, lists and a reader of somebody else's that loads the
// seal component.
#pragma once
#include <filesystem>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/sealed_signature.h>

#include "../../src/documents/ofd/tests/ofd_world.h"
#include "foreign_reader.h"
#include "seal_desk.h"

namespace heqi::program {

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
  base::Bytes octets() const { return base::Bytes(value.octets, value.octets + value.size); }
  std::string text() const { return std::string(base::text_of(octets())); }
  base::Bytes kept;
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
  base::Bytes seal_octets() {
    return *base::read_file(at("seals/seal.esl"), documents::seal::kSealSizeMax);
  }

  // prepare is what a reader does: it puts the seal on a page and writes Signature.xml.
  documents::ofd::Prepared prepare() {
    const auto alice =
        x509::parse_certificates_pem(base::text_of(*base::read_file(at("alice.pem"), 1 << 20)));
    documents::ofd::SignatureRequest request;
    request.type = documents::ofd::SignatureType::seal;
    request.seal = seal_octets();
    request.signer = alice->at(0);
    request.time = std::chrono::floor<std::chrono::seconds>(base::SystemClock().now());
    request.stamps = {{0, {60, 60, 40, 40}, std::nullopt}};
    return documents::ofd::must(
        documents::ofd::prepare_signature(documents::ofd::contract(), request));
  }
  // seal has the component seal what was prepared.
  unsigned long seal_file(const documents::ofd::Prepared& prepared, Piece& value,
                          std::string_view id = kId) {
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
    base::Bytes seal;
    std::string property;
    base::Bytes digest;
    std::string method = "1.2.156.10197.1.501", time = {};
  };
  Claim claim_of(const documents::ofd::Prepared& prepared) {
    return {seal_octets(), prepared.part, base::to_bytes(crypto::sm3(prepared.signature_xml))};
  }
  unsigned long verify(const Claim& claim, const base::Bytes& value) {
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

}  // namespace heqi::program
