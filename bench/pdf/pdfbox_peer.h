// pdfbox_peer.h: PDFBox 2 with BouncyCastle (Debian: libpdfbox2-java, libbcpkix-java), in its own
// process on the same core.
#pragma once
#include "desk.h"

namespace heqi::bench {

// pdfbox_signatures_per_second signs file with the key of desk after 200 warm-ups; 0 where PDFBox
// or java is not installed (said on standard error).
double pdfbox_signatures_per_second(const Desk& desk, base::ByteView file);

}  // namespace heqi::bench
