// What a signature covers: /ByteRange, the gap and the revision (facts: USF, SWA, ISA).
#include <algorithm>

#include <heqi/base/text.h>

#include "judgement.h"

namespace heqi::documents::verify {

using base::ByteView;

namespace {

bool is_digit_of(std::uint8_t octet, char first, char last) {
  return octet >= static_cast<std::uint8_t>(first) && octet <= static_cast<std::uint8_t>(last);
}

// judge_spelling names every way of writing the digits that changes no decoded octet: what stands
// there is covered by no signature.
void judge_spelling(const Context& context, Judged& judged) {
  const pdf::Place place = judged.dictionary.contents_place;
  const ByteView digits = context.file.subspan(place.begin + 1, place.end - place.begin - 2);
  std::size_t lower = 0, upper = 0, count = 0;
  std::optional<std::uint64_t> first_lower, first_upper, first_space;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::uint64_t offset = place.begin + 1 + i;
    if (is_digit_of(digits[i], 'a', 'f')) {
      ++lower, ++count;
      if (!first_lower) first_lower = offset;
    } else if (is_digit_of(digits[i], 'A', 'F')) {
      ++upper, ++count;
      if (!first_upper) first_upper = offset;
    } else if (is_digit_of(digits[i], '0', '9')) {
      ++count;
    } else if (!first_space) {
      first_space = offset;
    }
  }
  if (first_space) judged.find(Reason::contents_spelling, "white space", first_space);
  if (count % 2 != 0)
    judged.find(Reason::contents_spelling, "an odd number of digits", place.end - 1);
  if (lower != 0 && upper != 0)
    judged.find(Reason::contents_spelling, "digits in mixed case",
                lower < upper ? first_lower : first_upper);
}

// find_revision is the revision that ends where the signed octets end.
std::optional<std::size_t> find_revision(const pdf::Document& document, std::uint64_t end) {
  const auto revisions = document.revisions();
  for (std::size_t i = 0; i < revisions.size(); ++i)
    if (revisions[i].end == end || revisions[i].end_of_marker == end) return i;
  return std::nullopt;
}

void judge_place(const Context& context, Judged& judged, std::uint64_t end) {
  SignatureReport& report = judged.report;
  const auto revisions = context.document.revisions();
  const pdf::Revision& revision = revisions[*report.revision];
  const pdf::Place object = judged.dictionary.object;
  if (object.begin < revision.begin || object.end > revision.end) {
    report.coverage = Coverage::partial;
    judged.find(Reason::dictionary_elsewhere, {}, object.begin);
    return;
  }
  const auto then = pdf::find_signatures(context.document.at_revision(*report.revision));
  const bool known =
      then && std::any_of(then->begin(), then->end(), [&](const pdf::SignatureDictionary& one) {
        return one.field.name == judged.dictionary.field.name && one.id == judged.dictionary.id &&
               one.contents_place.begin == judged.dictionary.contents_place.begin;
      });
  if (!known) {
    report.coverage = Coverage::partial;
    judged.find(Reason::dictionary_elsewhere, "the signed revision does not have this signature",
                object.begin);
    return;
  }
  const bool whole = end == context.file.size();
  report.coverage = whole ? Coverage::whole_document : Coverage::whole_revision;
}

}  // namespace

void judge_coverage(const Context& context, Judged& judged) {
  const pdf::SignatureDictionary& dictionary = judged.dictionary;
  SignatureReport& report = judged.report;
  report.format = Format::ok;
  for (const std::string& problem : dictionary.problems) {
    report.format = Format::malformed;
    judged.find(Reason::dictionary_malformed, problem, dictionary.object.begin);
  }
  const auto range = fitting_range(dictionary.byte_range, context.file.size());
  if (!range) {
    judged.find(Reason::byte_range_malformed, {}, dictionary.byte_range_place.begin);
    return;
  }
  if (dictionary.container || dictionary.contents.empty() || !dictionary.contents_hexadecimal)
    return;
  judged.content = content_of(context.file, *range);
  report.signed_digest = base::to_hex(context.hashes.of_range(*range));

  const pdf::Place contents = dictionary.contents_place;
  if (range->gap_begin != contents.begin || range->gap_end != contents.end) {
    report.coverage = Coverage::partial;
    judged.find(Reason::gap_is_not_contents,
                "the gap is " + std::to_string(range->gap_begin) + " to " +
                    std::to_string(range->gap_end) + ", /Contents " +
                    std::to_string(contents.begin) + " to " + std::to_string(contents.end),
                range->gap_begin);
    return;
  }
  judge_spelling(context, judged);
  report.revision = find_revision(context.document, range->end);
  if (!report.revision) {
    report.coverage = Coverage::partial;
    judged.find(Reason::range_is_no_revision,
                "the signed octets end at " + std::to_string(range->end), range->end);
    return;
  }
  judge_place(context, judged, range->end);
}

}  // namespace heqi::documents::verify
