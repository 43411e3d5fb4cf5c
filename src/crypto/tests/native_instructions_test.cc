// The kernels of x86-64 that use SM3's and SM4's own instructions, as they were compiled, on a
// model of the instructions: no processor that has them was at hand, and no packaged emulator knows
// them.
#include <algorithm>

#include <heqi/crypto/self_test.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

#include "instruction_model.h"
#include "register_check.h"
#include "sm3_kernel.h"
#include "sm4_kernel.h"

#if defined(__x86_64__) && defined(__linux__)
#include "kernels/vex_instruction.h"

namespace heqi::crypto {
namespace {

using base::Bytes;
using internal::agrees;
using internal::Sm3Kernel;
using internal::Sm3Words;
using internal::Sm4Kernel;
using testing_oracle::keeps_registers;
using testing_oracle::ModelledInstructions;

constexpr const Sm3Kernel* kSm3Kernels[] = {&internal::kSm3Ni, &internal::kSm3Ni512};

bool has_avx2() {
  return processor().avx2;
}

// Modelled is what runs where the instructions are not there and the vectors of AVX2 are.
class Modelled : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
    if (processor().sm3_instructions || processor().sm4_instructions)
      GTEST_SKIP() << "this processor has the instructions: the tests of every path run them";
    model_ = std::make_unique<ModelledInstructions>();
  }
  std::unique_ptr<ModelledInstructions> model_;
};

using Vector __attribute__((vector_size(16))) = long long;
// MET is the octets of one instruction with %0, %1 and %2 in the registers D, A and B.
#define MET(INSTRUCTION, D, A, B)                                                          \
  [&] {                                                                                    \
    register Vector d __asm__(D) = {};                                                     \
    register Vector a __asm__(A) = {};                                                     \
    register Vector b __asm__(B) = {};                                                     \
    __asm__ volatile(INSTRUCTION : "+x"(d) : "x"(a), "x"(b));                              \
    return base::to_hex(base::ByteView(model_->last().octets).first(model_->last().size)); \
  }()

// The octets are those of GNU binutils 2.41 and LLVM 17 and later, which know the instructions.
TEST_F(Modelled, TheOctetsAreThoseOfTheManual) {
  EXPECT_EQ(MET(HEQI_VEX("2", "0", "0", "0xDA"), "xmm6", "xmm5", "xmm14"), "c4c250daf6");
  EXPECT_EQ(MET(HEQI_VEX("2", "1", "0", "0xDA"), "xmm6", "xmm5", "xmm14"), "c4c251daf6");
  EXPECT_EQ(MET(HEQI_VEX("3", "1", "0", "0xDE") ".byte 0x7b\n\t", "xmm6", "xmm5", "xmm14"),
            "c4c351def67b");
  EXPECT_EQ(MET(HEQI_VEX("3", "1", "0", "0xDE") ".byte 0x7b\n\t", "xmm2", "xmm3", "xmm4"),
            "c4e361ded47b");
  EXPECT_EQ(MET(HEQI_VEX("2", "2", "0", "0xDA"), "xmm6", "xmm5", "xmm4"), "c4e252daf4");
  EXPECT_EQ(MET(HEQI_VEX("2", "3", "0", "0xDA"), "xmm6", "xmm5", "xmm4"), "c4e253daf4");
  EXPECT_EQ(MET(HEQI_VEX("2", "3", "1", "0xDA"), "xmm6", "xmm5", "xmm4"), "c4e257daf4");
  EXPECT_EQ(MET(HEQI_VEX("2", "3", "1", "0xDA"), "xmm13", "xmm12", "xmm4"), "c4621fdaec");
}

TEST_F(Modelled, Sm3GivesTheStandardsDigests) {
  for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "sm3/sm3.vec")) {
    Bytes message = vector.bytes("message");
    const std::uint64_t bits = 8 * message.size();
    message.push_back(0x80);
    while (message.size() % 64 != 56) message.push_back(0);
    for (int shift = 56; shift >= 0; shift -= 8)
      message.push_back(static_cast<std::uint8_t>(bits >> shift));
    Sm3Words state = internal::kSm3Initial;
    const std::size_t before = model_->last().count;
    internal::kSm3Ni.compress(state.data(), message.data(), message.size() / 64);
    // Of a block: 32 double rounds, 13 quarters of expansion by two instructions each.
    EXPECT_EQ(model_->last().count - before, (32 + 2 * 13) * (message.size() / 64));
    std::string digest;
    for (const std::uint32_t word : state)
      for (int shift = 24; shift >= 0; shift -= 8) {
        const auto octet = static_cast<std::uint8_t>(word >> shift);
        digest += base::to_hex(base::ByteView(&octet, 1));
      }
    EXPECT_EQ(digest, vector.text("digest"));
  }
}

