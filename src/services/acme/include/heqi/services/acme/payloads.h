// heqi/services/acme/payloads.h: what stands in the payloads of ACME requests (RFC 8555 §7), read
// before anything is done with it. All fail with malformed, besides what is said.
#pragma once
#include <set>
#include <string>
#include <vector>

#include <heqi/services/acme/jws.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/csr.h>

namespace heqi::services::acme {

inline constexpr std::size_t kNamesMax = 100;  // of one order; docs/limits.md

// AccountWish is a new account (§7.3).
struct AccountWish {
  bool only_existing = false;
  std::string contact;  // one a line, each with its line break
};
base::Result<AccountWish> parse_account_wish(base::ByteView payload);

// parse_account_update says whether the account shall be deactivated (§7.3.6); nothing else of an
// account can change here.
base::Result<bool> parse_account_update(base::ByteView payload);

// parse_order gives the names of a new order (§7.4), sorted, each once. Fails with identity_refused
// where one is no name that is certified here: DNS names in lower case, without wildcards.
base::Result<std::vector<std::string>> parse_order(base::ByteView payload);

// Finalization is the request for an order's certificate (§7.4).
struct Finalization {
  base::Bytes der;
  x509::Csr csr;
  std::set<std::string> names;  // the DNS names that csr asks for, the common name included
};
// parse_finalization fails with ca_lint where the CSR cannot be read or asks for another kind of
// name.
base::Result<Finalization> parse_finalization(base::ByteView payload);

// Revocation asks to revoke a certificate (§7.6).
struct Revocation {
  base::Bytes der;
  x509::Certificate certificate;
  std::int64_t reason = 0;
};
base::Result<Revocation> parse_revocation(base::ByteView payload);

// KeyChange is what the new key has signed (§7.3.5).
struct KeyChange {
  std::string account_url;
  WebKey old_key;
};
base::Result<KeyChange> parse_key_change(base::ByteView payload);

}  // namespace heqi::services::acme
