// judgement.h: what the steps of one verification share.
#pragma once
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/seal/verify.h>
#include <heqi/documents/verify/verify.h>
#include <heqi/pki/cms.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/tsp.h>

#include "hashes.h"

namespace heqi::documents::verify {

// Stored is what the file brings along: the DSS, and what messages carry. Nothing of it is trusted.
struct Stored {
  std::vector<x509::Certificate> certificates;
  std::vector<pki::Crl> crls;
  std::vector<pki::OcspAnswer> ocsp_answers;
  std::optional<std::size_t> since;  // the first revision whose catalog has a DSS
};
base::Result<Stored> read_stored(const pdf::Document& document);

// Context is one verification.
struct Context {
  base::ByteView file;
  const pdf::Document& document;
  const VerifyOptions& options;
  pki::Algorithms algorithms;
  const FileHashes& hashes;
  Stored stored;

  pki::PathOptions path_options(base::Time at) const;
};

// Judged is a signature on its way to its report.
struct Judged {
  pdf::SignatureDictionary dictionary;
  SignatureReport report;
  pki::Content content;  // the signed octets
  // What stands in /Contents: one of the two.
  std::optional<pki::SignedData> message;
  std::optional<seal::SealedSignature> sealed;
  std::optional<x509::Certificate> certificate;
  // token is a document time-stamp itself, or the one in the message of a signature.
  std::optional<pki::TimeStampEvidence> token;
  std::optional<pki::PathResult> maker_path;  // of the maker of the seal
  bool unprotected = false;                   // has content that only a later signature protects

  void find(Reason reason, std::string evidence = {},
            std::optional<std::uint64_t> offset = std::nullopt) {
    report.findings.push_back({reason, std::move(evidence), offset});
  }
  // holds: arithmetic and coverage are good, whatever is thought of the certificate.
  bool holds() const {
    return report.integrity == Integrity::intact && report.signature == SignatureValue::valid &&
           (report.coverage == Coverage::whole_document ||
            report.coverage == Coverage::whole_revision);
  }
};

// judge_coverage looks at /ByteRange, /Contents and the revision: axis 4, a part of axis 1.
void judge_coverage(const Context& context, Judged& judged);
// judge_message looks at the message in /Contents: axes 1, 2, 3 and 11, and the time that its
// time-stamp proves.
void judge_message(const Context& context, Judged& judged);
// judge_sealed is judge_message for a sealed signature; what is thought of the seal comes with the
// times.
void judge_sealed(const Context& context, Judged& judged, base::ByteView der);
// judge_seal looks at the seal at the time that report states: axis 10.
void judge_seal(const Context& context, Judged& judged);
// judge_own_stamp looks at the time-stamp over a signature's value.
void judge_own_stamp(const Context& context, Judged& judged, base::ByteView token,
                     base::ByteView value);
void judge_strength(Judged& judged, const asn1::Oid& digest, const asn1::Oid& signature);
// judge_later_changes compares the signed revision with the file: axes 5 and 6.
void judge_later_changes(const Context& context, Judged& judged, const std::vector<Judged>& all,
                         std::size_t& budget);
// certification_of is the DocMDP level that a signature dictionary states, where it can be read.
std::optional<int> certification_of(const pdf::Document& document,
                                    const pdf::Dictionary* signature);
// judge_times orders what is proved, then judges certificates at these times: axes 7, 8 and 9.
void judge_times(const Context& context, std::vector<Judged>& all);

// judge_hybrid tells what readers without cross-reference streams do not see, now and in what was
// signed; a note where none of it is shown.
base::Status judge_hybrid(const pdf::Document& document, const std::vector<Judged>& all,
                          Report& report);

Identity identity_of(const x509::Certificate& certificate);

}  // namespace heqi::documents::verify
