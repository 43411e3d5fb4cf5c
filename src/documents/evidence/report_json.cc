// The report as JSON.
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/evidence/verify.h>
#include <heqi/documents/verify/report_json.h>

namespace heqi::documents::evidence {

using base::JsonWriter;

namespace {

void write_time(JsonWriter& json, std::string_view key, const std::optional<base::Time>& time) {
  json.key(key);
  if (time)
    json.text(base::to_rfc3339(*time));
  else
    json.null();
}

void write_signer(JsonWriter& json, const std::optional<verify::Identity>& signer) {
  json.key("signer");
  if (!signer) {
    json.null();
    return;
  }
  json.begin_object()
      .field("subject", signer->subject)
      .field("issuer", signer->issuer)
      .field("serial", signer->serial)
      .field("fingerprint", signer->fingerprint)
      .end_object();
}

void write_party(JsonWriter& json, const Party& party) {
  json.begin_object()
      .field("position", std::int64_t{party.position})
      .field("person", party.person)
      .field("name", party.name)
      .field("field", party.field);
  write_time(json, "signed_at", party.signed_at);
  json.end_object();
}

void write_moment(JsonWriter& json, const MomentReport& moment) {
  json.begin_object().field("operation", moment.operation);
  if (moment.party) json.field("party", std::int64_t{*moment.party}).field("person", moment.person);
  json.field("time", base::to_rfc3339(moment.time)).end_object();
}

void write_finding(JsonWriter& json, const Finding& finding) {
  constexpr std::string_view severities[] = {"note", "indeterminate", "invalid"};
  const FaultText& text = text_of(finding.fault);
  json.begin_object()
      .field("code", text.name)
      .field("severity", severities[static_cast<std::size_t>(text.severity)])
      .field("english", text.english)
      .field("chinese", text.chinese)
      .field("where", finding.where)
      .field("detail", finding.detail)
      .end_object();
}

}  // namespace

std::string to_json(const PackageReport& report) {
  JsonWriter json;
  json.begin_object()
      .field("verdict", verify::name_of(report.verdict))
      .field("size", static_cast<std::int64_t>(report.size));
  json.key("digest").begin_object();
  json.field("algorithm", "SM3").field("value", report.digest).end_object();
  json.field("evaluated_at", base::to_rfc3339(report.evaluated_at));
  write_signer(json, report.signer);
  write_time(json, "signed_at", report.signed_at);
  json.field("contract", report.contract).field("title", report.title).field("owner", report.owner);
  json.key("parties").begin_array();
  for (const Party& one : report.parties) write_party(json, one);
  json.end_array().key("moments").begin_array();
  for (const MomentReport& one : report.moments) write_moment(json, one);
  json.end_array().key("document");
  if (report.document)
    json.raw(verify::to_json(*report.document));
  else
    json.null();
  json.key("findings").begin_array();
  for (const Finding& one : report.findings) write_finding(json, one);
  json.end_array().end_object();
  return json.str();
}

}  // namespace heqi::documents::evidence
