// sm3_batch.cc: gives each lane a message, and the next one when it is done.
#include <heqi/crypto/sm3_batch.h>

#include <algorithm>
#include <array>

#include <heqi/base/secret.h>

#include "sm3_bytes.h"
#include "sm3_kernel.h"

namespace heqi::crypto {
namespace {

using internal::kSm3BlockSize;
using internal::kSm3LanesMax;

// Below so many messages, one after the other is faster than the width with empty lanes.
constexpr std::size_t kFewest = 3;

// Blocks are whole blocks that stand in one place.
struct Blocks {
  const std::uint8_t* data = nullptr;
  std::size_t count = 0;
};

// Lane walks over one message: the head's blocks, the block that joins head and body, the body's
// blocks, and the padded tail.
class Lane {
 public:
  void start(const Sm3Message& message, std::size_t index) {
    const base::ByteView head = message.head, body = message.body;
    const std::size_t size = head.size() + body.size(), end = size / 64 * 64;
    const std::size_t of_head = head.size() / 64 * 64, held = head.size() - of_head;
    const bool joins = held != 0 && of_head < end;
    const std::size_t from = joins ? 64 - held : 0;  // of the body
    const std::size_t of_body = held == 0 || joins ? (body.size() - from) / 64 * 64 : 0;
    std::uint8_t* at = buffer_.data();
    if (joins) {
      at = std::copy(head.begin() + std::ptrdiff_t(of_head), head.end(), at);
      at = std::copy_n(body.begin(), from, at);
    }
    std::uint8_t* const tail = at;
    if (!joins) at = std::copy(head.begin() + std::ptrdiff_t(of_head), head.end(), at);
    std::copy(body.begin() + std::ptrdiff_t(from + of_body), body.end(), at);
    places_ = {{{head.data(), of_head / 64},
                {buffer_.data(), joins ? std::size_t{1} : 0},
                {body.data() + from, of_body / 64},
                {tail, internal::sm3_pad(tail, size % 64, size)}}};
    place_ = 0;
    index_ = index;
    skip_empty();
  }
  bool is_done() const { return place_ == places_.size(); }
  Blocks next() const { return places_[place_]; }
  void advance(std::size_t blocks) {
    places_[place_].data += blocks * kSm3BlockSize;
    places_[place_].count -= blocks;
    skip_empty();
  }
  std::size_t index() const { return index_; }
  void wipe() { base::secure_wipe(buffer_.data(), sizeof buffer_); }

 private:
  void skip_empty() {
    while (place_ < places_.size() && places_[place_].count == 0) ++place_;
  }

  std::array<Blocks, 4> places_{};
  std::size_t place_ = 4, index_ = 0;
  std::array<std::uint8_t, 3 * kSm3BlockSize> buffer_;
};

// Batch is the lanes of one call.
class Batch {
 public:
  Batch(std::span<const Sm3Message> messages, std::span<Digest> digests)
      : kernel_(internal::sm3_choice().kernel()), messages_(messages), digests_(digests) {}
  ~Batch() {
    base::secure_wipe(&lanes_, sizeof lanes_);
    for (Lane& lane : lane_) lane.wipe();
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void run() {
    for (std::size_t j = 0; j < kernel_.lanes; ++j) fill(j);
    while (step()) {
    }
  }

 private:
  void fill(std::size_t j) {
    if (next_ == messages_.size()) return;
    for (std::size_t i = 0; i < 8; ++i) lanes_.state[i][j] = internal::kSm3Initial[i];
    lane_[j].start(messages_[next_], next_);
    ++next_;
  }

  // step takes the blocks that all active lanes have in one place; false when none is active.
  bool step() {
    std::array<const std::uint8_t*, kSm3LanesMax> data{};
    std::size_t active = 0, blocks = 0;
    const std::uint8_t* some = nullptr;
    for (std::size_t j = 0; j < kernel_.lanes; ++j) {
      if (lane_[j].is_done()) continue;
      const Blocks next = lane_[j].next();
      blocks = active == 0 ? next.count : std::min(blocks, next.count);
      data[j] = some = next.data;
      ++active;
    }
    if (active == 0) return false;
    if (active < kFewest)
      one_by_one(blocks);
    else
      side_by_side(data, some, blocks);
    return true;
  }

  // An idle lane hashes what another one does; nobody reads its state.
  void side_by_side(std::array<const std::uint8_t*, kSm3LanesMax>& data, const std::uint8_t* some,
                    std::size_t blocks) {
    for (const std::uint8_t*& place : data)
      if (place == nullptr) place = some;
    kernel_.compress_lanes(lanes_, data.data(), blocks);
    for (std::size_t j = 0; j < kernel_.lanes; ++j)
      if (!lane_[j].is_done()) advance(j, blocks);
  }
  void one_by_one(std::size_t blocks) {
    for (std::size_t j = 0; j < kernel_.lanes; ++j) {
      if (lane_[j].is_done()) continue;
      internal::Sm3Words state = state_of(j);
      kernel_.compress(state.data(), lane_[j].next().data, blocks);
      for (std::size_t i = 0; i < 8; ++i) lanes_.state[i][j] = state[i];
      base::secure_wipe(state.data(), sizeof state);
      advance(j, blocks);
    }
  }
  void advance(std::size_t j, std::size_t blocks) {
    lane_[j].advance(blocks);
    if (!lane_[j].is_done()) return;
    digests_[lane_[j].index()] = internal::sm3_digest(state_of(j));
    fill(j);
  }
  internal::Sm3Words state_of(std::size_t j) const {
    internal::Sm3Words out;
    for (std::size_t i = 0; i < 8; ++i) out[i] = lanes_.state[i][j];
    return out;
  }

  const internal::Sm3Kernel& kernel_;
  std::span<const Sm3Message> messages_;
  std::span<Digest> digests_;
  std::size_t next_ = 0;
  internal::Sm3Lanes lanes_;
  std::array<Lane, kSm3LanesMax> lane_;
};

}  // namespace

void sm3_batch(std::span<const Sm3Message> messages, std::span<Digest> digests) {
  HEQI_CHECK(messages.size() == digests.size());
  if (messages.size() >= kFewest) return Batch(messages, digests).run();
  Sm3 hash;
  for (std::size_t i = 0; i < messages.size(); ++i)
    digests[i] = hash.update(messages[i].head).update(messages[i].body).finish();
}

}  // namespace heqi::crypto
