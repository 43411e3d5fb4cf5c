// CCM, XTS, CMAC and the key objects of GCM and CBC: examples of the standards, Wycheproof's cases,
// and what each of them refuses.
#include <algorithm>

#include <heqi/crypto/sm4_ccm.h>
#include <heqi/crypto/sm4_gcm.h>
#include <heqi/crypto/sm4_mac.h>
#include <heqi/crypto/sm4_xts.h>
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
Sm4Block block_of(ByteView bytes) {
  Sm4Block out;
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}
bool all_zero(const Bytes& bytes) {
  return bytes == Bytes(bytes.size(), 0);
}

TEST(Sm4Modes, TheExamplesOfTheStandardsComeOut) {
  int seen = 0;
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm4/sm4_modes.vec")) {
    const Bytes plain = vector.bytes("plain"), iv = vector.bytes("iv");
    const Sm4Key key = key_of(vector.bytes("key"));
    Bytes out(plain.size()), back(plain.size());
    if (vector.text("mode") == "ccm") {
      const Sm4Ccm ccm(key);
      Bytes tag(16);
      ASSERT_OK(ccm.seal(iv, vector.bytes("aad"), plain, out, tag));
      EXPECT_EQ(tag, vector.bytes("tag"));
      ASSERT_OK(ccm.open(iv, vector.bytes("aad"), out, tag, back));
    } else if (vector.text("mode") == "cbc") {
      Sm4Block chain = block_of(iv), again = chain;
      ASSERT_OK(Sm4(key).cbc_encrypt(chain, plain, out));
      ASSERT_OK(Sm4(key).cbc_decrypt(again, out, back));
    } else if (vector.text("mode") == "ctr") {
      Sm4Block counter = block_of(iv), again = counter;
      Sm4(key).ctr(counter, plain, out);
      Sm4(key).ctr(again, out, back);
    } else {
      const auto xts =
          Sm4Xts::make(key, key_of(vector.bytes("tweak_key")), XtsStandard::gb_t_17964);
      ASSERT_OK(xts);
      ASSERT_OK((*xts)->encrypt(block_of(iv), plain, out));
      ASSERT_OK((*xts)->decrypt(block_of(iv), out, back));
    }
    EXPECT_EQ(out, vector.bytes("cipher"));
    EXPECT_EQ(back, plain);
    ++seen;
  }
  EXPECT_EQ(seen, 6);
}

TEST(Sm4Ccm, WycheproofsVectorsPassAndItsForgeriesAreRefused) {
  int valid = 0, forged = 0, malformed = 0;
  for (const auto& vector : read_vectors(HEQI_VECTORS, "wycheproof/sm4_ccm.vec")) {
    const Sm4Ccm ccm(key_of(vector.bytes("key")));
    const Bytes nonce = vector.bytes("iv"), associated = vector.bytes("aad");
    const Bytes plain = vector.bytes("msg"), sealed = vector.bytes("ct");
    const Bytes tag = vector.bytes("tag");
    const std::string& id = vector.text("id");
    Bytes opened(sealed.size(), 0x55), made(plain.size()), made_tag(tag.size());
    const auto result = ccm.open(nonce, associated, sealed, tag, opened);
    const bool usual = nonce.size() >= 7 && nonce.size() <= 13 && tag.size() >= 4 &&
                       tag.size() % 2 == 0 && tag.size() <= 16;
    if (vector.text("result") == "valid") {
      ASSERT_OK(result) << id;
      EXPECT_EQ(opened, plain) << id;
      ASSERT_OK(ccm.seal(nonce, associated, plain, made, made_tag)) << id;
      EXPECT_EQ(made, sealed) << id;
      EXPECT_EQ(made_tag, tag) << id;
      ++valid;
    } else if (usual) {
      EXPECT_ERROR(result, Code::invalid_signature) << id;
      EXPECT_TRUE(all_zero(opened)) << id;
      ++forged;
    } else {
      EXPECT_ERROR(result, Code::malformed) << id;
      EXPECT_ERROR(ccm.seal(nonce, associated, plain, made, made_tag), Code::malformed) << id;
      EXPECT_EQ(opened, Bytes(sealed.size(), 0x55)) << id;
      ++malformed;
    }
  }
  EXPECT_EQ(valid, 135);
  EXPECT_EQ(forged, 27);
  EXPECT_EQ(malformed, 22);
}

