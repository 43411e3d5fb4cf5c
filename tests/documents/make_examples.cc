// Writes examples/lease.pdf and examples/lease.ofd: heqi_make_examples FOLDER. The same font gives
// the same octets.
#include <cstdio>

#include <heqi/base/file_store.h>

#include "contract_ofd.h"

int main(int argc, char** argv) {
  using namespace heqi;
  if (argc != 2) {
    std::fputs("usage: heqi_make_examples FOLDER\n", stderr);
    return 2;
  }
  const auto font = documents::appearance::Font::open({});
  const auto file = font ? documents::write_contract(*font, documents::lease())
                         : base::Result<base::Bytes>(font.error());
  const base::Status written =
      file ? base::write_file(std::string(argv[1]) + "/lease.pdf", *file) : file.error();
  const auto package = documents::write_contract_ofd(documents::lease());
  if (package && written && base::write_file(std::string(argv[1]) + "/lease.ofd", *package))
    return 0;
  std::fputs(
      (written ? "lease.ofd cannot be written\n" : base::to_line(written.error()) + "\n").c_str(),
      stderr);
  return 1;
}
