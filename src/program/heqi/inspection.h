// inspection.h: what shows otherwise elsewhere is not signed (GB/T 25065: the signer can inspect
// the whole data).
#pragma once
#include <span>

#include <heqi/device/msd.h>
#include <heqi/documents/pdf/lint.h>

namespace heqi::program {

// parse_lints reads the names of heqi pdf lint, separated by commas. Fails with malformed.
base::Result<std::vector<documents::pdf::Lint>> parse_lints(const std::string& text);

// check_whole fails with unsupported, and says where, at the first finding that refuses and is not
// among despite; and as lint.
base::Status check_whole(const documents::pdf::Document& document,
                         std::span<const documents::pdf::Lint> despite);

inline constexpr std::size_t kGapMax = std::size_t{16} << 20;  // octets of a gap

// with_gap is the file of which data is what a signature in preparation covers: octets of zero
// stand where its value will. Where data tells of no such place it is data.
base::Bytes with_gap(base::ByteView data);

// check_displayed asks of a document that a device displays whether data are its octets
// (device_display_differs), and of a PDF what check_whole asks (unsupported). Others are shown by
// title and digest only.
base::Status check_displayed(const device::Display& display, base::ByteView data,
                             std::span<const documents::pdf::Lint> despite);

}  // namespace heqi::program
