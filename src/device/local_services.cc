#include <heqi/device/local_services.h>

#include <algorithm>

#include <heqi/x509/sm2_encoding.h>

namespace heqi::device {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using base::SecretBytes;

Result<SecretBytes> verify(const LocalRequest& request) {
  HEQI_TRY(const Verification asked, parse_verification(request.data));
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(asked.public_key));
  HEQI_TRY(const crypto::Signature signature, x509::parse_signature(asked.signature));
  HEQI_TRY(crypto::verify(key, asked.message, signature));
  return SecretBytes();
}

Result<SecretBytes> encrypt(const LocalRequest& request, base::Random& random) {
  HEQI_TRY(const Encryption asked, parse_encryption(request.data));
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(asked.public_key));
  HEQI_TRY(const crypto::Ciphertext ciphertext, crypto::encrypt(key, asked.plain, random));
  return SecretBytes::copy_of(x509::encode_ciphertext(ciphertext));
}

// joined puts public parts before the key that was agreed on.
SecretBytes joined(std::initializer_list<ByteView> parts, const SecretBytes& key) {
  std::size_t size = key.size();
  for (const ByteView part : parts) size += part.size();
  SecretBytes out(size);
  auto place = out.expose_mutable().begin();
  for (const ByteView part : parts) place = std::copy(part.begin(), part.end(), place);
  std::copy(key.expose().begin(), key.expose().end(), place);
  return out;
}

// Sides is an offer as the key exchange takes it.
struct Sides {
  crypto::ExchangePeer peer;
  crypto::PublicKey share;
  crypto::ExchangeOptions own;
};

Result<Sides> sides_of(const AgreementOffer& offer) {
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(offer.public_key));
  HEQI_TRY(const crypto::PublicKey share, crypto::PublicKey::decode(offer.share));
  return Sides{{key, offer.peer_id}, share, {offer.own_id, static_cast<std::size_t>(offer.size)}};
}

Result<SecretBytes> answer(const crypto::PrivateKey& key, const Sides& sides,
                           base::Random& random) {
  HEQI_TRY(crypto::ExchangeResponder responder,
           crypto::ExchangeResponder::answer(key, {sides.peer, sides.share}, sides.own, random));
  const crypto::PublicKey share = responder.share();
  const crypto::Digest confirmation = responder.confirmation(), expected = responder.expected();
  return joined({share.encode(), confirmation, expected}, std::move(responder).accept());
}

Result<SecretBytes> finish(const crypto::PrivateKey& key, crypto::ExchangeInitiator initiator,
                           const AgreementOffer& offer, const Sides& sides) {
  if (!offer.confirmation) {
    HEQI_TRY(const crypto::ExchangedKey agreed,
             std::move(initiator).finish(key, sides.peer, sides.own, sides.share));
    return joined({agreed.confirmation}, agreed.key);
  }
  crypto::Digest confirmation{};
  if (offer.confirmation->size() != confirmation.size())
    return base::fail(Code::malformed, "a confirmation of 32 octets");
  std::copy(offer.confirmation->begin(), offer.confirmation->end(), confirmation.begin());
  HEQI_TRY(
      const crypto::ExchangedKey agreed,
      std::move(initiator).finish_confirmed(key, sides.peer, sides.own, sides.share, confirmation));
  return joined({agreed.confirmation}, agreed.key);
}

Result<SecretBytes> serve_agreement(const crypto::PrivateKey& key, const LocalRequest& request,
                                    std::optional<BegunAgreement>& begun, base::Random& random) {
  if (request.service == LocalService::begin_agreement) {
    HEQI_TRY(crypto::ExchangeInitiator initiator, crypto::ExchangeInitiator::begin(random));
    const crypto::PublicKey share = initiator.share();
    begun.emplace(BegunAgreement{request.name, std::move(initiator)});
    return SecretBytes::copy_of(share.encode());
  }
  HEQI_TRY(const AgreementOffer offer, parse_agreement_offer(request.data));
  HEQI_TRY(const Sides sides, sides_of(offer));
  if (request.service == LocalService::agree) return answer(key, sides, random);
  if (!begun || begun->name != request.name)
    return base::fail(Code::not_found, "no agreement was begun with this key");
  crypto::ExchangeInitiator initiator = std::move(begun->initiator);
  begun.reset();  // one scalar, one agreement, however it ends
  return finish(key, std::move(initiator), offer, sides);
}

}  // namespace

Result<SecretBytes> serve_without_key(const LocalRequest& request, base::Random& random) {
  return request.service == LocalService::verify ? verify(request) : encrypt(request, random);
}

Result<SecretBytes> serve_with_key(const crypto::PrivateKey& key, const LocalRequest& request,
                                   std::optional<BegunAgreement>& begun, base::Random& random) {
  if (request.service == LocalService::sign) {
    HEQI_TRY(const crypto::Signature signature, crypto::sign(key, request.data, random));
    return SecretBytes::copy_of(x509::encode_signature(signature));
  }
  if (request.service == LocalService::decrypt) {
    HEQI_TRY(const crypto::Ciphertext ciphertext, x509::parse_ciphertext(request.data));
    return crypto::decrypt(key, ciphertext);
  }
  return serve_agreement(key, request, begun, random);
}

}  // namespace heqi::device
