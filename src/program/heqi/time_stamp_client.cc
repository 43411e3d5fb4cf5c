#include "time_stamp_client.h"

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::Result;

namespace {

constexpr std::size_t kNonceSize = 16;
constexpr std::size_t kAnswerSizeMax = std::size_t{1} << 20;

}  // namespace

Result<Bytes> TimeStampClient::stamp(const pki::Content& content, const asn1::Oid& hash) {
  HEQI_TRY(Bytes nonce, base::random_bytes(random_, kNonceSize));
  nonce[0] = static_cast<std::uint8_t>((nonce[0] & 0x7F) | 0x40);  // positive, of full length
  pki::TimeStampRequest request;
  request.hash_algorithm = hash;
  HEQI_TRY(request.imprint, algorithms_.digests.digest_of(hash, content));
  request.nonce = nonce;
  base::FetchRequest http;
  http.method = "POST";
  http.url = url_;
  http.headers = {{"Content-Type", "application/timestamp-query"}};
  http.body = pki::encode_time_stamp_request(request);
  http.answer_size_max = kAnswerSizeMax;
  HEQI_TRY(const base::FetchAnswer answer, fetch_.fetch(http));
  if (answer.status != 200)
    return base::fail(Code::unavailable,
                      url_ + ": the authority answered " + std::to_string(answer.status));
  auto token = pki::parse_time_stamp_answer(answer.body);
  if (!token && token.error().code == Code::denied)
    return base::fail(Code::time_untrusted, url_ + ": " + token.error().detail);
  if (!token) return token;
  pki::TokenCheck check;
  check.nonce = nonce;
  HEQI_TRY(pki::verify_time_stamp_token(*token, content, check, algorithms_));
  return token;
}

}  // namespace heqi::program
