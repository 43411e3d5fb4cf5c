#include "hashes.h"

#include <heqi/x509/oids.h>

namespace heqi::documents::verify {

using base::ByteView;

namespace {

// range_of is the signed range whose content this is; nullopt where it is no part of file.
std::optional<SignedRange> range_of(ByteView file, const pki::Content& content) {
  const auto parts = content.parts();
  if (parts.size() != 2 || parts[0].data() != file.data()) return std::nullopt;
  const std::uint8_t *begin = parts[1].data(), *last = file.data() + file.size();
  if (begin < file.data() || begin > last) return std::nullopt;
  const auto gap_end = static_cast<std::uint64_t>(begin - file.data());
  return SignedRange{parts[0].size(), gap_end, gap_end + parts[1].size()};
}

}  // namespace

std::optional<SignedRange> fitting_range(const std::vector<std::int64_t>& numbers,
                                         std::uint64_t size) {
  if (numbers.size() != 4 || numbers[0] != 0) return std::nullopt;
  std::uint64_t number[4] = {};
  for (std::size_t i = 0; i < 4; ++i) {
    if (numbers[i] < 0) return std::nullopt;
    number[i] = static_cast<std::uint64_t>(numbers[i]);
    if (number[i] > size) return std::nullopt;  // so no sum below overflows
  }
  if (!(number[1] > 0 && number[1] < number[2] && number[2] + number[3] <= size))
    return std::nullopt;
  return SignedRange{number[1], number[2], number[2] + number[3]};
}

pki::Content content_of(ByteView file, const SignedRange& range) {
  pki::Content content(file.first(range.gap_begin));
  return content.add(file.subspan(range.gap_end, range.end - range.gap_end));
}

FileHashes::FileHashes(ByteView file, const std::vector<std::uint64_t>& ends,
                       const std::vector<SignedRange>& ranges)
    : file_(file) {
  for (const std::uint64_t end : ends) states_[end];
  for (const SignedRange& range : ranges) states_[range.gap_begin];
  crypto::Sm3 hash;
  std::uint64_t at = 0;
  for (auto& [cut, state] : states_) {
    hash.update(file.subspan(at, cut - at));
    at = cut;
    state = hash;
  }
}

crypto::Digest FileHashes::of_prefix(std::uint64_t end) const {
  return crypto::Sm3(states_.at(end)).finish();
}

crypto::Digest FileHashes::of_range(const SignedRange& range) const {
  crypto::Sm3 hash = states_.at(range.gap_begin);
  return hash.update(file_.subspan(range.gap_end, range.end - range.gap_end)).finish();
}

base::Result<base::Bytes> KnownDigester::digest_of(const asn1::Oid& algorithm,
                                                   const pki::Content& content) const {
  const std::optional<SignedRange> range = range_of(file_, content);
  if (!range) return digests_.digest_of(algorithm, content);
  const auto key = std::pair(algorithm.dotted(), *range);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  base::Bytes out;
  if (algorithm == x509::oids::sm3()) {
    out = base::to_bytes(hashes_.of_range(*range));
  } else {
    HEQI_TRY(out, digests_.digest_of(algorithm, content));
  }
  known_.emplace(key, out);
  return out;
}

}  // namespace heqi::documents::verify
