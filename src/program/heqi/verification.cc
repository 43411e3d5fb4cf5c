#include "verification.h"

#include <heqi/base/json.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/second_opinion/opinion.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/verify.h>

namespace heqi::program {

base::Result<documents::verify::Report> verify_document(base::ByteView file,
                                                        const pki::TrustStore& anchors,
                                                        const pki::Algorithms& algorithms,
                                                        base::Time now, const Evidence& evidence,
                                                        std::function<void()> second_begins) {
  if (documents::ofd::is_package(file)) {
    documents::ofd::VerifyOptions of_package;
    of_package.trust = anchors;
    of_package.now = now;
    of_package.signatures = &algorithms.signatures;
    of_package.digests = &algorithms.digests;
    of_package.intermediates = evidence.certificates;
    of_package.crls = evidence.crls;
    of_package.ocsp_answers = evidence.ocsp_answers;
    of_package.seal_status = evidence.seal_status;
    return documents::ofd::verify_ofd(file, of_package);
  }
  documents::verify::VerifyOptions options;
  options.trust = anchors;
  options.now = now;
  options.signatures = &algorithms.signatures;
  options.digests = &algorithms.digests;
  options.intermediates = evidence.certificates;
  options.crls = evidence.crls;
  options.ocsp_answers = evidence.ocsp_answers;
  options.seal_status = evidence.seal_status;
  options.second_reader = [begins = std::move(second_begins)](base::ByteView whole) {
    if (begins) begins();
    return documents::second_opinion::compare_readers(whole);
  };
  return documents::verify::verify_pdf(file, options);
}

base::Result<std::string> verification_report(base::ByteView file, const pki::TrustStore& anchors,
                                              const pki::Algorithms& algorithms,
                                              const base::Clock& clock) {
  HEQI_TRY(const documents::verify::Report report,
           verify_document(file, anchors, algorithms, clock.now()));
  return documents::verify::to_json(report);
}

std::string unreadable_json(std::string_view path, const base::Error& error) {
  const base::ErrorText& text = base::error_text(error.code);
  base::JsonWriter json;
  json.begin_object().field("file", path).key("error").begin_object();
  json.field("id", text.id)
      .field("text_en", text.english)
      .field("text_zh", text.chinese)
      .field("detail", error.detail)
      .end_object()
      .end_object();
  return json.str();
}

}  // namespace heqi::program
