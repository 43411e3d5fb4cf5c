// SM4 in its modes over 16 KiB. GCM sets a nonce and makes a tag, as the peers do.
#include <benchmark/benchmark.h>

#include <heqi/crypto/sm4.h>

#include "peers.h"

namespace heqi::bench {
namespace {

constexpr std::size_t kSize = 16384;
using base::Bytes;

crypto::Sm4Key fixed_key() {
  crypto::Sm4Key key;
  for (std::uint8_t i = 0; i < 16; ++i) key.expose_mutable()[i] = i;
  return key;
}

Operation ecb() {
  const auto cipher = std::make_shared<crypto::Sm4>(fixed_key());
  return [cipher, data = Bytes(kSize, 1)]() mutable {
    cipher->encrypt_blocks(data, data);
    return true;
  };
}
Operation ctr() {
  return
      [data = Bytes(kSize, 1)] { return crypto::sm4_ctr(fixed_key(), {}, data).size() == kSize; };
}
Operation gcm() {
  return [data = Bytes(kSize, 1), nonce = Bytes(12, 3)] {
    return crypto::sm4_gcm_seal(fixed_key(), nonce, {}, data).has_value();
  };
}
Operation cbc_encrypt() {
  return [data = Bytes(kSize, 1)] {
    return crypto::sm4_cbc_encrypt(fixed_key(), {}, data).has_value();
  };
}
Operation cbc_decrypt() {
  return [data = Bytes(kSize, 1)] {
    return crypto::sm4_cbc_decrypt(fixed_key(), {}, data).has_value();
  };
}

void add_rows(std::vector<Row>& rows) {
  const auto add = [&](std::string name, Sm4Mode mode, Prepare prepare) {
    rows.push_back({std::move(name),
                    Unit::megabytes_per_second,
                    kSize,
                    {"sm4", "ghash"},
                    std::move(prepare),
                    sm4_peers(mode, kSize)});
  };
  add("sm4_ecb_16k", Sm4Mode::ecb, ecb);
  add("sm4_ctr_16k", Sm4Mode::ctr, ctr);
  add("sm4_gcm_16k", Sm4Mode::gcm, gcm);
  add("sm4_cbc_enc_16k", Sm4Mode::cbc_encrypt, cbc_encrypt);
  add("sm4_cbc_dec_16k", Sm4Mode::cbc_decrypt, cbc_decrypt);
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
