// uses: heqi_crypto
// The field in eight lanes against long division, on limbs that the fuzzer chooses: each lane
// begins in another place of the input. Without AVX-512 IFMA there is nothing to run.
#include <heqi/base/bytes.h>
#include <heqi/crypto/dispatch.h>

#if defined(__x86_64__)
#include "../src/crypto/tests/lane_check.h"
#endif

namespace {

#if defined(__x86_64__)
using heqi::base::ByteView;
using namespace heqi::crypto::testing_oracle;
namespace ifma = heqi::crypto::internal::ifma;

// limb is seven octets at a place of the input, which comes round.
std::uint64_t limb(ByteView input, std::size_t at) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 7; ++i) out |= std::uint64_t{input[(at + i) % input.size()]} << 8 * i;
  return out % kLimbEnd;
}
// numbers makes each lane's highest limb less than end, which says how many p a factor may be.
LaneNumbers numbers(ByteView input, std::size_t from, std::uint64_t end) {
  LaneNumbers out;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    for (std::size_t i = 0; i < 5; ++i) {
      out.limb[i][lane] = limb(input, from + 35 * lane + 7 * i);
      if (i == 4) out.limb[i][lane] %= end;
    }
  return out;
}
void check(ByteView input) {
  const LaneNumbers a = numbers(input, 0, kLimbEnd), b = numbers(input, 3, kLimbEnd / 2);
  const LaneNumbers c = numbers(input, 5, kLimbEnd / 4 * 3);
  LaneNumbers out;
  ifma::field_multiply(a, b, out);
  HEQI_CHECK(count_wrong(a, b, out) == 0);
  ifma::field_square(c, out);
  HEQI_CHECK(count_wrong(c, c, out) == 0);
  const LaneNumbers d = numbers(input, 1, kLimbEnd / 4);
  ifma::field_invert(d, out);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const LaneNumber number = lane_of(d, lane);
    const bool is_zero = LaneOracle::is_product(number, kLaneOne, {});
    HEQI_CHECK(
        LaneOracle::is_product(number, lane_of(out, lane), is_zero ? LaneNumber{} : kLaneOne));
  }
}
#endif

}  // namespace

extern "C" int LLVMFuzzerTestOneInput([[maybe_unused]] const std::uint8_t* data, std::size_t size) {
#if defined(__x86_64__)
  if (size != 0 && heqi::crypto::processor().avx512_ifma) check({data, size});
#endif
  return 0;
}
