// time_stamp_client.h: asks a time-stamp authority (RFC 3161 §3.4) for tokens over documents.
#pragma once
#include <string>

#include <heqi/base/fetch.h>
#include <heqi/base/random.h>
#include <heqi/pki/tsp.h>

namespace heqi::program {

// TimeStampClient asks one authority. fetch, random and what algorithms refers to outlive it.
class TimeStampClient {
 public:
  TimeStampClient(std::string url, base::Fetch& fetch, base::Random& random,
                  const pki::Algorithms& algorithms)
      : url_(std::move(url)), fetch_(fetch), random_(random), algorithms_(algorithms) {}

  // stamp is a token over content, hashed with hash; its signature, nonce and purpose hold. Whether
  // its authority is trusted is for the verifier. Fails with unavailable (the server),
  // time_untrusted (refused), and as pki::verify_time_stamp_token.
  base::Result<base::Bytes> stamp(const pki::Content& content, const asn1::Oid& hash);

 private:
  std::string url_;
  base::Fetch& fetch_;
  base::Random& random_;
  pki::Algorithms algorithms_;
};

}  // namespace heqi::program
