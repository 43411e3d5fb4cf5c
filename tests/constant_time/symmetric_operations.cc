// Hashing, streams, generators and shares, each on every path that the checker can run.
#include <heqi/crypto/ctr_drbg.h>
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/hmac_drbg.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sharing.h>
#include <heqi/crypto/sm3_batch.h>
#include <heqi/crypto/zuc.h>

#include "operations.h"

namespace heqi::constant_time {
namespace {

using base::Bytes;

void on_each_path_of(std::string_view name, void (*run)()) {
  for (const auto& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != name) continue;
    for (const auto path : primitive.runnable) {
      require(crypto::choose_path(name, path).has_value(), "path");
      run();
    }
    (void)crypto::choose_path(name, primitive.runnable.front());
  }
}

void run_hashes() {
  (void)crypto::sm3(secret_bytes(1000, 101));
  const Bytes data = secret_bytes(900, 102);
  std::vector<crypto::Sm3Message> messages;
  for (std::size_t i = 0; i < 20; ++i)
    messages.push_back({base::ByteView(data).first(i * 7), base::ByteView(data).subspan(i, 600)});
  std::vector<crypto::Digest> digests(messages.size());
  crypto::sm3_batch(messages, digests);
  (void)crypto::stretch(secret_bytes(70, 103), secret_bytes(16, 104), 40,
                        {.rounds = 3, .progress = {}});
  (void)crypto::sm2_kdf(secret_bytes(124, 105), 700);
}

void run_zuc() {
  const crypto::ZucKey key(std::span<const std::uint8_t, 16>(secret_bytes(16, 106).data(), 16));
  const Bytes message = secret_bytes(301, 107);
  Bytes out(message.size());
  require(crypto::zuc_eea3(key, {}, message, 2403, out).has_value(), "EEA3");
  require(crypto::zuc_eia3(key, {}, message, 2403).has_value(), "EIA3");
  const crypto::Zuc256Key long_key(
      std::span<const std::uint8_t, 32>(secret_bytes(32, 108).data(), 32));
  Bytes tag(16);
  require(crypto::zuc256_tag(long_key, {}, message, 2403, tag).has_value(), "tag of ZUC-256");
}

void run_mechanisms() {
  Bytes out(16);
  crypto::HmacDrbgState hmac;
  hmac.instantiate(secret_bytes(32, 109), secret_bytes(16, 110), {});
  hmac.generate(out, secret_bytes(5, 111));
  crypto::CtrDrbgState counter(crypto::DrbgOrder::gm_t_0105);
  counter.instantiate(secret_bytes(32, 112), secret_bytes(16, 113), {});
  counter.generate(out, secret_bytes(5, 114));
  counter.reseed(secret_bytes(32, 115), {});
}

void run_sharing() {
  SecretRandom random(116);
  const auto sharing = crypto::share_secret(crypto::SecretScalar(secret_scalar(117)), 3, 5, random);
  require(sharing.has_value(), "sharing");
  for (const auto& share : sharing->shares)
    require(crypto::verify_share(share, sharing->commitments).has_value(), "share");
  require(crypto::combine_shares(sharing->shares, 3).has_value(), "combining");
}

}  // namespace

void add_symmetric_operations(Operations& all) {
  all.insert({{"hashes", [] { on_each_path_of("sm3", run_hashes); }},
              {"zuc", [] { on_each_path_of("zuc", run_zuc); }},
              {"mechanisms", run_mechanisms},
              {"sharing", run_sharing}});
}

}  // namespace heqi::constant_time
