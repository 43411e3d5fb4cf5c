// Every path of SM4 that this processor runs gives what the portable one gives, byte for byte, in
// every mode, at every length and address; and the portable one gives what the block cipher alone
// gives, taken through each mode by hand.
#include <algorithm>

#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm4_ccm.h>
#include <heqi/crypto/sm4_gcm.h>
#include <heqi/crypto/sm4_mac.h>
#include <heqi/crypto/sm4_xts.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "sm4_kernel.h"
#include "sm4_slices.h"

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::MutableByteView;
using testing::SeededRandom;

Sm4Key key_of(ByteView bytes) {
  return Sm4Key(std::span<const std::uint8_t, 16>(bytes.data(), 16));
}
Sm4Block block_of(ByteView bytes) {
  Sm4Block out;
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}

std::vector<std::string> sm4_paths() {
  for (const PrimitivePath& primitive : primitive_paths())
    if (primitive.primitive == "sm4") return {primitive.runnable.begin(), primitive.runnable.end()};
  return {};
}

// Paths chooses each path in turn and the fastest one again at its end.
class Sm4Paths : public ::testing::Test {
 protected:
  ~Sm4Paths() override { HEQI_CHECK(choose_path("sm4", sm4_paths().front()).has_value()); }
};

// Case is one message with everything that the modes want beside it.
struct Case {
  Bytes key, other_key, iv, nonce, associated, message;
  std::size_t offset;  // how far from an aligned address the message and the result begin

  Case(std::uint64_t seed, std::size_t size) {
    SeededRandom random(seed);
    key = *base::random_bytes(random, 16);
    other_key = *base::random_bytes(random, 16);
    iv = *base::random_bytes(random, 16);
    nonce = *base::random_bytes(random, 12);
    associated = *base::random_bytes(random, random.below(90));
    message = *base::random_bytes(random, size);
    offset = random.below(17);
    // Often a carry is near: past 32 bits, past 64, past all.
    const auto tail = static_cast<std::ptrdiff_t>(random.below(4) * 4);
    std::fill(iv.end() - tail, iv.end(), std::uint8_t(0xFF));
    if (tail != 0) iv.back() = static_cast<std::uint8_t>(0xFF - random.below(60));
  }
};

// Place is memory for a message at an odd address, with a fence on both sides.
class Place {
 public:
  Place(ByteView content, std::size_t offset)
      : bytes_(kFence + offset + content.size() + kFence, 0xA5),
        begin_(kFence + offset),
        size_(content.size()) {
    std::copy(content.begin(), content.end(), view().begin());
  }
  ~Place() {
    std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), size_, std::uint8_t(0xA5));
    EXPECT_EQ(bytes_, Bytes(bytes_.size(), 0xA5)) << "a byte outside changed";
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  MutableByteView view() { return MutableByteView(bytes_).subspan(begin_, size_); }

 private:
  static constexpr std::size_t kFence = 80;
  Bytes bytes_;
  std::size_t begin_, size_;
};

// apply runs one operation from one memory to another and in place, which must come to the same.
template <class Operation>
void apply(Bytes& results, const Case& c, ByteView in, Operation operation) {
  Place from(in, c.offset), to(Bytes(in.size()), c.offset + 3), both(in, c.offset + 1);
  operation(ByteView(from.view()), to.view());
  operation(ByteView(both.view()), both.view());
  EXPECT_TRUE(base::same_bytes(to.view(), both.view())) << "in place";
  EXPECT_TRUE(base::same_bytes(from.view(), in)) << "the input changed";
  base::append(results, to.view());
}

void run_chained(Bytes& results, const Case& c, const Sm4& cipher) {
  const ByteView whole = ByteView(c.message).first(c.message.size() / 16 * 16);
  apply(results, c, whole, [&](ByteView in, MutableByteView out) {
    Sm4Block chain = block_of(c.iv);
    EXPECT_OK(cipher.cbc_encrypt(chain, in, out));
    base::append(results, chain);
  });
  apply(results, c, whole, [&](ByteView in, MutableByteView out) {
    Sm4Block chain = block_of(c.iv);
    EXPECT_OK(cipher.cbc_decrypt(chain, in, out));
    base::append(results, chain);
  });
  base::append(results, *sm4_cbc_mac(cipher, whole));
}

void run_parallel(Bytes& results, const Case& c, const Sm4& cipher) {
  const ByteView whole = ByteView(c.message).first(c.message.size() / 16 * 16);
  apply(results, c, whole,
        [&](ByteView in, MutableByteView out) { cipher.encrypt_blocks(in, out); });
  apply(results, c, whole,
        [&](ByteView in, MutableByteView out) { cipher.decrypt_blocks(in, out); });
  apply(results, c, c.message, [&](ByteView in, MutableByteView out) {
    Sm4Block counter = block_of(c.iv);
    cipher.ctr(counter, in, out);
    base::append(results, counter);
  });
}

