// Signed files to be mutated. Which octets a signature covers is known from making them, and not
// from reading them.
#pragma once
#include "../attacker.h"

namespace heqi::documents::verify {

// Covered is what one signature signed: octets [0, gap_begin) and [gap_end, end).
struct Covered {
  std::uint64_t gap_begin = 0, gap_end = 0, end = 0;
  bool has(std::uint64_t at) const { return at < gap_begin || (at >= gap_end && at < end); }
};

// Seed is a file that verifies well.
struct Seed {
  std::string name;
  Bytes file;
  std::vector<Covered> signatures;   // in the order of signing
  std::vector<std::uint64_t> saved;  // sizes of the file after each step, oldest first
  std::shared_ptr<SigningDesk> desk;

  std::uint64_t signed_end() const;
  // is_signed tells whether any signature covers the octet.
  bool is_signed(std::uint64_t at) const;
  // last_gap tells whether the octet is in the hole of the last signature, which nothing covers.
  bool in_last_gap(std::uint64_t at) const;
};

// make_seeds makes at least ten files: every style, SM2, RSA and ECDSA, one to five parties,
// certified, turned, with form fields, with and without long-term data.
std::vector<Seed> make_seeds();

}  // namespace heqi::documents::verify
