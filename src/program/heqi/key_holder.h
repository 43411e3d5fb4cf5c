// key_holder.h: who holds keys for others: opens what is wished for, and answers requests.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <heqi/services/kmc/centre.h>

#include "held_tls_key.h"
#include "key_channel.h"
#include "software_key.h"

namespace heqi::program {

class KeyHolder {
 public:
  // open opens, or makes, the keys. Fails as open_key_file, make_key_file, SealedKeys and
  // held_tls_key.h do. random outlives it.
  static base::Result<std::unique_ptr<KeyHolder>> open(const KeyWish& wish, base::Random& random);

  // A key of TLS connections is the only one of its process, and signs handshakes and nothing else.
  bool holds_tls_key() const { return tls_.has_value(); }
  std::vector<SeenKey> seen() const;
  // answer answers requests that came together; SM2 signatures are made in one batch.
  std::vector<base::Bytes> answer(std::span<const base::Bytes> requests);

 private:
  explicit KeyHolder(base::Random& random) : random_(random) {}
  base::Status open_folder(const KeyWish& wish);
  base::Result<const HeldKey*> key_of(base::ByteView request) const;
  base::Result<base::Bytes> answer_one(base::ByteView request);
  base::Result<base::Bytes> use_vault(base::ByteView request);
  base::Result<base::Bytes> sign_handshake(base::ByteView request);

  base::Random& random_;
  std::vector<HeldKey> keys_;
  std::unique_ptr<base::FileStore> files_;
  std::optional<SealedKeys> sealed_;  // of a folder
  std::optional<services::kmc::WrappingVault> vault_;
  std::optional<HeldTlsKey> tls_;
};

// serve_keys is the process of the keys: a wish, then requests, until whoever asked is gone. It
// gives the exit code.
int serve_keys();

}  // namespace heqi::program
