// What the openssl program writes, read and verified here; its RSA and ECDSA through injected
// algorithms.
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <heqi/pki/cms.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/path.h>
#include <heqi/pki/tsp.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

#include "openssl_program.h"

namespace heqi {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using base::ByteView;
using base::Code;

const EVP_MD* hash_named(const asn1::Oid& oid) {
  if (oid == oids::sm3()) return EVP_sm3();
  if (oid == oids::sha1()) return EVP_sha1();
  if (oid == oids::sha256()) return EVP_sha256();
  if (oid == oids::sha512()) return EVP_sha512();
  return nullptr;
}

class PeerDigester final : public pki::Digester {
 public:
  base::Result<Bytes> digest(const asn1::Oid& algorithm, ByteView data) const override {
    const EVP_MD* hash = hash_named(algorithm);
    if (hash == nullptr) return base::fail(Code::unsupported, algorithm.dotted());
    Bytes out(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    EVP_Digest(data.data(), data.size(), out.data(), &size, hash, nullptr);
    out.resize(size);
    return out;
  }
};

// PeerVerifier knows RSA and ECDSA with SHA-256.
class PeerVerifier final : public x509::SignatureVerifier {
 public:
  base::Status verify(const x509::AlgorithmIdentifier& algorithm, const x509::PublicKeyInfo& key,
                      ByteView message, ByteView signature) const override {
    if (!(algorithm.oid == oids::rsa_with_sha256()) &&
        !(algorithm.oid == oids::ecdsa_with_sha256()))
      return base::fail(Code::unsupported, algorithm.oid.dotted());
    const std::uint8_t* der = key.der.data();
    EVP_PKEY* peer = d2i_PUBKEY(nullptr, &der, static_cast<long>(key.der.size()));
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool holds = peer != nullptr &&
                       EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, peer) == 1 &&
                       EVP_DigestVerify(context, signature.data(), signature.size(), message.data(),
                                        message.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(peer);
    if (!holds) return base::fail(Code::invalid_signature, "OpenSSL says no");
    return {};
  }
};

const PeerDigester kDigests;
const PeerVerifier kSignatures;
const pki::Algorithms kAlgorithms{kSignatures, kDigests};

class Read : public testing::OpensslProgram {
 protected:
  // make_self_signed writes key.pem and cert.pem of a key option such as "rsa:2048".
  void make_self_signed(const std::string& key) {
    const std::string said = run("req -x509 -newkey " + key +
                                 " -nodes -sha256 -keyout @key.pem -out @cert.pem -days 30 "
                                 "-subj '/C=CN/CN=Stranger'");
    ASSERT_EQ(said.find("status"), std::string::npos) << said;
  }
};

TEST_F(Read, MessagesWithRsaAndEcdsaHold) {
  write("content", base::to_bytes("a contract"));
  for (const std::string key : {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256"}) {
    make_self_signed(key);
    for (const std::string more : {"", "-nodetach", "-noattr", "-keyid", "-nodetach -noattr"}) {
      const std::string said =
          run("cms -sign -binary -md sha256 -outform DER -signer @cert.pem "
              "-inkey @key.pem -in @content -out @message.der " +
              more);
      ASSERT_EQ(said.find("status"), std::string::npos) << said;
      const auto message = pki::parse_signed_data(read("message.der"));
      ASSERT_OK(message);
      const auto evidence =
          pki::verify_signed_data(*message, base::to_bytes("a contract"), {}, kAlgorithms);
      ASSERT_OK(evidence) << more;
      EXPECT_EQ(evidence->signer.subject().common_name(), "Stranger");
      EXPECT_FALSE(
          pki::verify_signed_data(*message, base::to_bytes("a contracT"), {}, kAlgorithms));
      const pki::TrustStore trust({evidence->signer});
      pki::PathOptions options;
      options.at = evidence->signer.not_before();
      EXPECT_EQ(pki::validate_path(evidence->signer, trust, options, kAlgorithms).status,
                pki::PathStatus::trusted);
    }
  }
}

TEST_F(Read, AnAlgorithmThatIsNotLinkedIsToldSo) {
  make_self_signed("rsa:2048");
  write("content", base::to_bytes("a contract"));
  run("cms -sign -binary -md sha256 -outform DER -signer @cert.pem -inkey @key.pem -in @content "
      "-out @message.der");
  const auto message = pki::parse_signed_data(read("message.der"));
  ASSERT_OK(message);
  const x509::Sm2SignatureVerifier own;
  EXPECT_ERROR(pki::verify_signed_data(*message, base::to_bytes("a contract"), {},
                                       {own, pki::Sm3Digester()}),
               Code::unsupported);
}

TEST_F(Read, StatusRequestsAreRead) {
  testing::Authority authority;
  const testing::Credential alice = authority.make_person("Alice");
  write("issuer.pem", base::to_bytes(x509::to_pem(authority.issuing().certificate)));
  write("alice.pem", base::to_bytes(x509::to_pem(alice.certificate)));
  for (const std::string hash : {"-sm3", "-sha1", "-sha256"}) {
    run("ocsp " + hash + " -issuer @issuer.pem -cert @alice.pem -reqout @request.der");
    const auto request = pki::parse_ocsp_request(read("request.der"));
    ASSERT_OK(request);
    ASSERT_EQ(request->questions.size(), 1U);
    EXPECT_FALSE(request->nonce.empty());
    EXPECT_EQ(request->questions[0].serial, alice.certificate.serial());
    const auto named =
        pki::names_issuer(request->questions[0], authority.issuing().certificate, kDigests);
    ASSERT_OK(named);
    EXPECT_TRUE(*named) << hash;
  }
}

TEST_F(Read, TimeStampRequestsAreRead) {
  write("content", base::to_bytes("a contract"));
  run("ts -query -data @content -sm3 -cert -tspolicy 1.2.3.4 -out @request.der");
  const auto request = pki::parse_time_stamp_request(read("request.der"));
  ASSERT_OK(request);
  EXPECT_EQ(request->imprint,
            pki::make_time_stamp_request(base::to_bytes("a contract"), {}).imprint);
  EXPECT_TRUE(request->certificate_requested);
  EXPECT_FALSE(request->nonce.empty());
  EXPECT_TRUE(request->policy == asn1::Oid::of("1.2.3.4"));
}

TEST_F(Read, ListsAreRead) {
  make_self_signed("rsa:2048");
  write("index.txt", {});
  write("number", base::to_bytes("1000\n"));
  write("ca.cnf", base::to_bytes("[ca]\ndefault_ca=c\n[c]\ndatabase=" + path("index.txt") +
                                 "\ncrlnumber=" + path("number") +
                                 "\ndefault_md=sha256\ndefault_crl_days=7\n"));
  run("ca -config @ca.cnf -gencrl -keyfile @key.pem -cert @cert.pem -out @list.pem");
  const std::string said = run("crl -in @list.pem -outform DER -out @list.der");
  ASSERT_EQ(said.find("status"), std::string::npos) << said;
  run("x509 -in @cert.pem -outform DER -out @cert.der");
  const auto crl = pki::parse_crl(read("list.der"));
  ASSERT_OK(crl);
  EXPECT_EQ(crl->body.number, (Bytes{0x10, 0x00}));
  const auto issuer = x509::parse_certificate(read("cert.der"));
  ASSERT_OK(issuer);
  EXPECT_OK(pki::verify_crl(*crl, *issuer, kAlgorithms));
}

}  // namespace
}  // namespace heqi
