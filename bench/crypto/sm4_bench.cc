// SM4 in its modes over 16 KiB, the key set once, as the peers do. GCM sets a nonce and makes a
// tag.
#include <benchmark/benchmark.h>

#include <heqi/crypto/sm4_ccm.h>
#include <heqi/crypto/sm4_gcm.h>
#include <heqi/crypto/sm4_mac.h>
#include <heqi/crypto/sm4_xts.h>

#include "peers.h"

namespace heqi::bench {
namespace {

constexpr std::size_t kSize = 16384, kStreams = 16;
using base::Bytes;

crypto::Sm4Key fixed_key(std::uint8_t first) {
  crypto::Sm4Key key;
  for (std::uint8_t i = 0; i < 16; ++i)
    key.expose_mutable()[i] = static_cast<std::uint8_t>(first + i);
  return key;
}

// with_key is an operation on 16 KiB with a key object that was made before.
template <class Keyed>
Operation with_key(std::shared_ptr<Keyed> keyed,
                   bool (*operate)(const Keyed&, const Bytes& in, Bytes& out)) {
  return [keyed = std::move(keyed), operate, in = Bytes(kSize, 1), out = Bytes(kSize)]() mutable {
    return operate(*keyed, in, out);
  };
}
Operation with_cipher(bool (*operate)(const crypto::Sm4&, const Bytes& in, Bytes& out)) {
  return with_key(std::make_shared<crypto::Sm4>(fixed_key(0)), operate);
}

Operation ecb() {
  return with_cipher([](const crypto::Sm4& cipher, const Bytes& in, Bytes& out) {
    cipher.encrypt_blocks(in, out);
    return true;
  });
}
Operation ctr() {
  return with_cipher([](const crypto::Sm4& cipher, const Bytes& in, Bytes& out) {
    crypto::Sm4Block counter{};
    cipher.ctr(counter, in, out);
    return true;
  });
}
Operation cbc_encrypt() {
  return with_cipher([](const crypto::Sm4& cipher, const Bytes& in, Bytes& out) {
    crypto::Sm4Block chain{};
    return cipher.cbc_encrypt(chain, in, out).has_value();
  });
}
Operation cbc_decrypt() {
  return with_cipher([](const crypto::Sm4& cipher, const Bytes& in, Bytes& out) {
    crypto::Sm4Block chain{};
    return cipher.cbc_decrypt(chain, in, out).has_value();
  });
}
Operation cbc_mac() {
  return with_cipher([](const crypto::Sm4& cipher, const Bytes& in, Bytes&) {
    return crypto::sm4_cbc_mac(cipher, in).has_value();
  });
}
// Sixteen messages of 1 KiB side by side.
Operation cbc_streams() {
  return with_cipher([](const crypto::Sm4& cipher, const Bytes& in, Bytes& out) {
    std::array<crypto::CbcMessage, kStreams> messages;
    constexpr std::size_t each = kSize / kStreams;
    for (std::size_t i = 0; i < kStreams; ++i)
      messages[i] = {{},
                     base::ByteView(in).subspan(i * each, each),
                     base::MutableByteView(out).subspan(i * each, each)};
    return cipher.cbc_encrypt_each(messages).has_value();
  });
}
Operation gcm() {
  return with_key<crypto::Sm4Gcm>(std::make_shared<crypto::Sm4Gcm>(fixed_key(0)),
                                  [](const crypto::Sm4Gcm& keyed, const Bytes& in, Bytes& out) {
                                    constexpr std::array<std::uint8_t, 12> nonce{3};
                                    return keyed.seal(nonce, {}, in, out).has_value();
                                  });
}
Operation ccm() {
  return with_key<crypto::Sm4Ccm>(std::make_shared<crypto::Sm4Ccm>(fixed_key(0)),
                                  [](const crypto::Sm4Ccm& keyed, const Bytes& in, Bytes& out) {
                                    constexpr std::array<std::uint8_t, 12> nonce{3};
                                    crypto::Sm4Block tag;
                                    return keyed.seal(nonce, {}, in, out, tag).has_value();
                                  });
}
template <crypto::XtsStandard kStandard>
Operation xts() {
  std::shared_ptr<crypto::Sm4Xts> keyed =
      std::move(crypto::Sm4Xts::make(fixed_key(0), fixed_key(1), kStandard)).value();
  return with_key<crypto::Sm4Xts>(keyed,
                                  [](const crypto::Sm4Xts& unit, const Bytes& in, Bytes& out) {
                                    return unit.encrypt({}, in, out).has_value();
                                  });
}

void add_rows(std::vector<Row>& rows) {
  const auto add = [&](std::string name, Prepare prepare, std::vector<Peer> peers) {
    rows.push_back({std::move(name),
                    Unit::megabytes_per_second,
                    kSize,
                    {"sm4"},
                    std::move(prepare),
                    std::move(peers)});
  };
  add("sm4_ecb_16k", ecb, sm4_peers(Sm4Mode::ecb, kSize));
  add("sm4_ctr_16k", ctr, sm4_peers(Sm4Mode::ctr, kSize));
  add("sm4_gcm_16k", gcm, sm4_peers(Sm4Mode::gcm, kSize));
  add("sm4_xts_16k", xts<crypto::XtsStandard::ieee_1619>, sm4_peers(Sm4Mode::xts, kSize));
  add("sm4_xts_gb_16k", xts<crypto::XtsStandard::gb_t_17964>, {});
  add("sm4_cbc_enc_16k", cbc_encrypt, sm4_peers(Sm4Mode::cbc_encrypt, kSize));
  add("sm4_cbc_dec_16k", cbc_decrypt, sm4_peers(Sm4Mode::cbc_decrypt, kSize));
  add("sm4_cbc_enc_x16", cbc_streams, {});
  add("sm4_cbc_mac_16k", cbc_mac, {});
  add("sm4_ccm_16k", ccm, {});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
