#include <heqi/crypto/sm2.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "openssl_peer.h"

namespace heqi {
namespace {

using base::Bytes;
using crypto::PrivateKey;
using testing::SeededRandom;

constexpr int kCases = 200;

TEST(OpensslPeer, VerifiesOurSm2SignaturesAndRefusesThemForAnotherMessage) {
  SeededRandom random(101);
  for (int i = 0; i < kCases; ++i) {
    const auto key = PrivateKey::generate(random);
    const Bytes message = *base::random_bytes(random, random.below(300) + 1);
    const std::string id = i % 4 == 3 ? "id-" + std::to_string(i) : "1234567812345678";
    const auto signature = crypto::sign(*key, message, random, id);
    ASSERT_OK(signature);
    const peer::Key theirs = peer::make_key(key->public_key());
    const Bytes der = peer::der_signature(*signature);
    EXPECT_TRUE(peer::verify(theirs.get(), message, der, id)) << i;
    Bytes changed = message;
    changed[random.below(changed.size())] ^= 1;
    EXPECT_FALSE(peer::verify(theirs.get(), changed, der, id)) << i;
    EXPECT_FALSE(peer::verify(theirs.get(), message, der, id + "x")) << i;
  }
}

TEST(OpensslPeer, SignsWhatWeVerify) {
  SeededRandom random(102);
  for (int i = 0; i < kCases; ++i) {
    const auto key = PrivateKey::generate(random);
    const Bytes message = *base::random_bytes(random, random.below(300) + 1);
    const peer::Key theirs = peer::make_key(key->public_key(), &*key);
    const auto signature =
        peer::parse_der_signature(peer::sign(theirs.get(), message, "1234567812345678"));
    EXPECT_OK(crypto::verify(key->public_key(), message, signature)) << i;
    EXPECT_ERROR(crypto::verify(key->public_key(), message, signature, "other"),
                 base::Code::invalid_signature);
  }
}

TEST(OpensslPeer, EncryptsWhatWeDecryptAndTheOtherWayRound) {
  SeededRandom random(103);
  for (int i = 0; i < kCases; ++i) {
    const auto key = PrivateKey::generate(random);
    const Bytes plain = *base::random_bytes(random, random.below(200) + 1);
    const peer::Key theirs = peer::make_key(key->public_key(), &*key);
    const auto opened =
        crypto::decrypt(*key, peer::parse_der_ciphertext(peer::encrypt(theirs.get(), plain)));
    ASSERT_OK(opened) << i;
    EXPECT_TRUE(base::same_bytes(opened->expose(), plain)) << i;
    const auto ours = crypto::encrypt(key->public_key(), plain, random);
    ASSERT_OK(ours);
    Bytes back;
    EXPECT_TRUE(peer::decrypt(theirs.get(), peer::der_ciphertext(*ours), back)) << i;
    EXPECT_EQ(back, plain) << i;
  }
}

}  // namespace
}  // namespace heqi
