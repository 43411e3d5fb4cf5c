// two_phases.h: a signature in a PDF whose key is elsewhere: what is to be signed, and what is
// appended once it is. For the command line and the document service alike.
#pragma once
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/json.h>
#include <heqi/documents/pdf/lint.h>
#include <heqi/documents/sign/pending.h>

namespace heqi::program {

// FirstPhase is what the caller wants; certificates are PEM, the signer's first, then its chain.
struct FirstPhase {
  std::string certificates, field, profile = "pades", reason;
  base::Time time{};
};
// begin_signature fails with not_found (no certificate, no such profile) and as sign::prepare.
base::Result<documents::sign::Pending> begin_signature(base::ByteView file, const FirstPhase& wish);

// end_signature is what is appended to file for value, the signature octets (SM2, ECDSA: DER).
// Fails as Pending::check_file and sign::finish.
base::Result<base::Bytes> end_signature(base::ByteView file,
                                        const documents::sign::Pending& pending, base::Bytes value);

// write_finding writes one object of what a lint found.
void write_finding(base::JsonWriter& json, const documents::pdf::LintFinding& finding);

}  // namespace heqi::program
