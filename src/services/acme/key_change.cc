// key_change.cc: an account takes another key (RFC 8555 §7.3.5): the old key signs a request whose
// payload the new key has signed.
#include <heqi/services/acme/server.h>

#include <heqi/base/text.h>

#include "problems.h"

namespace heqi::services::acme {

using base::Code;
using base::Result;

namespace {

// check_inner is what §7.3.5 asks of the request inside: by the new key, for the same URL, without
// a nonce of its own.
base::Status check_inner(const Jws& inner, const Jws& outer) {
  if (!inner.key) return base::fail(Code::malformed, "the new key is missing: jwk in the payload");
  if (inner.url != outer.url) return base::fail(Code::malformed, "url inside is another one");
  if (!inner.nonce.empty()) return base::fail(Code::malformed, "the request inside has a nonce");
  return verify_jws(inner, inner.key->public_key);
}

}  // namespace

Result<Answer> Server::change_key(const Account& account, const Jws& jws) {
  HEQI_TRY(const Jws inner, parse_jws(jws.payload));
  HEQI_TRY(check_inner(inner, jws));
  HEQI_TRY(const KeyChange change, parse_key_change(inner.payload));
  if (change.account_url != jws.account_url)
    return base::fail(Code::malformed, "another account is stated");
  if (!(change.old_key.public_key == account.public_key))
    return base::fail(Code::malformed, "oldKey is not the account's key");
  const WebKey& fresh = *inner.key;
  const base::Status changed =
      database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
        HEQI_TRY(
            const std::optional<sql::Row> other,
            tx.find_row("SELECT id FROM acme_accounts WHERE thumbprint = ?1", fresh.thumbprint));
        if (other) return base::fail(Code::conflict, "an account has this key already");
        HEQI_TRY(
            const std::int64_t rows,
            tx.execute("UPDATE acme_accounts SET thumbprint = ?2, public_key = ?3 "
                       "WHERE id = ?1 AND thumbprint = ?4",
                       account.id, fresh.thumbprint, fresh.public_key.der, account.thumbprint));
        if (rows == 0) return base::fail(Code::conflict, "the key was changed meanwhile");
        return {};
      });
  HEQI_TRY(changed);
  log_.info("acme.key_changed", {{"account", account.id}});
  return show(Account{account.id, fresh.public_key, fresh.thumbprint, account.status}, "");
}

}  // namespace heqi::services::acme
