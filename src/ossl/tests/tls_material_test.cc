#include <gtest/gtest.h>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <heqi/base/text.h>
#include <heqi/ossl/signer.h>
#include <heqi/ossl/tls_material.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "made_by_openssl.h"

namespace heqi::ossl {
namespace {

using base::Code;
using std::chrono::days;

X509* openssl_certificate(base::ByteView der) {
  const unsigned char* at = der.data();
  return d2i_X509(nullptr, &at, static_cast<long>(der.size()));
}

class TlsMaterial : public ::testing::Test {
 protected:
  TlsRoot root() { return *make_tls_root({}, clock, random); }
  testing::FakeClock clock{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  testing::SeededRandom random{9};
};

TEST_F(TlsMaterial, IsAcceptedByOpensslForItsNamesOnly) {
  const TlsRoot made = root();
  auto server =
      make_tls_server_material(made, {{"sign.example.test", "10.1.2.3", "::1"}}, clock, random);
  ASSERT_OK(server);
  auto chain = x509::parse_certificates_pem(server->certificate_chain_pem);
  ASSERT_OK(chain);
  ASSERT_EQ(chain->size(), 2U);
  X509* leaf = openssl_certificate(chain->at(0).der());
  X509* anchor = openssl_certificate(chain->at(1).der());
  ASSERT_NE(leaf, nullptr);
  ASSERT_NE(anchor, nullptr);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, anchor);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf, nullptr);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_time(context, 0, 1'795'248'000 + 86'400);
  X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  EXPECT_EQ(X509_verify_cert(context), 1)
      << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  EXPECT_EQ(X509_check_host(leaf, "sign.example.test", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(leaf, "other.example.test", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(leaf, "10.1.2.3", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf, "::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf, "10.1.2.4", 0), 0);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  X509_free(leaf);
  X509_free(anchor);
}

TEST_F(TlsMaterial, BelongsToTheKeyThatComesWithIt) {
  const TlsRoot made = root();
  auto server = make_tls_server_material(made, {}, clock, random);
  ASSERT_OK(server);
  auto key = parse_private_key_pem(server->key_pem.expose());
  ASSERT_OK(key);
  auto chain = x509::parse_certificates_pem(server->certificate_chain_pem);
  EXPECT_EQ(chain->at(0).public_key(), key->public_key);
  EXPECT_EQ(chain->at(0).not_after(), server->not_after);
  EXPECT_FALSE(chain->at(0).is_ca());
  EXPECT_FALSE(chain->at(0).allows(x509::KeyUsageBit::key_cert_sign));
}

TEST_F(TlsMaterial, IsRenewedInTimeAndForNewNames) {
  auto server = make_tls_server_material(root(), {{"a.test", "10.0.0.1"}, days(90)}, clock, random);
  ASSERT_OK(server);
  const std::string& pem = server->certificate_chain_pem;
  EXPECT_FALSE(*needs_renewal(pem, {"a.test", "10.0.0.1"}, clock));
  EXPECT_TRUE(*needs_renewal(pem, {"b.test"}, clock));
  EXPECT_TRUE(*needs_renewal(pem, {"10.0.0.2"}, clock));
  clock.advance(days(59));
  EXPECT_FALSE(*needs_renewal(pem, {"a.test"}, clock));
  clock.advance(days(2));
  EXPECT_TRUE(*needs_renewal(pem, {"a.test"}, clock));
  EXPECT_ERROR(needs_renewal("", {}, clock), Code::malformed);
}

TEST_F(TlsMaterial, NeverOutlivesItsRoot) {
  const TlsRoot made = *make_tls_root({"Short root", days(10)}, clock, random);
  auto server = make_tls_server_material(made, {}, clock, random);
  ASSERT_OK(server);
  EXPECT_LE(server->not_after, clock.now() + days(10));
  clock.advance(days(11));
  EXPECT_ERROR(make_tls_server_material(made, {}, clock, random), Code::expired);
}

TEST_F(TlsMaterial, ForNamesThatAreNoneIsRefused) {
  const TlsRoot made = root();
  for (const char* name : {"", ".", "a..b", "-a b", "http://a.test", "a.test:443", "例子.test",
                           ".a.test", "a.test.", "a,b", "1.2.3.4.5/24"})
    EXPECT_ERROR(make_tls_server_material(made, {{name}}, clock, random), Code::malformed) << name;
  EXPECT_ERROR(make_tls_server_material(made, {std::vector<std::string>()}, clock, random),
               Code::malformed);
}

TEST_F(TlsMaterial, OfARootWhoseKeyDoesNotFitIsRefused) {
  TlsRoot made = root();
  made.key_pem = root().key_pem.clone();
  EXPECT_ERROR(make_tls_server_material(made, {}, clock, random), Code::malformed);
  made.certificate_pem += made.certificate_pem;
  EXPECT_ERROR(make_tls_server_material(made, {}, clock, random), Code::malformed);
  made.certificate_pem = "";
  EXPECT_ERROR(make_tls_server_material(made, {}, clock, random), Code::malformed);
}

}  // namespace
}  // namespace heqi::ossl
