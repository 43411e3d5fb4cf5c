// openssl_tools.h: what `openssl ocsp` and `openssl ts` do with a program start for each answer: a
// row of sanity, not of rivalry.
#pragma once

namespace heqi::bench {

// Answers each second of processor time; 0 where openssl is not there.
double openssl_ocsp_figure();
double openssl_ts_figure();

}  // namespace heqi::bench
