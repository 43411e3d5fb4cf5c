// SM9. A pairing takes two points as they come; sign has its key ready; verify is for an identity
// that is seen for the first time.
#include <memory>

#include <heqi/crypto/sm9.h>

#include "generator.h"
#include "rows.h"

namespace heqi::bench {
namespace {

using namespace crypto::sm9;
constexpr std::string_view kId = "alice@example.com";
const base::Bytes kMessage(32, 0x61);

Operation compute_pairing() {
  const G1 p = mul(*Scalar::draw(generator()), G1::generator());
  const G2 q = mul(*Scalar::draw(generator()), G2::generator());
  return [p, q] { return !equal_vartime(pair(p, q), Gt()); };
}

Operation compute_prepared_pairing() {
  const G1 p = mul(*Scalar::draw(generator()), G1::generator());
  const auto q = std::make_shared<PreparedG2>(mul(*Scalar::draw(generator()), G2::generator()));
  return [p, q] { return !equal_vartime(pair(p, *q), Gt()); };
}

struct Signing {
  SignMasterKey master;
  SignKey key;
};
std::shared_ptr<const Signing> make_signing() {
  SignMasterKey master = *SignMasterKey::generate(generator());
  SignKey key = *master.extract(kId);
  return std::make_shared<Signing>(Signing{std::move(master), std::move(key)});
}

Operation sign_message() {
  return
      [signing = make_signing()] { return sign(signing->key, kMessage, generator()).has_value(); };
}

Operation verify_message() {
  const auto signing = make_signing();
  const Signature signature = *sign(signing->key, kMessage, generator());
  return [signing, signature] {
    return verify(signing->master.public_key(), kId, kMessage, signature).has_value();
  };
}

Operation verify_for_known_signer() {
  const auto signing = make_signing();
  const Signature signature = *sign(signing->key, kMessage, generator());
  const auto signer = std::make_shared<Signer>(*Signer::make(signing->master.public_key(), kId));
  return [signer, signature] { return signer->verify(kMessage, signature).has_value(); };
}

void add_rows(std::vector<Row>& rows) {
  const Unit unit = Unit::operations_per_second;
  rows.push_back({"sm9_pairing", unit, 1, {"sm9"}, compute_pairing, {}});
  rows.push_back({"sm9_pairing_prepared", unit, 1, {"sm9"}, compute_prepared_pairing, {}});
  rows.push_back({"sm9_sign", unit, 1, {"sm9"}, sign_message, {}});
  rows.push_back({"sm9_verify", unit, 1, {"sm9"}, verify_message, {}});
  rows.push_back({"sm9_verify_known", unit, 1, {"sm9"}, verify_for_known_signer, {}});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
