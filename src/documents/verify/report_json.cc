#include <heqi/documents/verify/report_json.h>

#include <heqi/base/json.h>
#include <heqi/base/text.h>

namespace heqi::documents::verify {

using base::JsonWriter;

namespace {

void write_number(JsonWriter& json, std::uint64_t value) {
  json.number(static_cast<std::int64_t>(value));
}

void write_text(JsonWriter& json, std::string_view key, const std::optional<std::string>& value) {
  json.key(key);
  if (value)
    json.text(*value);
  else
    json.null();
}

void write_time(JsonWriter& json, std::string_view key, const std::optional<base::Time>& time) {
  write_text(json, key, time ? std::optional(base::to_rfc3339(*time)) : std::nullopt);
}

void write_known(JsonWriter& json, std::string_view key, const std::string& value) {
  write_text(json, key, value.empty() ? std::nullopt : std::optional(value));
}

void write_findings(JsonWriter& json, const std::vector<Finding>& findings) {
  constexpr std::string_view severities[] = {"note", "indeterminate", "invalid"};
  json.key("findings").begin_array();
  for (const Finding& finding : findings) {
    const ReasonText& text = text_of(finding.reason);
    json.begin_object();
    json.field("code", text.name).field("axis", name_of(text.axis));
    json.field("severity", severities[static_cast<std::size_t>(text.severity)]);
    json.field("english", text.english).field("chinese", text.chinese);
    write_known(json, "evidence", finding.evidence);
    json.key("offset");
    if (finding.offset)
      write_number(json, *finding.offset);
    else
      json.null();
    json.end_object();
  }
  json.end_array();
}

void write_identity(JsonWriter& json, const Identity& identity) {
  json.begin_object();
  json.field("common_name", identity.common_name).field("subject", identity.subject);
  json.field("issuer", identity.issuer).field("serial", identity.serial);
  json.field("fingerprint", identity.fingerprint);
  json.field("not_before", base::to_rfc3339(identity.not_before));
  json.field("not_after", base::to_rfc3339(identity.not_after));
  json.end_object();
}

void write_identity(JsonWriter& json, std::string_view key, const std::optional<Identity>& who) {
  json.key(key);
  if (who)
    write_identity(json, *who);
  else
    json.null();
}

void write_axes(JsonWriter& json, const SignatureReport& one) {
  json.key("axes").begin_object();
  json.field("format", name_of(one.format)).field("integrity", name_of(one.integrity));
  json.field("signature", name_of(one.signature)).field("coverage", name_of(one.coverage));
  json.field("later_changes", name_of(one.later_changes));
  json.field("permissions", name_of(one.permissions));
  json.field("certificate", name_of(one.certificate)).field("time", name_of(one.time));
  json.field("ltv", name_of(one.ltv)).field("seal", name_of(one.seal));
  json.field("policy", name_of(one.policy));
  json.end_object();
}

void write_box(JsonWriter& json, const std::optional<Place>& place) {
  json.key("place");
  if (!place) {
    json.null();
    return;
  }
  json.begin_object().field("page", static_cast<std::int64_t>(place->page));
  json.key("x").number(place->x).key("y").number(place->y);
  json.key("width").number(place->width).key("height").number(place->height).end_object();
}

void write_place(JsonWriter& json, const SignatureReport& one) {
  json.key("byte_range").begin_array();
  for (const std::int64_t number : one.byte_range) json.number(number);
  json.end_array();
  json.key("revision");
  if (one.revision)
    write_number(json, *one.revision);
  else
    json.null();
  json.key("contents").begin_object().key("begin");
  write_number(json, one.contents_begin);
  json.key("end");
  write_number(json, one.contents_end);
  json.end_object();
  write_box(json, one.place);
  write_known(json, "signed_digest", one.signed_digest);
}

void write_times(JsonWriter& json, const SignatureReport& one) {
  write_time(json, "claimed_time", one.claimed_time);
  json.key("best_time");
  if (one.best_time) {
    json.begin_object().field("time", base::to_rfc3339(*one.best_time));
    json.field("source", one.best_time_source).end_object();
  } else {
    json.null();
  }
  write_identity(json, "time_stamp_authority", one.time_stamp_authority);
  write_time(json, "archived_until", one.archived_until);
}

void write_path(JsonWriter& json, const std::optional<pki::PathResult>& path) {
  json.key("chain").begin_array();
  if (path)
    for (const x509::Certificate& one : path->chain) json.text(base::to_base64(one.der()));
  json.end_array().key("revocation").begin_array();
  if (path) {
    for (const pki::RevocationEvidence& one : path->revocation) {
      using Source = pki::RevocationEvidence::Source;
      json.begin_object().key("chain_index");
      write_number(json, one.chain_index);
      json.field("source", one.source == Source::ocsp  ? "ocsp"
                           : one.source == Source::crl ? "crl"
                                                       : "none");
      json.field("status", one.status == pki::CertStatus::good      ? "good"
                           : one.status == pki::CertStatus::revoked ? "revoked"
                                                                    : "unknown");
      write_time(json, "revoked_at", one.revoked_at);
      const bool known = one.source != Source::none;
      write_time(json, "this_update", known ? std::optional(one.this_update) : std::nullopt);
      write_time(json, "next_update", one.next_update);
      json.end_object();
    }
  }
  json.end_array();
}

void write_changes(JsonWriter& json, const std::vector<Change>& changes) {
  json.key("changes").begin_array();
  for (const Change& one : changes) {
    json.begin_object().field("level", name_of(one.level)).field("place", one.place);
    json.field("object", static_cast<std::int64_t>(one.object)).end_object();
  }
  json.end_array();
}

void write_box(JsonWriter& json, double x, double y, double width, double height) {
  json.key("x").number(x).key("y").number(y);
  json.key("width").number(width).key("height").number(height);
}

void write_stamps(JsonWriter& json, const std::vector<Stamp>& stamps) {
  json.key("stamps").begin_array();
  for (const Stamp& one : stamps) {
    json.begin_object().field("page_id", one.page_id).key("page");
    if (one.page)
      write_number(json, *one.page);
    else
      json.null();
    write_box(json, one.x, one.y, one.width, one.height);
    json.key("clip");
    if (one.clip) {
      json.begin_object();
      write_box(json, one.clip->x, one.clip->y, one.clip->width, one.clip->height);
      json.end_object();
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array();
}

void write_seal(JsonWriter& json, const std::optional<SealReport>& seal) {
  json.key("seal_used");
  if (!seal) {
    json.null();
    return;
  }
  json.begin_object().field("layout", seal->layout).field("id", seal->id);
  json.field("name", seal->name).field("vendor", seal->vendor);
  json.field("valid_from", base::to_rfc3339(seal->valid_from));
  json.field("valid_until", base::to_rfc3339(seal->valid_until));
  json.field("picture_type", seal->picture_type).field("picture_digest", seal->picture_digest);
  json.field("width_mm", seal->width_mm).field("height_mm", seal->height_mm);
  write_identity(json, "maker", seal->maker);
  json.key("steps").begin_array();
  for (const SealStep& one : seal->steps) {
    json.begin_object().field("step", one.name).field("outcome", one.outcome);
    write_known(json, "why", one.why);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_open_parts(JsonWriter& json, const std::vector<std::string>& parts) {
  json.key("open_parts").begin_array();
  for (const std::string& one : parts) json.text(one);
  json.end_array();
}

void write_signature(JsonWriter& json, const SignatureReport& one) {
  json.begin_object();
  json.field("field", one.field).field("kind", name_of(one.kind));
  json.field("verdict", name_of(one.verdict));
  write_axes(json, one);
  json.field("filter", one.filter).field("sub_filter", one.sub_filter);
  write_text(json, "reason", one.reason);
  write_text(json, "location", one.location);
  write_text(json, "stated_name", one.stated_name);
  write_place(json, one);
  write_identity(json, "signer", one.signer);
  write_known(json, "digest_algorithm", one.digest_algorithm);
  write_known(json, "signature_algorithm", one.signature_algorithm);
  write_known(json, "binding", one.binding);
  write_times(json, one);
  json.key("certification");
  if (one.certification)
    json.number(std::int64_t{*one.certification});
  else
    json.null();
  write_changes(json, one.changes);
  write_path(json, one.path);
  write_seal(json, one.seal_used);
  write_stamps(json, one.stamps);
  write_open_parts(json, one.open_parts);
  write_findings(json, one.findings);
  json.end_object();
}

}  // namespace

std::string to_json(const Report& report) {
  JsonWriter json;
  json.begin_object();
  json.field("verdict", name_of(report.verdict)).field("document_format", report.document_format);
  json.field("evaluated_at", base::to_rfc3339(report.evaluated_at)).key("size");
  write_number(json, report.size);
  json.key("digest").begin_object();
  json.field("algorithm", "SM3").field("value", report.digest).end_object();
  json.field("second_read", report.second_read);
  write_findings(json, report.findings);
  json.key("revisions").begin_array();
  for (const RevisionReport& one : report.revisions) {
    json.begin_object().key("end");
    write_number(json, one.end);
    json.field("digest", one.digest).end_object();
  }
  json.end_array().key("unsigned_fields").begin_array();
  for (const std::string& name : report.unsigned_fields) json.text(name);
  json.end_array().key("signatures").begin_array();
  for (const SignatureReport& one : report.signatures) write_signature(json, one);
  json.end_array().end_object();
  return json.str();
}

}  // namespace heqi::documents::verify
