#include "document_service.h"

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/twin/twin.h>
#include <heqi/http/multipart.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>

#include "pin_entry.h"
#include "rendering.h"
#include "seam_field.h"
#include "sign_pdf.h"
#include "two_phases.h"
#include "verification.h"

namespace heqi::program {

namespace pdf = documents::pdf;
using base::Code;
using base::fail;
using base::Result;
using http::Request;
using http::Response;

namespace {

constexpr std::size_t kPendingSizeMax = std::size_t{64} << 20;  // docs/limits.md
constexpr std::size_t kSmallPartMax = std::size_t{1} << 20;
constexpr std::uint64_t kPagesMax = 1'000'000, kDpiMax = 2'400;
constexpr std::string_view kBearer = "Bearer ";

// Form finds the parts of a form by their names.
class Form {
 public:
  static Result<Form> parse(const Request& request) {
    Form form;
    HEQI_TRY(form.parts_,
             http::parse_multipart(request.header("content-type").value_or(""), request.body));
    return form;
  }
  Result<base::ByteView> get(std::string_view name, std::size_t size_max) const {
    for (const http::Part& part : parts_) {
      if (part.name != name) continue;
      if (part.body.size() > size_max)
        return fail(Code::limit_exceeded, "part " + std::string(name));
      return part.body;
    }
    return fail(Code::malformed, "the form has no part " + std::string(name));
  }
  std::string text(std::string_view name, std::string_view otherwise) const {
    for (const http::Part& part : parts_)
      if (part.name == name) return std::string(base::text_of(part.body));
    return std::string(otherwise);
  }

 private:
  std::vector<http::Part> parts_;
};

Result<Response> verify(const DocumentService& service, const Request& request) {
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests(ossl::digest, ossl::digest_parts);
  HEQI_TRY(std::string report, verification_report(request.body, service.anchors,
                                                   {*signatures, digests}, service.clock));
  return Response::json_text(std::move(report));
}

Result<Response> inspect(const DocumentService&, const Request& request) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(request.body));
  HEQI_TRY(const auto findings, pdf::lint(document));
  base::JsonWriter json;
  json.begin_object().key("findings").begin_array();
  for (const pdf::LintFinding& one : findings) write_finding(json, one);
  json.end_array().end_object();
  return Response::json(json);
}

Result<Response> render(const DocumentService&, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"page", "dpi"}));
  HEQI_TRY(const auto page, request.query_number("page", kPagesMax));
  HEQI_TRY(const auto dpi, request.query_number("dpi", kDpiMax));
  RenderRequest wish;
  if (page == 0u || dpi == 0u) return fail(Code::malformed, "page and dpi count from 1");
  wish.page = static_cast<std::size_t>(page.value_or(1)) - 1;
  wish.pixels_per_mm = static_cast<double>(dpi.value_or(150)) / 25.4;
  HEQI_TRY(Rendered drawn, render_confined(request.body, wish));
  return Response::bytes("image/png", std::move(drawn.octets))
      .with_header("Heqi-SM3", drawn.digest)
      .with_header("Heqi-Pages", std::to_string(drawn.pages));
}

Result<Response> fields(const DocumentService&, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"field"}));
  std::vector<std::string> texts;
  for (const auto& [name, value] : request.query) texts.push_back(value);
  if (texts.empty()) return fail(Code::malformed, "?field=NAME=PAGE:X,Y,W,H");
  HEQI_TRY(const auto wanted, plan_fields(request.body, texts));
  HEQI_TRY(base::Bytes made, pdf::prepare_fields(request.body, wanted));
  return Response::bytes("application/pdf", std::move(made));
}

Result<Response> prepare(const DocumentService& service, const Request& request) {
  HEQI_TRY(const Form form, Form::parse(request));
  HEQI_TRY(const base::ByteView file, form.get("file", http::kUploadSizeMax));
  HEQI_TRY(const base::ByteView pem, form.get("certificate", kSmallPartMax));
  const FirstPhase wish{.certificates = std::string(base::text_of(pem)),
                        .field = form.text("field", ""),
                        .profile = form.text("profile", "pades"),
                        .reason = form.text("reason", ""),
                        .time = std::chrono::floor<std::chrono::seconds>(service.clock.now())};
  if (wish.field.empty()) return fail(Code::malformed, "the form has no part field");
  HEQI_TRY(const auto pending, begin_signature(file, wish));
  base::JsonWriter json;
  json.begin_object()
      .field("pending", base::to_base64(pending.encode()))
      .field("to_sign", base::to_base64(pending.to_sign))
      .field("digest_algorithm", pending.digest_algorithm.dotted())
      .field("digest", base::to_hex(pending.content_digest))
      .end_object();
  return Response::json(json);
}

Result<Response> finish(const DocumentService&, const Request& request) {
  HEQI_TRY(const Form form, Form::parse(request));
  HEQI_TRY(const base::ByteView file, form.get("file", http::kUploadSizeMax));
  HEQI_TRY(const base::ByteView encoded, form.get("pending", kPendingSizeMax));
  HEQI_TRY(const base::Bytes der, base::parse_base64(base::text_of(encoded)));
  HEQI_TRY(const auto pending, documents::sign::Pending::parse(der));
  HEQI_TRY(const base::ByteView octets, form.get("signature", kSmallPartMax));
  HEQI_TRY(const base::Bytes more, end_signature(file, pending, base::to_bytes(octets)));
  return Response::bytes("application/pdf", base::concat({file, more}));
}

Result<Response> convert(const DocumentService& service, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"title"}));
  HEQI_TRY(const auto title, request.query_text("title"));
  documents::twin::TwinWish wish;
  wish.title = title.value_or("document");
  wish.created = std::chrono::floor<std::chrono::seconds>(service.clock.now());
  HEQI_TRY(base::Bytes made, documents::twin::make_ofd_twin(request.body, wish));
  return Response::bytes("application/ofd", std::move(made));
}

base::Status check_token(const base::SecretBytes& token, const Request& request) {
  const std::string stated = request.header("authorization").value_or("");
  if (!stated.starts_with(kBearer) ||
      !same_secret(base::SecretBytes::copy_of(base::bytes_of(stated).subspan(kBearer.size())),
                   token))
    return fail(Code::unauthenticated, "Authorization: Bearer and the token of this service");
  return {};
}

struct Part {
  std::string_view name;
  Result<Response> (*answer)(const DocumentService&, const Request&);
};
constexpr Part kParts[] = {{"verify", verify},  {"inspect", inspect}, {"render", render},
                           {"fields", fields},  {"prepare", prepare}, {"finish", finish},
                           {"convert", convert}};

}  // namespace

void add_document_routes(http::Router& router, const DocumentService& service) {
  for (const Part& part : kParts)
    router.post(std::string(kDocumentServicePath) + std::string(part.name),
                [&service, answer = part.answer](const Request& request) -> Result<Response> {
                  HEQI_TRY(check_token(service.token, request));
                  return answer(service, request);
                },
                {.body_size_max = http::kUploadSizeMax + kPendingSizeMax});
}

}  // namespace heqi::program
