// Mutations of signed PDF files: a few hundred with the fast tests, ten thousand with the slow
// ones.
#include "operators.h"

namespace heqi::documents::verify {
namespace {

// shows-part: ECP-DOC-1 (mutations of signed files)
TEST(Mutations, OfSignedOctetsAreNeverGood) {
  std::vector<Operator> operators = octet_operators();
  for (const auto& more : {structure_operators(), update_operators()})
    operators.insert(operators.end(), more.begin(), more.end());
  testing::mutate(
      testing::mutation_count(400), operators, make_seeds(),
      [](const Operator& one, const Seed& seed, testing::SeededRandom& choice) {
        return one.apply(seed, choice);
      },
      [](const Seed& seed, const Bytes& file) -> testing::Verdict {
        const auto report = verify_pdf(file, seed.desk->options(kSignedAt + std::chrono::hours(6)));
        if (!report) return {false, report.error().detail};
        return {exit_code_of(report->verdict) == 0, words(*report)};
      });
}

}  // namespace
}  // namespace heqi::documents::verify
