#include "key_holder.h"

#include <heqi/base/text.h>
#include <heqi/crypto/sm2_batch.h>
#include <heqi/keys/service_keys.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

// make_or_open goes on where an earlier making was broken off.
Result<SealedKeys> make_or_open(base::FileStore& files, const base::SecretBytes& passphrase,
                                base::Random& random) {
  auto made = SealedKeys::make(files, passphrase, random);
  if (made || made.error().code != Code::conflict) return made;
  return SealedKeys::open(files, passphrase);
}

bool wants_signature(ByteView request) {
  return request[0] == static_cast<std::uint8_t>(KeyAct::sign);
}

}  // namespace

Status KeyHolder::open_folder(const KeyWish& wish) {
  const bool makes = wish.source == KeyWish::Source::new_folder;
  HEQI_TRY(files_, base::open_folder(wish.path));
  HEQI_TRY(sealed_, makes ? make_or_open(*files_, wish.secret, random_)
                          : SealedKeys::open(*files_, wish.secret));
  for (const std::string& name : wish.names) {
    HEQI_TRY(HeldKey key,
             makes ? sealed_->get_or_make(name, wish.kind, random_) : sealed_->get(name));
    keys_.push_back(std::move(key));
  }
  vault_.emplace(sealed_->wrapping(), random_);
  return {};
}

Result<std::unique_ptr<KeyHolder>> KeyHolder::open(const KeyWish& wish, base::Random& random) {
  std::unique_ptr<KeyHolder> out(new KeyHolder(random));
  if (wish.source == KeyWish::Source::tls_file || wish.source == KeyWish::Source::tls_folder) {
    const base::SystemClock clock;
    HEQI_TRY(out->tls_, wish.source == KeyWish::Source::tls_file
                            ? open_tls_key_file(wish.path)
                            : open_tls_folder(wish.path, wish.names, clock, random));
    return out;
  }
  if (wish.source == KeyWish::Source::folder || wish.source == KeyWish::Source::new_folder) {
    HEQI_TRY(out->open_folder(wish));
    return out;
  }
  HEQI_TRY(HeldKey key, wish.source == KeyWish::Source::new_file
                            ? make_key_file(wish.path, random)
                            : open_key_file(wish.path, wish.secret));
  out->keys_.push_back(std::move(key));
  return out;
}

std::vector<SeenKey> KeyHolder::seen() const {
  std::vector<SeenKey> out;
  for (const HeldKey& one : keys_)
    out.push_back({one.public_key, one.algorithm(), one.certificates});
  if (tls_) out.push_back({tls_->public_key, tls_->public_key.algorithm, tls_->certificates});
  return out;
}

// key_of is the key that may sign what a request holds.
Result<const HeldKey*> KeyHolder::key_of(ByteView request) const {
  if (tls_)
    return fail(Code::unsupported, "a key of TLS connections signs handshakes and nothing else");
  if (request[1] >= keys_.size()) return fail(Code::not_found, "no key of this number");
  const HeldKey& key = keys_[request[1]];
  if (key.purpose) {
    HEQI_TRY(keys::check_purpose(*key.purpose, request.subspan(kRequestHeadSize)));
  }
  return &key;
}

Result<Bytes> KeyHolder::use_vault(ByteView request) {
  if (!vault_) return fail(Code::unsupported, "encryption keys are under those of a folder");
  const ByteView content = request.subspan(kRequestHeadSize);
  if (request[0] == static_cast<std::uint8_t>(KeyAct::make_sealed)) {
    HEQI_TRY(const keys::EncryptionKey made, vault_->make(base::text_of(content)));
    return keys::encode_encryption_key(made);
  }
  if (request[0] != static_cast<std::uint8_t>(KeyAct::envelop))
    return fail(Code::unsupported, "an act with a key");
  HEQI_TRY(const keys::EnvelopRequest wish, keys::parse_envelop(content));
  HEQI_TRY(const crypto::PublicKey receiver, crypto::PublicKey::decode(wish.receiver));
  HEQI_TRY(services::kmc::Delivery given, vault_->envelop(wish.name, wish.sealed, receiver));
  return keys::encode_encryption_key(
      {std::move(given.public_key.key), std::move(given.enveloped_key)});
}

Result<Bytes> KeyHolder::sign_handshake(ByteView request) {
  if (!tls_) return fail(Code::unsupported, "this key is none of TLS connections");
  if (request[1] != 0) return fail(Code::not_found, "no key of this number");
  const ByteView content = request.subspan(kRequestHeadSize);
  if (content.empty()) return fail(Code::malformed, "what a handshake has signed");
  return tls_->key->sign(static_cast<base::TlsSignature>(content[0]), content.subspan(1));
}

Result<Bytes> KeyHolder::answer_one(ByteView request) {
  if (request[0] == static_cast<std::uint8_t>(KeyAct::tls)) return sign_handshake(request);
  if (!wants_signature(request)) return use_vault(request);
  HEQI_TRY(const HeldKey* const key, key_of(request));
  const ByteView message = request.subspan(kRequestHeadSize);
  if (key->other) return key->other->sign(message);
  HEQI_TRY(const crypto::Signature signature, crypto::sign(*key->sm2, message, random_));
  return x509::encode_signature(signature);
}

std::vector<Bytes> KeyHolder::answer(std::span<const Bytes> requests) {
  std::vector<Bytes> answers(requests.size());
  std::vector<crypto::BatchMessage> batch;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const ByteView request = requests[i];
    if (request.size() < kRequestHeadSize) {
      answers[i] = encode_key_answer(fail(Code::malformed, "a request to a key"));
      continue;
    }
    const auto key = wants_signature(request) && requests.size() > 1
                         ? key_of(request)
                         : Result<const HeldKey*>(nullptr);
    if (key && *key != nullptr && (*key)->sm2) {
      batch.push_back({&*(*key)->sm2, request.subspan(kRequestHeadSize)});
      places.push_back(i);
    } else {
      answers[i] = encode_key_answer(key ? answer_one(request) : Result<Bytes>(key.error()));
    }
  }
  const auto signatures = crypto::sign_batch(batch, random_);
  for (std::size_t i = 0; i < places.size(); ++i)
    answers[places[i]] =
        encode_key_answer(signatures ? Result<Bytes>(x509::encode_signature((*signatures)[i]))
                                     : Result<Bytes>(signatures.error()));
  return answers;
}

}  // namespace heqi::program
