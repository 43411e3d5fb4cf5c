// pdfbox_peer.h: PDFBox 2 with BouncyCastle (Debian: libpdfbox2-java, libbcpkix-java), in its own
// process on the same core.
#pragma once
#include "desk.h"

namespace heqi::bench {

// Provider is who computes digests and RSA for PDFBox: the JDK, which has machine code for them, or
// BouncyCastle, in Java.
enum class Provider { jdk, bouncy_castle };

// pdfbox_signatures_per_second signs file with the key of desk after 200 warm-ups; 0 where PDFBox
// or java is not installed (said on standard error).
double pdfbox_signatures_per_second(const Desk& desk, base::ByteView file, Provider provider);

}  // namespace heqi::bench
