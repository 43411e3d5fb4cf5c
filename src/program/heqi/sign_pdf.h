// sign_pdf.h: a signature inside a PDF file, from the command line: key and time-stamp authority at
// hand, the file as large as it is.
#pragma once
#include <optional>
#include <string>

#include <heqi/base/fetch.h>
#include <heqi/documents/pdf/filter_names.h>
#include <heqi/documents/pdf/lint.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/seal/seam.h>
#include <heqi/pki/trust_store.h>

#include "progress.h"
#include "signing_key.h"

namespace heqi::program {

// Level is the PAdES baseline level (ETSI EN 319 142-1 §6).
enum class Level : std::uint8_t { b, t, lt, lta };
std::optional<Level> parse_level(std::string_view text);  // b, t, lt, lta in either case

// PdfWish is what the command line says.
struct PdfWish {
  std::string input, output;
  std::string profile;  // pades, gm, or a reader of filter_names.def; empty: by what is signed
  Level level = Level::b;
  std::string time_stamp_url;                    // for t and above
  std::string field;                             // empty: the first one that is not signed
  std::optional<documents::pdf::Placement> box;  // where a field is made if there is none
  std::string
      seal;  // file of a seal to sign with; its picture stands at box, whose size is its own
  std::optional<documents::seal::SeamRequest> seam;  // the seal goes across all pages' edges, too
  std::string reason, location;
  documents::pdf::Certification certification = documents::pdf::Certification::none;
  pki::TrustStore trust;                      // for lt and above
  std::vector<documents::pdf::Lint> despite;  // findings that do not stop it
};

// Signed is what was done.
struct Signed {
  std::string field;
  std::uint64_t size = 0;     // of the new file
  std::string signed_digest;  // of what was signed, hexadecimal
  std::string digest_algorithm;
};

// sign_pdf signs input with key into output. Nothing is left at output where it fails. Fails as the
// layers below, with malformed where options do not fit each other, and with unsupported where the
// lint finds what may show otherwise elsewhere (GB/T 25065). progress hears each step.
base::Result<Signed> sign_pdf(const PdfWish& wish, SigningKey& key, base::Fetch& fetch,
                              const base::Clock& clock, base::Random& random, Progress& progress);

// parse_box reads PAGE:X,Y or PAGE:X,Y,W,H: pages count from 1, millimetres from the upper left
// corner.
base::Result<documents::pdf::Placement> parse_box(const std::string& text);
// names_of_profile is the row of filter_names.def that a profile means. Fails with not_found.
base::Result<documents::pdf::FilterNames> names_of_profile(std::string_view profile);

}  // namespace heqi::program
