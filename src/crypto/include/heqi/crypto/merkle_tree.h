// heqi/crypto/merkle_tree.h: Merkle trees over SM3 in the shape of RFC 9162 §2.1: a leaf is
// SM3(0 || data), a node SM3(1 || left || right); each level is hashed side by side (sm3_batch.h).
// For public data.
#pragma once
#include <span>
#include <vector>

#include <heqi/base/result.h>
#include <heqi/crypto/sm3.h>

namespace heqi::crypto {

// merkle_leaves are the digests of leaves with these contents.
std::vector<Digest> merkle_leaves(std::span<const base::ByteView> contents);

// merkle_root is MTH of RFC 9162 §2.1.1; of no leaves it is SM3 of nothing.
Digest merkle_root(std::span<const Digest> leaves);

// merkle_path shows that the leaf at index stands in the tree of all leaves (§2.1.3.1). Fails with
// not_found where there is no such leaf.
base::Result<std::vector<Digest>> merkle_path(std::span<const Digest> leaves, std::uint64_t index);

// merkle_growth shows that the tree of the first size leaves is the beginning of the tree of all
// (§2.1.4.1); empty where they are the same. Fails with not_found for size 0 or above all.
base::Result<std::vector<Digest>> merkle_growth(std::span<const Digest> leaves, std::uint64_t size);

// MerkleHead is what a verifier knows of a tree.
struct MerkleHead {
  std::uint64_t size = 0;
  Digest root{};
};

// merkle_holds says whether path shows leaf at index under head (§2.1.3.2).
bool merkle_holds(const MerkleHead& head, const Digest& leaf, std::uint64_t index,
                  std::span<const Digest> path);

// merkle_grew says whether growth shows that newer continues older (§2.1.4.2). Nothing but the
// empty proof shows that a tree continues itself; the empty tree is continued by none.
bool merkle_grew(const MerkleHead& older, const MerkleHead& newer, std::span<const Digest> growth);

}  // namespace heqi::crypto
