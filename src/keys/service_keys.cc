#include <heqi/keys/service_keys.h>

#include <heqi/crypto/hmac.h>
#include <heqi/x509/enveloped_key.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::keys {
namespace {

constexpr std::size_t kMacKeySize = 32;

SealContext key_context(std::string_view name) {
  return {"service-key", name, 1};
}

}  // namespace

base::Result<MadeKey> ServiceKeys::make(const MakeKeyRequest& request) {
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(random_));
  const base::SecretArray<crypto::kScalarSize> d = key.encode();
  const SealContext context = key_context(request.name);
  MadeKey made;
  const crypto::PointBytes point = key.public_key().encode();
  made.public_key.assign(point.begin(), point.end());

  base::Bytes sealed;
  if (request.protection == Protection::passphrase) {
    HEQI_TRY(made.passphrase, make_passphrase(random_));
    HEQI_TRY(sealed, seal_under_passphrase(context, made.passphrase.expose(), d.expose(), random_));
  } else {
    HEQI_TRY(sealed, wrapping_.seal(context, d.expose(), random_));
  }
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO module_keys (name, purpose, protection, public_key, sealed, created_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        request.name, static_cast<int>(request.purpose), static_cast<int>(request.protection),
        made.public_key, sealed, clock_.now());
  }));
  if (rows == 0) return base::fail(base::Code::conflict, "there is a key named " + request.name);
  return made;
}

base::Result<base::Bytes> ServiceKeys::public_key(std::string_view name) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<base::Bytes> {
    HEQI_TRY(const sql::Row row,
             tx.get_row("SELECT public_key FROM module_keys WHERE name = ?1", name));
    return row.bytes(0);
  });
}

base::Result<const ServiceKeys::Opened*> ServiceKeys::open_cached(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = opened_.find(name); found != opened_.end()) return &found->second;
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT purpose, sealed FROM module_keys WHERE name = ?1 AND protection = 0",
                      name);
  }));
  HEQI_TRY(const base::SecretBytes d, wrapping_.open(key_context(name), row.bytes(1)));
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::decode(d.expose()));
  const auto placed =
      opened_.emplace(name, Opened{static_cast<Purpose>(row.int64(0)), std::move(key)});
  return &placed.first->second;
}

base::Result<base::Bytes> ServiceKeys::sign(const SignRequest& request) {
  if (request.passphrase.empty()) {
    HEQI_TRY(const Opened* opened, open_cached(request.name));
    HEQI_TRY(check_purpose(opened->purpose, request.message));
    HEQI_TRY(const crypto::Signature signature,
             crypto::sign(opened->key, request.message, random_));
    return x509::encode_signature(signature);
  }
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT purpose, sealed FROM module_keys WHERE name = ?1 AND protection = 1",
                      request.name);
  }));
  HEQI_TRY(check_purpose(static_cast<Purpose>(row.int64(0)), request.message));
  auto d =
      open_under_passphrase(key_context(request.name), request.passphrase.expose(), row.bytes(1));
  if (!d) return base::fail(base::Code::denied, "wrong passphrase for the key " + request.name);
  HEQI_TRY(const crypto::PrivateKey key, crypto::PrivateKey::decode(d->expose()));
  HEQI_TRY(const crypto::Signature signature, crypto::sign(key, request.message, random_));
  return x509::encode_signature(signature);
}

base::Result<base::Bytes> ServiceKeys::mac(const NamedOctets& request) {
  const std::size_t slash = request.name.find('/');
  const std::string name = request.name.substr(0, slash);
  if (slash == std::string::npos && kIdentityMac.starts_with(name + "/"))
    return base::fail(base::Code::denied, "what " + name + " makes are keys; name one of them");
  HEQI_TRY(const base::SecretBytes key, mac_key(name));
  base::SecretBytes used = key.clone();
  if (slash != std::string::npos) {
    const base::ByteView label = base::bytes_of(request.name).subspan(slash + 1);
    crypto::Digest derived = crypto::hmac_sm3(key.expose(), label);
    used = base::SecretBytes::copy_of(derived);
    base::secure_wipe(derived.data(), derived.size());
  }
  const crypto::Digest digest = crypto::hmac_sm3(used.expose(), request.octets.expose());
  return base::Bytes(digest.begin(), digest.end());
}

base::Result<base::SecretBytes> ServiceKeys::mac_key(const std::string& name) {
  base::SecretBytes drawn(kMacKeySize);
  HEQI_TRY(random_.fill(drawn.expose_mutable()));
  const SealContext context{"mac-key", name, 1};
  HEQI_TRY(const base::Bytes fresh, wrapping_.seal(context, drawn.expose(), random_));
  HEQI_TRY(const sql::Row row,
           database_.with_transaction([&](sql::Transaction& tx) -> base::Result<sql::Row> {
             HEQI_TRY(
                 tx.execute("INSERT INTO module_macs (name, sealed, created_at) "
                            "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                            name, fresh, clock_.now()));
             return tx.get_row("SELECT sealed FROM module_macs WHERE name = ?1", name);
           }));
  return wrapping_.open(context, row.bytes(0));
}

base::Result<base::Bytes> ServiceKeys::seal(const NamedOctets& request) {
  return wrapping_.seal({"sealed", request.name, 1}, request.octets.expose(), random_);
}

base::Result<base::SecretBytes> ServiceKeys::open(const NamedOctets& request) {
  return wrapping_.open({"sealed", request.name, 1}, request.octets.expose());
}

base::Result<EncryptionKey> ServiceKeys::make_encryption_key(const std::string& name) {
  HEQI_TRY(const crypto::PrivateKey key, crypto::PrivateKey::generate(random_));
  const auto d = key.encode();
  HEQI_TRY(base::Bytes sealed, wrapping_.seal({"sealed", name, 1}, d.expose(), random_));
  return EncryptionKey{base::to_bytes(key.public_key().encode()), std::move(sealed)};
}

base::Result<EncryptionKey> ServiceKeys::envelop(const EnvelopRequest& request) {
  HEQI_TRY(const crypto::PublicKey receiver, crypto::PublicKey::decode(request.receiver));
  HEQI_TRY(const base::SecretBytes d, wrapping_.open({"sealed", request.name, 1}, request.sealed));
  HEQI_TRY(const crypto::PrivateKey key, crypto::PrivateKey::decode(d.expose()));
  HEQI_TRY(base::Bytes enveloped, x509::seal_enveloped_key(key, receiver, random_));
  return EncryptionKey{base::to_bytes(key.public_key().encode()), std::move(enveloped)};
}

base::Result<crypto::PrivateKey> ServiceKeys::open_key(const std::string& name, Purpose purpose) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT purpose, sealed FROM module_keys WHERE name = ?1 AND protection = 0",
                      name);
  }));
  if (row.int64(0) != static_cast<int>(purpose))
    return base::fail(base::Code::denied, "the key " + name + " is of another purpose");
  HEQI_TRY(const base::SecretBytes d, wrapping_.open(key_context(name), row.bytes(1)));
  return crypto::PrivateKey::decode(d.expose());
}

base::Status ServiceKeys::remove(const std::string& name, Purpose purpose) {
  HEQI_TRY(open_key(name, purpose));
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("DELETE FROM module_keys WHERE name = ?1 AND purpose = ?2", name,
                      static_cast<int>(purpose));
  }));
  return {};
}

base::Result<const crypto::PrivateKey*> ServiceKeys::private_key(const std::string& name) {
  HEQI_TRY(const Opened* opened, open_cached(name));
  return &opened->key;
}

}  // namespace heqi::keys
