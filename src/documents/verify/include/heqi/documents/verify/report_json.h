// heqi/documents/verify/report_json.h: the report as JSON. Keys are stable: none changes its
// meaning or goes away.
#pragma once
#include <string>

#include <heqi/documents/verify/report.h>

namespace heqi::documents::verify {

// to_json is one JSON object:
//   verdict, document_format, evaluated_at, size, digest {algorithm, value}, second_read,
//   findings[], revisions[ {end, digest}], unsigned_fields[], signatures[]. Each signature: field,
//   kind, verdict, axes {format, integrity, signature, coverage, later_changes, permissions,
//   certificate, time, ltv, seal, policy}, filter, sub_filter, reason, location, stated_name,
//   byte_range[], revision, contents {begin, end}, place {page, x, y, width, height},
//   signed_digest, signer {common_name, subject, issuer, serial, fingerprint, not_before,
//   not_after}, digest_algorithm, signature_algorithm, binding, claimed_time, best_time {time,
//   source}, time_stamp_authority, archived_until, certification, changes[{level, place, object}],
//   chain[], revocation[], seal_used {layout, id, name, vendor, valid_from, valid_until,
//   picture_type, picture_digest, width_mm, height_mm, maker, steps[{step, outcome, why}]},
//   stamps[{page_id, page, x, y, width, height, clip}] in millimetres, open_parts[], findings[].
// A finding: {code, axis, severity, english, chinese, evidence, offset}. What is not known is null.
// Times are RFC 3339; digests SM3 in lower-case hexadecimal.
std::string to_json(const Report& report);

}  // namespace heqi::documents::verify
