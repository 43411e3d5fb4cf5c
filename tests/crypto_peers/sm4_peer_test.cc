// SM4 in all its modes beside libgcrypt and Botan, on seeded random cases and on every path.
#include <botan/aead.h>
#include <botan/mac.h>
#include <gcrypt.h>

#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm4_ccm.h>
#include <heqi/crypto/sm4_gcm.h>
#include <heqi/crypto/sm4_mac.h>
#include <heqi/crypto/sm4_xts.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi {
namespace {

using base::Bytes;
using base::ByteView;
using crypto::Sm4Block;
using crypto::Sm4Key;
using testing::SeededRandom;

constexpr int kCases = 60;

Sm4Key key_of(ByteView bytes) {
  return Sm4Key(std::span<const std::uint8_t, 16>(bytes.data(), 16));
}
Sm4Block block_of(ByteView bytes) {
  Sm4Block out;
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}

struct Sealed {
  Bytes cipher, tag;
};

// Gcrypt is one cipher handle of libgcrypt.
class Gcrypt {
 public:
  Gcrypt(int mode, const Bytes& key) {
    static const bool started = [] {
      (void)gcry_check_version(nullptr);
      gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
      gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
      return true;
    }();
    (void)started;
    must(gcry_cipher_open(&handle_, GCRY_CIPHER_SM4, mode, 0));
    must(gcry_cipher_setkey(handle_, key.data(), key.size()));
  }
  ~Gcrypt() { gcry_cipher_close(handle_); }
  Gcrypt(const Gcrypt&) = delete;
  Gcrypt& operator=(const Gcrypt&) = delete;

  void start(const Bytes& iv) { must(gcry_cipher_setiv(handle_, iv.data(), iv.size())); }
  void count_from(const Bytes& counter) {
    must(gcry_cipher_setctr(handle_, counter.data(), counter.size()));
  }
  Bytes encrypt(Bytes in) {
    must(gcry_cipher_encrypt(handle_, in.data(), in.size(), nullptr, 0));
    return in;
  }
  Bytes decrypt(Bytes in) {
    must(gcry_cipher_decrypt(handle_, in.data(), in.size(), nullptr, 0));
    return in;
  }
  Sealed seal(const Bytes& nonce, const Bytes& associated, const Bytes& plain, bool ccm) {
    start(nonce);
    if (ccm) {
      std::uint64_t lengths[3] = {plain.size(), associated.size(), 16};
      must(gcry_cipher_ctl(handle_, GCRYCTL_SET_CCM_LENGTHS, lengths, sizeof lengths));
    }
    must(gcry_cipher_authenticate(handle_, associated.data(), associated.size()));
    Sealed out{plain.empty() ? Bytes{} : encrypt(plain), Bytes(16)};
    must(gcry_cipher_gettag(handle_, out.tag.data(), out.tag.size()));
    return out;
  }

 private:
  static void must(gcry_error_t error) { HEQI_CHECK(error == 0); }
  gcry_cipher_hd_t handle_ = nullptr;
};

Bytes botan_run(const std::string& mode, bool encrypt, const Bytes& key, const Bytes& iv,
                const Bytes& associated, const Bytes& in) {
  const auto cipher =
      Botan::Cipher_Mode::create_or_throw(mode, encrypt ? Botan::ENCRYPTION : Botan::DECRYPTION);
  cipher->set_key(key);
  if (auto* aead = dynamic_cast<Botan::AEAD_Mode*>(cipher.get()))
    aead->set_associated_data(associated.data(), associated.size());
  cipher->start(iv);
  Botan::secure_vector<std::uint8_t> data(in.begin(), in.end());
  cipher->finish(data);
  return {data.begin(), data.end()};
}

Bytes botan_cmac(const Bytes& key, const Bytes& message) {
  const auto mac = Botan::MessageAuthenticationCode::create_or_throw("CMAC(SM4)");
  mac->set_key(key);
  mac->update(message);
  const auto out = mac->final();
  return {out.begin(), out.end()};
}

struct Case {
  Bytes key, tweak_key, iv, nonce, associated, message, whole;

