#include <heqi/crypto/merkle_tree.h>
#include <heqi/testing/expect.h>

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::Code;

std::vector<Digest> leaves_of(std::size_t count) {
  std::vector<Bytes> contents(count);
  for (std::size_t i = 0; i < count; ++i) contents[i].assign(i % 100, static_cast<std::uint8_t>(i));
  return merkle_leaves(std::vector<base::ByteView>(contents.begin(), contents.end()));
}

Digest hash_of(std::uint8_t prefix, std::initializer_list<base::ByteView> parts) {
  Bytes all = {prefix};
  for (const base::ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  return sm3(all);
}

// defined_root is MTH as RFC 9162 §2.1.1 writes it down.
Digest defined_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sm3({});
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (2 * k < leaves.size()) k *= 2;
  return hash_of(1, {defined_root(leaves.first(k)), defined_root(leaves.subspan(k))});
}

// defined_path is PATH as §2.1.3.1 writes it down.
std::vector<Digest> defined_path(std::span<const Digest> leaves, std::size_t index) {
  if (leaves.size() == 1) return {};
  std::size_t k = 1;
  while (2 * k < leaves.size()) k *= 2;
  const bool is_left = index < k;
  std::vector<Digest> out =
      is_left ? defined_path(leaves.first(k), index) : defined_path(leaves.subspan(k), index - k);
  out.push_back(defined_root(is_left ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

TEST(MerkleTree, HashesLeavesAndNodesApart) {
  const Bytes content = {1, 2, 3};
  const base::ByteView views[] = {content};
  EXPECT_EQ(merkle_leaves(views).at(0), hash_of(0, {content}));
  const std::vector<Digest> leaves = leaves_of(2);
  EXPECT_EQ(merkle_root(leaves), hash_of(1, {leaves[0], leaves[1]}));
  // A node's two halves, taken for the content of a leaf, make another digest.
  Bytes halves(leaves[0].begin(), leaves[0].end());
  halves.insert(halves.end(), leaves[1].begin(), leaves[1].end());
  const base::ByteView forged[] = {halves};
  EXPECT_NE(merkle_leaves(forged).at(0), merkle_root(leaves));
}

TEST(MerkleTree, RootsAndPathsAreThoseOfTheDefinition) {
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::vector<Digest> leaves = leaves_of(size);
    EXPECT_EQ(merkle_root(leaves), defined_root(leaves)) << size;
    for (std::size_t i = 0; i < size; ++i)
      EXPECT_EQ(*merkle_path(leaves, i), defined_path(leaves, i)) << size << " " << i;
    EXPECT_ERROR(merkle_path(leaves, size), Code::not_found);
  }
  const std::vector<Digest> many = leaves_of(5'000);
  EXPECT_EQ(merkle_root(many), defined_root(many));
}

TEST(MerkleTree, APathShowsItsLeafAtItsPlaceInItsTreeAndNothingElse) {
  for (const std::size_t size : {1, 2, 3, 7, 8, 9, 31, 33}) {
    const std::vector<Digest> leaves = leaves_of(size);
    const MerkleHead head{size, merkle_root(leaves)};
    for (std::size_t i = 0; i < size; ++i) {
      std::vector<Digest> path = *merkle_path(leaves, i);
      for (std::size_t j = 0; j <= size; ++j)
        EXPECT_EQ(merkle_holds(head, leaves[i], j, path), j == i) << size << " " << i << " " << j;
      EXPECT_EQ(merkle_holds(head, leaves[(i + 1) % size], i, path), size == 1);
      EXPECT_FALSE(merkle_holds({0, head.root}, leaves[i], i, path));
      for (Digest& one : path) {
        one[31] ^= 1;
        EXPECT_FALSE(merkle_holds(head, leaves[i], i, path));
        one[31] ^= 1;
      }
      path.push_back(head.root);
      EXPECT_FALSE(merkle_holds(head, leaves[i], i, path));
      path.resize(path.size() - 1);
      if (path.empty()) continue;
      path.pop_back();
      EXPECT_FALSE(merkle_holds(head, leaves[i], i, path));
    }
  }
}

TEST(MerkleTree, GrowthShowsThatATreeContinuesAnother) {
  constexpr std::size_t kMost = 34;
  const std::vector<Digest> all = leaves_of(kMost);
  for (std::size_t size = 1; size <= kMost; ++size) {
    const std::span<const Digest> leaves(all.data(), size);
    const MerkleHead newer{size, merkle_root(leaves)};
    for (std::size_t before = 1; before <= size; ++before) {
      const MerkleHead older{before, merkle_root(leaves.first(before))};
      std::vector<Digest> growth = *merkle_growth(leaves, before);
      EXPECT_EQ(growth.empty(), before == size);
      EXPECT_TRUE(merkle_grew(older, newer, growth)) << before << " to " << size;
      MerkleHead other = older;
      other.root[0] ^= 1;
      EXPECT_FALSE(merkle_grew(other, newer, growth));
      other = newer;
      other.root[0] ^= 1;
      EXPECT_FALSE(merkle_grew(older, other, growth));
      EXPECT_FALSE(merkle_grew({before - 1, older.root}, newer, growth));
      EXPECT_EQ(merkle_grew(newer, older, growth), before == size);
      for (Digest& one : growth) {
        one[5] ^= 4;
        EXPECT_FALSE(merkle_grew(older, newer, growth));
        one[5] ^= 4;
      }
      growth.push_back(newer.root);
      EXPECT_FALSE(merkle_grew(older, newer, growth));
      growth.pop_back();
      if (growth.empty()) continue;
      growth.pop_back();
      EXPECT_FALSE(merkle_grew(older, newer, growth));
    }
  }
  EXPECT_ERROR(merkle_growth(all, 0), Code::not_found);
  EXPECT_ERROR(merkle_growth(all, kMost + 1), Code::not_found);
}

// An entry that was changed after the fact cannot be hidden behind growth.
TEST(MerkleTree, AChangedPastIsNoGrowth) {
  std::vector<Digest> leaves = leaves_of(20);
  const MerkleHead older{13, merkle_root(std::span(leaves).first(13))};
  leaves[4] = leaves[5];
  const MerkleHead newer{20, merkle_root(leaves)};
  EXPECT_FALSE(merkle_grew(older, newer, *merkle_growth(leaves, 13)));
}

}  // namespace
}  // namespace heqi::crypto
