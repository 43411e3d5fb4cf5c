#include "sdf_device.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr unsigned kSm2Bits = 256;
constexpr std::size_t kSm2NumberSize = crypto::kScalarSize;
constexpr std::size_t kLeft = kSdfNumberSize - kSm2NumberSize;  // of a number, and zero

// refused_by names a function of the library and what it returned.
base::Error refused_by(std::string_view function, int value, Code otherwise = Code::unavailable) {
  Code code = otherwise;
  if (value == kSdfDenied || value == kSdfNoAccessRight) code = Code::denied;
  if (value == kSdfNoSuchKey) code = Code::not_found;
  if (value == kSdfNoSuchAlgorithm) code = Code::unsupported;
  char number[32];
  std::snprintf(number, sizeof number, "0x%08x", static_cast<unsigned>(value));
  return fail(code, "the device's " + std::string(function) + " returned " + number);
}

// short_number is a number without what stands left of it, which is zero.
Result<std::span<const std::uint8_t, kSm2NumberSize>> short_number(
    const std::uint8_t (&number)[kSdfNumberSize]) {
  if (std::any_of(number, number + kLeft, [](std::uint8_t octet) { return octet != 0; }))
    return fail(Code::unsupported,
                "the device's library has numbers of another size than 64 octets (GM/T 0018)");
  return std::span<const std::uint8_t, kSm2NumberSize>(number + kLeft, kSm2NumberSize);
}

template <class Function>
Status find_function(void* library, const char* name, Function& function) {
  void* const symbol = ::dlsym(library, name);
  if (symbol == nullptr)
    return fail(Code::malformed, std::string("not a library of GM/T 0018: no ") + name);
  static_assert(sizeof function == sizeof symbol);
  std::memcpy(&function, &symbol, sizeof function);
  return {};
}

}  // namespace

Status SdfDevice::find_functions(const std::string& library) {
  library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) return fail(Code::not_found, library + ": no library of a device here");
  SdfFunctions& f = functions_;
  HEQI_TRY(find_function(library_, "SDF_OpenDevice", f.SDF_OpenDevice));
  HEQI_TRY(find_function(library_, "SDF_CloseDevice", f.SDF_CloseDevice));
  HEQI_TRY(find_function(library_, "SDF_OpenSession", f.SDF_OpenSession));
  HEQI_TRY(find_function(library_, "SDF_CloseSession", f.SDF_CloseSession));
  HEQI_TRY(find_function(library_, "SDF_GetPrivateKeyAccessRight", f.SDF_GetPrivateKeyAccessRight));
  HEQI_TRY(find_function(library_, "SDF_ReleasePrivateKeyAccessRight",
                         f.SDF_ReleasePrivateKeyAccessRight));
  HEQI_TRY(find_function(library_, "SDF_ExportSignPublicKey_ECC", f.SDF_ExportSignPublicKey_ECC));
  return find_function(library_, "SDF_InternalSign_ECC", f.SDF_InternalSign_ECC);
}

Result<std::unique_ptr<SdfDevice>> SdfDevice::load(const std::string& library) {
  std::unique_ptr<SdfDevice> out(new SdfDevice);
  HEQI_TRY(out->find_functions(library));
  if (const int got = out->functions_.SDF_OpenDevice(&out->device_); got != 0) {
    out->device_ = nullptr;
    return refused_by("SDF_OpenDevice", got);
  }
  return out;
}

SdfDevice::~SdfDevice() {
  close_session();
  if (device_ != nullptr) functions_.SDF_CloseDevice(device_);
  if (library_ != nullptr) ::dlclose(library_);
}

void SdfDevice::close_session() {
  if (session_ != nullptr) functions_.SDF_CloseSession(session_);
  session_ = nullptr;
}

Status SdfDevice::open_session(unsigned int key, const base::SecretBytes& password) {
  close_session();
  if (const int got = functions_.SDF_OpenSession(device_, &session_); got != 0) {
    session_ = nullptr;
    return refused_by("SDF_OpenSession", got);
  }
  if (password.empty()) return {};
  const int got = functions_.SDF_GetPrivateKeyAccessRight(
      session_, key, const_cast<std::uint8_t*>(password.expose().data()),
      static_cast<unsigned>(password.size()));
  // Makers have numbers of their own for a wrong password.
  if (got != 0) return refused_by("SDF_GetPrivateKeyAccessRight", got, Code::denied);
  return {};
}

Result<crypto::PublicKey> SdfDevice::public_key(unsigned int key) {
  SdfPublicKey given{};
  if (const int got = functions_.SDF_ExportSignPublicKey_ECC(session_, key, &given); got != 0)
    return refused_by("SDF_ExportSignPublicKey_ECC", got);
  if (given.bits != kSm2Bits)
    return fail(Code::unsupported, "the device's key has " + std::to_string(given.bits) + " bits");
  HEQI_TRY(const auto x, short_number(given.x));
  HEQI_TRY(const auto y, short_number(given.y));
  base::Bytes point{4};
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  return crypto::PublicKey::decode(point);
}

Result<crypto::Signature> SdfDevice::sign(unsigned int key, const crypto::Digest& e) {
  crypto::Digest digest = e;  // the library may write where it must not
  SdfSignature given{};
  const int got = session_ == nullptr ? kSdfNoAccessRight
                                      : functions_.SDF_InternalSign_ECC(
                                            session_, key, digest.data(),
                                            static_cast<unsigned>(digest.size()), &given);
  if (got != 0) return refused_by("SDF_InternalSign_ECC", got);
  HEQI_TRY(const auto r, short_number(given.r));
  HEQI_TRY(const auto s, short_number(given.s));
  HEQI_TRY(const crypto::Scalar r_number, crypto::Scalar::decode(r));
  HEQI_TRY(const crypto::Scalar s_number, crypto::Scalar::decode(s));
  return crypto::Signature{r_number, s_number};
}

}  // namespace heqi::program
