// heqi/device/factors.h: what a person gives to use the key: the PIN, and where the device asks for
// it a gesture, a passphrase or a key that a biometric check released, all together (T/ZSA 67.3
// §15.5 a). Only the key centre can tell whether they were right, and counts them as one try.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::device {

// Factor is one of them; its value is a bit of a set, and their order is the order of the input.
enum class Factor : std::uint8_t { pin = 1, gesture = 2, passphrase = 4, released_key = 8 };
// Factors is a set of them, of which the PIN is always one.
using Factors = std::uint8_t;
inline constexpr Factors kPinAlone = 1;

inline constexpr std::size_t kPinSizeMin = 6, kPinSizeMax = 32;  // digits; docs/limits.md
inline constexpr std::size_t kGestureSizeMin = 4;                // octets, of each but the PIN
inline constexpr std::size_t kPassphraseSizeMin = 8;
inline constexpr std::size_t kReleasedKeySizeMin = 16;
inline constexpr std::size_t kFactorSizeMax = 64;
inline constexpr std::size_t kFactorsSizeMax = 4 * 3 + kPinSizeMax + 3 * kFactorSizeMax;

struct GivenFactor {
  Factor kind;
  base::ByteView value;
};

// join_factors gives what Msd::choose_pin and Msd::confirm take: the PIN alone as it is; more of
// them in the order given, each with its kind (1 octet) and its length (2 octets) before it.
base::SecretBytes join_factors(std::span<const GivenFactor> given);

// check_factors fails with malformed where given is not exactly the factors of the set, each once,
// in their order, and of a size that it may have: a PIN is 6 to 32 digits.
base::Status check_factors(base::ByteView given, Factors required);

// parse_factor_names reads "pin, gesture, passphrase, released_key" or a part of it. malformed for
// another name or order, or without the PIN.
base::Result<Factors> parse_factor_names(std::string_view names);
// factor_names is the same the other way: "pin, passphrase".
std::string factor_names(Factors set);

}  // namespace heqi::device
