// The signed file: its own verdict, the original that it begins with, and who signed it.
#include <algorithm>

#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::evidence {

using base::ByteView;
using base::Result;

namespace {

// judge_party: a signature in the party's field, by a certificate that states the party's id.
void judge_party(Judgement& on, const Party& party) {
  for (const verify::SignatureReport& one : on.report.document->signatures) {
    if (one.field != party.field) continue;
    if (!one.path || one.path->chain.empty()) continue;
    const auto person = one.path->chain.front().subject().find(x509::oids::serial_number());
    if (person == party.person) return;
  }
  on.find(Fault::party_differs, kDocumentName,
          "no signature of " + party.person + " in the field " + party.field);
}

}  // namespace

void judge_document(Judgement& on) {
  const Result<ByteView> document = on.package.read(kDocumentName);
  const Result<ByteView> original = on.package.read(kOriginalName);
  if (!document) return on.find(Fault::entry_missing, kDocumentName, document.error().detail);
  if (!original) return on.find(Fault::entry_missing, kOriginalName, original.error().detail);
  Result<verify::Report> report = on.check.judge_document(*document, on.helpers);
  if (!report) return on.find(Fault::document_invalid, kDocumentName, report.error().detail);
  on.report.document = *std::move(report);
  const Verdict verdict = on.report.document->verdict;
  const std::string said(verify::name_of(verdict));
  if (verdict == Verdict::indeterminate)
    on.find(Fault::document_undecided, kDocumentName, said);
  else if (verify::exit_code_of(verdict) != 0)
    on.find(Fault::document_invalid, kDocumentName, said);
  // Signatures are incremental updates: the octets of the original stay where they were.
  if (original->empty() || document->size() < original->size() ||
      !base::same_bytes(document->first(original->size()), *original))
    on.find(Fault::original_differs, kOriginalName, "");
  if (on.manifest.parties.empty()) on.find(Fault::party_differs, kManifestName, "it has no party");
  for (const Party& party : on.manifest.parties) judge_party(on, party);
}

}  // namespace heqi::documents::evidence
