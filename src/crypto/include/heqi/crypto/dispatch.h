// heqi/crypto/dispatch.h: which implementation of each primitive runs on this processor. Chosen
// once, at the first use, from what the processor offers; the fastest that it can run.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/result.h>

namespace heqi::crypto {

// Processor is what the dispatcher asks of the processor and of the operating system, which has to
// keep the wide registers.
struct Processor {
  bool bmi2_adx = false;          // mulx, adcx, adox
  bool aes = false;               // AES-NI with SSSE3 and SSE4.1
  bool clmul = false;             // PCLMULQDQ
  bool avx2 = false;              // with BMI2
  bool gfni_avx2 = false;         // GFNI with VAES-free 256-bit registers
  bool vpclmul = false;           // VPCLMULQDQ
  bool avx512 = false;            // F, BW, DQ, VL
  bool gfni_avx512 = false;       // GFNI with avx512
  bool avx512_ifma = false;       // IFMA with avx512
  bool sm3_instructions = false;  // VSM3MSG1, VSM3MSG2, VSM3RNDS2 with avx2; FEAT_SM3 of AArch64
  bool sm4_instructions = false;  // VSM4KEY4, VSM4RNDS4 with avx2; FEAT_SM4 of AArch64
};
const Processor& processor();

// PrimitivePath is one primitive with the path that it runs on and those that it could run on,
// fastest first. Names of paths are those of the benchmarks: "gfni512", "portable"….
struct PrimitivePath {
  std::string_view primitive, chosen;
  std::vector<std::string_view> runnable;
  // Those of runnable that were tested under a model of their instructions, never on a processor
  // that has them; they are runnable because they agreed with the portable path here.
  std::vector<std::string_view> untested;
};
std::vector<PrimitivePath> primitive_paths();

// choose_path makes a primitive take another path: for tests and benchmarks, while nothing else
// runs. Fails with not_found for an unknown primitive, unsupported where this processor cannot.
base::Status choose_path(std::string_view primitive, std::string_view path);

}  // namespace heqi::crypto
