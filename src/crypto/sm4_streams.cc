#include "sm4_streams.h"

#include <algorithm>
#include <vector>

#include "sm4_kernel.h"

namespace heqi::crypto {
namespace internal {
namespace {

// Seat is one of the kernel's streams and how many blocks of its message are still to come.
struct Seat {
  const ChainedMessage* message = nullptr;
  std::size_t blocks = 0;
};

// Streams keeps the seats filled. An empty seat works on a block that nobody reads.
class Streams {
 public:
  explicit Streams(std::span<const ChainedMessage> messages) : waiting_(messages) {
    for (Sm4Stream& stream : streams_) stream = {unread_.data(), unread_.data(), 0, 0, {}};
  }
  ~Streams() {
    base::secure_wipe(streams_.data(), sizeof streams_);
    base::secure_wipe(unread_.data(), sizeof unread_);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // fill seats messages as long as there are any; it returns how many blocks all of them have, at
  // least, and zero when everything is done.
  std::size_t fill() {
    std::size_t fewest = 0;
    for (std::size_t i = 0; i < kSm4Streams; ++i) {
      while (seats_[i].blocks == 0 && !waiting_.empty()) sit(i);
      const std::size_t blocks = seats_[i].blocks;
      if (blocks != 0) fewest = fewest == 0 ? blocks : std::min(fewest, blocks);
    }
    return fewest;
  }
  void run(const Sm4& cipher, std::size_t blocks) {
    cipher.kernel().cbc_streams(cipher.round_keys().encrypt, streams_.data(), blocks);
    for (std::size_t i = 0; i < kSm4Streams; ++i) {
      Seat& seat = seats_[i];
      if (seat.message == nullptr) continue;
      seat.blocks -= blocks;
      if (seat.blocks != 0) continue;
      *seat.message->chain = streams_[i].chain;
      seat.message = nullptr;
      streams_[i] = {unread_.data(), unread_.data(), 0, 0, {}};
    }
  }

 private:
  void sit(std::size_t i) {
    const ChainedMessage& message = waiting_.front();
    waiting_ = waiting_.subspan(1);
    if (message.in.empty()) return;
    seats_[i] = {&message, message.in.size() / kSm4BlockSize};
    Sm4Stream& stream = streams_[i];
    stream.in = message.in.data();
    stream.in_step = kSm4BlockSize;
    stream.out = message.out.empty() ? unread_.data() : message.out.data();
    stream.out_step = message.out.empty() ? 0 : kSm4BlockSize;
    stream.chain = *message.chain;
  }

  std::span<const ChainedMessage> waiting_;
  std::array<Seat, kSm4Streams> seats_{};
  std::array<Sm4Stream, kSm4Streams> streams_;
  Sm4Block unread_{};
};

}  // namespace

void chain_each(const Sm4& cipher, std::span<const ChainedMessage> messages) {
  Streams streams(messages);
  while (const std::size_t blocks = streams.fill()) streams.run(cipher, blocks);
}

}  // namespace internal

base::Status Sm4::cbc_encrypt_each(std::span<const CbcMessage> messages) const {
  for (const CbcMessage& message : messages) {
    HEQI_CHECK(message.out.size() == message.in.size());
    if (message.in.size() % kSm4BlockSize != 0)
      return base::fail(base::Code::malformed, "SM4-CBC: a message is not a multiple of 16 bytes");
  }
  std::vector<Sm4Block> chains;
  chains.reserve(messages.size());
  std::vector<internal::ChainedMessage> chained;
  chained.reserve(messages.size());
  for (const CbcMessage& message : messages) {
    chains.push_back(message.iv);
    chained.push_back({&chains.back(), message.in, message.out});
  }
  internal::chain_each(*this, chained);
  return {};
}

}  // namespace heqi::crypto
