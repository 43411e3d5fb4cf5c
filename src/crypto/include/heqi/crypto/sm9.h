// heqi/crypto/sm9.h: SM9, cryptography by identity (GB/T 38635.2, GM/T 0044): a key centre's master
// keys, users' keys made from their identities, signature, key encapsulation, encryption and key
// exchange. An identity is 1…8191 bytes; an empty one is malformed, a longer one limit_exceeded.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <heqi/crypto/sm3.h>
#include <heqi/crypto/sm9_curve.h>

namespace heqi::crypto::sm9 {

// hid tells what a user's key is for: one byte that the key centre publishes (GB/T 38635.2 §5.2).
inline constexpr std::uint8_t kSignHid = 0x01, kExchangeHid = 0x02, kEncryptHid = 0x03;
inline constexpr std::size_t kIdentitySizeMax = 8191;      // bytes of an identity
inline constexpr std::size_t kSharedKeySizeMax = 1 << 30;  // bytes of an encapsulated key

// identity_scalar is h1 = H1(id || hid, N) (GB/T 38635.2 §5.3.2.2).
base::Result<Scalar> identity_scalar(std::string_view id, std::uint8_t hid);

// SignMasterPublicKey is Ppub-s = [ks]P2 with g = e(P1, Ppub-s).
class SignMasterPublicKey {
 public:
  static base::Result<SignMasterPublicKey> decode(base::ByteView bytes);  // 129 bytes
  G2Bytes encode() const { return point_.encode(); }
  const G2& point() const { return point_; }
  const GtPowers& g() const { return g_; }

 private:
  friend class SignMasterKey;
  explicit SignMasterPublicKey(const G2& point);
  G2 point_;
  GtPowers g_;
};

// SignKey is a user's ds = [ks·(h1 + ks)⁻¹]P1.
class SignKey {
 public:
  // decode takes 65 bytes and asks whether they are the key of id under master; invalid_signature
  // where they are another point of the curve.
  static base::Result<SignKey> decode(base::ByteView bytes, const SignMasterPublicKey& master,
                                      std::string_view id, std::uint8_t hid = kSignHid);
  SignKey(SignKey&&) = default;
  SignKey& operator=(SignKey&&) = default;
  base::SecretArray<kG1Size> encode() const;
  const G1& expose() const { return ds_; }
  const SignMasterPublicKey& master() const { return master_; }

 private:
  friend class SignMasterKey;
  SignKey(const G1& ds, const SignMasterPublicKey& master) : ds_(ds), master_(master) {}
  G1 ds_;
  SignMasterPublicKey master_;
};

// SignMasterKey is the key centre's ks in 1…N−1.
class SignMasterKey {
 public:
  static base::Result<SignMasterKey> generate(base::Random& random);
  static base::Result<SignMasterKey> decode(base::ByteView bytes);  // 32 bytes
  SignMasterKey(SignMasterKey&&) = default;
  SignMasterKey& operator=(SignMasterKey&&) = default;
  base::SecretArray<kScalarSize> encode() const;
  const SignMasterPublicKey& public_key() const { return public_key_; }
  // extract makes the key of id (§6.1). Fails with conflict where h1 + ks = 0: then the master key
  // has to be made anew.
  base::Result<SignKey> extract(std::string_view id, std::uint8_t hid = kSignHid) const;

 private:
  explicit SignMasterKey(const Scalar& ks);
  Scalar ks_;
  SignMasterPublicKey public_key_;
};

// Signature is (h, S). Its DER form is in asn1.
struct Signature {
  Scalar h;
  G1 s;
};
// sign is GB/T 38635.2 §6.2. Constant time in the key and in r; draws again where h = r. What
// leaves is a point of the curve. Fails with crypto_random_failed.
base::Result<Signature> sign(const SignKey& key, base::ByteView message, base::Random& random);

// Signer is a master public key with an identity, prepared for many verifications (§6.4).
class Signer {
 public:
  static base::Result<Signer> make(const SignMasterPublicKey& master, std::string_view id,
                                   std::uint8_t hid = kSignHid);
  // verify fails with invalid_signature; with malformed where h is zero or S is infinity.
  base::Status verify(base::ByteView message, const Signature& signature) const;

 private:
  Signer(const SignMasterPublicKey& master, const G2& point) : master_(master), point_(point) {}
  SignMasterPublicKey master_;
  PreparedG2 point_;  // P = [h1]P2 + Ppub-s
};
// verify is Signer's, for one signature.
base::Status verify(const SignMasterPublicKey& master, std::string_view id, base::ByteView message,
                    const Signature& signature, std::uint8_t hid = kSignHid);

// EncryptMasterPublicKey is Ppub-e = [ke]P1 with g = e(Ppub-e, P2).
class EncryptMasterPublicKey {
 public:
  static base::Result<EncryptMasterPublicKey> decode(base::ByteView bytes);  // 65 bytes
  G1Bytes encode() const { return point_.encode(); }
  const G1& point() const { return point_; }
  const GtPowers& g() const { return g_; }
  // recipient is Q = [h1]P1 + Ppub-e. Fails with conflict where it is infinity.
  base::Result<G1> recipient(std::string_view id, std::uint8_t hid) const;

 private:
  friend class EncryptMasterKey;
  explicit EncryptMasterPublicKey(const G1& point);
  G1 point_;
  GtPowers g_;
};

// UserKey is a user's de = [ke·(h1 + ke)⁻¹]P2 for decryption or key exchange, as its hid says.
class UserKey {
 public:
  // decode takes 129 bytes and asks whether they are the key of id under master; invalid_signature
  // where they are another point of G2.
  static base::Result<UserKey> decode(base::ByteView bytes, const EncryptMasterPublicKey& master,
                                      std::string_view id, std::uint8_t hid);
  UserKey(UserKey&&) = default;
  UserKey& operator=(UserKey&&) = default;
  base::SecretArray<kG2Size> encode() const;
  const PreparedG2& expose() const { return prepared_; }
  const EncryptMasterPublicKey& master() const { return master_; }
  const std::string& id() const { return id_; }
  std::uint8_t hid() const { return hid_; }

