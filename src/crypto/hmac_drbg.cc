// hmac_drbg.cc: names are those of SP 800-90A §10.1.2.
#include <heqi/crypto/hmac_drbg.h>

#include <algorithm>
#include <array>

#include <heqi/crypto/hmac.h>

namespace heqi::crypto {
namespace {

void keep(base::SecretArray<32>& to, Digest digest) {
  std::copy(digest.begin(), digest.end(), to.expose_mutable().begin());
  base::secure_wipe(digest.data(), digest.size());
}

}  // namespace

void HmacDrbgState::next_v() {
  keep(v_, hmac_sm3(key_.expose(), v_.expose()));
}

// update is HMAC_DRBG_Update (§10.1.2.2).
void HmacDrbgState::update(std::initializer_list<base::ByteView> provided) {
  const bool is_empty = std::all_of(provided.begin(), provided.end(),
                                    [](base::ByteView part) { return part.empty(); });
  for (std::uint8_t round = 0; round < (is_empty ? 1 : 2); ++round) {
    HmacSm3 hmac(key_.expose());
    hmac.update(v_.expose()).update(std::array<std::uint8_t, 1>{round});
    for (const base::ByteView part : provided) hmac.update(part);
    keep(key_, hmac.finish());
    next_v();
  }
}

void HmacDrbgState::instantiate(base::ByteView entropy, base::ByteView nonce,
                                base::ByteView personalisation) {
  std::fill_n(key_.expose_mutable().begin(), 32, std::uint8_t(0));
  std::fill_n(v_.expose_mutable().begin(), 32, std::uint8_t(1));
  update({entropy, nonce, personalisation});
  counter_ = 1;
}

void HmacDrbgState::reseed(base::ByteView entropy, base::ByteView additional) {
  HEQI_CHECK(counter_ > 0);
  update({entropy, additional});
  counter_ = 1;
}

void HmacDrbgState::generate(base::MutableByteView out, base::ByteView additional) {
  HEQI_CHECK(counter_ > 0 && out.size() <= kRequestMax);
  if (!additional.empty()) update({additional});
  for (std::size_t at = 0; at < out.size(); at += 32) {
    next_v();
    std::copy_n(v_.expose().begin(), std::min<std::size_t>(32, out.size() - at), out.data() + at);
  }
  update({additional});
  ++counter_;
}

}  // namespace heqi::crypto
