// ghash.h: the hash of GCM (GB/T 36624 §10.4) on any processor: a polynomial over GF(2^128).
// Constant time: products without carries are made from integer products whose operands have three
// zero bits between any two bits that matter, so that no carry reaches the next one.
#pragma once
#include <cstddef>
#include <cstdint>

namespace heqi::crypto::internal {

// ghash_field takes one field into the 16 bytes of sum, under the 16 bytes of the hash key. The
// field is filled up with zeros to whole blocks.
void ghash_field(const std::uint8_t* hash_key, std::uint8_t* sum, const std::uint8_t* in,
                 std::size_t size);

}  // namespace heqi::crypto::internal
