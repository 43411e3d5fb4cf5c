// verification.h: a file's verification report, as the REST interface gives it.
#pragma once
#include <functional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/verify/report.h>
#include <heqi/pki/algorithms.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/trust_store.h>

namespace heqi::program {

// Evidence is what a verification is given beside the document. None of it is trusted for being
// here: each item says who signed it, and that is checked.
struct Evidence {
  std::vector<x509::Certificate> certificates;
  std::vector<pki::Crl> crls;
  std::vector<pki::OcspAnswer> ocsp_answers;
  std::vector<documents::seal::SealStatusList> seal_status;
};

// verify_document verifies a PDF with our reader, and asks the other one; or an OFD. now is the
// time for which the question is asked. second_begins is called before the other reader is asked.
base::Result<documents::verify::Report> verify_document(
    base::ByteView file, const pki::TrustStore& anchors, const pki::Algorithms& algorithms,
    base::Time now, const Evidence& evidence = {}, std::function<void()> second_begins = {});

// verification_report verifies a PDF against anchors and returns the report as JSON.
base::Result<std::string> verification_report(base::ByteView file, const pki::TrustStore& anchors,
                                              const pki::Algorithms& algorithms,
                                              const base::Clock& clock);

// unreadable_json is what --json says of a file that cannot be read.
std::string unreadable_json(std::string_view path, const base::Error& error);

}  // namespace heqi::program
