// public_sum.cc: sums of many multiples of public points. Each lane adds up terms of its own; all
// terms share their doublings.
#include "odd_table.h"

namespace heqi::crypto::internal::ifma {
namespace {

constexpr unsigned kBits = 4, kEntries = 8;
static_assert(kLongTermRows * kBits == 256);

// Room is what a vector of terms is worked on in.
struct Room {
  OddTable<kEntries> table;
  Growing<kEntries> growing;
  Number product;  // of the denominators up to this vector's
  OddScalar k;
};
static_assert(sizeof(Room) <= sizeof(LaneTerms::room));

Room& room_of(LaneTerms& terms) {
  return *reinterpret_cast<Room*>(terms.room);
}

// make_tables shares one inversion among all vectors.
__attribute__((noinline)) void make_tables(LaneTerms* terms, std::size_t vectors) {
  for (std::size_t i = 0; i < vectors; ++i) {
    Room& room = room_of(terms[i]);
    room.k = odd_scalar(load_words(terms[i].k.word));
    grow(Affine{load_number(terms[i].p.x), load_number(terms[i].p.y)}, room.table, room.growing);
    room.product =
        i == 0 ? room.growing.last_z : room_of(terms[i - 1]).product * room.growing.last_z;
  }
  Number rest = inverted(room_of(terms[vectors - 1]).product);
  for (std::size_t i = vectors; --i > 0;) {
    Room& room = room_of(terms[i]);
    finish(room.table, room.growing, rest * room_of(terms[i - 1]).product);
    rest = rest * room.growing.last_z;
  }
  finish(room_of(terms[0]).table, room_of(terms[0]).growing, rest);
}

Affine entry_of(const Room& room, unsigned rows, unsigned row, bool is_flipped) {
  const Digit next =
      row + 1 == rows ? highest_digit<kBits>(room.k, row) : digit<kBits>(room.k, row);
  return look_up(room.table, flipped(next, is_flipped));
}

void store_number(const Number& a, std::uint64_t (&rows)[4][kLanes]) {
  store_words(words_of(from_montgomery(a)), rows);
}

}  // namespace

// An addition of equal or opposite points, or to infinity, makes Z zero, and then it stays so.
bool sum_vartime(LaneTerms* terms, std::size_t vectors, LaneSums& out) {
  make_tables(terms, vectors);
  Jacobian sum = jacobian_of(entry_of(room_of(terms[0]), kLongTermRows, kLongTermRows - 1, false));
  bool is_negative = false;  // each addition negates the sum
  for (unsigned row = kLongTermRows; row-- > 0;) {
    const bool is_first = row + 1 == kLongTermRows;
    for (unsigned i = 0; !is_first && i < kBits; ++i) sum = doubled(sum);
    for (std::size_t i = is_first ? 1 : 0; i < vectors && row < terms[i].rows; ++i) {
      sum = add_negated(sum, entry_of(room_of(terms[i]), terms[i].rows, row, is_negative));
      is_negative = !is_negative;
    }
  }
  if (is_zero(sum.z) != 0) return false;
  if (is_negative) sum.y = carried(primes<3>() - sum_of(sum.y));
  store_number(sum.x, out.x);
  store_number(sum.y, out.y);
  store_number(sum.z, out.z);
  return true;
}

}  // namespace heqi::crypto::internal::ifma
