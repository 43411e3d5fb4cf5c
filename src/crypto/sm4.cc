// sm4.cc: the key object of SM4, and which kernel it takes.
#include <heqi/crypto/sm4.h>

#include <algorithm>

#include "sm4_kernel.h"

namespace heqi::crypto {
namespace internal {

Choice<Sm4Kernel>& sm4_choice() {
#if defined(__x86_64__)
  static constexpr std::array kernels = {&kSm4Ni,    &kSm4Gfni512,  &kSm4Gfni256,
                                         &kSm4Aesni, &kSm4Aesni128, &kSm4Portable};
#elif defined(__aarch64__)
  static constexpr std::array kernels = {&kSm4Arm, &kSm4Portable};
#else
  static constexpr std::array kernels = {&kSm4Portable};
#endif
  static Choice<Sm4Kernel> choice("sm4", kernels);
  return choice;
}

}  // namespace internal

namespace {

base::Status check_blocks(std::size_t size) {
  if (size % kSm4BlockSize == 0) return {};
  return base::fail(base::Code::malformed,
                    "SM4-CBC: " + std::to_string(size) + " bytes are not a multiple of 16");
}

}  // namespace

Sm4::Sm4(const Sm4Key& key) : kernel_(&internal::sm4_choice().kernel()) {
  kernel_->expand(key.expose().data(), keys_);
}

Sm4::~Sm4() {
  base::secure_wipe(&keys_, sizeof keys_);
}

void Sm4::encrypt_blocks(base::ByteView in, base::MutableByteView out) const {
  HEQI_CHECK(in.size() % kSm4BlockSize == 0 && out.size() == in.size());
  kernel_->ecb(keys_.encrypt, in.data(), out.data(), in.size() / kSm4BlockSize);
}

void Sm4::decrypt_blocks(base::ByteView in, base::MutableByteView out) const {
  HEQI_CHECK(in.size() % kSm4BlockSize == 0 && out.size() == in.size());
  kernel_->ecb(keys_.decrypt, in.data(), out.data(), in.size() / kSm4BlockSize);
}

void Sm4::ctr(Sm4Block& counter, base::ByteView in, base::MutableByteView out) const {
  HEQI_CHECK(out.size() == in.size());
  kernel_->ctr(keys_.encrypt, counter.data(), in.data(), out.data(), in.size());
}

base::Status Sm4::cbc_encrypt(Sm4Block& chain, base::ByteView in, base::MutableByteView out) const {
  HEQI_TRY(check_blocks(in.size()));
  HEQI_CHECK(out.size() == in.size());
  kernel_->cbc_encrypt(keys_.encrypt, chain.data(), in.data(), out.data(),
                       in.size() / kSm4BlockSize);
  return {};
}

base::Status Sm4::cbc_decrypt(Sm4Block& chain, base::ByteView in, base::MutableByteView out) const {
  HEQI_TRY(check_blocks(in.size()));
  HEQI_CHECK(out.size() == in.size());
  kernel_->cbc_decrypt(keys_.decrypt, chain.data(), in.data(), out.data(),
                       in.size() / kSm4BlockSize);
  return {};
}

base::Result<base::SecretBytes> sm4_cbc_encrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView plain) {
  Sm4Block chain = iv;
  base::SecretBytes out(plain.size());
  HEQI_TRY(Sm4(key).cbc_encrypt(chain, plain, out.expose_mutable()));
  base::wipe_stack();
  return out;
}

base::Result<base::SecretBytes> sm4_cbc_decrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView cipher_text) {
  Sm4Block chain = iv;
  base::SecretBytes out(cipher_text.size());
  HEQI_TRY(Sm4(key).cbc_decrypt(chain, cipher_text, out.expose_mutable()));
  base::wipe_stack();
  return out;
}

base::SecretBytes sm4_ctr(const Sm4Key& key, const Sm4Block& counter, base::ByteView in) {
  Sm4Block next = counter;
  base::SecretBytes out(in.size());
  Sm4(key).ctr(next, in, out.expose_mutable());
  base::wipe_stack();
  return out;
}

}  // namespace heqi::crypto
