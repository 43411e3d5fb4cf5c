#include <gcrypt.h>

#include <memory>

#include <heqi/base/bytes.h>

#include "peers.h"

namespace heqi::bench::libgcrypt {
namespace {

using base::Bytes;

void start() {
  static const bool started = [] {
    (void)gcry_check_version(nullptr);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return true;
  }();
  (void)started;
}

int mode_of(Sm4Mode mode) {
  switch (mode) {
    case Sm4Mode::ecb:
      return GCRY_CIPHER_MODE_ECB;
    case Sm4Mode::ctr:
      return GCRY_CIPHER_MODE_CTR;
    case Sm4Mode::gcm:
      return GCRY_CIPHER_MODE_GCM;
    case Sm4Mode::xts:
      return GCRY_CIPHER_MODE_XTS;
    default:
      return GCRY_CIPHER_MODE_CBC;
  }
}

// Cipher encrypts or decrypts one message a call, with the nonce set each time.
class Cipher {
 public:
  Cipher(Sm4Mode mode, std::size_t size) : mode_(mode), in_(size, 1), out_(size) {
    gcry_cipher_hd_t handle = nullptr;
    (void)gcry_cipher_open(&handle, GCRY_CIPHER_SM4, mode_of(mode), 0);
    handle_ = std::shared_ptr<gcry_cipher_handle>(handle, gcry_cipher_close);
    Bytes key(mode == Sm4Mode::xts ? 32 : 16, 7);
    key.back() = 8;
    (void)gcry_cipher_setkey(handle, key.data(), key.size());
  }
  bool run() {
    if (!start_message()) return false;
    if (mode_ == Sm4Mode::cbc_decrypt)
      return gcry_cipher_decrypt(handle_.get(), out_.data(), out_.size(), in_.data(), in_.size()) ==
             0;
    if (gcry_cipher_encrypt(handle_.get(), out_.data(), out_.size(), in_.data(), in_.size()) != 0)
      return false;
    Bytes& tag = tag_;
    return mode_ != Sm4Mode::gcm || gcry_cipher_gettag(handle_.get(), tag.data(), tag.size()) == 0;
  }

 private:
  bool start_message() {
    if (mode_ == Sm4Mode::ecb) return true;
    if (mode_ == Sm4Mode::ctr) return gcry_cipher_setctr(handle_.get(), iv_.data(), 16) == 0;
    const std::size_t size = mode_ == Sm4Mode::gcm ? 12 : 16;
    return gcry_cipher_reset(handle_.get()) == 0 &&
           gcry_cipher_setiv(handle_.get(), iv_.data(), size) == 0;
  }

  Sm4Mode mode_;
  Bytes in_, out_, iv_ = Bytes(16, 3), tag_ = Bytes(16);
  std::shared_ptr<gcry_cipher_handle> handle_;
};

}  // namespace

Peer digest(std::size_t size) {
  return {"libgcrypt", [size]() -> Operation {
            start();
            return [data = Bytes(size, 1), out = Bytes(32)]() mutable {
              gcry_md_hash_buffer(GCRY_MD_SM3, out.data(), data.data(), data.size());
              return true;
            };
          }};
}

Peer cipher(Sm4Mode mode, std::size_t size) {
  return {"libgcrypt", [mode, size]() -> Operation {
            start();
            return [cipher = Cipher(mode, size)]() mutable { return cipher.run(); };
          }};
}

}  // namespace heqi::bench::libgcrypt
