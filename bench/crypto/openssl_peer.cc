// openssl_peer.cc: the same calls as `openssl speed` makes, so that its figures can be compared.
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <memory>

#include <heqi/base/bytes.h>

#include "peers.h"

namespace heqi::bench::openssl {
namespace {

using base::Bytes;

struct Deleter {
  void operator()(EVP_PKEY* pointer) const { EVP_PKEY_free(pointer); }
  void operator()(EVP_PKEY_CTX* pointer) const { EVP_PKEY_CTX_free(pointer); }
  void operator()(EVP_MD* pointer) const { EVP_MD_free(pointer); }
  void operator()(EVP_MD_CTX* pointer) const { EVP_MD_CTX_free(pointer); }
  void operator()(EVP_CIPHER_CTX* pointer) const { EVP_CIPHER_CTX_free(pointer); }
};
template <class T>
std::shared_ptr<T> own(T* pointer) {
  return {pointer, Deleter{}};
}

const Bytes kMessage(20, 0x61);  // as long as in `openssl speed`

const EVP_CIPHER* cipher_of(Sm4Mode mode) {
  if (mode == Sm4Mode::ecb) return EVP_sm4_ecb();
  return mode == Sm4Mode::ctr ? EVP_sm4_ctr() : EVP_sm4_cbc();
}

std::vector<std::string> tool_arguments(Sm4Mode mode, std::size_t size) {
  std::vector<std::string> out = {"-bytes", std::to_string(size)};
  if (mode == Sm4Mode::cbc_decrypt) out.push_back("-decrypt");
  out.push_back("-evp");
  out.push_back(mode == Sm4Mode::ecb ? "sm4-ecb" : mode == Sm4Mode::ctr ? "sm4-ctr" : "sm4-cbc");
  return out;
}

// Signer holds a key and what one signature needs, for either curve.
struct Signer {
  explicit Signer(Curve which)
      : curve(which),
        key(own(which == Curve::sm2 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2")
                                    : EVP_EC_gen("P-256"))),
        ready(own(EVP_PKEY_CTX_new(key.get(), nullptr))) {}

  bool sign(Bytes& out) const {
    out.resize(80);
    std::size_t size = out.size();
    const bool done = curve == Curve::p256 ? EVP_PKEY_sign(ready.get(), out.data(), &size,
                                                           kMessage.data(), kMessage.size()) > 0
                                           : sign_sm2(out.data(), size);
    out.resize(done ? size : 0);
    return done;
  }
  bool verify(const Bytes& signature) const {
    if (curve == Curve::p256)
      return EVP_PKEY_verify(ready.get(), signature.data(), signature.size(), kMessage.data(),
                             kMessage.size()) == 1;
    const auto context = with_id();
    return EVP_DigestVerifyInit(context.first.get(), nullptr, EVP_sm3(), nullptr, key.get()) > 0 &&
           EVP_DigestVerify(context.first.get(), signature.data(), signature.size(),
                            kMessage.data(), kMessage.size()) == 1;
  }

  Curve curve;
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<EVP_PKEY_CTX> ready;

 private:
  using Context = std::pair<std::shared_ptr<EVP_MD_CTX>, std::shared_ptr<EVP_PKEY_CTX>>;
  Context with_id() const {
    constexpr std::string_view id = "1234567812345678";
    Context out{own(EVP_MD_CTX_new()), own(EVP_PKEY_CTX_new(key.get(), nullptr))};
    EVP_PKEY_CTX_set1_id(out.second.get(), id.data(), static_cast<int>(id.size()));
    EVP_MD_CTX_set_pkey_ctx(out.first.get(), out.second.get());
    return out;
  }
  bool sign_sm2(std::uint8_t* out, std::size_t& size) const {
    const auto context = with_id();
    return EVP_DigestSignInit(context.first.get(), nullptr, EVP_sm3(), nullptr, key.get()) > 0 &&
           EVP_DigestSign(context.first.get(), out, &size, kMessage.data(), kMessage.size()) > 0;
  }
};

}  // namespace

Peer digest(std::size_t size) {
  return {"openssl",
          [size]() -> Operation {
            const auto algorithm = own(EVP_MD_fetch(nullptr, "SM3", nullptr));
            return [algorithm, data = Bytes(size, 1), out = Bytes(32)]() mutable {
              return EVP_Digest(data.data(), data.size(), out.data(), nullptr, algorithm.get(),
                                nullptr) > 0;
            };
          },
          {{"-bytes", std::to_string(size), "-evp", "sm3"}, 0}};
}

Peer cipher(Sm4Mode mode, std::size_t size) {
  return {"openssl",
          [mode, size]() -> Operation {
            const auto context = own(EVP_CIPHER_CTX_new());
            const Bytes zeros(16, 0);
            EVP_CipherInit_ex(context.get(), cipher_of(mode), nullptr, zeros.data(), zeros.data(),
                              mode == Sm4Mode::cbc_decrypt ? 0 : 1);
            EVP_CIPHER_CTX_set_padding(context.get(), 0);
            return [context, data = Bytes(size, 1), out = Bytes(size + 16)]() mutable {
              int written = 0;
              return EVP_CipherUpdate(context.get(), out.data(), &written, data.data(),
                                      static_cast<int>(data.size())) > 0;
            };
          },
          {tool_arguments(mode, size), 0}};
}

Peer sign(Curve curve) {
  return {"openssl",
          [curve]() -> Operation {
            const Signer signer(curve);
            EVP_PKEY_sign_init(signer.ready.get());
            return [signer, out = Bytes()]() mutable { return signer.sign(out); };
          },
          {{curve == Curve::sm2 ? "sm2" : "ecdsap256"}, 1}};
}

Peer verify(Curve curve) {
  return {"openssl",
          [curve]() -> Operation {
            const Signer signer(curve);
            EVP_PKEY_sign_init(signer.ready.get());
            Bytes signature;
            if (!signer.sign(signature)) return [] { return false; };
            EVP_PKEY_verify_init(signer.ready.get());
            return [signer, signature] { return signer.verify(signature); };
          },
          {{curve == Curve::sm2 ? "sm2" : "ecdsap256"}, 0}};
}

}  // namespace heqi::bench::openssl
