#include <heqi/crypto/merkle_tree.h>

#include <bit>

#include <heqi/crypto/sm3_batch.h>

namespace heqi::crypto {
namespace {

constexpr std::uint8_t kLeaf[1] = {0}, kNode[1] = {1};

Digest node_of(const Digest& left, const Digest& right) {
  return Sm3().update(kNode).update(left).update(right).finish();
}

// next_level joins nodes two by two; the last of an odd number goes up as it is. Going up level by
// level so makes the tree of §2.1.1, whose left half is the largest power of two.
std::vector<Digest> next_level(std::span<const Digest> level) {
  static_assert(sizeof(Digest[2]) == 2 * kSm3Size);
  const std::size_t pairs = level.size() / 2;
  std::vector<Sm3Message> messages;
  messages.reserve(pairs);
  for (std::size_t i = 0; i < pairs; ++i)
    messages.push_back({kNode, {level[2 * i].data(), 2 * kSm3Size}});
  std::vector<Digest> out(pairs);
  sm3_batch(messages, out);
  if (level.size() % 2 != 0) out.push_back(level.back());
  return out;
}

// add_growth is SUBPROOF of §2.1.4.1; is_known says that the verifier has the root of the first
// size leaves as it stands.
void add_growth(std::span<const Digest> leaves, std::size_t size, bool is_known,
                std::vector<Digest>& out) {
  if (size == leaves.size()) {
    if (!is_known) out.push_back(merkle_root(leaves));
    return;
  }
  const std::size_t left = std::bit_ceil(leaves.size()) / 2;
  if (size <= left) {
    add_growth(leaves.first(left), size, is_known, out);
    out.push_back(merkle_root(leaves.subspan(left)));
  } else {
    add_growth(leaves.subspan(left), size - left, false, out);
    out.push_back(merkle_root(leaves.first(left)));
  }
}

}  // namespace

std::vector<Digest> merkle_leaves(std::span<const base::ByteView> contents) {
  std::vector<Sm3Message> messages;
  messages.reserve(contents.size());
  for (const base::ByteView content : contents) messages.push_back({kLeaf, content});
  std::vector<Digest> out(contents.size());
  sm3_batch(messages, out);
  return out;
}

Digest merkle_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sm3({});
  if (leaves.size() == 1) return leaves[0];
  std::vector<Digest> level = next_level(leaves);
  while (level.size() > 1) level = next_level(level);
  return level[0];
}

base::Result<std::vector<Digest>> merkle_path(std::span<const Digest> leaves, std::uint64_t index) {
  if (index >= leaves.size())
    return base::fail(base::Code::not_found, "Merkle path: no leaf has this index");
  std::vector<Digest> out, level(leaves.begin(), leaves.end());
  for (auto at = static_cast<std::size_t>(index); level.size() > 1; at /= 2) {
    if ((at ^ 1) < level.size()) out.push_back(level[at ^ 1]);
    level = next_level(level);
  }
  return out;
}

base::Result<std::vector<Digest>> merkle_growth(std::span<const Digest> leaves,
                                                std::uint64_t size) {
  if (size == 0 || size > leaves.size())
    return base::fail(base::Code::not_found, "Merkle growth: there was no tree of this size");
  std::vector<Digest> out;
  add_growth(leaves, static_cast<std::size_t>(size), true, out);
  return out;
}

bool merkle_holds(const MerkleHead& head, const Digest& leaf, std::uint64_t index,
                  std::span<const Digest> path) {
  if (index >= head.size) return false;
  Digest at = leaf;
  std::size_t used = 0;
  for (std::uint64_t last = head.size - 1; last != 0; index /= 2, last /= 2) {
    if (index % 2 == 0 && index == last) continue;  // went up as it is
    if (used == path.size()) return false;
    const Digest& other = path[used++];
    at = index % 2 == 0 ? node_of(at, other) : node_of(other, at);
  }
  return used == path.size() && at == head.root;
}

bool merkle_grew(const MerkleHead& older, const MerkleHead& newer, std::span<const Digest> growth) {
  if (older.size == 0 || older.size > newer.size) return false;
  if (older.size == newer.size) return growth.empty() && older.root == newer.root;
  std::uint64_t index = older.size - 1, last = newer.size - 1;
  for (; index % 2 != 0; index /= 2) last /= 2;
  // Of a whole subtree the verifier has the root already.
  std::size_t used = 0;
  if (index != 0 && growth.empty()) return false;
  const Digest start = index == 0 ? older.root : growth[used++];
  Digest before = start, after = start;
  for (; last != 0; index /= 2, last /= 2) {
    if (index % 2 == 0 && index == last) continue;
    if (used == growth.size()) return false;
    const Digest& other = growth[used++];
    if (index % 2 != 0) {
      before = node_of(other, before);
      after = node_of(other, after);
    } else {
      after = node_of(after, other);
    }
  }
  return used == growth.size() && before == older.root && after == newer.root;
}

}  // namespace heqi::crypto
