// judgement.h: the verification of one package, while it goes on.
#pragma once
#include <heqi/documents/evidence/verify.h>
#include <heqi/pki/path.h>

#include "manifest.h"

namespace heqi::documents::evidence {

struct Judgement {
  const PackageCheck& check;
  const ofd::Package& package;
  Helpers helpers;
  std::vector<Finding> unreadable;  // helpers that could not be read; told once they are listed
  Manifest manifest;
  PackageReport report;

  void find(Fault fault, std::string_view where, std::string_view detail) {
    report.findings.push_back({fault, std::string(where), std::string(detail)});
  }
  // path_options are those of every chain in the package, for a purpose that the caller adds.
  pki::PathOptions path_options() const;
};

// fault_of says what a chain's status means: untrusted (the second) where more trust or a list
// could still settle it, else invalid (the first).
Fault fault_of(pki::PathStatus status, Fault invalid, Fault untrusted);

// Each finds what is wrong and adds what it learnt to the report.
void judge_signature(Judgement& on);
void judge_entries(Judgement& on);
void judge_document(Judgement& on);
void judge_moments(Judgement& on);  // after judge_document

}  // namespace heqi::documents::evidence
