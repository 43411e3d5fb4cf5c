// pin_entry.h: how a PIN reaches this process: from a file, from standard input, or from the
// keyboard without echo.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>
#include <heqi/device/factors.h>

namespace heqi::program {

inline constexpr std::size_t kPassphraseSizeMax = 256;  // octets; docs/limits.md

// read_secret_file reads the first line of a file.
base::Result<base::SecretBytes> read_secret_file(const std::string& path);
// read_secret_stdin reads one line of standard input, octet by octet, so that the next line is left
// for the next call.
base::Result<base::SecretBytes> read_secret_stdin();
// read_secret_of reads what follows "name=" in the line of a file that begins so; not_found.
base::Result<base::SecretBytes> read_secret_of(const std::string& path, std::string_view name);
// ask_secret shows prompt on the terminal and reads a line that is not shown. Fails with
// unavailable where there is no terminal, cancelled where nothing is typed.
base::Result<base::SecretBytes> ask_secret(std::string_view prompt);

// EnteredFactor is what a key asks for beside the PIN; join_entered puts such behind it, as the
// device takes them.
struct EnteredFactor {
  device::Factor kind;
  base::SecretBytes value;
};
base::SecretBytes join_entered(const base::SecretBytes& pin, std::span<const EnteredFactor> more);

// same_secret compares in constant time; lengths are no secret.
bool same_secret(const base::SecretBytes& a, const base::SecretBytes& b);

}  // namespace heqi::program