TEST(Sm4Ccm, EveryFlippedBitIsRefusedAndGivesOutNothing) {
  const Sm4Ccm ccm(key_of(Bytes(16, 4)));
  const Bytes nonce(13, 7), associated(30, 1), plain(37, 9);
  Bytes sealed(plain.size()), tag(8), opened(plain.size());
  ASSERT_OK(ccm.seal(nonce, associated, plain, sealed, tag));
  ASSERT_OK(ccm.open(nonce, associated, sealed, tag, opened));
  const auto refused = [&](const Bytes& n, const Bytes& a, const Bytes& s, const Bytes& t) {
    opened.assign(plain.size(), 0x55);
    EXPECT_ERROR(ccm.open(n, a, s, t, opened), Code::invalid_signature);
    EXPECT_TRUE(all_zero(opened));
  };
  const auto flip = [](Bytes bytes, std::size_t bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    return bytes;
  };
  for (std::size_t bit = 0; bit < nonce.size() * 8; ++bit)
    refused(flip(nonce, bit), associated, sealed, tag);
  for (std::size_t bit = 0; bit < associated.size() * 8; ++bit)
    refused(nonce, flip(associated, bit), sealed, tag);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit)
    refused(nonce, associated, flip(sealed, bit), tag);
  for (std::size_t bit = 0; bit < tag.size() * 8; ++bit)
    refused(nonce, associated, sealed, flip(tag, bit));
  refused(nonce, Bytes(29, 1), sealed, tag);
  refused(nonce, Bytes(31, 1), sealed, tag);
  refused(nonce, associated, sealed,
          Bytes(tag.begin(), tag.begin() + 6));  // t is in the first block
}

// The nonce of 13 bytes leaves two for the length; longer associated data have longer prefixes.
TEST(Sm4Ccm, TheLengthHasToFitBesideTheNonceAndEveryPrefixWorks) {
  const Sm4Ccm ccm(key_of(Bytes(16, 4)));
  Bytes tag(16);
  Bytes longest(0xFFFF, 1), too_long(0x10000, 1);
  EXPECT_OK(ccm.seal(Bytes(13, 0), {}, longest, longest, tag));
  EXPECT_ERROR(ccm.seal(Bytes(13, 0), {}, too_long, too_long, tag), Code::limit_exceeded);
  EXPECT_ERROR(ccm.open(Bytes(13, 0), {}, too_long, tag, too_long), Code::limit_exceeded);
  EXPECT_EQ(too_long, Bytes(0x10000, 1));
  EXPECT_OK(ccm.seal(Bytes(12, 0), {}, too_long, too_long, tag));
  for (const std::size_t size : {0xFEFF, 0xFF00, 0x10000, 0x10001}) {
    Bytes associated(size, 2);
    ASSERT_OK(ccm.seal(Bytes(12, 0), associated, {}, {}, tag));
    EXPECT_OK(ccm.open(Bytes(12, 0), associated, {}, tag, {}));
    associated.back() ^= 1;
    EXPECT_ERROR(ccm.open(Bytes(12, 0), associated, {}, tag, {}), Code::invalid_signature);
  }
}

TEST(Sm4Gcm, KeyObjectRefusesOtherNoncesAndTagsAndGivesOutNothing) {
  const Sm4Gcm gcm(key_of(Bytes(16, 4)));
  const Bytes plain(1500, 9);
  for (const std::size_t size : {0, 1, 8, 11, 13, 16}) {
    Bytes out(plain.size(), 0x55);
    EXPECT_ERROR(gcm.seal(Bytes(size, 1), {}, plain, out), Code::malformed);
    EXPECT_ERROR(gcm.open(Bytes(size, 1), {}, plain, Bytes(16), out), Code::malformed);
    EXPECT_EQ(out, Bytes(plain.size(), 0x55));
  }
  Bytes sealed(plain.size()), opened(plain.size(), 0x55);
  const auto tag = gcm.seal(Bytes(12, 1), {}, plain, sealed);
  ASSERT_OK(tag);
  for (std::size_t size = 0; size < 16; ++size)
    EXPECT_ERROR(gcm.open(Bytes(12, 1), {}, sealed, ByteView(*tag).first(size), opened),
                 Code::malformed);
  EXPECT_EQ(opened, Bytes(plain.size(), 0x55));
  for (const std::size_t at : {0, 15, 16, 1023, 1024, 1499}) {
    Bytes changed = sealed;
    changed[at] ^= 0x80;
    EXPECT_ERROR(gcm.open(Bytes(12, 1), {}, changed, *tag, changed), Code::invalid_signature);
    EXPECT_TRUE(all_zero(changed));  // in place
  }
  EXPECT_OK(gcm.open(Bytes(12, 1), {}, sealed, *tag, opened));
  EXPECT_EQ(opened, plain);
}

TEST(Sm4Xts, RefusesEqualKeysAndUnitsOutsideItsLimits) {
  const Sm4Key one = key_of(Bytes(16, 1)), two = key_of(Bytes(16, 2));
  for (const auto standard : {XtsStandard::gb_t_17964, XtsStandard::ieee_1619}) {
    EXPECT_ERROR(Sm4Xts::make(one, key_of(Bytes(16, 1)), standard), Code::malformed);
    const auto xts = *Sm4Xts::make(one, two, standard);
    for (std::size_t size = 0; size < 16; ++size) {
      Bytes unit(size, 3);
      EXPECT_ERROR(xts->encrypt({}, unit, unit), Code::malformed);
      EXPECT_ERROR(xts->decrypt({}, unit, unit), Code::malformed);
      EXPECT_EQ(unit, Bytes(size, 3));
    }
    Bytes longest(kXtsMax, 0), too_long(kXtsMax + 1, 0);
    EXPECT_OK(xts->encrypt({}, longest, longest));
    EXPECT_ERROR(xts->encrypt({}, too_long, too_long), Code::limit_exceeded);
    EXPECT_ERROR(xts->decrypt({}, too_long, too_long), Code::limit_exceeded);
    EXPECT_TRUE(all_zero(too_long));
  }
}

