// parameters.h: the curve of SM9 (GB/T 38635.1 annex A): y² = x³ + 5 over p(t), order N(t), of the
// Barreto–Naehrig family; its twist y² = x³ + 5u over Fp2. Plain numbers, not in Montgomery form.
#pragma once
#include "../words.h"

namespace heqi::crypto::sm9::internal {

using crypto::internal::Words;

inline constexpr std::uint64_t kT = 0x600000000058F98A;
inline constexpr Words kPrime = {0xE56F9B27E351457D, 0x21F2934B1A7AEEDB, 0xD603AB4FF58EC745,
                                 0xB640000002A3A6F1};
inline constexpr Words kOrder = {0xE56EE19CD69ECF25, 0x49F2934B18EA8BEE, 0xD603AB4FF58EC744,
                                 0xB640000002A3A6F1};

struct PrimeModulus {
  static constexpr Words kWords = kPrime;
  static constexpr std::uint64_t kInverse = crypto::internal::montgomery_inverse(kPrime);
};
struct OrderModulus {
  static constexpr Words kWords = kOrder;
  static constexpr std::uint64_t kInverse = crypto::internal::montgomery_inverse(kOrder);
};

// P1 generates G1.
inline constexpr Words kP1X = {0xE8C4E4817C66DDDD, 0xE1E4086909DC3280, 0xF5ED0704487D01D6,
                               0x93DE051D62BF718F};
inline constexpr Words kP1Y = {0x0C464CD70A3EA616, 0x1C1C00CBFA602435, 0x631065125C395BBC,
                               0x21FE8DDA4F21E607};
// P2 generates G2; the first word array of a pair is the coefficient of 1, the second that of u.
inline constexpr std::array<Words, 2> kP2X = {
    Words{0xF9B7213BAF82D65B, 0xEE265948D19C17AB, 0xD2AAB97FD34EC120, 0x3722755292130B08},
    Words{0x54806C11D8806141, 0xF1DD2C190F5E93C4, 0x597B6027B441A01F, 0x85AEF3D078640C98}};
inline constexpr std::array<Words, 2> kP2Y = {
    Words{0x6215BBA5C999A7C7, 0x47EFBA98A71A0811, 0x5F3170153D278FF2, 0xA7CF28D519BE3DA6},
    Words{0x856DC76B84EBEB96, 0x0736A96FA347C8BD, 0x66BA0D262CBEE6ED, 0x17509B092E845C12}};

// kFrobenius[i] is w^(i(p−1)) = (−2)^(i(p−1)/12) for w⁶ = u: what the coefficient of w^i is
// multiplied by, besides its conjugation, when a number of Fp12 is raised to the power p.
inline constexpr std::array<Words, 6> kFrobenius = {
    Words{1, 0, 0, 0},
    Words{0xA91D8354377B698B, 0x47C5C86E0DDD04ED, 0x843C6CFA9C086749, 0x3F23EA58E5720BDB},
    Words{0xD5FC11967BE65334, 0x780272354F8B78F4, 0xF300000002A3A6F2, 0},
    Words{0xF5B21FD3DA24D011, 0x9F9D411806DC5177, 0xF55ACC93EE0BAF15, 0x6C648DE5DC0A3F2C},
    Words{0xD5FC11967BE65333, 0x780272354F8B78F4, 0xF300000002A3A6F2, 0},
    Words{0x4C949C7FA2A96686, 0x57D778A9F8FF4C8A, 0x711E5F99520347CC, 0x2D40A38CF6983351}};
// w^(−2(p−1)), w^(−3(p−1)) and w^(−4(p−1)): the same on the coordinates of the twist.
inline constexpr Words kFrobeniusX = {0x0F738991676AF24A, 0xA9F02115CAEF75E7, 0xE303AB4FF2EB2052,
                                      0xB640000002A3A6F0};
inline constexpr Words kFrobeniusY = {0xEFBD7B54092C756C, 0x82555233139E9D63, 0xE0A8DEBC0783182F,
                                      0x49DB721A269967C4};
inline constexpr Words kFrobeniusTwiceX = {0x0F738991676AF249, 0xA9F02115CAEF75E7,
                                           0xE303AB4FF2EB2052, 0xB640000002A3A6F0};

}  // namespace heqi::crypto::sm9::internal
