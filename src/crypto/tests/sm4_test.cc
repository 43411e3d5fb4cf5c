#include <heqi/crypto/sm4.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using testing::read_vectors;
using testing::SeededRandom;

Sm4Key key_of(ByteView bytes) {
  return Sm4Key(std::span<const std::uint8_t, 16>(bytes.data(), 16));
}

TEST(Sm4, TheStandardsExamplesComeOutEvenAfterAMillionRounds) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm4/sm4.vec")) {
    const Sm4 cipher(key_of(vector.bytes("key")));
    const long rounds = std::stol(vector.text("rounds"));
    Bytes block = vector.bytes("plain");
    for (long i = 0; i < rounds; ++i) cipher.encrypt_blocks(block, block);
    EXPECT_EQ(base::to_hex(block), vector.text("cipher"));
    if (rounds == 1) {
      cipher.decrypt_blocks(block, block);
      EXPECT_EQ(base::to_hex(block), vector.text("plain"));
    }
  }
}

TEST(Sm4, EveryNumberOfBlocksGivesEachBlockTheSameAsAlone) {
  SeededRandom random(3);
  const Sm4 cipher(key_of(*base::random_bytes(random, 16)));
  for (std::size_t blocks = 0; blocks <= 50; ++blocks) {
    const Bytes plain = *base::random_bytes(random, blocks * 16);
    Bytes together(plain.size()), back(plain.size()), alone(16);
    cipher.encrypt_blocks(plain, together);
    for (std::size_t i = 0; i < blocks; ++i) {
      cipher.encrypt_blocks(ByteView(plain).subspan(16 * i, 16), alone);
      EXPECT_TRUE(base::same_bytes(alone, ByteView(together).subspan(16 * i, 16)));
    }
    cipher.decrypt_blocks(together, back);
    EXPECT_EQ(back, plain);
  }
}

TEST(Sm4Modes, CbcRefusesPartsOfBlocksAndReverses) {
  SeededRandom random(4);
  const Sm4Key key = key_of(*base::random_bytes(random, 16));
  const Sm4Block iv{1, 2, 3};
  for (std::size_t size = 0; size < 70; ++size) {
    const Bytes plain = *base::random_bytes(random, size);
    const auto sealed = sm4_cbc_encrypt(key, iv, plain);
    if (size % 16 != 0) {
      EXPECT_ERROR(sealed, Code::malformed);
      EXPECT_ERROR(sm4_cbc_decrypt(key, iv, plain), Code::malformed);
      continue;
    }
    ASSERT_OK(sealed);
    const auto opened = sm4_cbc_decrypt(key, iv, sealed->expose());
    ASSERT_OK(opened);
    EXPECT_TRUE(base::same_bytes(opened->expose(), plain));
  }
}

TEST(Sm4Modes, CtrCarriesThroughAllSixteenBytesOfTheCounter) {
  SeededRandom random(5);
  const Sm4Key key = key_of(*base::random_bytes(random, 16));
  Sm4Block last;
  last.fill(0xFF);
  const Bytes zeros(48, 0);
  const auto stream = sm4_ctr(key, last, zeros);
  const auto wrapped = sm4_ctr(key, Sm4Block{}, ByteView(zeros).first(32));
  EXPECT_TRUE(base::same_bytes(stream.expose().subspan(16), wrapped.expose()));
  EXPECT_TRUE(base::same_bytes(sm4_ctr(key, last, stream.expose()).expose(), zeros));
}

TEST(Sm4Gcm, WycheproofsVectorsPassAndItsForgeriesAreRefused) {
  int valid = 0, forged = 0, other_nonce = 0;
  for (const auto& vector : read_vectors(HEQI_VECTORS, "wycheproof/sm4_gcm.vec")) {
    const Sm4Key key = key_of(vector.bytes("key"));
    const Bytes nonce = vector.bytes("iv"), associated = vector.bytes("aad");
    const Bytes plain = vector.bytes("msg");
    const Bytes sealed = base::concat({vector.bytes("ct"), vector.bytes("tag")});
    const auto opened = sm4_gcm_open(key, nonce, associated, sealed);
    const std::string& id = vector.text("id");
    if (nonce.size() != kGcmNonceSize) {  // this interface takes the usual nonce only
      EXPECT_ERROR(opened, Code::malformed) << id;
      EXPECT_ERROR(sm4_gcm_seal(key, nonce, associated, plain), Code::malformed) << id;
      ++other_nonce;
    } else if (vector.text("result") == "valid") {
      ASSERT_OK(opened) << id;
      EXPECT_TRUE(base::same_bytes(opened->expose(), plain)) << id;
      EXPECT_EQ(*sm4_gcm_seal(key, nonce, associated, plain), sealed) << id;
      ++valid;
    } else {
      EXPECT_ERROR(opened, Code::invalid_signature) << id;
      ++forged;
    }
  }
  EXPECT_EQ(valid + forged + other_nonce, 104);
  EXPECT_GT(valid, 20);
  EXPECT_GT(forged, 20);
}

TEST(Sm4Gcm, EveryFlippedBitIsRefused) {
  SeededRandom random(6);
  const Sm4Key key = key_of(*base::random_bytes(random, 16));
  const Bytes nonce(12, 7), associated = {1, 2, 3}, plain(21, 9);
  const Bytes sealed = *sm4_gcm_seal(key, nonce, associated, plain);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_ERROR(sm4_gcm_open(key, nonce, associated, changed), Code::invalid_signature);
  }
  EXPECT_ERROR(sm4_gcm_open(key, nonce, Bytes{1, 2}, sealed), Code::invalid_signature);
  EXPECT_ERROR(sm4_gcm_open(key, Bytes(12, 8), associated, sealed), Code::invalid_signature);
  EXPECT_ERROR(sm4_gcm_open(key, nonce, associated, ByteView(sealed).first(15)), Code::malformed);
  EXPECT_ERROR(sm4_gcm_open(key, nonce, associated, ByteView(sealed).first(36)),
               Code::invalid_signature);
}

}  // namespace
}  // namespace heqi::crypto
