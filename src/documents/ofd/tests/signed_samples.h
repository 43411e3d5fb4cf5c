// Signed and sealed files of every kind that we make.
#pragma once
#include <heqi/documents/ofd/seam.h>

#include "ofd_world.h"

namespace heqi::documents::ofd {

struct Sample {
  std::string name;
  Bytes file;
};

inline SignatureRequest with_seam(SealingDesk& desk, std::size_t pages, Edge edge) {
  SignatureRequest out = desk.sealing(desk.alice);
  out.stamps = must(plan_seam(std::vector<Box>(pages, {0, 0, 210, 297}), {.edge = edge}));
  return out;
}

// make_samples makes files of so many pages: sealed, signed, with and without a time-stamp, closed,
// signed twice, and with a seal across the pages.
inline std::vector<Sample> make_samples(SealingDesk& desk, std::size_t pages) {
  const std::string count = "-" + std::to_string(pages);
  const Bytes plain = contract(pages), sealed = desk.sealed(plain);
  std::vector<Sample> out = {
      {"sealed" + count, sealed},
      {"sealed-claimed" + count, desk.sealed(plain, {.time_stamp = false})},
      {"signed" + count, desk.signed_by(plain, desk.alice)},
      {"signed-claimed" + count, desk.signed_by(plain, desk.alice, {.time_stamp = false})},
      {"closed" + count, desk.sealed(plain, {.closing = Closing::close})},
      {"sealed-signed" + count, desk.signed_by(sealed, desk.mallory)},
      {"sealed-sealed" + count, desk.sealed(sealed)}};
  if (pages == 1) return out;
  out.push_back(
      {"right" + count, desk.perform(plain, with_seam(desk, pages, Edge::right), desk.alice)});
  out.push_back(
      {"left" + count, desk.perform(plain, with_seam(desk, pages, Edge::left), desk.alice)});
  return out;
}

}  // namespace heqi::documents::ofd
