#include <heqi/documents/verify/verify.h>

#include <algorithm>
#include <set>

#include <heqi/base/text.h>

#include "judgement.h"
#include "places.h"

namespace heqi::documents::verify {

using base::ByteView;
using base::Code;
using base::fail;

namespace {

struct Key {
  std::string field;
  std::uint64_t contents;
  bool operator<(const Key& other) const {
    return field != other.field ? field < other.field : contents < other.contents;
  }
};

std::vector<Judged> make_judged(std::vector<pdf::SignatureDictionary> signatures) {
  std::vector<Judged> all;
  for (pdf::SignatureDictionary& one : signatures) {
    Judged judged;
    SignatureReport& report = judged.report;
    report.field = one.field.name;
    report.filter = one.filter;
    report.sub_filter = one.sub_filter;
    report.reason = one.reason;
    report.location = one.location;
    report.stated_name = one.name;
    report.byte_range = one.byte_range;
    report.contents_begin = one.contents_place.begin;
    report.contents_end = one.contents_place.end;
    report.claimed_time = one.time;
    if (one.type == "DocTimeStamp") report.kind = SignatureKind::document_time_stamp;
    judged.dictionary = std::move(one);
    all.push_back(std::move(judged));
  }
  return all;
}

// find_shared names fields that show one signature twice.
void find_shared(std::vector<Judged>& all) {
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (i == j || all[i].dictionary.contents.empty()) continue;
      const bool place =
          all[i].dictionary.contents_place.begin == all[j].dictionary.contents_place.begin;
      if (place || all[i].dictionary.contents == all[j].dictionary.contents)
        all[i].find(Reason::dictionary_shared, "also field " + all[j].report.field);
    }
}

// find_removed looks for signatures that an earlier revision has and the file has not.
base::Status find_removed(const Context& context, const std::vector<Judged>& all, Report& report) {
  std::set<Key> present;
  for (const Judged& one : all)
    present.insert({one.report.field, one.dictionary.contents_place.begin});
  const std::size_t count = context.document.revisions().size();
  std::set<Key> told;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    HEQI_TRY(const auto then, pdf::find_signatures(context.document.at_revision(i)));
    for (const pdf::SignatureDictionary& one : then) {
      const Key key{one.field.name, one.contents_place.begin};
      if (present.count(key) != 0 || !told.insert(key).second) continue;
      report.findings.push_back({Reason::signature_removed,
                                 "field " + one.field.name + " in revision " + std::to_string(i),
                                 one.object.begin});
    }
  }
  return {};
}

// find_fieldless looks for signature dictionaries that no field shows.
base::Status find_fieldless(const Context& context, const std::vector<Judged>& all,
                            Report& report) {
  std::set<std::uint32_t> owned;
  for (const Judged& one : all)
    if (one.dictionary.id) owned.insert(one.dictionary.id->number);
  for (std::uint32_t number = 0; number < context.document.size(); ++number) {
    const pdf::XrefEntry entry = context.document.entry(number);
    if (entry.type == pdf::XrefEntry::Type::free || owned.count(number) != 0) continue;
    HEQI_TRY(const pdf::Object* const object, context.document.get({number, entry.generation}));
    const pdf::Dictionary* dictionary = object->value.dictionary();
    if (!dictionary || !dictionary->find("ByteRange")) continue;
    report.findings.push_back(
        {Reason::signature_without_field, "object " + std::to_string(number),
         object->container ? std::nullopt : std::optional(object->place.begin)});
  }
  return {};
}

// check_certification: /Perms names the signature that certifies, and no other.
base::Status check_certification(const Context& context, const std::vector<Judged>& all,
                                 Report& report) {
  HEQI_TRY(const pdf::Dictionary* const catalog, context.document.catalog());
  HEQI_TRY(const pdf::Value* const permissions, context.document.find(*catalog, "Perms"));
  if (!permissions) return {};
  const pdf::Dictionary* dictionary = permissions->dictionary();
  const pdf::Value* target = dictionary ? dictionary->find("DocMDP") : nullptr;
  if (dictionary && !target) return {};
  const bool known =
      target && target->reference() && std::any_of(all.begin(), all.end(), [&](const Judged& one) {
        return one.dictionary.id == *target->reference() && one.report.certification;
      });
  if (!known)
    report.findings.push_back(
        {Reason::permissions_malformed, "/Perms names no certifying signature", std::nullopt});
  return {};
}

void note_tail(const Context& context, const std::vector<Judged>& all, Report& report) {
  std::uint64_t end = 0;
  for (const Judged& one : all)
    if (one.holds())
      end = std::max(end, static_cast<std::uint64_t>(one.report.byte_range[2]) +
                              static_cast<std::uint64_t>(one.report.byte_range[3]));
  if (end > 0 && end < context.file.size())
    report.findings.push_back(
        {Reason::tail_unsigned,
         "octets " + std::to_string(end) + " to " + std::to_string(context.file.size()), end});
}

