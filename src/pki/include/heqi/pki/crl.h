// heqi/pki/crl.h: certificate revocation lists (RFC 5280 §5, GB/T 20518).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/pki/algorithms.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::pki {

inline constexpr std::size_t kCrlEntriesMax = 1'000'000;

// RevocationReason is CRLReason (RFC 5280 §5.3.1).
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6,
  remove_from_crl = 8,
  privilege_withdrawn = 9,
  aa_compromise = 10,
};
std::string_view name_of(RevocationReason reason);
// parse_reason refuses numbers that the standard does not define, with malformed.
base::Result<RevocationReason> parse_reason(std::int64_t number);

// RevokedEntry is one certificate that its issuer no longer stands for.
struct RevokedEntry {
  base::Bytes serial;  // unsigned, big-endian, without leading zeros
  base::Time revoked_at;
  std::optional<RevocationReason> reason;
  std::optional<base::Time> invalidity_date;
};

// CrlBody is what an issuer states in one list.
struct CrlBody {
  x509::Name issuer;
  base::Time this_update;
  std::optional<base::Time> next_update;
  std::vector<RevokedEntry> revoked;     // any order; written as given
  base::Bytes number;                    // cRLNumber, unsigned; empty: none
  base::Bytes authority_key_identifier;  // empty: none
  base::Bytes base_number = {};          // of a delta list: the full list it adds to; else empty
  std::vector<std::string> freshest_urls = {};  // freshestCRL of a full list: where deltas are
};

// encode_crl_body makes TBSCertList; empty lists leave revokedCertificates out.
base::Result<base::Bytes> encode_crl_body(const CrlBody& body,
                                          const x509::AlgorithmIdentifier& algorithm);
// assemble_crl joins TBSCertList, the algorithm and the signature octets.
base::Bytes assemble_crl(base::ByteView tbs, const x509::AlgorithmIdentifier& algorithm,
                         base::ByteView signature);
// make_crl encodes the body, has it signed, and assembles.
base::Result<base::Bytes> make_crl(const CrlBody& body, x509::Signer& signer);

// Crl is a parsed list. It owns its DER.
struct Crl {
  CrlBody body;  // revoked is sorted by serial
  x509::AlgorithmIdentifier signature_algorithm;
  base::Bytes der;
  base::Bytes signature;
  std::size_t tbs_offset = 0, tbs_size = 0;
  // Issuing distribution point (§5.2.5): which certificates the list speaks of. Where URLs are
  // stated, only of certificates that name one of them.
  std::vector<std::string> distribution_urls;
  bool only_user_certificates = false;
  bool only_ca_certificates = false;

  base::ByteView tbs() const { return base::ByteView(der).subspan(tbs_offset, tbs_size); }
};

// parse_crl reads one DER CertificateList of version 1 or 2. Delta lists, indirect lists, lists of
// some reasons only and unknown critical extensions are refused with unsupported.
base::Result<Crl> parse_crl(base::ByteView der);
// parse_delta_crl reads a delta list (§5.2.4), and nothing else: body.base_number is set.
base::Result<Crl> parse_delta_crl(base::ByteView der);

// apply_delta makes the list that full and delta say together (§5.2.4): entries of delta come in,
// those with remove_from_crl go out. Both must be verified. Fails with conflict where they do not
// belong together: another issuer, scope or key, a base beyond full, or a delta that is older. The
// result has the times and the number of delta, and no DER.
base::Result<Crl> apply_delta(const Crl& full, const Crl& delta);

// find_revoked looks up a serial number (leading zeros do not matter).
const RevokedEntry* find_revoked(const Crl& crl, base::ByteView serial);

// verify_crl checks that issuer made the list: names are equal, keyUsage allows cRLSign, the key
// identifier fits where both state one, and the signature verifies. Time is the caller's subject.
base::Status verify_crl(const Crl& crl, const x509::Certificate& issuer,
                        const Algorithms& algorithms);

}  // namespace heqi::pki
