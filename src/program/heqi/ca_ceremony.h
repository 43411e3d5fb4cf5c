// ca_ceremony.h: acts with an authority's keys that happen once, or every few years.
#pragma once
#include "ca_office.h"

namespace heqi::program {

struct HierarchyWish {
  std::string organization, url;
  std::optional<ossl::KeyKind> kind;  // nullopt: SM2
};
// hierarchy_keys are the names of the keys of a hierarchy; make_ca_hierarchy makes all certificates
// of them.
std::vector<std::string> hierarchy_keys();
base::Result<services::ca::Hierarchy> make_ca_hierarchy(const HierarchyWish& wish,
                                                        const OfficeKeys& keys,
                                                        Randomness& randomness);

struct RenewalWish {
  std::string what;       // root-crl, issuing, ocsp, tsa, application
  std::string witnesses;  // two names at least, with commas
};
struct CeremonyOutcome {
  x509::Certificate certificate;  // empty for a list
  std::string transcript_line;
};
// renewing_key names the key that signs what is renewed. Fails with malformed.
base::Result<std::string> renewing_key(std::string_view what);
// hold_renewal writes what will happen into the transcript (ceremonies.log in the folder; each line
// carries the SM3 of the one before it), makes the new certificate or list, replaces the file, and
// writes what came of it. signer is of renewing_key. Fails with malformed (what; fewer than two
// witnesses).
base::Result<CeremonyOutcome> hold_renewal(Office& office, x509::Signer& signer,
                                           const RenewalWish& wish);

}  // namespace heqi::program
