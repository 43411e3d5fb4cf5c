// order.h: the order n of the base point (GB/T 32918.5) and products modulo n.
#pragma once
#include "words.h"

namespace heqi::crypto::internal {

inline constexpr Words kOrder = {0x53BBF40939D54123, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF,
                                 0xFFFFFFFEFFFFFFFF};

// order_multiply is a·b·2^−256 modulo n; one factor may be any 256-bit number.
Words order_multiply(const Words& a, const Words& b);
// order_from_plain takes any 256-bit number modulo n into Montgomery form.
Words order_from_plain(const Words& plain);
// order_to_plain takes a from Montgomery form.
Words order_to_plain(const Words& a);

}  // namespace heqi::crypto::internal
