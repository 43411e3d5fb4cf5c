#include "two_phases.h"

#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/certificate.h>

#include "sign_pdf.h"

namespace heqi::program {

using base::Result;
using documents::sign::Pending;

Result<Pending> begin_signature(base::ByteView file, const FirstPhase& wish) {
  HEQI_TRY(const auto certificates, x509::parse_certificates_pem(wish.certificates));
  if (certificates.empty()) return base::fail(base::Code::not_found, "no certificate (PEM)");
  documents::sign::Wish made;
  HEQI_TRY(made.names, names_of_profile(wish.profile));
  made.signer = certificates.front();
  made.chain.assign(certificates.begin() + 1, certificates.end());
  made.place.field = wish.field;
  made.place.name = made.signer.subject().common_name();
  made.place.reason = wish.reason;
  made.place.time = wish.time;
  return documents::sign::prepare(file, made,
                                  pki::FunctionDigester(ossl::digest, ossl::digest_parts));
}

Result<base::Bytes> end_signature(base::ByteView file, const Pending& pending, base::Bytes value) {
  documents::sign::Value made{{}, std::move(value)};
  HEQI_TRY(made.algorithm, documents::sign::algorithm_for(pending.signer.public_key()));
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests(ossl::digest, ossl::digest_parts);
  HEQI_TRY(pending.check_file(file, digests));
  return documents::sign::finish(pending, made, {}, {*signatures, digests});
}

void write_finding(base::JsonWriter& json, const documents::pdf::LintFinding& finding) {
  const documents::pdf::LintText& text = documents::pdf::text_of(finding.lint);
  json.begin_object()
      .field("code", text.name)
      .field("weight", text.weight == documents::pdf::LintWeight::refuse ? "refuse" : "tell")
      .field("object", std::int64_t{finding.object})
      .field("english", text.english)
      .field("chinese", text.chinese)
      .field("evidence", finding.evidence)
      .end_object();
}

}  // namespace heqi::program