void run_xts(Bytes& results, const Case& c) {
  if (c.message.size() < 16) return;
  for (const auto standard : {XtsStandard::gb_t_17964, XtsStandard::ieee_1619}) {
    const auto xts = *Sm4Xts::make(key_of(c.key), key_of(c.other_key), standard);
    const std::size_t before = results.size();
    apply(results, c, c.message, [&](ByteView in, MutableByteView out) {
      EXPECT_OK(xts->encrypt(block_of(c.iv), in, out));
    });
    const Bytes sealed(results.end() - static_cast<std::ptrdiff_t>(c.message.size()),
                       results.end());
    Bytes back;
    apply(back, c, sealed, [&](ByteView in, MutableByteView out) {
      EXPECT_OK(xts->decrypt(block_of(c.iv), in, out));
    });
    EXPECT_EQ(back, c.message);
    EXPECT_EQ(results.size(), before + c.message.size());
  }
}

template <class Cipher>
void run_sealed(Bytes& results, const Case& c, const Cipher& cipher,
                base::Status (*seal)(const Cipher&, const Case&, ByteView, MutableByteView,
                                     Bytes& tag)) {
  Bytes tag(16);
  apply(results, c, c.message, [&](ByteView in, MutableByteView out) {
    EXPECT_OK(seal(cipher, c, in, out, tag));
    base::append(results, tag);
  });
  const Bytes sealed(results.end() - static_cast<std::ptrdiff_t>(c.message.size()), results.end());
  Bytes back;
  apply(back, c, sealed, [&](ByteView in, MutableByteView out) {
    EXPECT_OK(cipher.open(c.nonce, c.associated, in, tag, out));
  });
  EXPECT_EQ(back, c.message);
  tag[c.offset % 16] ^= static_cast<std::uint8_t>(1 << c.offset % 8);
  apply(results, c, sealed, [&](ByteView in, MutableByteView out) {
    EXPECT_ERROR(cipher.open(c.nonce, c.associated, in, tag, out), base::Code::invalid_signature);
    EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](std::uint8_t b) { return b == 0; }));
  });
}

// every_mode is the outcome of every mode on one case, under the path that is chosen.
Bytes every_mode(const Case& c) {
  Bytes results;
  const Sm4 cipher(key_of(c.key));
  run_parallel(results, c, cipher);
  run_chained(results, c, cipher);
  run_xts(results, c);
  run_sealed<Sm4Gcm>(results, c, Sm4Gcm(key_of(c.key)),
                     [](const Sm4Gcm& gcm, const Case& k, ByteView in, MutableByteView out,
                        Bytes& tag) -> base::Status {
                       HEQI_TRY(const auto made, gcm.seal(k.nonce, k.associated, in, out));
                       tag.assign(made.begin(), made.end());
                       return {};
                     });
  run_sealed<Sm4Ccm>(results, c, Sm4Ccm(key_of(c.key)),
                     [](const Sm4Ccm& ccm, const Case& k, ByteView in, MutableByteView out,
                        Bytes& tag) { return ccm.seal(k.nonce, k.associated, in, out, tag); });
  const Sm4Cmac cmac(key_of(c.key));
  base::append(results, cmac.tag(c.message));
  return results;
}

TEST_F(Sm4Paths, AgreeInEveryModeAtEveryLengthAndAddress) {
  std::vector<std::size_t> sizes;
  // A step takes up to 64 blocks: every length up to 17 of them, then those around whole blocks.
  for (std::size_t size = 0; size <= 1100; ++size)
    if (size <= 272 || (size + 1) % 16 <= 2) sizes.push_back(size);
  for (const std::size_t size : {2047, 2048, 2049, 3071, 3072, 4096, 5000, 16384})
    sizes.push_back(size);
  for (const std::size_t size : sizes) {
    const Case c(size, size);
    ASSERT_OK(choose_path("sm4", "portable"));
    const Bytes expected = every_mode(c);
    for (const std::string& path : sm4_paths()) {
      if (path == "portable") continue;
      ASSERT_OK(choose_path("sm4", path));
      ASSERT_TRUE(every_mode(c) == expected) << path << " at " << size << " bytes";
    }
  }
}

TEST_F(Sm4Paths, AgreeOnAnyNumberOfMessagesSideBySide) {
  SeededRandom random(11);
  for (int round = 0; round < 40; ++round) {
    const Sm4Key key = key_of(*base::random_bytes(random, 16));
    std::vector<Bytes> messages(random.below(40)), sealed;
    std::vector<Sm4Block> ivs;
    for (Bytes& message : messages) {
      message = *base::random_bytes(random, random.below(4) == 0 ? 0 : random.below(700));
      ivs.push_back(block_of(*base::random_bytes(random, 16)));
    }
    const std::vector<ByteView> views(messages.begin(), messages.end());
    for (const std::string& path : sm4_paths()) {
      ASSERT_OK(choose_path("sm4", path));
      const Sm4 cipher(key);
      std::vector<CbcMessage> chained;
      std::vector<Bytes> outs(messages.size());
      for (std::size_t i = 0; i < messages.size(); ++i) {
        const std::size_t whole = messages[i].size() / 16 * 16;
        outs[i].resize(whole);
        chained.push_back({ivs[i], views[i].first(whole), outs[i]});
      }
      ASSERT_OK(cipher.cbc_encrypt_each(chained));
      for (std::size_t i = 0; i < messages.size(); ++i) {
        Bytes alone(outs[i].size());
        Sm4Block chain = ivs[i];
        ASSERT_OK(cipher.cbc_encrypt(chain, chained[i].in, alone));
        ASSERT_EQ(outs[i], alone) << path;
      }
      const Sm4Cmac cmac(key);
      std::vector<Sm4Block> tags(messages.size());
      cmac.tag_each(views, tags);
      for (std::size_t i = 0; i < messages.size(); ++i) ASSERT_EQ(tags[i], cmac.tag(views[i]));
    }
  }
}

