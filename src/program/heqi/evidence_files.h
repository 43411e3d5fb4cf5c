// evidence_files.h: what a command line brings along to settle what became of certificates and
// seals, without network.
#pragma once
#include <array>

#include "arguments.h"
#include "verification.h"

namespace heqi::program {

// The options of every command that judges signatures; each may be given several times.
inline constexpr Option kCrlOption{"--crl", "FILE",
                                   "a list of revoked certificates, PEM or DER; may be repeated",
                                   "证书吊销列表（PEM 或 DER），可重复", Need::repeatable};
inline constexpr Option kOcspOption{"--ocsp", "FILE",
                                    "an answer about a certificate's status, DER; may be repeated",
                                    "OCSP 应答（DER），可重复", Need::repeatable};
inline constexpr Option kCertificatesOption{
    "--certificates", "FILE", "certificates between signer and root, PEM; may be repeated",
    "中间证书（PEM），可重复", Need::repeatable};
inline constexpr Option kStatusOption{"--status", "FILE",
                                      "a maker's list of withdrawn seals; may be repeated",
                                      "印章状态列表，可重复", Need::repeatable};

inline constexpr Option kAtOption{"--at", "TIME", "judge as of this time, RFC 3339; default now",
                                  "按此时间判定（RFC 3339），默认当前时间"};

// time_of_judgement is --at, or else now. Fails with malformed.
base::Result<base::Time> time_of_judgement(const Arguments& arguments);

// load_evidence reads the files of the options above that a command knows. Fails as the parsers do,
// with the file's name in the detail.
base::Result<Evidence> load_evidence(const Arguments& arguments);

}  // namespace heqi::program
