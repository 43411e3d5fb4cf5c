// hashes.h: one pass over the file for all SM3 values that a report states, and each signed content
// hashed once for each algorithm: files may be large, and many steps ask for the same value.
#pragma once
#include <map>

#include <heqi/crypto/sm3.h>
#include <heqi/pki/algorithms.h>

namespace heqi::documents::verify {

// SignedRange is what /ByteRange names, when it fits: octets [0, gap_begin) and [gap_end, end).
struct SignedRange {
  std::uint64_t gap_begin = 0, gap_end = 0, end = 0;
  auto operator<=>(const SignedRange&) const = default;
};
// fitting_range is the range that four numbers name; nullopt where they do not begin with 0, do not
// leave a gap, or leave a file of size octets.
std::optional<SignedRange> fitting_range(const std::vector<std::int64_t>& numbers,
                                         std::uint64_t size);
pki::Content content_of(base::ByteView file, const SignedRange& range);

// FileHashes knows SM3 of prefixes and of signed ranges of one file.
class FileHashes {
 public:
  // ends are the prefixes that will be asked for, and ranges the signed ranges.
  FileHashes(base::ByteView file, const std::vector<std::uint64_t>& ends,
             const std::vector<SignedRange>& ranges);

  crypto::Digest of_prefix(std::uint64_t end) const;
  crypto::Digest of_range(const SignedRange& range) const;

 private:
  base::ByteView file_;
  std::map<std::uint64_t, crypto::Sm3> states_;
};

// KnownDigester answers for signed ranges from hashes or from what it has computed before, and asks
// digests for everything else.
class KnownDigester final : public pki::Digester {
 public:
  KnownDigester(base::ByteView file, const FileHashes& hashes, const pki::Digester& digests)
      : file_(file), hashes_(hashes), digests_(digests) {}

  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return digests_.digest(algorithm, data);
  }
  base::Result<base::Bytes> digest_of(const asn1::Oid& algorithm,
                                      const pki::Content& content) const override;

 private:
  base::ByteView file_;
  const FileHashes& hashes_;
  const pki::Digester& digests_;
  mutable std::map<std::pair<std::string, SignedRange>, base::Bytes> known_;
};

}  // namespace heqi::documents::verify
