// SM4 under the checker: every mode on each path that this processor has.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm4_ccm.h>
#include <heqi/crypto/sm4_gcm.h>
#include <heqi/crypto/sm4_mac.h>
#include <heqi/crypto/sm4_xts.h>

#include "operations.h"

namespace heqi::constant_time {
namespace {

using base::Bytes;
using base::ByteView;

// kLong is more than one batch of the widest path, and ends within a block.
constexpr std::size_t kLong = 2309, kWhole = kLong / 16 * 16;

void on_each_path(void (*operate)()) {
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm4") continue;
    for (const std::string_view path : primitive.runnable) {
      require(crypto::choose_path("sm4", path).has_value(), "the choice of a path");
      operate();
    }
    (void)crypto::choose_path("sm4", primitive.runnable.front());
  }
}

bool same(ByteView a, ByteView b) {
  return base::ct::declassified(base::ct::equal_bytes(a, b));
}

void run_blocks() {
  const crypto::Sm4 cipher(secret_sm4_key());
  const Bytes plain = secret_bytes(kWhole, 81);
  Bytes out(kWhole), counted(kLong);
  crypto::Sm4Block chain{1}, back{1}, counter{2};
  cipher.encrypt_blocks(plain, out);
  cipher.decrypt_blocks(out, out);
  require(same(plain, out), "ECB");
  require(cipher.cbc_encrypt(chain, plain, out).has_value(), "CBC");
  require(cipher.cbc_decrypt(back, out, out).has_value() && same(plain, out), "CBC back");
  cipher.ctr(counter, secret_bytes(kLong, 82), counted);
  Bytes other = plain;
  const std::vector<crypto::CbcMessage> messages = {
      {{}, plain, out}, {{}, ByteView(other).first(64), base::MutableByteView(other).first(64)}};
  require(cipher.cbc_encrypt_each(messages).has_value(), "CBC of several");
}

void run_sealed() {
  const Bytes plain = secret_bytes(kLong, 83), associated = secret_bytes(37, 84), nonce(12, 9);
  Bytes sealed(kLong), opened(kLong), tag(16);
  const crypto::Sm4Gcm gcm(secret_sm4_key());
  const auto made = gcm.seal(nonce, associated, plain, sealed);
  require(gcm.open(nonce, associated, sealed, *made, opened).has_value(), "GCM");
  require(!gcm.open(nonce, associated, sealed, Bytes(16), opened), "GCM refusal");
  const crypto::Sm4Ccm ccm(secret_sm4_key());
  require(ccm.seal(nonce, associated, plain, sealed, tag).has_value(), "CCM");
  require(ccm.open(nonce, associated, sealed, tag, opened).has_value(), "CCM opening");
  require(!ccm.open(nonce, associated, sealed, Bytes(16), opened), "CCM refusal");
}

void run_stored() {
  const Bytes plain = secret_bytes(kLong, 85), other = secret_bytes(16, 86);
  Bytes out(kLong);
  for (const auto standard : {crypto::XtsStandard::gb_t_17964, crypto::XtsStandard::ieee_1619}) {
    const auto xts = *crypto::Sm4Xts::make(
        secret_sm4_key(), crypto::Sm4Key(std::span<const std::uint8_t, 16>(other.data(), 16)),
        standard);
    require(xts->encrypt({3}, plain, out).has_value(), "XTS");
    require(xts->decrypt({3}, out, out).has_value() && same(plain, out), "XTS back");
  }
}

void run_mac() {
  const crypto::Sm4Cmac cmac(secret_sm4_key());
  const Bytes message = secret_bytes(kLong, 87);
  crypto::Sm4Block tag = cmac.tag(message);
  base::ct::declassify(tag);
  require(cmac.verify(message, tag).has_value(), "CMAC");
  const std::vector<ByteView> messages = {message, ByteView(message).first(40), {}};
  std::vector<crypto::Sm4Block> tags(messages.size());
  cmac.tag_each(messages, tags);
}

}  // namespace

void add_sm4_operations(Operations& all) {
  all.insert({{"sm4-blocks", [] { on_each_path(run_blocks); }},
              {"sm4-sealed", [] { on_each_path(run_sealed); }},
              {"sm4-stored", [] { on_each_path(run_stored); }},
              {"sm4-mac", [] { on_each_path(run_mac); }}});
}

}  // namespace heqi::constant_time
