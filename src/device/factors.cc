#include <heqi/device/factors.h>

#include <algorithm>
#include <string>

#include <heqi/base/constant_time.h>
#include <heqi/base/text.h>

namespace heqi::device {
namespace {

using base::ByteView;
using base::Code;

struct Kind {
  Factor factor;
  std::string_view name;
  std::size_t size_min, size_max;
};
constexpr Kind kKinds[] = {
    {Factor::pin, "pin", kPinSizeMin, kPinSizeMax},
    {Factor::gesture, "gesture", kGestureSizeMin, kFactorSizeMax},
    {Factor::passphrase, "passphrase", kPassphraseSizeMin, kFactorSizeMax},
    {Factor::released_key, "released_key", kReleasedKeySizeMin, kFactorSizeMax},
};
constexpr std::size_t kHeadSize = 3;

bool is_in(Factors set, Factor one) {
  return (set & static_cast<Factors>(one)) != 0;
}

base::Status check_pin(ByteView pin) {
  bool fits = pin.size() >= kPinSizeMin && pin.size() <= kPinSizeMax;
  // Only the answer for all octets together decides a branch.
  std::uint64_t outside = 0;
  for (const std::uint8_t octet : pin) {
    const std::uint64_t digit = std::uint64_t(octet) - '0';  // wraps where octet is less
    outside |= digit | (9 - digit);
  }
  fits &= base::ct::declassified(base::ct::is_zero(outside >> 8));
  if (!fits) return base::fail(Code::malformed, "a PIN is 6 to 32 digits");
  return {};
}

base::Status check_value(const Kind& kind, ByteView value) {
  if (kind.factor == Factor::pin) return check_pin(value);
  if (value.size() < kind.size_min || value.size() > kind.size_max)
    return base::fail(Code::malformed, std::string(kind.name) + ": " +
                                           std::to_string(kind.size_min) + " to " +
                                           std::to_string(kind.size_max) + " octets");
  return {};
}

}  // namespace

base::SecretBytes join_factors(std::span<const GivenFactor> given) {
  if (given.size() == 1 && given[0].kind == Factor::pin)
    return base::SecretBytes::copy_of(given[0].value);
  std::size_t size = 0;
  for (const GivenFactor& one : given) size += kHeadSize + one.value.size();
  base::SecretBytes out(size);
  auto place = out.expose_mutable().begin();
  for (const GivenFactor& one : given) {
    *place++ = static_cast<std::uint8_t>(one.kind);
    *place++ = static_cast<std::uint8_t>(one.value.size() >> 8);
    *place++ = static_cast<std::uint8_t>(one.value.size());
    place = std::copy(one.value.begin(), one.value.end(), place);
  }
  return out;
}

base::Status check_factors(ByteView given, Factors required) {
  if (required == kPinAlone) return check_pin(given);
  const base::Error wrong =
      base::fail(Code::malformed, "the device asks for other factors, or in another order");
  for (const Kind& kind : kKinds) {
    if (!is_in(required, kind.factor)) continue;
    // Kinds and lengths are no secret; what they are of is.
    if (given.size() < kHeadSize) return wrong;
    base::ct::declassify(given.first(kHeadSize));
    const std::size_t size = std::size_t{given[1]} << 8 | given[2];
    if (given[0] != static_cast<std::uint8_t>(kind.factor) || given.size() < kHeadSize + size)
      return wrong;
    HEQI_TRY(check_value(kind, given.subspan(kHeadSize, size)));
    given = given.subspan(kHeadSize + size);
  }
  if (!given.empty()) return wrong;
  return {};
}

base::Result<Factors> parse_factor_names(std::string_view names) {
  Factors set = 0;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    const std::string_view name = base::trim(names.substr(0, end));
    names = names.substr(std::min(end + 1, names.size()));
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const Kind& one) { return one.name == name; });
    if (kind == std::end(kKinds) || set >= static_cast<Factors>(kind->factor))
      return base::fail(Code::malformed,
                        "factors: pin, gesture, passphrase, released_key, in "
                        "this order");
    set |= static_cast<Factors>(kind->factor);
  }
  if (!is_in(set, Factor::pin)) return base::fail(Code::malformed, "factors: pin is one of them");
  return set;
}

std::string factor_names(Factors set) {
  std::string out;
  for (const Kind& kind : kKinds) {
    if (!is_in(set, kind.factor)) continue;
    if (!out.empty()) out += ", ";
    out += kind.name;
  }
  return out;
}

}  // namespace heqi::device
