// lint_name.cc: issuer and subject.
#include <algorithm>
#include <set>

#include <heqi/x509/oids.h>

#include "lint_groups.h"

namespace heqi::services::ca {
namespace {

using x509::Name;
using x509::NameAttribute;
namespace oids = x509::oids;

bool every(const Name& name, bool (*holds)(const NameAttribute&)) {
  return std::all_of(name.attributes().begin(), name.attributes().end(), holds);
}

// characters counts the characters of UTF-8.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool issuer_is_the_issuers_subject(const Candidate& c) {
  return c.issuer == nullptr || c.certificate.issuer() == c.issuer->subject();
}
bool root_issues_itself(const Candidate& c) {
  return c.profile != Profile::root || c.certificate.is_self_issued();
}
bool others_do_not_issue_themselves(const Candidate& c) {
  return c.profile == Profile::root || !c.certificate.is_self_issued();
}
bool subject_is_not_empty(const Candidate& c) {
  return !c.certificate.subject().empty();
}
bool subject_has_one_common_name(const Candidate& c) {
  const auto& attributes = c.certificate.subject().attributes();
  return attributes.empty() ||
         std::count_if(attributes.begin(), attributes.end(),
                       [](const auto& a) { return a.type == oids::common_name(); }) == 1;
}
bool subject_has_one_country(const Candidate& c) {
  const auto& attributes = c.certificate.subject().attributes();
  return attributes.empty() ||
         std::count_if(attributes.begin(), attributes.end(),
                       [](const auto& a) { return a.type == oids::country(); }) == 1;
}
bool country_is_two_printable_capitals(const Candidate& c) {
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    if (!(a.type == oids::country())) return true;
    const auto is_capital = [](std::uint8_t octet) { return octet >= 'A' && octet <= 'Z'; };
    return a.value.size() == 4 && a.value[0] == asn1::kPrintableString.number &&
           is_capital(a.value[2]) && is_capital(a.value[3]);
  });
}
bool texts_are_of_their_type(const Candidate& c) {
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    return a.text.rfind("#", 0) != 0 || a.text.size() != 1 + 2 * a.value.size();
  });
}
bool texts_are_utf8_or_printable(const Candidate& c) {
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    const bool is_ia5 = a.type == oids::email_address() || a.type == oids::domain_component();
    const auto tag = a.value.empty() ? 0U : a.value[0];
    return tag == asn1::kUtf8String.number || tag == asn1::kPrintableString.number ||
           (is_ia5 && tag == asn1::kIa5String.number);
  });
}
bool texts_are_not_blank_at_their_ends(const Candidate& c) {
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    return !a.text.empty() && a.text.front() != ' ' && a.text.back() != ' ';
  });
}
bool texts_have_no_control_characters(const Candidate& c) {
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    return std::none_of(a.text.begin(), a.text.end(), [](char letter) {
      return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
    });
  });
}
bool texts_do_not_reorder_themselves(const Candidate& c) {
  // U+202A…U+202E and U+2066…U+2069 show a text in another order than it is read.
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    for (const char* mark :
         {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"})
      if (a.text.find(mark) != std::string::npos) return false;
    return true;
  });
}
bool common_name_is_short_enough(const Candidate& c) {
  return characters(c.certificate.subject().common_name()) <= 64;
}
bool other_texts_are_short_enough(const Candidate& c) {
  return every(c.certificate.subject(), [](const NameAttribute& a) {
    return a.type == oids::common_name() || characters(a.text) <= 128;
  });
}
bool attributes_come_once(const Candidate& c) {
  std::set<std::string> seen;
  for (const NameAttribute& a : c.certificate.subject().attributes()) {
    const bool may_repeat = a.type == oids::organizational_unit() ||
                            a.type == oids::domain_component() || a.type == oids::common_name() ||
                            a.type == oids::country();  // these have lints of their own
    if (!may_repeat && !seen.insert(a.type.dotted()).second) return false;
  }
  return true;
}
bool each_relative_name_has_one_attribute(const Candidate& c) {
  std::set<std::size_t> seen;
  return every(c.certificate.subject(), [](const NameAttribute&) { return true; }) &&
         std::all_of(c.certificate.subject().attributes().begin(),
                     c.certificate.subject().attributes().end(),
                     [&](const NameAttribute& a) { return seen.insert(a.rdn).second; });
}

constexpr Lint kLints[] = {
    {"issuer_of_issuer", "RFC 5280 §4.1.2.4", "the issuer is not the subject of the issuer",
     issuer_is_the_issuers_subject},
    {"root_self_issued", "RFC 5280 §3.2", "a root is not self-issued", root_issues_itself},
    {"not_self_issued", "RFC 5280 §3.2", "subject and issuer are the same",
     others_do_not_issue_themselves},
    {"subject_not_empty", "RFC 5280 §4.1.2.6", "the subject is empty", subject_is_not_empty},
    {"subject_common_name", "GB/T 20518 §5.2.3", "the subject has not exactly one common name",
     subject_has_one_common_name},
    {"subject_country", "GB/T 20518 §5.2.3", "the subject has not exactly one country",
     subject_has_one_country},
    {"country_printable", "RFC 5280 A.1", "the country is not two capitals as PrintableString",
     country_is_two_printable_capitals},
    {"text_of_its_type", "X.690 §8.23", "a text has characters not of its type",
     texts_are_of_their_type},
    {"text_utf8_printable", "RFC 5280 §4.1.2.4", "a text is neither UTF8String nor PrintableString",
     texts_are_utf8_or_printable},
    {"text_trimmed", "RFC 5280 §7.1", "a text is empty or has a space at an end",
     texts_are_not_blank_at_their_ends},
    {"text_no_control", "RFC 5280 §4.1.2.4", "a text has a control character",
     texts_have_no_control_characters},
    {"text_no_reordering", "Unicode TR 36 §2.3", "a text has a character that reorders it",
     texts_do_not_reorder_themselves},
    {"common_name_length", "RFC 5280 A.1", "the common name is longer than 64 characters",
     common_name_is_short_enough},
    {"text_length", "RFC 5280 A.1", "a text is longer than 128 characters",
     other_texts_are_short_enough},
    {"attribute_once", "X.501 §9.3", "an attribute comes twice", attributes_come_once},
    {"relative_name_single", "X.501 §9.4", "a relative name has more than one attribute",
     each_relative_name_has_one_attribute},
};

}  // namespace

std::span<const Lint> name_lints() {
  return kLints;
}

}  // namespace heqi::services::ca
