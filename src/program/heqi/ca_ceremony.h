// ca_ceremony.h: acts with an authority's keys that happen once, or every few years.
#pragma once
#include "ca_office.h"

namespace heqi::program {

struct HierarchyWish {
  std::string organization, url;
  std::optional<ossl::KeyKind> kind;  // nullopt: SM2
};
// make_ca_hierarchy makes the keys that are not there yet, and all certificates.
base::Result<services::ca::Hierarchy> make_ca_hierarchy(const HierarchyWish& wish, SealedKeys& keys,
                                                        Randomness& randomness);

struct RenewalWish {
  std::string what;       // root-crl, issuing, ocsp, tsa, application
  std::string witnesses;  // two names at least, with commas
};
struct CeremonyOutcome {
  x509::Certificate certificate;  // empty for a list
  std::string transcript_line;
};
// hold_renewal writes what will happen into the transcript (ceremonies.log in the folder; each line
// carries the SM3 of the one before it), makes the new certificate or list, replaces the file, and
// writes what came of it. Fails with malformed (what; fewer than two witnesses).
base::Result<CeremonyOutcome> hold_renewal(Office& office, const SealedKeys& keys,
                                           const RenewalWish& wish);

}  // namespace heqi::program
