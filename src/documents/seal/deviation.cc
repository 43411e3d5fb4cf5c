#include <heqi/documents/seal/deviation.h>

#include <algorithm>

namespace heqi::documents::seal {

const DeviationText& text_of(Deviation deviation) {
  static constexpr DeviationText texts[] = {
#define HEQI_DEVIATION(symbol, english, chinese) {#symbol, english, chinese},
#include <heqi/documents/seal/deviations.def>
#undef HEQI_DEVIATION
  };
  return texts[static_cast<std::size_t>(deviation)];
}

void Deviations::add(Deviation deviation) {
  if (!has(deviation)) all_.push_back(deviation);
}

void Deviations::add(const Deviations& others) {
  for (const Deviation one : others.all_) add(one);
}

bool Deviations::has(Deviation deviation) const {
  return std::find(all_.begin(), all_.end(), deviation) != all_.end();
}

}  // namespace heqi::documents::seal
