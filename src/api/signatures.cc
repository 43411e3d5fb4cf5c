#include "caller.h"

#include <heqi/base/text.h>
#include <heqi/pki/cms.h>
#include <heqi/x509/signature_verifier.h>

namespace heqi::api {

using device::SignatureForm;
using http::Request;
using http::Response;
using services::mss::TransactionStatus;

base::JsonWriter signature_json(const TransactionStatus& status) {
  base::JsonWriter json;
  json.begin_object()
      .field("transaction", status.id)
      .field("ap_transaction", status.ap_transaction_id)
      .field("form", status.form == SignatureForm::seal ? "seal" : "signature")
      .field("state", status.state)
      .field("step", status.step)
      .field("status_code", std::int64_t{status.etsi_status})
      .field("created_at", base::to_rfc3339(status.created_at))
      .field("deadline", base::to_rfc3339(status.deadline));
  if (!status.code.empty()) json.field("code", status.code);
  if (!status.result) return json;
  if (status.form != SignatureForm::seal)
    json.field("signed_attributes", base::to_base64(status.result->signed_attributes));
  json.field("signature", base::to_base64(status.result->signature))
      .field("certificate", base::to_base64(status.result->certificate));
  return json;
}

namespace {

base::Result<Response> status_answer(const TransactionStatus& status, int code = 200) {
  base::JsonWriter json = signature_json(status);
  return Response::json(json.end_object(), code);
}

// read_form: what is signed, "data" by way of attributes, or "data" as it is, which is then what
// GB/T 38540 has signed with a seal.
base::Result<SignatureForm> read_form(http::JsonReader& reader) {
  HEQI_TRY(const auto form, reader.optional_text("form", {.size_max = 16}));
  if (!form || *form == "signature") return SignatureForm::cms_attributes;
  if (*form == "seal") return SignatureForm::seal;
  return base::fail(base::Code::malformed, "form is signature or seal");
}

// submit is GB/T 38646 §8.1.1.
base::Result<Response> submit(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(const http::Json body,
           http::parse_json(request.body, {.size_max = http::kUploadSizeMax}));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::mss::SignatureRequest wanted;
  HEQI_TRY(wanted.ap_transaction_id, reader.required_text("ap_transaction", {.size_max = 128}));
  HEQI_TRY(wanted.signer_id, reader.required_text("signer", {.size_max = 64}));
  HEQI_TRY(wanted.data, reader.required_base64("data", services::mss::kDataSizeMax));
  HEQI_TRY(wanted.title, reader.required_text("title", {.size_max = 200}));
  HEQI_TRY(wanted.statement, reader.required_base64("statement", 16'384));
  HEQI_TRY(wanted.statement_certificate, reader.required_base64("certificate", 16'384));
  HEQI_TRY(const auto timeout, reader.optional_integer("timeout_s", {.min = 10, .max = 604'800}));
  HEQI_TRY(wanted.form, read_form(reader));
  HEQI_TRY(reader.finish());
  if (timeout) wanted.timeout = std::chrono::seconds(*timeout);
  wanted.trusted_cas = {services.default_ca};
  HEQI_TRY(const TransactionStatus status, services.transactions.submit(caller.id, wanted));
  return status_answer(status, 202);
}

// wants_message: the application asks for the signed message in place of the bare value (§2).
base::Result<bool> wants_message(const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"form"}));
  HEQI_TRY(const auto form, request.query_text("form"));
  if (form && *form != "value" && *form != "message")
    return base::fail(base::Code::malformed, "form is value or message");
  return form && *form == "message";
}

// message_of is the signature as a signed message with its certificate, detached (GB/T 25064).
base::Result<base::Bytes> message_of(const services::mss::SignatureResult& result) {
  HEQI_TRY(const x509::Certificate signer, x509::parse_certificate(result.certificate));
  pki::SignedDataParts parts;
  parts.signed_attributes = result.signed_attributes;
  parts.signature_algorithm = x509::sm2_with_sm3_algorithm();
  parts.signature = result.signature;
  return pki::assemble_signed_data(parts, signer);
}

// query is §8.1.3.
base::Result<Response> query(Services& services, const Request& request) {
  HEQI_TRY(const bool as_message, wants_message(request));
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(TransactionStatus status,
           services.transactions.query(caller.id, request.path_text("transaction")));
  if (!as_message || !status.result) return status_answer(status);
  if (status.form == SignatureForm::seal)
    return base::fail(base::Code::malformed, "a seal is handed over as its value: form=value");
  HEQI_TRY(const base::Bytes message, message_of(*status.result));
  status.result.reset();
  base::JsonWriter json = signature_json(status);
  return Response::json(json.field("message", base::to_base64(message)).end_object());
}

base::Result<Response> cancel(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 200}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const TransactionStatus status,
           services.transactions.cancel(caller.id, request.path_text("transaction"), reason));
  return status_answer(status);
}

}  // namespace

void add_signature_routes(http::Router& router, Services& services) {
  const std::string one = "/api/v1/signatures/{transaction}";
  router.post("/api/v1/signatures", [&](const Request& r) { return submit(services, r); },
              {.body_size_max = http::kUploadSizeMax});
  router.get(one, [&](const Request& r) { return query(services, r); });
  router.post(one + "/cancel", [&](const Request& r) { return cancel(services, r); });
}

}  // namespace heqi::api
