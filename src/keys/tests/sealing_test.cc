#include <heqi/keys/sealing.h>

#include <heqi/keys/tries.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::keys {
namespace {

TEST(Sealing, ABlobOpensInItsOwnContextOnly) {
  testing::SeededRandom random(1);
  testing::MemoryStore files;
  const WrappingKey key = *WrappingKey::open_or_make(files, "root", random);
  const WrappingKey again = *WrappingKey::open_or_make(files, "root", random);
  base::Bytes sealed = *key.seal({"service-key", "tsa", 1}, base::bytes_of("secret"), random);
  EXPECT_EQ(base::text_of(again.open({"service-key", "tsa", 1}, sealed)->expose()), "secret");
  EXPECT_ERROR(key.open({"service-key", "ocsp", 1}, sealed), base::Code::invalid_signature);
  EXPECT_ERROR(key.open({"mac-key", "tsa", 1}, sealed), base::Code::invalid_signature);
  EXPECT_ERROR(key.open({"service-key", "tsa", 2}, sealed), base::Code::invalid_signature);
  EXPECT_ERROR(key.open({"service-key", "tsa", 1}, base::ByteView(sealed).first(20)),
               base::Code::malformed);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= 1;
    EXPECT_ERROR(key.open({"service-key", "tsa", 1}, sealed), base::Code::invalid_signature);
    sealed[i] ^= 1;
  }
}

TEST(Sealing, AKeyFileOfAnotherSizeIsRefused) {
  testing::SeededRandom random(1);
  testing::MemoryStore files;
  ASSERT_OK(files.write("root", base::Bytes(15)));
  EXPECT_ERROR(WrappingKey::open_or_make(files, "root", random), base::Code::denied);
}

TEST(Sealing, APassphraseOpensWhatItSealedAndNoOtherDoes) {
  testing::SeededRandom random(2);
  const base::SecretBytes passphrase = *make_passphrase(random);
  EXPECT_EQ(passphrase.size(), 39u);
  const SealContext context{"service-key", "root-ca", 1};
  const base::Bytes sealed =
      *seal_under_passphrase(context, passphrase.expose(), base::bytes_of("d"), random);
  EXPECT_OK(open_under_passphrase(context, passphrase.expose(), sealed));
  EXPECT_ERROR(open_under_passphrase(context, base::bytes_of("wrong"), sealed),
               base::Code::invalid_signature);
  base::Bytes rounds = sealed;
  rounds[16] = 0xFF;
  EXPECT_ERROR(open_under_passphrase(context, passphrase.expose(), rounds),
               base::Code::limit_exceeded);
}

TEST(Tries, TheLimitsAreThoseOfTheDocument) {
  const base::Time now{};
  Tries tries;
  for (int failure = 1; failure <= 9; ++failure) {
    const auto charged = charge(tries, now + std::chrono::hours(100 * failure));
    ASSERT_OK(charged);
    tries = *charged;
    EXPECT_EQ(tries.failures, failure);
  }
  EXPECT_ERROR(charge(tries, now + std::chrono::hours(100000)), base::Code::cosign_pin_locked);
  EXPECT_EQ(tries_left(tries), 0);
  EXPECT_EQ(refund(tries).failures, 0);
}

}  // namespace
}  // namespace heqi::keys
