// SM3: one stream, and sixteen messages at once.
#include <benchmark/benchmark.h>

#include <heqi/crypto/sm3_batch.h>

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

void add_rows(std::vector<Row>& rows) {
  const Unit unit = Unit::megabytes_per_second;
  rows.push_back({"sm3_16k", unit, 16384, {"sm3"}, hash(16384), sm3_peers(16384)});
  rows.push_back({"sm3_64", unit, 64, {"sm3"}, hash(64), sm3_peers(64)});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
