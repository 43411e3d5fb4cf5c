// judgement.h: what the steps of one verification share.
#pragma once
#include <set>

#include <heqi/documents/ofd/signature_file.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/pki/path.h>

namespace heqi::documents::ofd {

struct Context {
  const Package& package;
  const std::vector<Body>& bodies;
  const VerifyOptions& options;
  pki::Algorithms algorithms;

  pki::PathOptions path_options(base::Time at) const;
};

// Judged is a signature on its way to its report.
struct Judged {
  std::size_t body = 0;
  SignatureEntry entry;
  std::optional<SignatureFile> file;  // nullopt where it cannot be read
  std::set<std::string> referred;     // parts with a digest in Signature.xml
  bool seal_part_is_seal = false;     // the file beside the signature is the seal that was used
  verify::SignatureReport report;

  void find(verify::Reason reason, std::string evidence = {}) {
    report.findings.push_back({reason, std::move(evidence), std::nullopt});
  }
  // owns: the part belongs to this signature itself.
  bool owns(std::string_view part) const {
    if (part == entry.part || (file && part == file->value_part)) return true;
    return seal_part_is_seal && part == file->seal_part;
  }
};

// judge_references compares every referred part with its digest: integrity and a part of policy.
void judge_references(const Context& context, Judged& judged);
// judge_coverage looks for parts that the signature leaves open; all are the signatures of the
// file.
void judge_coverage(const Context& context, Judged& judged, const std::vector<Judged>& all);
// judge_value looks at SignedValue: a sealed signature, a message, or neither.
void judge_value(const Context& context, Judged& judged);
// judge_stamps looks where the seal shows.
void judge_stamps(const Context& context, Judged& judged);

// judge_seal and judge_message are the two kinds of SignedValue, over the octets of Signature.xml.
void judge_seal(const Context& context, Judged& judged, base::ByteView value, base::ByteView xml);
void judge_message(const Context& context, Judged& judged, base::ByteView value,
                   base::ByteView xml);
// take_path notes what a path says of the signer's certificate.
void take_path(Judged& judged, pki::PathResult path);
void judge_strength(Judged& judged, const asn1::Oid& digest, const asn1::Oid& signature);

}  // namespace heqi::documents::ofd
