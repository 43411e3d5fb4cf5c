// A server whose key is with somebody else: every form of signature that a handshake wants, and
// what becomes of connections where the key does not answer.
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include <atomic>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "raw_peer.h"
#include "tls_identity.h"

namespace heqi::http {
namespace {

using base::Code;
using base::TlsSignature;
using http::testing::RawPeer;

// WatchedKey notes what it is asked for, and may refuse, or sign something else.
class WatchedKey final : public base::TlsKey {
 public:
  explicit WatchedKey(std::shared_ptr<base::TlsKey> key) : key_(std::move(key)) {}
  base::Bytes public_key() const override { return key_->public_key(); }
  base::Result<base::Bytes> sign(TlsSignature form, base::ByteView content) override {
    last = form, ++asked;
    if (refuses) return base::fail(Code::unavailable, "nobody there");
    base::Bytes what = base::to_bytes(content);
    if (lies) what[0] ^= 1;
    return answer_size == 0 ? key_->sign(form, what) : base::Bytes(answer_size, 1);
  }
  std::atomic<TlsSignature> last{};
  std::atomic<int> asked{0};
  std::atomic<bool> refuses{false}, lies{false};
  std::atomic<std::size_t> answer_size{0};

 private:
  std::shared_ptr<base::TlsKey> key_;
};

// Handshake is a client's; version and the forms of signature are those that it takes.
class Handshake {
 public:
  Handshake(const Server& server, const std::string& trusted, int version, const char* forms)
      : peer_(server.port()), context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    if (forms != nullptr) {
      EXPECT_EQ(SSL_CTX_set1_sigalgs_list(context_.get(), forms), 1);
    }
    BIO* const pem = BIO_new_mem_buf(trusted.data(), static_cast<int>(trusted.size()));
    X509* const root = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), root);
    X509_free(root);
    BIO_free(pem);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), peer_.descriptor());
    done_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }
  bool done() const { return done_; }
  std::string get(const std::string& path) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
    char answer[4096];
    const int got = SSL_read(ssl_.get(), answer, sizeof answer);
    return std::string(answer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }

 private:
  RawPeer peer_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  bool done_ = false;
};

class TlsKeyElsewhere : public ::testing::Test {
 protected:
  TlsKeyElsewhere() {
    router.get("/",
               [](const Request&) -> base::Result<Response> { return Response::text("here\n"); });
  }
  void serve(EVP_PKEY* made) {
    identity = http::testing::make_test_identity(made);
    TlsIdentity tls = identity.tls();
    key = std::make_shared<WatchedKey>(tls.key);
    tls.key = key;
    ServerOptions options;
    options.tls = std::move(tls);
    auto started = Server::start(std::move(options), router, random, log);
    ASSERT_OK(started);
    server = *std::move(started);
  }
  bool reaches(int version, const char* forms = nullptr) {
    Handshake handshake(*server, identity.certificate_pem, version, forms);
    return handshake.done() && handshake.get("/").find("here") != std::string::npos;
  }

  Router router;
  heqi::testing::SeededRandom random{5};
  base::NullLog log;
  http::testing::TestIdentity identity;
  std::shared_ptr<WatchedKey> key;
  std::unique_ptr<Server> server;
};

TEST_F(TlsKeyElsewhere, SignsForCurves) {
  for (const char* curve : {"P-256", "P-384", "P-521"}) {
    serve(EVP_EC_gen(curve));
    if (HasFatalFailure()) return;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const int before = key->asked;
      EXPECT_TRUE(reaches(version)) << curve << " " << version;
      EXPECT_EQ(key->asked, before + 1);
      EXPECT_EQ(key->last, TlsSignature::ecdsa);
    }
  }
}

