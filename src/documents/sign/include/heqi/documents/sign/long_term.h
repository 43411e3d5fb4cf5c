// heqi/documents/sign/long_term.h: what keeps signatures provable after the certificates end (ETSI
// EN 319 142-1 §5.4: B-LT, and with a document time-stamp B-LTA).
#pragma once
#include <heqi/documents/pdf/sign.h>
#include <heqi/pki/path.h>
#include <heqi/pki/trust_store.h>

namespace heqi::documents::sign {

// Collected is what a verifier will need, and what could not be had.
struct Collected {
  pdf::ValidationData data;
  std::vector<std::string> missing;  // in English: "field party1: …"; empty: complete
};

// collect_validation_data validates the certificate of every signature of file, of every signature
// time-stamp and document time-stamp, and keeps the chains and the revocation data that decided.
// options says when, and through what lists and answers are fetched. A signature that cannot be
// read is left out and told in missing. Fails where the file cannot be read.
base::Result<Collected> collect_validation_data(base::ByteView file, const pki::TrustStore& anchors,
                                                const pki::PathOptions& options,
                                                const pki::Algorithms& algorithms);

}  // namespace heqi::documents::sign
