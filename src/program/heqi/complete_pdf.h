// complete_pdf.h: what makes signatures last: the certificates and answers about them inside the
// file, and a time-stamp over all of it (PAdES B-LT, B-LTA); at once or years afterwards.
#pragma once
#include <string>

#include <heqi/base/fetch.h>
#include <heqi/pki/path.h>
#include <heqi/pki/trust_store.h>

#include "mapped_file.h"
#include "progress.h"
#include "time_stamp_client.h"

namespace heqi::program {

// Completion appends to a file that is on its way to the disk.
struct Completion {
  GrowingFile& file;
  TimeStampClient& stamps;
  asn1::Oid hash;  // of what is time-stamped
  pki::Algorithms algorithms;
  Progress& progress;

  // add_validation_data gathers what is needed to judge every signature now. Fails with unavailable
  // where a part of it cannot be had.
  base::Status add_validation_data(const pki::TrustStore& trust, base::Fetch& fetch,
                                   base::Time now);
  // add_document_stamp puts a document time-stamp over all that is there.
  base::Status add_document_stamp();
};

// CompletionWish is what the command line says.
struct CompletionWish {
  std::string input, output;
  std::string time_stamp_url;
  pki::TrustStore trust;
};

// complete_pdf makes the signatures of input last and writes output: level B-LTA for those of B and
// T, and one time-stamp more for files that have been completed before. Returns the size of output;
// nothing is left there where it fails. Fails with not_found where nobody has signed, malformed
// where options do not fit, and as Completion.
base::Result<std::uint64_t> complete_pdf(const CompletionWish& wish, base::Fetch& fetch,
                                         const base::Clock& clock, base::Random& random,
                                         Progress& progress);

}  // namespace heqi::program
