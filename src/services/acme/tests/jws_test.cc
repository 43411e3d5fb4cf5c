#include <heqi/services/acme/jws.h>

#include <gtest/gtest.h>

#include <heqi/base/text.h>
#include <heqi/testing/expect.h>

namespace heqi::services::acme {
namespace {

using base::Code;

// The key and the signature of RFC 7515 A.3 (ES256), and the key of A.2 for its thumbprint's form.
constexpr std::string_view kKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kHeader = "eyJhbGciOiJFUzI1NiJ9";
constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
constexpr std::string_view kSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

http::Json json(std::string_view text) {
  return *http::parse_json(base::bytes_of(text));
}
Jws example() {
  Jws out;
  out.algorithm = "ES256";
  out.signed_text = std::string(kHeader) + "." + std::string(kPayload);
  out.signature = *base::parse_base64url(kSignature);
  return out;
}
// request wraps a header in a whole request.
std::string request(std::string_view header, std::string_view payload = "{}") {
  return R"({"protected":")" + base::to_base64url(base::bytes_of(header)) + R"(","payload":")" +
         base::to_base64url(base::bytes_of(payload)) + R"(","signature":"AAAA"})";
}
base::Result<Jws> parse(std::string_view header) {
  const std::string text = request(header);
  return parse_jws(base::bytes_of(text));
}

TEST(Jws, TheSignatureOfTheStandardVerifiesAndNoOther) {
  const WebKey key = *parse_web_key(json(kKey));
  EXPECT_OK(verify_jws(example(), key.public_key));
  Jws changed = example();
  changed.signed_text.back() = 'g';
  EXPECT_ERROR(verify_jws(changed, key.public_key), Code::invalid_signature);
  for (std::size_t at = 0; at < 64; ++at) {
    Jws forged = example();
    forged.signature[at] ^= 1;
    EXPECT_FALSE(verify_jws(forged, key.public_key)) << at;
  }
  Jws shorter = example();
  shorter.signature.pop_back();
  EXPECT_ERROR(verify_jws(shorter, key.public_key), Code::invalid_signature);
  Jws as_rsa = example();
  as_rsa.algorithm = "RS256";
  EXPECT_FALSE(verify_jws(as_rsa, key.public_key));
}

TEST(Jws, TheThumbprintIsThatOfTheStandard) {
  // RFC 7638 §3.1.
  const WebKey key = *parse_web_key(
      json(R"({"kty":"RSA","n":")"
           "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1"
           "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4"
           "QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
           "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF"
           "Cur-kEgU8awapJzKnqDKgw"
           R"(","e":"AQAB",)"
           R"("alg":"RS256","kid":"2011-04-29"})"));
  EXPECT_EQ(key.thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jws, KeysThatAreNotServedAreRefused) {
  EXPECT_ERROR(parse_web_key(json(R"({"kty":"oct","k":"AAAA"})")), Code::unsupported);
  EXPECT_ERROR(parse_web_key(json(R"({"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"})")),
               Code::unsupported);
  EXPECT_ERROR(parse_web_key(json(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})")),
               Code::malformed);
  EXPECT_ERROR(parse_web_key(json(R"({"kty":"RSA","n":"AAAA"})")), Code::malformed);
  EXPECT_ERROR(parse_web_key(json("[]")), Code::malformed);
  std::string with_private(kKey);
  with_private.insert(1, R"("d":"AAAA",)");
  EXPECT_ERROR(parse_web_key(json(with_private)), Code::unsupported);
}

TEST(Jws, ARequestStatesAlgorithmUrlAndExactlyOneKey) {
  const std::string key = R"("jwk":)" + std::string(kKey);
  EXPECT_OK(parse(R"({"alg":"ES256","nonce":"n","url":"u",)" + key + "}"));
  EXPECT_OK(parse(R"({"alg":"RS256","nonce":"n","url":"u","kid":"k"})"));
  EXPECT_ERROR(parse(R"({"alg":"ES256","nonce":"n","url":"u"})"), Code::malformed);
  EXPECT_ERROR(parse(R"({"alg":"ES256","nonce":"n","url":"u","kid":"k",)" + key + "}"),
               Code::malformed);
  EXPECT_ERROR(parse(R"({"alg":"ES256","nonce":"n","kid":"k"})"), Code::malformed);
  for (const char* algorithm : {"none", "HS256", "PS256", "es256", ""})
    EXPECT_FALSE(parse(R"({"alg":")" + std::string(algorithm) + R"(","url":"u","kid":"k"})"))
        << algorithm;
  EXPECT_ERROR(parse(R"({"alg":"ES256","url":"u","kid":"k","crit":["b64"],"b64":false})"),
               Code::unsupported);
}

TEST(Jws, WhatIsNotTheFlattenedFormIsRefused) {
  for (const char* text : {"", "{}", "[]", "null", R"({"protected":"e30"})",
                           R"({"protected":"e30","payload":"","signature":"","header":{}})",
                           R"({"protected":"+++","payload":"","signature":""})",
                           R"({"payload":"","signatures":[{"protected":"e30","signature":""}]})"})
    EXPECT_FALSE(parse_jws(base::bytes_of(text)).has_value()) << text;
  EXPECT_ERROR(parse_jws(base::Bytes(kRequestSizeMax + 1, ' ')), Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::services::acme
