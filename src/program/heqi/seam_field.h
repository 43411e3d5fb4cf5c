// seam_field.h: a field whose seal goes across the edges of all pages (骑缝章), from the command
// line.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/seal/seam.h>

namespace heqi::program {

// parse_seam reads right or left, or EDGE:AT, AT being the part of each page's height where the
// seal's middle is, 0 to 1. The size is that of the default. Fails with malformed.
base::Result<documents::seal::SeamRequest> parse_seam(const std::string& text);

// plan_slices puts the slices on document's pages, from the left of the seal's picture to its
// right. Fails as seal::plan_seam.
base::Result<std::vector<documents::pdf::Placement>> plan_slices(
    const documents::pdf::Document& document, const documents::seal::SeamRequest& request);

// FieldWish is one party's field as the command line or a query says it.
struct FieldWish {
  std::string name;
  std::optional<documents::pdf::Placement> box;
  std::optional<documents::seal::SeamRequest> seam;
};

// parse_field reads NAME=PAGE:X,Y,W,H for a box, NAME=SEAM,W,H for a seal across pages, and
// NAME=PAGE:X,Y,W,H+SEAM for both, with a SEAM as parse_seam reads it.
base::Result<FieldWish> parse_field(const std::string& text);

// plan_field is wish on document's pages. A box comes before the slices.
base::Result<documents::pdf::FieldRequest> plan_field(const documents::pdf::Document& document,
                                                      const FieldWish& wish);
// plan_fields is parse_field and plan_field of each.
base::Result<std::vector<documents::pdf::FieldRequest>> plan_fields(
    base::ByteView file, const std::vector<std::string>& texts);

}  // namespace heqi::program