TEST_F(Modelled, Sm3AgreesWithThePortablePathOnAnyStateAndBlocks) {
  testing::SeededRandom random(31);
  for (int i = 0; i < 150; ++i) {
    const Bytes data = *base::random_bytes(random, 64 * random.below(6) + 70);
    Sm3Words state;
    for (auto& word : state) word = static_cast<std::uint32_t>(random.below(1ULL << 32));
    Sm3Words expected = state;
    const std::size_t from = random.below(7), blocks = (data.size() - from) / 64;
    internal::kSm3Portable.compress(expected.data(), data.data() + from, blocks);
    internal::kSm3Ni.compress(state.data(), data.data() + from, blocks);
    ASSERT_EQ(state, expected);
  }
}

TEST_F(Modelled, Sm4GivesTheStandardsBlock) {
  const Bytes key = *base::parse_hex("0123456789abcdeffedcba9876543210");
  internal::Sm4Keys keys;
  internal::kSm4Ni.expand(key.data(), keys);
  EXPECT_EQ(model_->last().count, 8u);
  EXPECT_EQ(keys.encrypt[0], 0xF12186F9u);  // GB/T 32907 annex A.1
  EXPECT_EQ(keys.encrypt[31], 0x9124A012u);
  Bytes block = key;
  internal::kSm4Ni.ecb(keys.encrypt, block.data(), block.data(), 1);
  EXPECT_EQ(base::to_hex(block), "681edf34d206965e86b3e94f536e4246");
  internal::kSm4Ni.ecb(keys.decrypt, block.data(), block.data(), 1);
  EXPECT_EQ(block, key);
}

TEST_F(Modelled, KernelsAgreeWithThePortableOnes) {
  for (const Sm3Kernel* kernel : kSm3Kernels)
    if (kernel->lanes == 8 || processor().avx512) {
      EXPECT_TRUE(agrees(*kernel)) << kernel->path;
    }
  if (processor().vpclmul) {
    EXPECT_TRUE(agrees(internal::kSm4Ni));
  }
}

TEST_F(Modelled, TheKnownAnswersComeOutOnThem) {
  if (!processor().vpclmul) GTEST_SKIP() << "this processor has no VPCLMULQDQ";
  internal::sm3_choice().install(internal::kSm3Ni);
  internal::sm4_choice().install(internal::kSm4Ni);
  EXPECT_OK(run_device_self_tests());
  EXPECT_GT(model_->last().count, 1000u);
  for (const PrimitivePath& primitive : primitive_paths())
    if (primitive.primitive == "sm3" || primitive.primitive == "sm4") {
      EXPECT_OK(choose_path(primitive.primitive, primitive.runnable.front()));
    }
}

TEST_F(Modelled, KernelsKeepTheRegistersOfTheirCaller) {
  EXPECT_TRUE(keeps_registers(
      [](void*) {
        static const std::uint8_t kData[192] = {1, 2, 3};
        Sm3Words state = internal::kSm3Initial;
        internal::kSm3Ni.compress(state.data(), kData, 3);
      },
      nullptr));
  EXPECT_TRUE(keeps_registers(
      [](void*) {
        static std::uint8_t data[16 * 21] = {7};
        internal::Sm4Keys keys;
        internal::kSm4Ni.expand(data, keys);
        internal::kSm4Ni.ecb(keys.encrypt, data, data, 21);
        internal::kSm4Ni.cbc_encrypt(keys.encrypt, data, data, data, 21);
      },
      nullptr));
}

// A kernel that is wrong in one place only is not taken.
TEST(Agreement, IsRefusedToAKernelThatDiffers) {
  EXPECT_TRUE(agrees(internal::kSm3Portable));
  EXPECT_TRUE(agrees(internal::kSm4Portable));
  Sm3Kernel sm3 = internal::kSm3Portable;
  sm3.compress = [](std::uint32_t* state, const std::uint8_t* data, std::size_t blocks) {
    internal::kSm3Portable.compress(state, data, blocks);
    if (blocks == 9) state[7] ^= 1;
  };
  EXPECT_FALSE(agrees(sm3));
  sm3 = internal::kSm3Portable;
  sm3.compress_lanes = [](internal::Sm3Lanes& lanes, const std::uint8_t* const* data,
                          std::size_t blocks) {
    internal::kSm3Portable.compress_lanes(lanes, data, blocks);
    lanes.state[3][0] ^= 0x80000000;
  };
  EXPECT_FALSE(agrees(sm3));
}