 private:
  friend class EncryptMasterKey;
  UserKey(const G2& de, const EncryptMasterPublicKey& master, std::string_view id, std::uint8_t hid)
      : de_(de), prepared_(de), master_(master), id_(id), hid_(hid) {}
  G2 de_;
  PreparedG2 prepared_;
  EncryptMasterPublicKey master_;
  std::string id_;
  std::uint8_t hid_;
};

// EncryptMasterKey is the key centre's ke in 1…N−1.
class EncryptMasterKey {
 public:
  static base::Result<EncryptMasterKey> generate(base::Random& random);
  static base::Result<EncryptMasterKey> decode(base::ByteView bytes);  // 32 bytes
  EncryptMasterKey(EncryptMasterKey&&) = default;
  EncryptMasterKey& operator=(EncryptMasterKey&&) = default;
  base::SecretArray<kScalarSize> encode() const;
  const EncryptMasterPublicKey& public_key() const { return public_key_; }
  // extract makes the key of id; conflict as for SignMasterKey.
  base::Result<UserKey> extract(std::string_view id, std::uint8_t hid = kEncryptHid) const;

 private:
  explicit EncryptMasterKey(const Scalar& ke);
  Scalar ke_;
  EncryptMasterPublicKey public_key_;
};

// Encapsulated is a fresh key and the point C that carries it.
struct Encapsulated {
  base::SecretBytes key;
  G1 c;
};
// encapsulate makes a key of size bytes, 1…kSharedKeySizeMax, for id (§8.2). Draws again where the
// key would be all zeros. Fails with malformed or limit_exceeded for the size.
base::Result<Encapsulated> encapsulate(const EncryptMasterPublicKey& master, std::string_view id,
                                       std::size_t size, base::Random& random,
                                       std::uint8_t hid = kEncryptHid);
// decapsulate fails with invalid_signature where the key is all zeros, crypto_not_on_curve for
// infinity (§8.3).
base::Result<base::SecretBytes> decapsulate(const UserKey& key, const G1& c, std::size_t size);

// CipherMode: the key stream is added to the message, or SM4 encrypts it block by block with the
// padding of PKCS #7, as in the standard's example. A key serves one message only.
enum class CipherMode { stream, sm4 };
// Ciphertext is (C1, C3, C2) of GB/T 38635.2 §9.2. Its DER form is in asn1.
struct Ciphertext {
  CipherMode mode = CipherMode::stream;
  G1 c1;
  Digest c3{};
  base::Bytes c2;
};
// encrypt fails with malformed for an empty message.
base::Result<Ciphertext> encrypt(const EncryptMasterPublicKey& master, std::string_view id,
                                 base::ByteView plain, CipherMode mode, base::Random& random,
                                 std::uint8_t hid = kEncryptHid);
// decrypt fails with invalid_signature where C3 does not fit, and then gives out nothing (§9.3).
base::Result<base::SecretBytes> decrypt(const UserKey& key, const Ciphertext& ciphertext);

// Agreed is what one side has at the end: the shared key, and its hash for the other side.
struct Agreed {
  base::SecretBytes key;
  Digest confirmation;  // S_A or S_B (§7.2), to be sent where confirmation is wanted
};

// Initiator is user A of the key exchange (§7.2). Its keys are made with hid kExchangeHid.
class Initiator {
 public:
  // begin draws r_A and makes R_A. key outlives the object.
  static base::Result<Initiator> begin(const UserKey& key, std::string_view peer,
                                       base::Random& random);
  const G1& share() const { return share_; }  // R_A
  // finish takes R_B. Fails with malformed or limit_exceeded for the size, crypto_not_on_curve for
  // infinity.
  base::Result<Agreed> finish(const G1& peer_share, std::size_t size) const;
  // finish_confirmed also takes S_B; invalid_signature where it does not fit.
  base::Result<Agreed> finish_confirmed(const G1& peer_share, std::size_t size,
                                        const Digest& peer_confirmation) const;

 private:
  Initiator(const UserKey& key, std::string_view peer, const Scalar& r, const G1& share)
      : key_(&key), peer_(peer), r_(r), share_(share) {}
  const UserKey* key_;
  std::string peer_;
  Scalar r_;
  G1 share_;
};

// Responder is user B: it has its key at once, and may wait for A's confirmation.
class Responder {
 public:
  // answer takes R_A. Fails as Initiator::finish does.
  static base::Result<Responder> answer(const UserKey& key, std::string_view peer,
                                        const G1& peer_share, std::size_t size,
                                        base::Random& random);
  const G1& share() const { return share_; }                           // R_B
  const Digest& confirmation() const { return agreed_.confirmation; }  // S_B
  // accept gives out the key without confirmation.
  base::SecretBytes accept() && { return std::move(agreed_.key); }
  // accept_confirmed gives it out where S_A fits, else invalid_signature.
  base::Result<base::SecretBytes> accept_confirmed(const Digest& peer_confirmation) &&;

 private:
  Responder(const G1& share, Agreed agreed, const Digest& expected)
      : share_(share), agreed_(std::move(agreed)), expected_(expected) {}
  G1 share_;
  Agreed agreed_;
  Digest expected_;
};

}  // namespace heqi::crypto::sm9
