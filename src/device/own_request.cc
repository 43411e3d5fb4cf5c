#include "own_request.h"

#include <heqi/x509/csr.h>

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kSubjectShownMax = 256;  // octets

}  // namespace

Result<std::string> read_own_request(base::ByteView octets, const crypto::PublicKey& own) {
  const auto body = x509::parse_csr_body(octets);
  if (!body) return base::fail(Code::unsupported, "no certificate request: " + body.error().detail);
  HEQI_TRY(const crypto::PublicKey key, body->public_key.sm2_key());
  if (!(key == own)) return base::fail(Code::denied, "the request is for another key");
  if (!body->extensions.empty() || !base::same_bytes(x509::encode_csr_body(*body), octets))
    return base::fail(Code::unsupported, "the request says more than subject and key");
  std::string subject = body->subject.text();
  if (subject.size() > kSubjectShownMax)
    return base::fail(Code::unsupported, "the subject is too long to be shown");
  return subject;
}

}  // namespace heqi::device
