// uses: heqi_crypto
// Sums of many multiples of public points and multiples of one point are on every path what the
// multiplications one by one give, for any scalars and for points that meet.
#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/dispatch.h>

#include <algorithm>

namespace {

using namespace heqi;
using crypto::Point;
using crypto::Scalar;

// Enough for lanes, and for two vectors of them.
constexpr std::size_t kCountMax = 20, kTermSize = 33;

// Item is a scalar that is short where kind says so, and a point that few octets choose, so that
// equal and opposite points are among them.
struct Item {
  Scalar k;
  Point p;
};

std::vector<Item> items_of(base::ByteView data) {
  std::vector<Item> out;
  for (; data.size() >= kTermSize && out.size() < kCountMax; data = data.subspan(kTermSize)) {
    const std::uint8_t kind = data[0];
    crypto::ScalarBytes k{};
    std::copy_n(data.begin() + 1, k.size(), k.begin());
    if ((kind & 1) != 0) {
      std::fill_n(k.begin(), 16, std::uint8_t(0));
      k.back() |= 1;
    }
    const Point point = crypto::mul_base(Scalar::from_word(kind / 4));
    out.push_back({Scalar::reduce(k), (kind & 2) != 0 ? -point : point});
  }
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

void try_sum(const std::vector<Item>& items, const Scalar& base) {
  std::vector<crypto::Term> terms;
  Point expected = crypto::mul_base(base);
  for (const Item& item : items) {
    terms.push_back({item.k, &item.p});
    expected = expected + crypto::mul(item.k, item.p);
  }
  HEQI_CHECK(equal_vartime(crypto::mul_sum_vartime(base, terms), expected));
}

void try_one(const std::vector<Item>& items) {
  std::vector<Scalar> scalars;
  for (const Item& item : items) scalars.push_back(item.k);
  const Point& p = items[0].p;
  const auto products = crypto::mul_one_batch(p, scalars);
  HEQI_CHECK(products.has_value() && products->size() == scalars.size());
  for (std::size_t i = 0; i < scalars.size(); ++i)
    HEQI_CHECK(equal_vartime((*products)[i], crypto::mul(scalars[i], p)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Item> items = items_of({data, size});
  if (items.empty()) return 0;
  for (const std::string_view path : paths()) {
    HEQI_CHECK(crypto::choose_path("sm2_batch", path).has_value());
    try_sum(items, items.back().k);
    try_sum(items, Scalar());
    try_one(items);
  }
  return 0;
}
