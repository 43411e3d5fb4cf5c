// heqi/crypto/sm2_exchange.h: SM2 key exchange (GB/T 32918.3 §6.1) on the curve sm2p256v1, with or
// without confirmation. Constant time in private keys, ephemeral scalars and the shared point.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>

namespace heqi::crypto {

inline constexpr std::size_t kExchangedKeySizeMax = 1024;  // octets

// ExchangePeer is the other side, known beforehand by its certificate.
struct ExchangePeer {
  PublicKey key;
  std::string id{kDefaultSignerId};
};

struct ExchangeOptions {
  std::string id{kDefaultSignerId};  // the own identity
  std::size_t size = 16;             // of the shared key, 1…kExchangedKeySizeMax octets
};

// ExchangedKey is what one side has at the end: the shared key, and its hash for the other side.
struct ExchangedKey {
  base::SecretBytes key;
  Digest confirmation{};  // S_A or S_B, to be sent where confirmation is wanted
};

// ExchangeInitiator is user A. Its ephemeral scalar serves one exchange, and finishing ends it.
class ExchangeInitiator {
 public:
  // begin draws r_A and makes R_A; the private key is needed at the end only.
  static base::Result<ExchangeInitiator> begin(base::Random& random);
  const PublicKey& share() const { return share_; }  // R_A

  // finish takes R_B. Fails with limit_exceeded for the size, crypto_not_on_curve where the shared
  // point is infinity.
  base::Result<ExchangedKey> finish(const PrivateKey& key, const ExchangePeer& peer,
                                    const ExchangeOptions& options, const PublicKey& peer_share) &&;
  // finish_confirmed also takes S_B; invalid_signature where it does not fit.
  base::Result<ExchangedKey> finish_confirmed(const PrivateKey& key, const ExchangePeer& peer,
                                              const ExchangeOptions& options,
                                              const PublicKey& peer_share,
                                              const Digest& peer_confirmation) &&;

 private:
  ExchangeInitiator(const Scalar& r, const PublicKey& share) : r_(r), share_(share) {}
  SecretScalar r_;
  PublicKey share_;
};

// ExchangeOffer is what one initiator sent to a responder.
struct ExchangeOffer {
  ExchangePeer peer;
  PublicKey share;  // R_A
};

// ExchangeResponder is user B: it has its key at once, and may wait for A's confirmation.
class ExchangeResponder {
 public:
  // answer takes R_A. Fails as ExchangeInitiator::finish does.
  static base::Result<ExchangeResponder> answer(const PrivateKey& key, const ExchangeOffer& offer,
                                                const ExchangeOptions& options,
                                                base::Random& random);
  // answer_all is answer for each; all or nothing. From three on they are computed in lanes.
  static base::Result<std::vector<ExchangeResponder>> answer_all(
      const PrivateKey& key, std::span<const ExchangeOffer> offers, const ExchangeOptions& options,
      base::Random& random);

  const PublicKey& share() const { return share_; }                    // R_B
  const Digest& confirmation() const { return agreed_.confirmation; }  // S_B
  const Digest& expected() const { return expected_; }                 // S_A
  // accept gives out the key without confirmation.
  base::SecretBytes accept() && { return std::move(agreed_.key); }
  // accept_confirmed gives it out where S_A fits, else invalid_signature.
  base::Result<base::SecretBytes> accept_confirmed(const Digest& peer_confirmation) &&;

 private:
  ExchangeResponder(PublicKey share, ExchangedKey agreed, const Digest& expected)
      : share_(share), agreed_(std::move(agreed)), expected_(expected) {}
  PublicKey share_;
  ExchangedKey agreed_;
  Digest expected_;
};

}  // namespace heqi::crypto
