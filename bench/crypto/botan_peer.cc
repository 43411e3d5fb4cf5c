#include <botan/auto_rng.h>
#include <botan/block_cipher.h>
#include <botan/cipher_mode.h>
#include <botan/ecdsa.h>
#include <botan/hash.h>
#include <botan/pubkey.h>
#include <botan/sm2.h>
#include <botan/stream_cipher.h>

#include <memory>

#include "peers.h"

namespace heqi::bench::botan {
namespace {

using Bytes = std::vector<std::uint8_t>;

Botan::RandomNumberGenerator& random() {
  static Botan::AutoSeeded_RNG generator;
  return generator;
}

std::shared_ptr<Botan::Private_Key> make_key(Curve curve) {
  if (curve == Curve::sm2)
    return std::make_shared<Botan::SM2_PrivateKey>(random(), Botan::EC_Group("sm2p256v1"));
  return std::make_shared<Botan::ECDSA_PrivateKey>(random(), Botan::EC_Group("secp256r1"));
}
std::string padding(Curve curve) {
  return curve == Curve::sm2 ? "1234567812345678,SM3" : "Raw";
}

Operation block_cipher(std::size_t size) {
  std::shared_ptr<Botan::BlockCipher> cipher = Botan::BlockCipher::create_or_throw("SM4");
  cipher->set_key(Bytes(16, 7));
  return [cipher, data = Bytes(size, 1)]() mutable {
    cipher->encrypt(data);
    return true;
  };
}
Operation counter_mode(std::size_t size) {
  std::shared_ptr<Botan::StreamCipher> cipher = Botan::StreamCipher::create_or_throw("CTR-BE(SM4)");
  cipher->set_key(Bytes(16, 7));
  return [cipher, iv = Bytes(16, 3), data = Bytes(size, 1)]() mutable {
    cipher->set_iv(iv.data(), iv.size());
    cipher->cipher1(data.data(), data.size());
    return true;
  };
}
Operation cipher_mode(const std::string& name, Botan::Cipher_Dir direction, std::size_t size) {
  std::shared_ptr<Botan::Cipher_Mode> cipher = Botan::Cipher_Mode::create_or_throw(name, direction);
  Bytes key(name == "SM4/XTS" ? 32 : 16, 7);
  key.back() = 8;
  cipher->set_key(key);
  const Bytes nonce(name == "SM4/GCM" ? 12 : 16, 3);
  return [cipher, nonce, size, data = Botan::secure_vector<std::uint8_t>(size, 1)]() mutable {
    data.resize(size);
    cipher->start(nonce);
    cipher->finish(data);
    return true;
  };
}

}  // namespace

Peer digest(std::size_t size) {
  return {"botan", [size]() -> Operation {
            std::shared_ptr<Botan::HashFunction> hash = Botan::HashFunction::create_or_throw("SM3");
            return [hash, data = Bytes(size, 1), out = Bytes(32)]() mutable {
              hash->update(data);
              hash->final(out.data());
              return true;
            };
          }};
}

Peer cipher(Sm4Mode mode, std::size_t size) {
  return {"botan", [mode, size]() -> Operation {
            switch (mode) {
              case Sm4Mode::ecb:
                return block_cipher(size);
              case Sm4Mode::ctr:
                return counter_mode(size);
              case Sm4Mode::gcm:
                return cipher_mode("SM4/GCM", Botan::ENCRYPTION, size);
              case Sm4Mode::xts:
                return cipher_mode("SM4/XTS", Botan::ENCRYPTION, size);
              case Sm4Mode::cbc_encrypt:
                return cipher_mode("SM4/CBC/NoPadding", Botan::ENCRYPTION, size);
              default:
                return cipher_mode("SM4/CBC/NoPadding", Botan::DECRYPTION, size);
            }
          }};
}

Peer sign(Curve curve) {
  return {"botan", [curve]() -> Operation {
            const auto key = make_key(curve);
            const auto signer = std::make_shared<Botan::PK_Signer>(*key, random(), padding(curve));
            return [key, signer, message = Bytes(32, 1)] {
              return !signer->sign_message(message, random()).empty();
            };
          }};
}

Peer verify(Curve curve) {
  return {"botan", [curve]() -> Operation {
            const auto key = make_key(curve);
            const Bytes message(32, 1);
            const auto signature =
                Botan::PK_Signer(*key, random(), padding(curve)).sign_message(message, random());
            const auto verifier = std::make_shared<Botan::PK_Verifier>(*key, padding(curve));
            return [key, verifier, message, signature] {
              return verifier->verify_message(message, signature);
            };
          }};
}

Peer sm2_encrypt(std::size_t size) {
  return {"botan", [size]() -> Operation {
            const auto key = make_key(Curve::sm2);
            const auto encryptor = std::make_shared<Botan::PK_Encryptor_EME>(*key, random(), "SM3");
            return [key, encryptor, plain = Bytes(size, 1)] {
              return !encryptor->encrypt(plain, random()).empty();
            };
          }};
}

Peer sm2_decrypt(std::size_t size) {
  return {"botan", [size]() -> Operation {
            const auto key = make_key(Curve::sm2);
            const auto sealed =
                Botan::PK_Encryptor_EME(*key, random(), "SM3").encrypt(Bytes(size, 1), random());
            const auto decryptor = std::make_shared<Botan::PK_Decryptor_EME>(*key, random(), "SM3");
            return [key, decryptor, sealed, size] {
              return decryptor->decrypt(sealed).size() == size;
            };
          }};
}

Peer sm2_generate() {
  return {"botan", []() -> Operation { return [] { return make_key(Curve::sm2) != nullptr; }; }};
}

}  // namespace heqi::bench::botan
