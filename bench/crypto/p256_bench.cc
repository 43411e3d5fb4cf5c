// The yardstick: ECDSA on P-256 as OpenSSL does it in this process.
#include "peers.h"

namespace heqi::bench {
namespace {

void add_rows(std::vector<Row>& rows) {
  const Unit unit = Unit::operations_per_second;
  rows.push_back({"p256_sign",
                  unit,
                  1,
                  {},
                  openssl::sign(Curve::p256).prepare,
                  sign_peers(Curve::p256),
                  true});
  rows.push_back({"p256_verify",
                  unit,
                  1,
                  {},
                  openssl::verify(Curve::p256).prepare,
                  verify_peers(Curve::p256),
                  true});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
