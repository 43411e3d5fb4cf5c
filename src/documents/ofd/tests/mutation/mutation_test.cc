// Mutations of signed OFD files: a few hundred with the fast tests, ten thousand with the slow
// ones.
#include "operators.h"

namespace heqi::documents::ofd {
namespace {

// shows-part: ECP-DOC-2 (mutations of signed files)
TEST(OfdMutations, OfWhatIsSignedAreNeverGood) {
  SealingDesk desk;
  std::vector<Sample> samples = make_samples(desk, 1);
  for (Sample& one : make_samples(desk, 3)) samples.push_back(std::move(one));
  std::vector<Operator> operators = part_operators();
  for (Operator& one : package_operators()) operators.push_back(std::move(one));
  testing::mutate(
      testing::mutation_count(700), operators, samples,
      [&](const Operator& one, const Sample& sample, testing::SeededRandom& choice) {
        return one.apply(sample, desk, choice);
      },
      [&](const Sample&, const Bytes& file) -> testing::Verdict {
        const auto report = verify_ofd(file, desk.options());
        if (!report) return {false, report.error().detail};
        return {verify::exit_code_of(report->verdict) == 0, words(*report)};
      });
}

}  // namespace
}  // namespace heqi::documents::ofd
