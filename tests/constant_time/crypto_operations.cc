// crypto_operations.cc: the algorithms.
#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/hmac.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/proofs.h>
#include <heqi/crypto/sm2_batch.h>
#include <heqi/crypto/sm2_exchange.h>

#include "operations.h"

namespace heqi::constant_time {
namespace {

using base::Bytes;
using base::ByteView;
using crypto::Point;
using crypto::Scalar;

void run_key_generation() {
  const crypto::PrivateKey key = secret_key(1);
  const auto encoded = key.encode();
  const auto again = crypto::PrivateKey::decode(encoded.expose());
  require(again.has_value(), "decode");
}

void run_sign() {
  const crypto::PrivateKey key = secret_key(2);
  SecretRandom nonce(3);
  for (int i = 0; i < 3; ++i) {
    const auto signature = crypto::sign(key, base::bytes_of("message"), nonce);
    require(signature.has_value(), "sign");
    require(crypto::verify(key.public_key(), base::bytes_of("message"), *signature).has_value(),
            "verify");
  }
}

void run_encryption() {
  const crypto::PrivateKey key = secret_key(4);
  SecretRandom nonce(5);
  const Bytes plain = secret_bytes(50, 6);
  const auto ciphertext = crypto::encrypt(key.public_key(), plain, nonce);
  require(ciphertext.has_value(), "encrypt");
  const auto back = crypto::decrypt(key, *ciphertext);
  require(back.has_value(), "decrypt");
  require(base::ct::declassified(base::ct::equal_bytes(back->expose(), plain)), "round trip");
  crypto::Ciphertext changed = *ciphertext;
  changed.c2[0] ^= 1;
  require(!crypto::decrypt(key, changed), "refusal");
}

// Both sides, alone and in lanes.
void run_exchange() {
  const crypto::PrivateKey a = secret_key(51), b = secret_key(52);
  SecretRandom random(53);
  for (const std::size_t count : {std::size_t{1}, std::size_t{4}}) {
    std::vector<crypto::ExchangeInitiator> initiators;
    std::vector<crypto::ExchangeOffer> offers;
    for (std::size_t i = 0; i < count; ++i) {
      auto begun = crypto::ExchangeInitiator::begin(random);
      require(begun.has_value(), "the initiator");
      offers.push_back({{a.public_key()}, begun->share()});
      initiators.push_back(std::move(*begun));
    }
    auto answers = crypto::ExchangeResponder::answer_all(b, offers, {}, random);
    require(answers.has_value(), "the responder");
    for (std::size_t i = 0; i < count; ++i) {
      const auto agreed = std::move(initiators[i])
                              .finish_confirmed(a, {b.public_key()}, {}, (*answers)[i].share(),
                                                (*answers)[i].confirmation());
      require(agreed.has_value(), "the agreed key");
      require(std::move((*answers)[i]).accept_confirmed(agreed->confirmation).has_value(),
              "the confirmation");
    }
  }
}

void run_curve() {
  const Scalar a = secret_scalar(8), b = secret_scalar(9);
  const Point p = crypto::mul(a, public_point(10)), q = crypto::mul_base(b);
  const Point sum = p + q + -p;
  require(equal_vartime(sum, q), "addition");
  (void)sum.encode();
  (void)sum.x_mod_n();
  (void)p.is_infinity();
}

void run_scalar() {
  const Scalar a = secret_scalar(11), b = secret_scalar(12);
  const Scalar one = a * a.inverse();
  const Scalar difference = one - Scalar::from_word(1);
  require(difference.is_zero(), "inverse");
  (void)(a - b + -(a * b)).encode();
  (void)Scalar::reduce(secret_bytes(64, 13)).is_zero();
  (void)Scalar::decode(a.encode());
}

void run_sm4() {
  const crypto::Sm4Key key = secret_sm4_key();
  const crypto::Sm4Block iv{1, 2, 3};
  const Bytes plain = secret_bytes(320, 14), associated = secret_bytes(21, 15);
  const Bytes nonce(12, 9);
  const crypto::Sm4 cipher(key);
  Bytes out(plain.size());
  cipher.encrypt_blocks(plain, out);
  cipher.decrypt_blocks(out, out);
  require(base::ct::declassified(base::ct::equal_bytes(plain, out)), "SM4");
  const auto cbc = crypto::sm4_cbc_encrypt(key, iv, plain);
  require(crypto::sm4_cbc_decrypt(key, iv, cbc->expose()).has_value(), "CBC");
  (void)crypto::sm4_ctr(key, iv, ByteView(plain).first(77));
  const auto sealed = crypto::sm4_gcm_seal(key, nonce, associated, ByteView(plain).first(77));
  require(sealed.has_value(), "GCM");
  require(crypto::sm4_gcm_open(key, nonce, associated, *sealed).has_value(), "GCM opening");
  Bytes forged = *sealed;
  forged[3] ^= 1;
  require(!crypto::sm4_gcm_open(key, nonce, associated, forged), "GCM refusal");
}

void run_hash() {
  (void)crypto::sm3(secret_bytes(150, 16));
  (void)crypto::hmac_sm3(secret_bytes(32, 17), secret_bytes(100, 18));
  (void)crypto::hmac_sm3(secret_bytes(100, 19), secret_bytes(1, 20));
  (void)crypto::stretch(secret_bytes(6, 21), secret_bytes(16, 22), 48,
                        {.rounds = 3, .progress = {}});
  (void)crypto::sm2_kdf(secret_bytes(64, 23), 70);
}

void run_generator() {
  SecretRandom entropy(24);
  const base::SystemClock clock;
  for (const auto order : {crypto::DrbgOrder::gm_t_0105, crypto::DrbgOrder::nist_sp_800_90a}) {
    auto drbg =
        crypto::HashDrbg::make(entropy, clock, base::bytes_of("constant time"), {.order = order});
    require(drbg.has_value(), "DRBG");
    Bytes out(100);
    require((*drbg)->fill(out).has_value() && (*drbg)->reseed().has_value(), "DRBG output");
    require((*drbg)->fill(out).has_value(), "DRBG output");
  }
}

void run_proofs() {
  const Scalar w = secret_scalar(25);
  SecretRandom nonce(26);
  const auto publish = [](const Point& point) {
    const crypto::PointBytes bytes = point.encode();
    base::ct::declassify(bytes);
    return *Point::decode(bytes);
  };
  const Point base1 = public_point(27), base2 = public_point(28);
  const Point w1 = publish(crypto::mul(w, base1)), w2 = publish(crypto::mul(w, base2));
  const auto schnorr = crypto::prove_schnorr(w, base1, w1, "domain", {}, nonce);
  require(schnorr && crypto::verify_schnorr(*schnorr, base1, w1, "domain", {}), "Schnorr");
  const auto dleq = crypto::prove_dleq(w, base1, w1, base2, w2, "domain", {}, nonce);
  require(dleq && crypto::verify_dleq(*dleq, base1, w1, base2, w2, "domain", {}), "DLEQ");
}

void run_compare() {
  const Bytes a = secret_bytes(40, 29), b = secret_bytes(40, 29), c = secret_bytes(40, 30);
  require(base::ct::declassified(base::ct::equal_bytes(a, b)), "equal_bytes");
  require(!base::ct::declassified(base::ct::equal_bytes(a, c)), "equal_bytes");
}

void run_batches() {
  const crypto::PrivateKey key = secret_key(40), other = secret_key(41);
  SecretRandom nonce(42);
  const Bytes text = {1, 2, 3}, plain = secret_bytes(40, 43);
  // As many as are added up together.
  std::vector<crypto::BatchMessage> messages(8, crypto::BatchMessage{&key, text});
  messages[1].key = &other;
  const auto signatures = crypto::sign_batch(messages, nonce);
  require(signatures.has_value() && signatures->size() == 8, "batch of signatures");
  for (std::size_t i = 0; i < 3; ++i)
    require(crypto::verify(messages[i].key->public_key(), text, (*signatures)[i]).has_value(),
            "verify one of a batch");
  const std::vector<crypto::BatchPlain> plains(2, {&key.public_key(), plain});
  const auto sealed = crypto::encrypt_batch(plains, nonce);
  require(sealed.has_value(), "batch of ciphertexts");
  for (const auto& opened : crypto::decrypt_batch(key, *sealed))
    require(opened.has_value(), "batch of plain texts");
  const std::vector<Scalar> scalars = {secret_scalar(44), secret_scalar(45)};
  const auto points = crypto::mul_base_batch(scalars);
  require(points.has_value(), "batch of multiples");
  const std::vector<crypto::Multiplication> products = {{&scalars[0], &(*points)[1]},
                                                        {&scalars[1], &(*points)[0]}};
  const auto shared = crypto::mul_batch(products);
  require(shared && equal_vartime((*shared)[0], (*shared)[1]), "batch of products");
  std::vector<crypto::Point> sums = {(*points)[0] + (*points)[1], (*points)[1] + (*points)[0]};
  crypto::make_affine(sums);
  require(equal_vartime(sums[0], sums[1]), "points in affine form");
}

// on_each_path runs operate with primitive on every path, and leaves the first one chosen.
void on_each_path(void (*operate)(), std::string_view name = "sm2") {
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != name) continue;
    for (const std::string_view path : primitive.runnable) {
      require(crypto::choose_path(name, path).has_value(), "the choice of a path");
      operate();
    }
    (void)crypto::choose_path(name, primitive.runnable.front());
  }
}

}  // namespace

void add_crypto_operations(Operations& all) {
  all.insert({{"key-generation", [] { on_each_path(run_key_generation); }},
              {"sign", [] { on_each_path(run_sign); }},
              {"encryption", [] { on_each_path(run_encryption); }},
              {"exchange", [] { on_each_path(run_exchange); }},
              {"batches", [] { on_each_path(run_batches, "sm2_batch"); }},
              {"curve", [] { on_each_path(run_curve); }},
              {"scalar", run_scalar},
              {"sm4", run_sm4},
              {"hash", run_hash},
              {"generator", run_generator},
              {"proofs", [] { on_each_path(run_proofs); }},
              {"compare", run_compare}});
}

}  // namespace heqi::constant_time
