#include "operators.h"

#include <cctype>

namespace heqi::documents::verify {
namespace {

using testing::SeededRandom;

// find_some is a random occurrence of text.
std::optional<std::size_t> find_some(const Bytes& file, std::string_view text,
                                     SeededRandom& random) {
  const std::string_view all = base::text_of(file);
  std::vector<std::size_t> found;
  for (std::size_t at = all.find(text); at != std::string_view::npos; at = all.find(text, at + 1))
    found.push_back(at);
  if (found.empty()) return std::nullopt;
  return found[random.below(found.size())];
}

// change_number puts another digit into the number that follows text.
Operator change_number(const std::string& text) {
  return {"another number after " + text,
          [text](const Seed& seed, SeededRandom& random) -> std::optional<Mutated> {
            const auto at = find_some(seed.file, text, random);
            if (!at) return std::nullopt;
            std::vector<std::size_t> digits;
            for (std::size_t i = *at + text.size();
                 i < seed.file.size() && i < *at + text.size() + 48; ++i) {
              const std::uint8_t one = seed.file[i];
              if (one >= '0' && one <= '9')
                digits.push_back(i);
              else if (!digits.empty() && one != ' ')
                break;
            }
            if (digits.empty()) return std::nullopt;
            Mutated out{seed.file, Claim::open};
            const std::size_t where = digits[random.below(digits.size())];
            out.file[where] = static_cast<std::uint8_t>(
                '0' + (seed.file[where] - '0' + 1 + random.below(9)) % 10);
            out.claim = claim_of(seed, out.file);
            return out;
          }};
}

// change_word puts other letters over an occurrence of text.
Operator change_word(const std::string& text, const std::string& other) {
  HEQI_CHECK(text.size() == other.size());
  return {text + " becomes " + other,
          [text, other](const Seed& seed, SeededRandom& random) -> std::optional<Mutated> {
            const auto at = find_some(seed.file, text, random);
            if (!at) return std::nullopt;
            Mutated out{seed.file, Claim::open};
            std::copy(other.begin(), other.end(),
                      out.file.begin() + static_cast<std::ptrdiff_t>(*at));
            out.claim = claim_of(seed, out.file);
            return out;
          }};
}

// swap_objects exchanges the numbers of two objects.
std::optional<Mutated> swap_objects(const Seed& seed, SeededRandom& random) {
  const auto a = find_some(seed.file, " 0 obj", random), b = find_some(seed.file, " 0 obj", random);
  if (!a || !b || *a == *b || *a == 0 || *b == 0) return std::nullopt;
  Mutated out{seed.file, Claim::open};
  std::swap(out.file[*a - 1], out.file[*b - 1]);
  if (out.file == seed.file) return std::nullopt;
  out.claim = claim_of(seed, out.file);
  return out;
}

// respell writes a digit of the last hole in the other case, which changes no decoded octet.
std::optional<Mutated> respell(const Seed& seed, SeededRandom& random) {
  const Covered& last = seed.signatures.back();
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t at = last.gap_begin + random.below(last.gap_end - last.gap_begin);
    if (seed.file[at] < 'a' || seed.file[at] > 'f') continue;
    Mutated out{seed.file, Claim::open};
    out.file[at] = static_cast<std::uint8_t>(std::toupper(seed.file[at]));
    return out;
  }
  return std::nullopt;
}

// other_digit changes a decoded octet of some hole.
std::optional<Mutated> other_digit(const Seed& seed, SeededRandom& random) {
  const Covered& hole = seed.signatures[random.below(seed.signatures.size())];
  const std::uint64_t at = hole.gap_begin + 1 + random.below(hole.gap_end - hole.gap_begin - 2);
  Mutated out{seed.file, Claim::broken};
  out.file[at] = out.file[at] == '7' ? '8' : '7';
  return out;
}

// swap_messages puts the message of one signature into the hole of another.
std::optional<Mutated> swap_messages(const Seed& seed, SeededRandom& random) {
  if (seed.signatures.size() < 2) return std::nullopt;
  const std::size_t from = random.below(seed.signatures.size());
  const Covered &a = seed.signatures[from],
                &b = seed.signatures[(from + 1) % seed.signatures.size()];
  const std::uint64_t size = std::min(a.gap_end - a.gap_begin, b.gap_end - b.gap_begin);
  Mutated out{seed.file, Claim::broken};
  std::copy_n(seed.file.begin() + static_cast<std::ptrdiff_t>(a.gap_begin),
              static_cast<std::ptrdiff_t>(size),
              out.file.begin() + static_cast<std::ptrdiff_t>(b.gap_begin));
  return out;
}

}  // namespace

std::vector<Operator> structure_operators() {
  return {change_number("/ByteRange ["),
          change_number("/Length "),
          change_number("/Size "),
          change_number("/Prev "),
          change_number("startxref"),
          change_number("/Root "),
          change_number("/Kids ["),
          change_number("/Contents "),
          change_number("/V "),
          change_number("xref\n"),
          change_word("/Type", "/Typf"),
          change_word("/Sig", "/Sih"),
          change_word("/AcroForm", "/AcroFrom"),
          change_word("/Contents", "/Contentz"),
          change_word("endobj", "endobk"),
          change_word("ETSI.CAdES.detached", "adbe.pkcs7.detached"),
          change_word("%%EOF", "%%EOG"),
          change_word("stream\n", "stream "),
          {"swap two objects", swap_objects},
          {"the other case of a digit in a hole", respell},
          {"another digit in a hole", other_digit},
          {"the message of another signature", swap_messages}};
}

}  // namespace heqi::documents::verify
