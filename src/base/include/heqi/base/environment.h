// heqi/base/environment.h: what a program that holds secrets finds where it runs, and what its
// policy says to that (T/ZSA 67.3 §5.3 e, §7.1 c, §12). Only what the operating system itself
// tells; a kernel that lies is outside. Linux.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/result.h>

namespace heqi::base {

// EnvironmentPolicy says what ends the start: a finding that is not refused is reported in the
// status, and a cryptographic module is then not in approved mode.
enum class EnvironmentPolicy { report, refuse };

// find_in_environment names what it finds: "debugger" (a process traces this one), "preloaded"
// (LD_PRELOAD, LD_AUDIT or /etc/ld.so.preload puts outside code into it), "superuser" (it runs as
// root, so every other program of root reads its memory).
std::vector<std::string> find_in_environment();

// check_environment gives the findings. Under either policy a debugger or preloaded code ends the
// start with denied: it could read or replace everything (§10.2.3, §11 b). Under refuse, so does
// every other finding.
Result<std::vector<std::string>> check_environment(EnvironmentPolicy policy);

// judge_environment is check_environment for given findings.
Result<std::vector<std::string>> judge_environment(std::vector<std::string> findings,
                                                   EnvironmentPolicy policy);

// own_program_path is where the running program's file is. internal where the system does not tell.
Result<std::string> own_program_path();

}  // namespace heqi::base
