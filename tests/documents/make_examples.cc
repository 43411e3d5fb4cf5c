// Writes examples/lease.pdf: heqi_make_examples FOLDER. The same font gives the same octets.
#include <cstdio>

#include <heqi/base/file_store.h>

#include "contract_pdf.h"

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
  if (written) return 0;
  std::fputs((base::to_line(written.error()) + "\n").c_str(), stderr);
  return 1;
}
