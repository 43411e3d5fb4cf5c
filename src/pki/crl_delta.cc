// crl_delta.cc: a full list and what changed since (RFC 5280 §5.2.4).
#include <heqi/pki/crl.h>

#include <algorithm>

namespace heqi::pki {

using base::Bytes;
using base::Code;

namespace {

bool is_below(const Bytes& a, const Bytes& b) {  // of numbers without leading zeros
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool same_scope(const Crl& a, const Crl& b) {
  return a.only_ca_certificates == b.only_ca_certificates &&
         a.only_user_certificates == b.only_user_certificates &&
         a.distribution_urls == b.distribution_urls;
}

base::Status check_pair(const Crl& full, const Crl& delta) {
  if (!full.body.base_number.empty() || delta.body.base_number.empty())
    return base::fail(Code::conflict, "not a full list and a delta list");
  if (!full.body.issuer.matches(delta.body.issuer) || !same_scope(full, delta) ||
      full.body.authority_key_identifier != delta.body.authority_key_identifier)
    return base::fail(Code::conflict, "the delta list is of another issuer or scope");
  if (full.body.number.empty() || is_below(full.body.number, delta.body.base_number))
    return base::fail(Code::conflict, "the delta list adds to a later full list");
  if (is_below(delta.body.number, full.body.number) ||
      delta.body.this_update < full.body.this_update)
    return base::fail(Code::conflict, "the delta list is older than the full list");
  return {};
}

}  // namespace

base::Result<Crl> apply_delta(const Crl& full, const Crl& delta) {
  HEQI_TRY(check_pair(full, delta));
  Crl out = full;
  out.der.clear();
  out.signature.clear();
  out.tbs_offset = out.tbs_size = 0;
  out.body.number = delta.body.number;
  out.body.this_update = delta.body.this_update;
  out.body.next_update = delta.body.next_update;
  std::erase_if(out.body.revoked, [&](const RevokedEntry& entry) {
    return find_revoked(delta, entry.serial) != nullptr;
  });
  std::copy_if(
      delta.body.revoked.begin(), delta.body.revoked.end(), std::back_inserter(out.body.revoked),
      [](const RevokedEntry& entry) { return entry.reason != RevocationReason::remove_from_crl; });
  std::sort(
      out.body.revoked.begin(), out.body.revoked.end(),
      [](const RevokedEntry& a, const RevokedEntry& b) { return is_below(a.serial, b.serial); });
  return out;
}

}  // namespace heqi::pki