TEST_F(Sm4Paths, ManyMessagesAreRefusedBeforeOneOfThemIsWritten) {
  const Sm4 cipher(key_of(Bytes(16, 3)));
  Bytes good(32, 1), bad(33, 1);
  const std::vector<CbcMessage> messages = {{{}, good, good}, {{}, bad, bad}};
  EXPECT_ERROR(cipher.cbc_encrypt_each(messages), base::Code::malformed);
  EXPECT_EQ(good, Bytes(32, 1));
}

// count_by_hand is the key stream from blocks that are counted up byte by byte.
Bytes count_by_hand(const Sm4& cipher, Bytes counter, std::size_t counted, std::size_t blocks) {
  Bytes out;
  for (std::size_t i = 0; i < blocks; ++i) {
    Bytes block(16);
    cipher.encrypt_blocks(counter, block);
    base::append(out, block);
    for (std::size_t at = 16; at-- > 16 - counted;)
      if (++counter[at] != 0) break;
  }
  return out;
}

TEST_F(Sm4Paths, CountersCarryAtThirtyTwoSixtyFourAndAllBits) {
  for (const std::string& path : sm4_paths()) {
    ASSERT_OK(choose_path("sm4", path));
    const Sm4 cipher(key_of(Bytes(16, 0x42)));
    for (const std::size_t ones : {4, 8, 12, 16})
      for (const int before : {1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 200}) {
        Bytes counter(16, 0x10);
        std::fill(counter.end() - static_cast<std::ptrdiff_t>(ones), counter.end(), 0xFF);
        counter[15] = static_cast<std::uint8_t>(0x100 - before);
        Bytes stream(150 * 16);
        Sm4Block start = block_of(counter);
        cipher.ctr(start, stream, stream);
        ASSERT_EQ(stream, count_by_hand(cipher, counter, 16, 150)) << path << " " << ones;
      }
  }
}

TEST_F(Sm4Paths, TheCounterOfGcmComesRoundWithoutACarry) {
  for (const std::string& path : sm4_paths()) {
    ASSERT_OK(choose_path("sm4", path));
    const Sm4 cipher(key_of(Bytes(16, 0x17)));
    alignas(64) internal::GhashPowers powers;
    cipher.kernel().make_powers(Bytes(16, 0x33).data(), powers);
    for (const int before : {1, 63, 64, 100}) {
      Bytes counter(16, 0xFF);
      counter[15] = static_cast<std::uint8_t>(0x100 - before);
      internal::GcmState state{block_of(counter), {}}, back = state;
      const Bytes zeros(300 * 16);
      Bytes stream(zeros.size()), again(zeros.size());
      cipher.kernel().gcm_encrypt(cipher.round_keys().encrypt, powers, state, zeros.data(),
                                  stream.data(), stream.size());
      EXPECT_EQ(stream, count_by_hand(cipher, counter, 4, 300)) << path;
      cipher.kernel().gcm_decrypt(cipher.round_keys().encrypt, powers, back, stream.data(),
                                  again.data(), again.size());
      EXPECT_EQ(again, zeros) << path;
      EXPECT_EQ(back.sum, state.sum) << path;
      EXPECT_EQ(back.counter, state.counter) << path;
    }
  }
}

// The portable path takes words where there are no vectors; both are tried here.
TEST(Sm4Slices, WordsAndVectorsOfThemGiveTheSame) {
  SeededRandom random(12);
  internal::Sm4Keys keys;
  internal::kSm4Portable.expand(Bytes(16, 9).data(), keys);
  const Bytes in = *base::random_bytes(random, 512);
  Bytes words(512), vectors(512);
  internal::sm4_slices::crypt<std::uint64_t>(keys.encrypt, in.data(), words.data());
  internal::sm4_slices::crypt<std::uint64_t>(keys.encrypt, in.data() + 256, words.data() + 256);
  internal::sm4_slices::crypt<internal::sm4_slices::Slice128>(keys.encrypt, in.data(),
                                                              vectors.data());
  EXPECT_EQ(words, vectors);
}

TEST(Sm4Dispatch, RefusesPathsThatAreNotThere) {
  EXPECT_ERROR(choose_path("sm4", "vector9000"), base::Code::not_found);
  EXPECT_EQ(sm4_paths().back(), "portable");
}

}  // namespace
}  // namespace heqi::crypto
