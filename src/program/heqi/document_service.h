// document_service.h: the document services over HTTP: convert, render, place fields, sign in two
// phases, verify (GM/Y 5013 §3.2.4.3). Each request brings its file and nothing is kept; no key is
// ever here, what is signed is signed by the caller's.
#pragma once
#include <heqi/base/clock.h>
#include <heqi/base/secret.h>
#include <heqi/http/router.h>
#include <heqi/pki/trust_store.h>

namespace heqi::program {

inline constexpr std::string_view kDocumentServicePath = "/documents/v1/";

// DocumentService is what the routes need. token is what callers state ("Authorization: Bearer …"),
// 16 octets at least. Thread-safe; outlives the router.
struct DocumentService {
  const base::SecretBytes& token;
  const pki::TrustStore& anchors;
  const base::Clock& clock;
};

// add_document_routes adds, all of them POST and all with unauthenticated for another token:
//   verify             a PDF or OFD → the report as JSON, as heqi verify --json
//   inspect            a PDF → what could show a signer something else (heqi pdf lint), as JSON
//   render?page&dpi    a PDF or OFD → one page as PNG; the header Heqi-SM3 has the file's digest
//   fields?field=…     a PDF → the PDF with empty signature fields, NAME=PAGE:X,Y,W,H in mm, one
//   for
//                      each field parameter
//   prepare            a form: file, certificate (PEM, with its chain), field, reason, profile →
//                      JSON: pending and to_sign, both base64
//   finish             a form: file, pending, signature → the signed PDF
//   convert?title      a PDF from a template of ours → its OFD twin
// Fails as the commands of the same names do.
void add_document_routes(http::Router& router, const DocumentService& service);

}  // namespace heqi::program
