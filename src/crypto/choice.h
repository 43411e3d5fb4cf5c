// choice.h: one primitive's implementations and the one that was chosen. A kernel table is a struct
// of function pointers that begins with `std::string_view path; bool (*runs)(const Processor&);`.
#pragma once
#include <atomic>
#include <span>

#include <heqi/crypto/dispatch.h>

namespace heqi::crypto::internal {

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
      if (!kernel->runs(processor()))
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
    PrimitivePath out{primitive_, kernel().path, {}};
    for (const Kernel* kernel : kernels_)
      if (kernel->runs(processor())) out.runnable.push_back(kernel->path);
    return out;
  }
  std::string_view primitive() const { return primitive_; }

 private:
  const Kernel& first() {
    for (const Kernel* kernel : kernels_) {
      if (!kernel->runs(processor())) continue;
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
