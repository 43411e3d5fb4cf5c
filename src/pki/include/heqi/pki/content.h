// heqi/pki/content.h: what a detached message is over, perhaps in several runs that need not stand
// together: a PDF's /ByteRange leaves a hole, and a file of a gigabyte is not copied to close it.
#pragma once
#include <array>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::pki {

inline constexpr std::size_t kContentPartsMax = 4;

// Content views up to kContentPartsMax runs of octets, which outlive it.
class Content {
 public:
  Content() = default;
  Content(base::ByteView whole) { add(whole); }
  Content(const base::Bytes& whole) { add(whole); }

  // add appends a run; an empty one changes nothing.
  Content& add(base::ByteView part) {
    if (part.empty()) return *this;
    HEQI_CHECK(count_ < parts_.size());
    parts_[count_++] = part;
    return *this;
  }

  std::span<const base::ByteView> parts() const { return {parts_.data(), count_}; }
  std::uint64_t size() const;
  bool empty() const { return count_ == 0; }
  // joined copies the runs together.
  base::Bytes joined() const;
  // equals tells whether the runs, joined, are octets.
  bool equals(base::ByteView octets) const;

 private:
  std::array<base::ByteView, kContentPartsMax> parts_;
  std::size_t count_ = 0;
};

}  // namespace heqi::pki
