// SM3: one stream, and sixteen messages at once.
#include <benchmark/benchmark.h>

#include <heqi/crypto/sm3_batch.h>

#include <memory>

#include "peers.h"

namespace heqi::bench {
namespace {

Prepare hash(std::size_t size) {
  return [size]() -> Operation {
    return [data = base::Bytes(size, 1)] {
      benchmark::DoNotOptimize(crypto::sm3(data));
      return true;
    };
  };
}

// batch hashes sixteen messages of 16 KiB, each whole in memory of its own.
Operation batch() {
  constexpr std::size_t kStreams = 16;
  std::vector<base::Bytes> texts;
  for (std::size_t i = 0; i < kStreams; ++i)
    texts.emplace_back(16384, static_cast<std::uint8_t>(i));
  const auto data = std::make_shared<const std::vector<base::Bytes>>(std::move(texts));
  std::vector<crypto::Sm3Message> messages;
  for (const base::Bytes& text : *data) messages.push_back({text, {}});
  return [data, messages, digests = std::vector<crypto::Digest>(kStreams)]() mutable {
    crypto::sm3_batch(messages, digests);
    benchmark::DoNotOptimize(digests.data());
    return true;
  };
}

void add_rows(std::vector<Row>& rows) {
  const Unit unit = Unit::megabytes_per_second;
  rows.push_back({"sm3_16k", unit, 16384, {"sm3"}, hash(16384), sm3_peers(16384)});
  rows.push_back({"sm3_64", unit, 64, {"sm3"}, hash(64), sm3_peers(64)});
  rows.push_back({"sm3_x16", unit, 16 * 16384, {"sm3"}, batch, {}});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