TEST_F(TlsKeyElsewhere, SignsForRsaInBothPaddings) {
  serve(EVP_RSA_gen(2048));
  if (HasFatalFailure()) return;
  EXPECT_TRUE(reaches(TLS1_3_VERSION));
  EXPECT_EQ(key->last, TlsSignature::rsa_pss);
  for (const char* hash : {"SHA256", "SHA384", "SHA512"}) {
    EXPECT_TRUE(reaches(TLS1_2_VERSION, ("RSA+" + std::string(hash)).c_str())) << hash;
    EXPECT_EQ(key->last, TlsSignature::rsa_pkcs1);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      EXPECT_TRUE(reaches(version, ("RSA-PSS+" + std::string(hash) + ":RSA+SHA256").c_str()));
      EXPECT_EQ(key->last, TlsSignature::rsa_pss) << hash << " " << version;
    }
  }
  // No form that is not wanted any more.
  EXPECT_FALSE(reaches(TLS1_2_VERSION, "RSA+SHA224"));
}

TEST_F(TlsKeyElsewhere, ThatDoesNotAnswerEndsHandshakesAndNothingElse) {
  serve(EVP_EC_gen("P-256"));
  if (HasFatalFailure()) return;
  Handshake earlier(*server, identity.certificate_pem, TLS1_3_VERSION, nullptr);
  ASSERT_TRUE(earlier.done());
  key->refuses = true;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(reaches(version));
  EXPECT_NE(earlier.get("/").find("here"), std::string::npos);
  key->refuses = false;
  EXPECT_TRUE(reaches(TLS1_3_VERSION));
}

TEST_F(TlsKeyElsewhere, ThatSignsSomethingElseIsNotBelieved) {
  for (EVP_PKEY* made : {EVP_EC_gen("P-256"), EVP_RSA_gen(2048)}) {
    serve(made);
    if (HasFatalFailure()) return;
    key->lies = true;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) EXPECT_FALSE(reaches(version));
    key->lies = false;
    for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{100'000}}) {
      key->answer_size = size;
      EXPECT_FALSE(reaches(TLS1_3_VERSION)) << size;
    }
    key->answer_size = 0;
    EXPECT_TRUE(reaches(TLS1_3_VERSION));
  }
}

TEST_F(TlsKeyElsewhere, OfAnotherKindThanTheCertificateIsRefused) {
  const auto curve = http::testing::make_test_identity(),
             rsa = http::testing::make_test_identity(EVP_RSA_gen(2048));
  for (const auto& [one, other] : {std::pair(curve, rsa), std::pair(rsa, curve)}) {
    ServerOptions options;
    options.tls = TlsIdentity{one.certificate_pem, other.tls().key};
    EXPECT_ERROR(Server::start(std::move(options), router, random, log), Code::malformed);
  }
}

// PublicOnly has a public key and nothing to sign with.
class PublicOnly final : public base::TlsKey {
 public:
  explicit PublicOnly(base::Bytes der) : der_(std::move(der)) {}
  base::Bytes public_key() const override { return der_; }
  base::Result<base::Bytes> sign(TlsSignature, base::ByteView) override {
    return base::fail(Code::unsupported, "none");
  }

 private:
  base::Bytes der_;
};

TEST_F(TlsKeyElsewhere, WithoutAPublicKeyOfItsKindsIsRefused) {
  const auto curve = http::testing::make_test_identity();
  const http::testing::TestKey edwards(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                       &EVP_PKEY_free);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(edwards.get(), &der);
  const base::Bytes foreign(der, der + size);
  OPENSSL_free(der);
  for (const auto& [octets, code] :
       {std::pair(base::Bytes{}, Code::malformed),
        std::pair(base::Bytes(40, 0x30), Code::malformed), std::pair(foreign, Code::unsupported)}) {
    ServerOptions options;
    options.tls = TlsIdentity{curve.certificate_pem, std::make_shared<PublicOnly>(octets)};
    EXPECT_ERROR(Server::start(std::move(options), router, random, log), code);
  }
}

}  // namespace
}  // namespace heqi::http