  explicit Case(SeededRandom& random)
      : key(*base::random_bytes(random, 16)),
        tweak_key(*base::random_bytes(random, 16)),
        iv(*base::random_bytes(random, 16)),
        nonce(*base::random_bytes(random, 12)),
        associated(*base::random_bytes(random, random.below(100) + 1)),
        message(*base::random_bytes(random, random.below(3000) + 16)),
        whole(message.begin(), message.end() - static_cast<std::ptrdiff_t>(message.size() % 16)) {
    if (random.below(3) == 0) std::fill(iv.begin() + 2, iv.end(), std::uint8_t(0xFF));
  }
};

// on_each_path runs compare over random cases, on each path of SM4.
void on_each_path(std::uint64_t seed, void (*compare)(const Case&)) {
  for (const auto& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm4") continue;
    for (const std::string_view path : primitive.runnable) {
      SCOPED_TRACE(std::string(path));
      ASSERT_OK(crypto::choose_path("sm4", path));
      SeededRandom random(seed);
      for (int i = 0; i < kCases; ++i) compare(Case(random));
    }
    ASSERT_OK(crypto::choose_path("sm4", primitive.runnable.front()));
  }
}

TEST(LibgcryptPeer, EncryptsTheSameWithoutAuthentication) {
  on_each_path(301, [](const Case& c) {
    const crypto::Sm4 cipher(key_of(c.key));
    Bytes out(c.whole.size()), any(c.message.size());
    cipher.encrypt_blocks(c.whole, out);
    EXPECT_EQ(out, Gcrypt(GCRY_CIPHER_MODE_ECB, c.key).encrypt(c.whole));
    cipher.decrypt_blocks(c.whole, out);
    EXPECT_EQ(out, Gcrypt(GCRY_CIPHER_MODE_ECB, c.key).decrypt(c.whole));
    Gcrypt cbc(GCRY_CIPHER_MODE_CBC, c.key), ctr(GCRY_CIPHER_MODE_CTR, c.key);
    Sm4Block chain = block_of(c.iv), back = chain, counter = chain;
    ASSERT_OK(cipher.cbc_encrypt(chain, c.whole, out));
    cbc.start(c.iv);
    EXPECT_EQ(out, cbc.encrypt(c.whole));
    ASSERT_OK(cipher.cbc_decrypt(back, c.whole, out));
    cbc.start(c.iv);
    EXPECT_EQ(out, cbc.decrypt(c.whole));
    cipher.ctr(counter, c.message, any);
    ctr.count_from(c.iv);
    EXPECT_EQ(any, ctr.encrypt(c.message));
  });
}

TEST(LibgcryptPeer, SealsTheSame) {
  on_each_path(302, [](const Case& c) {
    Bytes out(c.message.size()), tag(16);
    const auto made = crypto::Sm4Gcm(key_of(c.key)).seal(c.nonce, c.associated, c.message, out);
    ASSERT_OK(made);
    const Sealed gcm =
        Gcrypt(GCRY_CIPHER_MODE_GCM, c.key).seal(c.nonce, c.associated, c.message, false);
    EXPECT_EQ(out, gcm.cipher);
    EXPECT_TRUE(base::same_bytes(*made, gcm.tag));
    ASSERT_OK(crypto::Sm4Ccm(key_of(c.key)).seal(c.nonce, c.associated, c.message, out, tag));
    const Sealed ccm =
        Gcrypt(GCRY_CIPHER_MODE_CCM, c.key).seal(c.nonce, c.associated, c.message, true);
    EXPECT_EQ(out, ccm.cipher);
    EXPECT_EQ(tag, ccm.tag);
  });
}

TEST(LibgcryptPeer, WritesTheSameDataUnits) {
  on_each_path(303, [](const Case& c) {
    const auto xts =
        *crypto::Sm4Xts::make(key_of(c.key), key_of(c.tweak_key), crypto::XtsStandard::ieee_1619);
    Bytes out(c.message.size());
    ASSERT_OK(xts->encrypt(block_of(c.iv), c.message, out));
    Gcrypt theirs(GCRY_CIPHER_MODE_XTS, base::concat({c.key, c.tweak_key}));
    theirs.start(c.iv);
    EXPECT_EQ(out, theirs.encrypt(c.message));
    ASSERT_OK(xts->decrypt(block_of(c.iv), c.message, out));
    theirs.start(c.iv);
    EXPECT_EQ(out, theirs.decrypt(c.message));
  });
}

TEST(BotanPeer, SealsWritesAndAuthenticatesTheSame) {
  on_each_path(304, [](const Case& c) {
    Bytes out(c.message.size()), tag(16);
    const auto made = crypto::Sm4Gcm(key_of(c.key)).seal(c.nonce, c.associated, c.message, out);
    ASSERT_OK(made);
    EXPECT_EQ(base::concat({out, *made}),
              botan_run("SM4/GCM", true, c.key, c.nonce, c.associated, c.message));
    ASSERT_OK(crypto::Sm4Ccm(key_of(c.key)).seal(c.nonce, c.associated, c.message, out, tag));
    EXPECT_EQ(base::concat({out, tag}),
              botan_run("SM4/CCM(16,3)", true, c.key, c.nonce, c.associated, c.message));
    const auto xts =
        *crypto::Sm4Xts::make(key_of(c.key), key_of(c.tweak_key), crypto::XtsStandard::ieee_1619);
    ASSERT_OK(xts->encrypt(block_of(c.iv), c.message, out));
    EXPECT_EQ(out,
              botan_run("SM4/XTS", true, base::concat({c.key, c.tweak_key}), c.iv, {}, c.message));
    EXPECT_TRUE(base::same_bytes(crypto::Sm4Cmac(key_of(c.key)).tag(c.message),
                                 botan_cmac(c.key, c.message)));
  });
}

}  // namespace
}  // namespace heqi
