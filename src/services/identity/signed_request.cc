#include <heqi/services/identity/signed_request.h>

#include <charconv>

#include <heqi/base/text.h>
#include <heqi/x509/sm2_encoding.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kNonceMin = 16, kNonceMax = 64, kNameMax = 64;
constexpr std::string_view kNonceAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kNameAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";

Result<std::string> field(const http::Request& request, std::string_view name, std::size_t min,
                          std::size_t max, std::string_view alphabet) {
  auto value = request.header(name);
  if (!value || value->size() < min || value->size() > max || !is_of(*value, alphabet))
    return fail(Code::unauthenticated, "header field " + std::string(name));
  return std::move(*value);
}

// unsigned_request is what request says, under a fresh nonce, without a signature.
Result<SignedRequest> unsigned_request(const base::FetchRequest& request,
                                       const std::string& application, const std::string& key_id,
                                       base::Time now, base::Random& random) {
  SignedRequest made;
  made.application = application;
  made.key = key_id;
  made.method = request.method;
  const std::size_t host = request.url.find("://");
  if (host == std::string::npos) return fail(Code::malformed, "URL: no scheme");
  const std::size_t slash = request.url.find('/', host + 3);
  const std::string target = slash == std::string::npos ? "/" : request.url.substr(slash);
  const std::size_t mark = target.find('?');
  made.path = target.substr(0, mark);
  if (mark != std::string::npos) made.query = target.substr(mark + 1);
  made.body_digest = crypto::sm3(request.body);
  made.time = base::micros(now) / 1'000'000;
  HEQI_TRY(const base::Bytes nonce, base::random_bytes(random, 18));
  made.nonce = base::to_base64url(nonce);
  return made;
}

void add_fields(base::FetchRequest& request, const SignedRequest& made) {
  const crypto::ScalarBytes r = made.signature.r.encode(), s = made.signature.s.encode();
  request.headers.emplace_back(kApplicationField, made.application);
  request.headers.emplace_back(kKeyField, made.key);
  request.headers.emplace_back(kTimeField, std::to_string(made.time));
  request.headers.emplace_back(kNonceField, made.nonce);
  request.headers.emplace_back(kSignatureField, base::to_base64(base::concat({r, s})));
}

}  // namespace

std::string canonical_request(const SignedRequest& request) {
  std::string text = "HEQI-SM2-1\n";
  for (std::string_view line : {std::string_view(request.application),
                                std::string_view(request.key), std::string_view(request.method),
                                std::string_view(request.path), std::string_view(request.query)})
    text.append(line).push_back('\n');
  text.append(base::to_hex(request.body_digest)).push_back('\n');
  text.append(std::to_string(request.time)).push_back('\n');
  text.append(request.nonce).push_back('\n');
  return text;
}

Result<SignedRequest> read_signed_request(const http::Request& request) {
  SignedRequest read;
  HEQI_TRY(read.application, field(request, kApplicationField, 1, kNameMax, kNameAlphabet));
  HEQI_TRY(read.key, field(request, kKeyField, 1, kNameMax, kNameAlphabet));
  HEQI_TRY(read.nonce, field(request, kNonceField, kNonceMin, kNonceMax, kNonceAlphabet));
  HEQI_TRY(const std::string time, field(request, kTimeField, 1, 12, "0123456789"));
  std::from_chars(time.data(), time.data() + time.size(), read.time);
  const auto encoded = request.header(kSignatureField);
  auto signature = base::parse_base64(encoded.value_or(""));
  if (!signature || signature->size() != 2 * crypto::kScalarSize)
    return fail(Code::unauthenticated, "header field " + std::string(kSignatureField));
  const base::ByteView bytes(*signature);
  const auto r = crypto::Scalar::decode(bytes.first(crypto::kScalarSize));
  const auto s = crypto::Scalar::decode(bytes.subspan(crypto::kScalarSize));
  if (!r || !s) return fail(Code::unauthenticated, "header field " + std::string(kSignatureField));
  read.signature = {*r, *s};
  read.method = http::method_name(request.method);
  const std::size_t mark = request.target.find('?');
  read.path = request.target.substr(0, mark);
  if (mark != std::string::npos) read.query = request.target.substr(mark + 1);
  read.body_digest = crypto::sm3(request.body);
  return read;
}

base::Status sign_request(base::FetchRequest& request, const std::string& application,
                          const std::string& key_id, const crypto::PrivateKey& key, base::Time now,
                          base::Random& random) {
  HEQI_TRY(SignedRequest made, unsigned_request(request, application, key_id, now, random));
  HEQI_TRY(made.signature, crypto::sign(key, base::bytes_of(canonical_request(made)), random));
  add_fields(request, made);
  return {};
}

base::Status sign_request(base::FetchRequest& request, const std::string& application,
                          const std::string& key_id, x509::Signer& signer, base::Time now,
                          base::Random& random) {
  HEQI_TRY(SignedRequest made, unsigned_request(request, application, key_id, now, random));
  HEQI_TRY(const base::Bytes signature, signer.sign(base::bytes_of(canonical_request(made))));
  HEQI_TRY(made.signature, x509::parse_signature(signature));
  add_fields(request, made);
  return {};
}

}  // namespace heqi::services::identity
