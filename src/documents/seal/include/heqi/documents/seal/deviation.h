// heqi/documents/seal/deviation.h: how a structure differs from the standard and is read all the
// same.
#pragma once
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>

namespace heqi::documents::seal {

// Deviation is one way; its words are in deviations.def.
enum class Deviation : std::uint8_t {
#define HEQI_DEVIATION(symbol, english, chinese) symbol,
#include <heqi/documents/seal/deviations.def>
#undef HEQI_DEVIATION
};

struct DeviationText {
  std::string_view name;  // the symbol
  std::string_view english, chinese;
};
const DeviationText& text_of(Deviation deviation);

// Deviations are those of one structure, each named once.
class Deviations {
 public:
  void add(Deviation deviation);
  void add(const Deviations& others);
  bool has(Deviation deviation) const;
  bool empty() const { return all_.empty(); }
  const std::vector<Deviation>& all() const { return all_; }

 private:
  std::vector<Deviation> all_;
};

}  // namespace heqi::documents::seal
