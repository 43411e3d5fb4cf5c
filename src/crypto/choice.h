// choice.h: one primitive's implementations and the one that was chosen. A kernel table is a struct
// of function pointers that begins with `std::string_view path; bool (*runs)(const Processor&);`.
#pragma once
#include <atomic>
#include <cstdint>
#include <span>

#include <heqi/crypto/dispatch.h>

namespace heqi::crypto::internal {

// Tested says what a kernel's instructions ran on in our tests: a processor or a packaged emulator
// of one, or a model of the instructions made for the tests. Of a kernel tested under a model only,
// `agrees` compares it with the portable one on known answers; it is taken where they are the same.
enum class Tested : std::uint8_t { on_a_processor, under_a_model };
#if defined(__x86_64__)
inline constexpr bool kHasUntested = true;
#else  // elsewhere there are none, and the device in the browser is spared the comparison
inline constexpr bool kHasUntested = false;
#endif

// Choice holds the kernels of one primitive, fastest first; the last one runs everywhere.
template <class Kernel>
class Choice {
 public:
  constexpr Choice(std::string_view primitive, std::span<const Kernel* const> kernels)
      : primitive_(primitive), kernels_(kernels) {}

  const Kernel& kernel() {
    const Kernel* chosen = chosen_.load(std::memory_order_acquire);
    return chosen != nullptr ? *chosen : first();
  }
  base::Status choose(std::string_view path) {
    for (const Kernel* kernel : kernels_) {
      if (kernel->path != path) continue;
      if (!is_runnable(*kernel))
        return base::fail(base::Code::unsupported,
                          "this processor has no path " + std::string(path));
      chosen_.store(kernel, std::memory_order_release);
      return {};
    }
    return base::fail(base::Code::not_found, "there is no path " + std::string(path));
  }
  // install is for tests: it takes a kernel that is not in the list, one that counts its calls.
  void install(const Kernel& kernel) { chosen_.store(&kernel, std::memory_order_release); }
  PrimitivePath describe() {
    PrimitivePath out{primitive_, kernel().path, {}, {}};
    for (const Kernel* kernel : kernels_) {
      if (!is_runnable(*kernel)) continue;
      out.runnable.push_back(kernel->path);
      if (is_untested(*kernel)) out.untested.push_back(kernel->path);
    }
    return out;
  }
  std::string_view primitive() const { return primitive_; }

 private:
  static bool is_untested(const Kernel& kernel) {
    if constexpr (requires { kernel.tested; })
      return kernel.tested == Tested::under_a_model;
    else
      return false;
  }
  // is_runnable asks the processor, and an untested kernel what it computes.
  bool is_runnable(const Kernel& kernel) const {
    if (!kernel.runs(processor())) return false;
    if constexpr (kHasUntested && requires { kernel.tested; })
      return !is_untested(kernel) || agrees(kernel);
    else
      return true;
  }
  const Kernel& first() {
    for (const Kernel* kernel : kernels_) {
      if (!is_runnable(*kernel)) continue;
      chosen_.store(kernel, std::memory_order_release);
      return *kernel;
    }
    return *kernels_.back();
  }

  std::string_view primitive_;
  std::span<const Kernel* const> kernels_;
  std::atomic<const Kernel*> chosen_{nullptr};
};

// ChoiceEntry is a Choice without its type, for the one list in dispatch.cc.
struct ChoiceEntry {
  std::string_view primitive;
  PrimitivePath (*describe)();
  base::Status (*choose)(std::string_view path);
};
// entry_of makes the list's entry of the Choice that kGet gives.
template <auto kGet>
ChoiceEntry entry_of() {
  return {kGet().primitive(), [] { return kGet().describe(); },
          [](std::string_view path) { return kGet().choose(path); }};
}

}  // namespace heqi::crypto::internal
