#include "key_process.h"

#include "key_connections.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

// As many as the workers of the two servers of `heqi ca serve`.
constexpr int kFolderConnections = 8;

class ElsewhereSigner final : public x509::Signer {
 public:
  ElsewhereSigner(std::shared_ptr<KeyConnections> connections, std::size_t key,
                  x509::AlgorithmIdentifier algorithm)
      : connections_(std::move(connections)), key_(key), algorithm_(std::move(algorithm)) {}
  x509::AlgorithmIdentifier algorithm() const override { return algorithm_; }
  Result<Bytes> sign(ByteView message) override {
    return connections_->ask(KeyAct::sign, key_, message);
  }

 private:
  std::shared_ptr<KeyConnections> connections_;
  std::size_t key_;
  x509::AlgorithmIdentifier algorithm_;
};

class ElsewhereVault final : public services::kmc::Vault {
 public:
  explicit ElsewhereVault(std::shared_ptr<KeyConnections> connections)
      : connections_(std::move(connections)) {}
  Result<keys::EncryptionKey> make(std::string_view name) override {
    HEQI_TRY(const Bytes answer, connections_->ask(KeyAct::make_sealed, 0, base::bytes_of(name)));
    return keys::parse_encryption_key(answer);
  }
  Result<services::kmc::Delivery> envelop(std::string_view name, ByteView sealed,
                                          const crypto::PublicKey& receiver) override {
    HEQI_TRY(const Bytes answer,
             connections_->ask(KeyAct::envelop, 0,
                               keys::encode_envelop({std::string(name), base::to_bytes(sealed),
                                                     base::to_bytes(receiver.encode())})));
    HEQI_TRY(keys::EncryptionKey key, keys::parse_encryption_key(answer));
    return services::kmc::delivery_of(std::move(key));
  }

 private:
  std::shared_ptr<KeyConnections> connections_;
};

Result<KeyOfFile> start_with(const KeyWish& wish, const std::string& program) {
  HEQI_TRY(auto connections, KeyConnections::start(wish, program));
  HEQI_TRY(std::vector<SeenKey> seen, connections->first_answer());
  if (seen.size() != 1) return fail(Code::malformed, "one file, and not one key");
  KeyOfFile key;
  key.signer = std::make_unique<ElsewhereSigner>(std::move(connections), 0, seen[0].algorithm);
  key.public_key = std::move(seen[0].public_key);
  key.certificates = std::move(seen[0].certificates);
  return key;
}

}  // namespace

Result<KeyOfFile> open_key_elsewhere(const std::string& path, const base::SecretBytes& password,
                                     const KeyProcessOptions& options) {
  return start_with({.source = KeyWish::Source::file,
                     .path = path,
                     .secret = password.clone(),
                     .connections = options.connections},
                    options.program);
}

Result<KeyOfFile> make_key_elsewhere(const std::string& path) {
  return start_with({.source = KeyWish::Source::new_file, .path = path}, {});
}

Result<FolderKeys> FolderKeys::start(KeyWish wish) {
  wish.connections = kFolderConnections;
  FolderKeys out;
  HEQI_TRY(out.connections_, KeyConnections::start(wish, {}));
  HEQI_TRY(out.seen_, out.connections_->first_answer());
  if (out.seen_.size() != wish.names.size())
    return fail(Code::malformed, "other keys than those wished for");
  for (std::size_t i = 0; i < out.seen_.size(); ++i)
    out.signers_.push_back(
        std::make_unique<ElsewhereSigner>(out.connections_, i, out.seen_[i].algorithm));
  out.vault_ = std::make_unique<ElsewhereVault>(out.connections_);
  return out;
}

Result<FolderKeys> FolderKeys::open(const std::string& folder, const base::SecretBytes& passphrase,
                                    std::vector<std::string> names) {
  return start({.source = KeyWish::Source::folder,
                .path = folder,
                .secret = passphrase.clone(),
                .names = std::move(names)});
}

Result<FolderKeys> FolderKeys::make(const std::string& folder, const base::SecretBytes& passphrase,
                                    std::vector<std::string> names,
                                    std::optional<ossl::KeyKind> kind) {
  return start({.source = KeyWish::Source::new_folder,
                .path = folder,
                .secret = passphrase.clone(),
                .names = std::move(names),
                .kind = kind});
}

bool FolderKeys::is_running() const {
  return connections_->is_running();
}

}  // namespace heqi::program
