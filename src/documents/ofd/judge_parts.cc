// The parts of the package: are they what was signed, and was everything signed?
#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::ofd {

namespace oids = x509::oids;
using base::Code;
using verify::Reason;

namespace {

constexpr std::size_t kNamedMax = 20;  // of open parts, in a finding

// Method is a digest algorithm by one of the names that files have for it.
struct Method {
  std::string_view name;
  const asn1::Oid& (*oid)();
};

const asn1::Oid& md5() {
  static const asn1::Oid oid = asn1::Oid::of("1.2.840.113549.2.5");
  return oid;
}

// find_method: absent means MD5 (GB/T 33190 §18.2.3). 401.2 is HMAC-SM3 by the book and plain SM3
// in old files.
const asn1::Oid* find_method(std::string_view name) {
  static constexpr Method methods[] = {
      {"", md5},
      {"MD5", md5},
      {"1.2.840.113549.2.5", md5},
      {"SHA1", oids::sha1},
      {"SHA-1", oids::sha1},
      {"1.3.14.3.2.26", oids::sha1},
      {"SHA256", oids::sha256},
      {"SHA-256", oids::sha256},
      {"2.16.840.1.101.3.4.2.1", oids::sha256},
      {"SM3", oids::sm3},
      {"1.2.156.10197.1.401", oids::sm3},
      {"1.2.156.10197.1.401.1", oids::sm3},
      {"1.2.156.10197.1.401.2", oids::sm3},
  };
  std::string upper(name);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto found = std::find_if(std::begin(methods), std::end(methods),
                                  [&](const Method& one) { return one.name == upper; });
  return found == std::end(methods) ? nullptr : &found->oid();
}

void judge_reference(const Context& context, Judged& judged, const Reference& reference,
                     const asn1::Oid& method) {
  verify::SignatureReport& report = judged.report;
  if (!judged.referred.insert(reference.part).second) {
    judged.find(Reason::reference_twice, reference.part);
    return;
  }
  const auto content = context.package.read(reference.part);
  if (!content) {
    report.integrity = verify::Integrity::digest_mismatch;
    judged.find(Reason::reference_missing, reference.part);
    return;
  }
  const auto digest = context.algorithms.digests.digest(method, *content);
  if (!digest) {
    judged.find(Reason::algorithm_unsupported, base::to_line(digest.error()));
    return;
  }
  if (base::same_bytes(*digest, reference.digest)) return;
  report.integrity = verify::Integrity::digest_mismatch;
  judged.find(Reason::digest_mismatch, reference.part);
}

// is_later: the other signature covers this one, so it came after it.
bool is_later(const Judged& other, const Judged& than) {
  return other.referred.count(than.entry.part) != 0;
}

bool may_stay_open(const Context& context, const std::string& part, const Judged& judged,
                   const std::vector<Judged>& all) {
  if (judged.owns(part)) return true;
  for (const Body& body : context.bodies)
    if (part == body.signatures_part) return true;
  return std::any_of(all.begin(), all.end(), [&](const Judged& other) {
    return other.owns(part) && is_later(other, judged);
  });
}

}  // namespace

void judge_references(const Context& context, Judged& judged) {
  const SignatureFile& file = *judged.file;
  const asn1::Oid* method = find_method(file.check_method);
  if (!method) {
    judged.find(Reason::algorithm_unsupported, "CheckMethod " + file.check_method);
    return;
  }
  judged.report.digest_algorithm = method->dotted();
  judged.report.integrity = verify::Integrity::intact;
  for (const Reference& one : file.references) judge_reference(context, judged, one, *method);
  judge_strength(judged, *method, asn1::Oid());
}

void judge_coverage(const Context& context, Judged& judged, const std::vector<Judged>& all) {
  verify::SignatureReport& report = judged.report;
  if (!judged.file) return;
  for (const Entry& entry : context.package.entries()) {
    if (entry.is_folder() || judged.referred.count(entry.name) != 0) continue;
    if (!may_stay_open(context, entry.name, judged, all)) report.open_parts.push_back(entry.name);
  }
  const bool followed = std::any_of(all.begin(), all.end(),
                                    [&](const Judged& other) { return is_later(other, judged); });
  const auto& list = context.bodies[judged.body].signatures_part;
  const bool closes = list && judged.referred.count(*list) != 0;
  if (followed && closes) judged.find(Reason::closed_signed_again);
  report.later_changes = !followed ? verify::LaterChanges::none
                         : closes  ? verify::LaterChanges::other
                                   : verify::LaterChanges::form_fill_or_signature;
  if (!report.open_parts.empty()) {
    report.coverage = verify::Coverage::partial;
    std::string names;
    for (std::size_t i = 0; i < std::min(kNamedMax, report.open_parts.size()); ++i)
      names += (i == 0 ? "" : ", ") + report.open_parts[i];
    judged.find(Reason::parts_open, std::to_string(report.open_parts.size()) + ": " + names);
  } else {
    report.coverage =
        followed ? verify::Coverage::whole_revision : verify::Coverage::whole_document;
  }
}

void judge_stamps(const Context& context, Judged& judged) {
  const Body& body = context.bodies[judged.body];
  for (const StampPlace& place : judged.file->stamps) {
    verify::Stamp stamp{place.page_id,    std::nullopt,         place.boundary.x,
                        place.boundary.y, place.boundary.width, place.boundary.height,
                        std::nullopt};
    if (place.clip)
      stamp.clip = {place.clip->x, place.clip->y, place.clip->width, place.clip->height};
    const auto page = body.find_page(place.page_id);
    if (!page) {
      judged.find(Reason::stamp_malformed, "there is no page " + place.page_id);
    } else {
      stamp.page = *page + 1;
      const auto box = read_page_box(context.package, body, *page);
      const Box seen = place.clip.value_or(Box{0, 0, stamp.width, stamp.height});
      const bool shows = box && stamp.x + seen.x < box->width && stamp.y + seen.y < box->height &&
                         stamp.x + seen.x + seen.width > 0 && stamp.y + seen.y + seen.height > 0;
      if (!shows) judged.find(Reason::stamp_unseen, "page " + std::to_string(*page + 1));
    }
    judged.report.stamps.push_back(std::move(stamp));
  }
}

}  // namespace heqi::documents::ofd
