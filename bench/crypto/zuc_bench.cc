// ZUC over 16 KiB: encryption and tag of mobile networks. None of the peers has it.
#include <heqi/crypto/zuc.h>

#include "rows.h"

namespace heqi::bench {
namespace {

constexpr std::size_t kSize = 16384;

Operation eea3() {
  return [data = base::Bytes(kSize, 1), out = base::Bytes(kSize)]() mutable {
    return crypto::zuc_eea3({}, {}, data, 8 * kSize, out).has_value();
  };
}
Operation eia3() {
  return [data = base::Bytes(kSize, 1)] {
    return crypto::zuc_eia3({}, {}, data, 8 * kSize).has_value();
  };
}

void add_rows(std::vector<Row>& rows) {
  rows.push_back({"zuc_eea3", Unit::megabytes_per_second, kSize, {"zuc"}, eea3, {}});
  rows.push_back({"zuc_eia3", Unit::megabytes_per_second, kSize, {"zuc"}, eia3, {}});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
