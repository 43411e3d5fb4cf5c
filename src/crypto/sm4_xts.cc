#include <heqi/crypto/sm4_xts.h>

#include <algorithm>

#include <heqi/base/constant_time.h>

#include "sm4_bytes.h"
#include "sm4_kernel.h"

namespace heqi::crypto {
namespace {

using base::ByteView;
using base::Code;
using base::MutableByteView;

base::Status check(std::size_t size) {
  if (size < kSm4BlockSize)
    return base::fail(Code::malformed,
                      "SM4-XTS: " + std::to_string(size) + " bytes are less than one block");
  if (size > kXtsMax) return base::fail(Code::limit_exceeded, "SM4-XTS: more than 2^20 blocks");
  return {};
}

}  // namespace

// Unit is one data unit under way, its tweak that of the next block.
struct Sm4Xts::Unit {
  const Sm4Xts& key;
  const internal::Sm4RoundKeys& keys;
  Sm4Block tweak;

  Unit(const Sm4Xts& xts, const Sm4Block& number, const internal::Sm4RoundKeys& round_keys)
      : key(xts), keys(round_keys) {
    key.tweak_.encrypt_blocks(number, tweak);
  }
  ~Unit() { base::secure_wipe(tweak.data(), tweak.size()); }
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  void crypt(ByteView in, MutableByteView out) {
    const internal::Sm4Kernel& kernel = key.data_.kernel();
    const auto run = key.standard_ == XtsStandard::gb_t_17964 ? kernel.xts_gb : kernel.xts_ieee;
    run(keys, tweak.data(), in.data(), out.data(), in.size() / kSm4BlockSize);
  }
  void skip_block() {
    if (key.standard_ == XtsStandard::gb_t_17964)
      internal::sm4_bytes::times_alpha_gb(tweak.data());
    else
      internal::sm4_bytes::times_alpha_ieee(tweak.data());
  }
  // steal does the last part of a block: stolen holds the last whole block that came out. The part
  // of it that is cut off fills up the rest, and the whole takes its place.
  void steal(ByteView rest, MutableByteView stolen, MutableByteView out) {
    base::SecretArray<kSm4BlockSize> joined;
    const auto bytes = joined.expose_mutable();
    std::copy(stolen.begin(), stolen.end(), bytes.begin());
    std::copy(rest.begin(), rest.end(), bytes.begin());  // before out, which may be rest
    std::copy_n(stolen.begin(), rest.size(), out.begin());
    crypt(bytes, stolen);
  }
};

base::Result<std::unique_ptr<Sm4Xts>> Sm4Xts::make(const Sm4Key& data_key, const Sm4Key& tweak_key,
                                                   XtsStandard standard) {
  if (base::ct::declassified(base::ct::equal_bytes(data_key.expose(), tweak_key.expose())))
    return base::fail(Code::malformed, "SM4-XTS: the two keys are equal");
  return std::unique_ptr<Sm4Xts>(new Sm4Xts(data_key, tweak_key, standard));
}

base::Status Sm4Xts::encrypt(const Sm4Block& tweak, ByteView in, MutableByteView out) const {
  HEQI_TRY(check(in.size()));
  HEQI_CHECK(out.size() == in.size());
  const std::size_t whole = in.size() / kSm4BlockSize * kSm4BlockSize;
  Unit unit(*this, tweak, data_.round_keys().encrypt);
  unit.crypt(in.first(whole), out.first(whole));
  if (whole != in.size())
    unit.steal(in.subspan(whole), out.subspan(whole - kSm4BlockSize, kSm4BlockSize),
               out.subspan(whole));
  return {};
}

base::Status Sm4Xts::decrypt(const Sm4Block& tweak, ByteView in, MutableByteView out) const {
  HEQI_TRY(check(in.size()));
  HEQI_CHECK(out.size() == in.size());
  const std::size_t whole = in.size() / kSm4BlockSize * kSm4BlockSize;
  Unit unit(*this, tweak, data_.round_keys().decrypt);
  if (whole == in.size()) {
    unit.crypt(in, out);
    return {};
  }
  // The last two tweaks change places.
  const std::size_t before = whole - kSm4BlockSize;
  unit.crypt(in.first(before), out.first(before));
  const base::SecretArray<kSm4BlockSize> last_but_one(unit.tweak);
  const auto stolen = out.subspan(before, kSm4BlockSize);
  unit.skip_block();
  unit.crypt(in.subspan(before, kSm4BlockSize), stolen);
  std::copy_n(last_but_one.expose().begin(), kSm4BlockSize, unit.tweak.begin());
  unit.steal(in.subspan(whole), stolen, out.subspan(whole));
  return {};
}

}  // namespace heqi::crypto