// A kernel that ran on a model only has to agree first, and is called untested.
// shows-part: KEP-16-b (what is compared at power-up before such a kernel computes anything)
TEST(Agreement, DecidesWhetherAnUntestedKernelIsTaken) {
  Sm3Kernel wrong = internal::kSm3Portable, right = wrong;
  wrong.path = "wrong";
  wrong.tested = right.tested = internal::Tested::under_a_model;
  wrong.compress = [](std::uint32_t* state, const std::uint8_t* data, std::size_t blocks) {
    internal::kSm3Portable.compress(state, data, blocks);
    state[0] ^= 1;
  };
  right.path = "right";
  const Sm3Kernel* const kernels[] = {&wrong, &right, &internal::kSm3Portable};
  internal::Choice<Sm3Kernel> choice("sm3", kernels);
  const PrimitivePath found = choice.describe();
  EXPECT_EQ(found.chosen, "right");
  EXPECT_EQ(found.runnable, (std::vector<std::string_view>{"right", "portable"}));
  EXPECT_EQ(found.untested, (std::vector<std::string_view>{"right"}));
  EXPECT_ERROR(choice.choose("wrong"), base::Code::unsupported);
  EXPECT_EQ(choice.kernel().path, "right");
  EXPECT_OK(choice.choose("portable"));
  EXPECT_EQ(choice.kernel().path, "portable") << "it can be switched off like any other";
}

TEST(Agreement, IsNotAskedWhereTheInstructionsAreNotThere) {
  if (processor().sm3_instructions || processor().sm4_instructions)
    GTEST_SKIP() << "this processor has the instructions";
  EXPECT_ERROR(choose_path("sm3", "sm3ni"), base::Code::unsupported);
  EXPECT_ERROR(choose_path("sm4", "sm4ni"), base::Code::unsupported);
  for (const PrimitivePath& primitive : primitive_paths()) EXPECT_TRUE(primitive.untested.empty());
}

TEST(Agreement, LooksAtEveryModeOfSm4) {
  const auto differs = [](auto change) {
    Sm4Kernel kernel = internal::kSm4Portable;
    change(kernel);
    return !agrees(kernel);
  };
  const Sm4Kernel& right = internal::kSm4Portable;
  EXPECT_TRUE(differs([](Sm4Kernel& k) {
    k.expand = [](const std::uint8_t* key, internal::Sm4Keys& keys) {
      internal::kSm4Portable.expand(key, keys);
      keys.decrypt[31] ^= 1;
    };
  }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.cbc_encrypt = right.cbc_decrypt; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.cbc_decrypt = right.cbc_encrypt; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.xts_ieee = right.xts_gb; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.xts_gb = right.xts_ieee; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.gcm_encrypt = right.gcm_decrypt; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.gcm_decrypt = right.gcm_encrypt; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.ccm_encrypt = right.ccm_decrypt; }));
  EXPECT_TRUE(differs([&](Sm4Kernel& k) { k.ccm_decrypt = right.ccm_encrypt; }));
  EXPECT_TRUE(differs([](Sm4Kernel& k) {
    k.cbc_mac = [](const internal::Sm4RoundKeys&, std::uint8_t*, const std::uint8_t*, std::size_t) {
    };
  }));
  EXPECT_TRUE(differs([](Sm4Kernel& k) {
    k.ghash = [](const internal::GhashPowers&, std::uint8_t*, const std::uint8_t*, std::size_t) {};
  }));
  EXPECT_TRUE(differs([](Sm4Kernel& k) {
    k.cbc_streams = [](const internal::Sm4RoundKeys& keys, internal::Sm4Stream* streams,
                       std::size_t) { internal::kSm4Portable.cbc_streams(keys, streams, 1); };
  }));
  EXPECT_TRUE(differs([](Sm4Kernel& k) {
    k.ctr = [](const internal::Sm4RoundKeys& keys, std::uint8_t* counter, const std::uint8_t* in,
               std::uint8_t* out, std::size_t size) {
      internal::kSm4Portable.ctr(keys, counter, in, out, size);
      counter[0] ^= 1;
    };
  }));
}

}  // namespace
}  // namespace heqi::crypto
#endif