// A tweak whose highest coefficient is set reduces; the standards differ from the second block on.
TEST(Sm4Xts, TheTwoStandardsShareTheFirstBlockOnly) {
  const Sm4Key one = key_of(Bytes(16, 1)), two = key_of(Bytes(16, 2));
  const Bytes unit(64, 5);
  Bytes gb(64), ieee(64);
  ASSERT_OK((*Sm4Xts::make(one, two, XtsStandard::gb_t_17964))->encrypt({}, unit, gb));
  ASSERT_OK((*Sm4Xts::make(one, two, XtsStandard::ieee_1619))->encrypt({}, unit, ieee));
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(
        base::same_bytes(ByteView(gb).subspan(16 * i, 16), ByteView(ieee).subspan(16 * i, 16)),
        i == 0);
}

// CMAC by its definition, on the block cipher alone (SP 800-38B §6).
Bytes cmac_by_hand(const Sm4& cipher, Bytes message) {
  const auto doubled = [](const Bytes& in) {
    Bytes out(16);
    for (std::size_t i = 0; i < 16; ++i)
      out[i] = static_cast<std::uint8_t>(in[i] << 1 | (i < 15 ? in[i + 1] >> 7 : 0));
    if ((in[0] & 0x80) != 0) out[15] ^= 0x87;
    return out;
  };
  Bytes key(16, 0);
  cipher.encrypt_blocks(key, key);
  key = doubled(key);
  if (message.empty() || message.size() % 16 != 0) {
    key = doubled(key);
    message.push_back(0x80);
    message.resize((message.size() + 15) / 16 * 16);
  }
  for (std::size_t i = 0; i < 16; ++i) message[message.size() - 16 + i] ^= key[i];
  Bytes state(16, 0);
  for (std::size_t at = 0; at < message.size(); at += 16) {
    for (std::size_t i = 0; i < 16; ++i) state[i] ^= message[at + i];
    cipher.encrypt_blocks(state, state);
  }
  return state;
}

TEST(Sm4Cmac, FollowsItsDefinitionAndRefusesForgeries) {
  SeededRandom random(21);
  for (std::size_t size = 0; size <= 80; ++size) {
    const Bytes key = *base::random_bytes(random, 16);
    const Bytes message = *base::random_bytes(random, size);
    const Sm4Cmac cmac(key_of(key));
    const Sm4Block tag = cmac.tag(message);
    EXPECT_TRUE(base::same_bytes(tag, cmac_by_hand(Sm4(key_of(key)), message))) << size;
    for (std::size_t kept = 0; kept <= 16; ++kept) {
      Bytes part(tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(kept));
      if (kept < 8) {
        EXPECT_ERROR(cmac.verify(message, part), Code::malformed);
        continue;
      }
      EXPECT_OK(cmac.verify(message, part));
      part[random.below(kept)] ^= static_cast<std::uint8_t>(1 << random.below(8));
      EXPECT_ERROR(cmac.verify(message, part), Code::invalid_signature);
    }
    EXPECT_ERROR(cmac.verify(message, Bytes(17)), Code::malformed);
    const auto chained = sm4_cbc_mac(Sm4(key_of(key)), message);
    EXPECT_EQ(chained.has_value(), size % 16 == 0);
  }
}

TEST(Sm4Cbc, KeyObjectChainsOverSeveralCallsAndRefusesPartsOfBlocks) {
  const Sm4 cipher(key_of(Bytes(16, 4)));
  const Bytes plain(320, 8);
  Bytes whole(320), parts(320), back(320);
  Sm4Block chain{1}, split{1}, unchanged{1};
  ASSERT_OK(cipher.cbc_encrypt(chain, plain, whole));
  for (const auto& [at, size] : {std::pair{0, 16}, {16, 0}, {16, 160}, {176, 144}}) {
    const auto from = static_cast<std::size_t>(at), count = static_cast<std::size_t>(size);
    ASSERT_OK(cipher.cbc_encrypt(split, ByteView(plain).subspan(from, count),
                                 base::MutableByteView(parts).subspan(from, count)));
  }
  EXPECT_EQ(parts, whole);
  EXPECT_EQ(split, chain);
  for (const std::size_t size : {1, 15, 17, 319}) {
    Bytes part(size, 8);
    EXPECT_ERROR(cipher.cbc_encrypt(unchanged, part, part), Code::malformed);
    EXPECT_ERROR(cipher.cbc_decrypt(unchanged, part, part), Code::malformed);
    EXPECT_EQ(part, Bytes(size, 8));
  }
  EXPECT_EQ(unchanged, Sm4Block{1});
  ASSERT_OK(cipher.cbc_decrypt(unchanged, whole, back));
  EXPECT_EQ(back, plain);
}

}  // namespace
}  // namespace heqi::crypto
