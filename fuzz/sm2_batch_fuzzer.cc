// uses: heqi_crypto
// The batch multiplications of every path that runs here give the same points for any scalars, and
// verify_batch the verdicts of verify_digest for any numbers.
#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm2_batch.h>

#include <algorithm>

namespace {

using namespace heqi;
using crypto::Point;
using crypto::Scalar;

constexpr std::size_t kCountMax = 9;

std::vector<Scalar> scalars_of(base::ByteView data) {
  std::vector<Scalar> out;
  for (; data.size() >= 32 && out.size() < kCountMax; data = data.subspan(32))
    out.push_back(Scalar::reduce(data.first(32)));
  return out;
}

const std::vector<std::string_view>& paths() {
  static const std::vector<std::string_view> found = [] {
    for (const crypto::PrimitivePath& primitive : crypto::primitive_paths())
      if (primitive.primitive == "sm2_batch") return primitive.runnable;
    return std::vector<std::string_view>();
  }();
  return found;
}

// try_points multiplies G, then the products by the same scalars in reverse.
void try_points(const std::vector<Scalar>& scalars) {
  const auto points = crypto::mul_base_batch(scalars);
  HEQI_CHECK(points.has_value());
  std::vector<crypto::Multiplication> products;
  for (std::size_t i = 0; i < scalars.size(); ++i)
    products.push_back({&scalars[scalars.size() - 1 - i], &(*points)[i]});
  const auto second = crypto::mul_batch(products);
  HEQI_CHECK(second.has_value());
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    HEQI_CHECK(equal_vartime((*points)[i], crypto::mul_base(scalars[i])));
    HEQI_CHECK(equal_vartime((*second)[i], crypto::mul_base(scalars[i] * *products[i].k)));
  }
}

// try_verdicts makes up signatures from three scalars each.
void try_verdicts(const std::vector<Scalar>& scalars) {
  std::vector<crypto::PublicKey> keys;
  std::vector<crypto::BatchSignature> batch;
  keys.reserve(scalars.size());
  for (std::size_t i = 0; i + 2 < scalars.size(); ++i) {
    auto key = crypto::PublicKey::from_point(crypto::mul_base(scalars[i]));
    if (!key) continue;
    keys.push_back(*key);
    batch.push_back({&keys.back(), scalars[i].encode(), {scalars[i + 1], scalars[i + 2]}});
  }
  const auto verdicts = crypto::verify_batch(batch);
  for (std::size_t i = 0; i < batch.size(); ++i)
    HEQI_CHECK(verdicts[i].has_value() ==
               crypto::verify_digest(*batch[i].key, batch[i].e, batch[i].signature).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Scalar> scalars = scalars_of({data, size});
  for (const std::string_view path : paths()) {
    HEQI_CHECK(crypto::choose_path("sm2_batch", path).has_value());
    try_points(scalars);
    try_verdicts(scalars);
  }
  return 0;
}
