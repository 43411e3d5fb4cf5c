#include <heqi/services/mobile/proofs.h>

#include <heqi/crypto/hmac.h>

namespace heqi::services::mobile {

crypto::Digest code_key(std::string_view acceptance, std::string_view code) {
  crypto::Sm3 hash;
  const base::Bytes end{0};
  hash.update(base::bytes_of("heqi authorisation code")).update(end);
  hash.update(base::bytes_of(acceptance)).update(end).update(base::bytes_of(code));
  return hash.finish();
}

crypto::Digest proof_of_code(base::ByteView code_key, std::string_view flow, base::ByteView csr) {
  const base::Bytes end{0};
  return crypto::HmacSm3(code_key)
      .update(base::bytes_of(flow))
      .update(end)
      .update(crypto::sm3(csr))
      .finish();
}

}  // namespace heqi::services::mobile
