// verification.h: a file's verification report, as the REST interface gives it.
#pragma once
#include <string>

#include <heqi/base/clock.h>
#include <heqi/documents/verify/report.h>
#include <heqi/pki/algorithms.h>
#include <heqi/pki/trust_store.h>

namespace heqi::program {

// verify_document verifies a PDF with our reader, and asks the other one; or an OFD.
base::Result<documents::verify::Report> verify_document(base::ByteView file,
                                                        const pki::TrustStore& anchors,
                                                        const pki::Algorithms& algorithms,
                                                        const base::Clock& clock);

// verification_report verifies a PDF against anchors and returns the report as JSON.
base::Result<std::string> verification_report(base::ByteView file, const pki::TrustStore& anchors,
                                              const pki::Algorithms& algorithms,
                                              const base::Clock& clock);

}  // namespace heqi::program
