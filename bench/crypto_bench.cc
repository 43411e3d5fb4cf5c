// crypto_bench: our primitives and OpenSSL's in one run. Names are <what>/<who>[/<bytes>], so that
// a ratio is made of two lines of the same run.
#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

#include <heqi/crypto/drbg.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/proofs.h>
#include <heqi/crypto/sm2.h>
#include <heqi/crypto/sm4.h>

namespace {

using namespace heqi;
using base::Bytes;

constexpr std::string_view kId = crypto::kDefaultSignerId;
const Bytes kMessage(100, 0x61);

// random is a DRBG over the operating system's generator, as in the programs.
base::Random& random() {
  static base::SystemRandom entropy;
  static base::SystemClock clock;
  static const auto drbg = std::move(crypto::HashDrbg::make(entropy, clock, {})).value();
  return *drbg;
}

const crypto::PrivateKey& key() {
  static const crypto::PrivateKey key = *crypto::PrivateKey::generate(random());
  return key;
}

void check(bool held, benchmark::State& state) {
  if (!held) state.SkipWithError("an operation failed");
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void sm2_sign_heqi(benchmark::State& state) {
  for (auto _ : state) check(crypto::sign(key(), kMessage, random()).has_value(), state);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
void sm2_verify_heqi(benchmark::State& state) {
  const auto signature = crypto::sign(key(), kMessage, random());
  for (auto _ : state)
    check(crypto::verify(key().public_key(), kMessage, *signature).has_value(), state);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
void sm2_generate_heqi(benchmark::State& state) {
  for (auto _ : state) check(crypto::PrivateKey::generate(random()).has_value(), state);
}
void sm2_encrypt_heqi(benchmark::State& state) {
  for (auto _ : state)
    check(crypto::encrypt(key().public_key(), kMessage, random()).has_value(), state);
}
void sm2_decrypt_heqi(benchmark::State& state) {
  const auto ciphertext = crypto::encrypt(key().public_key(), kMessage, random());
  for (auto _ : state) check(crypto::decrypt(key(), *ciphertext).has_value(), state);
}
void curve_multiply_base(benchmark::State& state) {
  const crypto::Scalar k = *crypto::Scalar::draw(random());
  for (auto _ : state) benchmark::DoNotOptimize(crypto::mul_base(k));
}
void curve_multiply(benchmark::State& state) {
  const crypto::Scalar k = *crypto::Scalar::draw(random());
  for (auto _ : state) benchmark::DoNotOptimize(crypto::mul(k, key().public_key().point()));
}
void scalar_inverse(benchmark::State& state) {
  crypto::Scalar k = *crypto::Scalar::draw(random());
  for (auto _ : state) k = k.inverse();
  benchmark::DoNotOptimize(k);
}
void schnorr_prove(benchmark::State& state) {
  const crypto::Scalar& w = key().d().expose();
  const auto& point = key().public_key().point();
  for (auto _ : state)
    check(crypto::prove_schnorr(w, crypto::Point::generator(), point, "bench", {}, random())
              .has_value(),
          state);
}

struct OpensslDeleter {
  void operator()(EVP_PKEY* pointer) const { EVP_PKEY_free(pointer); }
  void operator()(EVP_MD_CTX* pointer) const { EVP_MD_CTX_free(pointer); }
  void operator()(EVP_CIPHER_CTX* pointer) const { EVP_CIPHER_CTX_free(pointer); }
};
using OpensslKey = std::unique_ptr<EVP_PKEY, OpensslDeleter>;
using OpensslDigest = std::unique_ptr<EVP_MD_CTX, OpensslDeleter>;

Bytes openssl_sign(EVP_PKEY* openssl_key) {
  const OpensslDigest context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = EVP_PKEY_CTX_new(openssl_key, nullptr);
  EVP_PKEY_CTX_set1_id(inner, kId.data(), static_cast<int>(kId.size()));
  EVP_MD_CTX_set_pkey_ctx(context.get(), inner);
  Bytes out(80);
  std::size_t size = out.size();
  const bool done =
      EVP_DigestSignInit(context.get(), nullptr, EVP_sm3(), nullptr, openssl_key) > 0 &&
      EVP_DigestSign(context.get(), out.data(), &size, kMessage.data(), kMessage.size()) > 0;
  EVP_PKEY_CTX_free(inner);
  out.resize(done ? size : 0);
  return out;
}

void sm2_sign_openssl(benchmark::State& state) {
  const OpensslKey openssl_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
  for (auto _ : state) check(!openssl_sign(openssl_key.get()).empty(), state);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
void sm2_verify_openssl(benchmark::State& state) {
  const OpensslKey openssl_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
  const Bytes signature = openssl_sign(openssl_key.get());
  for (auto _ : state) {
    const OpensslDigest context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* inner = EVP_PKEY_CTX_new(openssl_key.get(), nullptr);
    EVP_PKEY_CTX_set1_id(inner, kId.data(), static_cast<int>(kId.size()));
    EVP_MD_CTX_set_pkey_ctx(context.get(), inner);
    check(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sm3(), nullptr, openssl_key.get()) > 0 &&
              EVP_DigestVerify(context.get(), signature.data(), signature.size(), kMessage.data(),
                               kMessage.size()) == 1,
          state);
    EVP_PKEY_CTX_free(inner);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void sm3_heqi(benchmark::State& state) {
  const Bytes data(static_cast<std::size_t>(state.range(0)), 1);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sm3(data));
  count_bytes(state);
}
void sm3_openssl(benchmark::State& state) {
  const Bytes data(static_cast<std::size_t>(state.range(0)), 1);
  Bytes out(32);
  for (auto _ : state)
    check(EVP_Digest(data.data(), data.size(), out.data(), nullptr, EVP_sm3(), nullptr) > 0, state);
  count_bytes(state);
}

void sm4_heqi(benchmark::State& state, const std::string& mode) {
  const crypto::Sm4Key sm4_key;
  const crypto::Sm4Block iv{};
  const Bytes data(static_cast<std::size_t>(state.range(0)), 1), nonce(12, 2);
  for (auto _ : state) {
    if (mode == "ctr") benchmark::DoNotOptimize(crypto::sm4_ctr(sm4_key, iv, data));
    if (mode == "cbc") benchmark::DoNotOptimize(crypto::sm4_cbc_encrypt(sm4_key, iv, data));
    if (mode == "gcm") benchmark::DoNotOptimize(crypto::sm4_gcm_seal(sm4_key, nonce, {}, data));
  }
  count_bytes(state);
}
void sm4_openssl(benchmark::State& state, const EVP_CIPHER* (*algorithm)()) {
  const Bytes data(static_cast<std::size_t>(state.range(0)), 1), zeros(16, 0);
  Bytes out(data.size() + 16);
  const std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter> context(EVP_CIPHER_CTX_new());
  for (auto _ : state) {
    int size = 0;
    check(EVP_EncryptInit_ex(context.get(), algorithm(), nullptr, zeros.data(), zeros.data()) > 0 &&
              EVP_EncryptUpdate(context.get(), out.data(), &size, data.data(),
                                static_cast<int>(data.size())) > 0,
          state);
  }
  count_bytes(state);
}

void stretch_pin(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(crypto::stretch(base::bytes_of("482913"), base::bytes_of("salt"), 32,
                                             {.rounds = 600'000, .progress = {}}));
}
void drbg_fill(benchmark::State& state) {
  Bytes out(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) check(random().fill(out).has_value(), state);
  count_bytes(state);
}

void add_all() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("sm2_sign/heqi", sm2_sign_heqi);
  RegisterBenchmark("sm2_sign/openssl", sm2_sign_openssl);
  RegisterBenchmark("sm2_verify/heqi", sm2_verify_heqi);
  RegisterBenchmark("sm2_verify/openssl", sm2_verify_openssl);
  RegisterBenchmark("sm2_generate/heqi", sm2_generate_heqi);
  RegisterBenchmark("sm2_encrypt/heqi", sm2_encrypt_heqi);
  RegisterBenchmark("sm2_decrypt/heqi", sm2_decrypt_heqi);
  RegisterBenchmark("curve_multiply_base/heqi", curve_multiply_base);
  RegisterBenchmark("curve_multiply/heqi", curve_multiply);
  RegisterBenchmark("scalar_inverse/heqi", scalar_inverse);
  RegisterBenchmark("schnorr_prove/heqi", schnorr_prove);
  RegisterBenchmark("pbkdf2_600000/heqi", stretch_pin)->Unit(benchmark::kMillisecond);
  for (const std::int64_t size : {64, 16384}) {
    RegisterBenchmark("sm3/heqi", sm3_heqi)->Arg(size);
    RegisterBenchmark("sm3/openssl", sm3_openssl)->Arg(size);
    for (const std::string mode : {"ctr", "cbc", "gcm"})
      RegisterBenchmark(("sm4_" + mode + "/heqi").c_str(), sm4_heqi, mode)->Arg(size);
    RegisterBenchmark("sm4_ctr/openssl", sm4_openssl, EVP_sm4_ctr)->Arg(size);
    RegisterBenchmark("sm4_cbc/openssl", sm4_openssl, EVP_sm4_cbc)->Arg(size);
    RegisterBenchmark("drbg/heqi", drbg_fill)->Arg(size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
