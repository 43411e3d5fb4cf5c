#include <heqi/device/factors.h>

#include <heqi/testing/expect.h>

namespace heqi::device {
namespace {

using base::Bytes;
using base::bytes_of;
using base::Code;

constexpr Factors kTwo = 1 | 4;  // PIN and passphrase

Bytes joined(std::vector<GivenFactor> given) {
  return base::to_bytes(join_factors(given).expose());
}

TEST(Factors, APinAloneIsTakenAsItIs) {
  EXPECT_EQ(joined({{Factor::pin, bytes_of("482913")}}), base::to_bytes("482913"));
  EXPECT_OK(check_factors(bytes_of("482913"), kPinAlone));
  for (const char* bad : {"", "48291", "48291x", "482913482913482913482913482913482"})
    EXPECT_ERROR(check_factors(bytes_of(bad), kPinAlone), Code::malformed) << bad;
}

TEST(Factors, AllOfThemInTheirOrderAndNothingElseAreTaken) {
  const GivenFactor pin{Factor::pin, bytes_of("482913")},
      gesture{Factor::gesture, bytes_of("1478")},
      passphrase{Factor::passphrase, bytes_of("correct horse")};
  const Bytes both = joined({pin, passphrase});
  EXPECT_OK(check_factors(both, kTwo));
  EXPECT_ERROR(check_factors(both, kPinAlone), Code::malformed);
  EXPECT_ERROR(check_factors(both, 1 | 2 | 4), Code::malformed);
  for (const Bytes& bad :
       {joined({passphrase, pin}), joined({pin, gesture}), joined({pin, gesture, passphrase}),
        joined({pin, pin}), joined({pin, {Factor::passphrase, bytes_of("short")}}),
        joined({{Factor::pin, bytes_of("4829")}, passphrase}),
        joined({{Factor::pin, bytes_of("48291x")}, passphrase}), base::to_bytes("482913"), Bytes{}})
    EXPECT_ERROR(check_factors(bad, kTwo), Code::malformed) << base::to_hex(bad);
  for (std::size_t size = 0; size < both.size(); ++size)
    EXPECT_ERROR(check_factors(base::ByteView(both).first(size), kTwo), Code::malformed) << size;
  EXPECT_ERROR(check_factors(base::concat({both, Bytes{0}}), kTwo), Code::malformed);
}

TEST(Factors, NamesAreReadInTheirOrderAndThePinIsOneOfThem) {
  EXPECT_EQ(*parse_factor_names("pin"), kPinAlone);
  EXPECT_EQ(*parse_factor_names("pin, passphrase"), kTwo);
  EXPECT_EQ(*parse_factor_names("pin,gesture,passphrase,released_key"), 15);
  for (const char* bad : {"", "passphrase", "passphrase, pin", "pin, pin", "pin, fingerprint"})
    EXPECT_ERROR(parse_factor_names(bad), Code::malformed) << bad;
}

}  // namespace
}  // namespace heqi::device