// forgive_covered: what only a later signature protects is protected after all.
void forgive_covered(std::vector<Judged>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].unprotected) continue;
    const bool covered = std::any_of(all.begin(), all.end(), [&](const Judged& later) {
      return later.holds() && later.report.certificate == CertificateState::trusted &&
             !later.unprotected && later.report.revision && all[i].report.revision &&
             *later.report.revision > *all[i].report.revision;
    });
    if (!covered) continue;
    for (Finding& finding : all[i].report.findings)
      if (finding.reason == Reason::unprotected_content)
        finding.reason = Reason::unprotected_content_covered;
  }
}

void conclude(SignatureReport& report) {
  report.verdict = verdict_of(report.findings);
  if (report.format != Format::ok) return;
  const bool deviates = std::any_of(
      report.findings.begin(), report.findings.end(),
      [](const Finding& finding) { return text_of(finding.reason).axis == Axis::format; });
  if (deviates) report.format = Format::deviating;
}

void describe_file(const Context& context, Report& report) {
  report.size = context.file.size();
  for (const pdf::Revision& revision : context.document.revisions())
    report.revisions.push_back(
        {revision.end, base::to_hex(context.hashes.of_prefix(revision.end))});
  report.digest = base::to_hex(context.hashes.of_prefix(report.size));
}

FileHashes hash_file(const pdf::Document& document, ByteView file,
                     const std::vector<pdf::SignatureDictionary>& signatures) {
  std::vector<std::uint64_t> ends{file.size()};
  for (const pdf::Revision& revision : document.revisions()) ends.push_back(revision.end);
  std::vector<SignedRange> ranges;
  for (const pdf::SignatureDictionary& one : signatures)
    if (const auto range = fitting_range(one.byte_range, file.size())) ranges.push_back(*range);
  return FileHashes(file, ends, ranges);
}

base::Status find_unsigned_fields(const Context& context, Report& report) {
  HEQI_TRY(const pdf::Form form, pdf::get_form(context.document));
  for (const pdf::Field& field : form.fields)
    if (field.type == "Sig" && (!field.value || field.value->is_null()))
      report.unsigned_fields.push_back(field.name);
  return {};
}

void judge_each(const Context& context, std::vector<Judged>& all) {
  for (Judged& one : all) {
    one.report.certification = certification_of(context.document, one.dictionary.dictionary);
    judge_coverage(context, one);
    judge_message(context, one);
  }
  find_shared(all);
  std::stable_sort(all.begin(), all.end(), [](const Judged& a, const Judged& b) {
    constexpr auto never = static_cast<std::size_t>(-1);
    return a.report.revision.value_or(never) < b.report.revision.value_or(never);
  });
  std::size_t budget = kComparedValuesMax;
  for (Judged& one : all) judge_later_changes(context, one, all, budget);
  judge_times(context, all);
  forgive_covered(all);
  for (Judged& one : all) conclude(one.report);
}

Verdict worst_of(const Report& report) {
  Verdict worst = verdict_of(report.findings);
  for (const SignatureReport& one : report.signatures) worst = std::max(worst, one.verdict);
  if (!report.signatures.empty()) return worst;
  return worst == Verdict::invalid ? worst : Verdict::no_signature;
}

}  // namespace

base::Result<Report> verify_pdf(ByteView file, const VerifyOptions& options) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file, options.limits));
  HEQI_TRY(document.load_all());
  HEQI_TRY(const std::vector<pdf::Page> pages, document.pages());
  if (document.revisions().size() > kRevisionsMax)
    return fail(Code::limit_exceeded, "more than " + std::to_string(kRevisionsMax) + " revisions");
  HEQI_TRY(auto signatures, pdf::find_signatures(document));
  if (signatures.size() > kSignaturesMax)
    return fail(Code::limit_exceeded,
                "more than " + std::to_string(kSignaturesMax) + " signatures");
  const x509::Sm2SignatureVerifier sm2;
  const pki::Sm3Digester sm3;
  const FileHashes hashes = hash_file(document, file, signatures);
  const KnownDigester digests(
      file, hashes, options.digests ? *options.digests : static_cast<const pki::Digester&>(sm3));
  Context context{file,    document,
                  options, {options.signatures ? *options.signatures : sm2, digests},
                  hashes,  {}};
  HEQI_TRY(context.stored, read_stored(document));

  Report report;
  report.evaluated_at = options.now;
  describe_file(context, report);
  std::vector<Judged> all = make_judged(std::move(signatures));
  for (Judged& one : all) one.report.place = find_place(document, pages, one.dictionary.field);
  judge_each(context, all);
  HEQI_TRY(find_removed(context, all, report));
  HEQI_TRY(find_fieldless(context, all, report));
  HEQI_TRY(check_certification(context, all, report));
  HEQI_TRY(find_unsigned_fields(context, report));
  note_tail(context, all, report);
  HEQI_TRY(judge_hybrid(document, all, report));
  if (options.second_reader) {
    report.second_read = true;
    if (const auto agrees = options.second_reader(file); !agrees)
      report.findings.push_back({Reason::readers_disagree, agrees.error().detail, std::nullopt});
  }
  for (Judged& one : all) report.signatures.push_back(std::move(one.report));
  report.verdict = worst_of(report);
  return report;
}

}  // namespace heqi::documents::verify
