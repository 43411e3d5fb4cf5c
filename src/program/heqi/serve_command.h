// serve_command.h: heqi serve.
#pragma once
#include <heqi/base/log.h>

#include "commands.h"
#include "configuration.h"

namespace heqi::program {

int run_serve(CommandLine arguments);

// EmbeddedOptions are for a platform with everything in one folder.
struct EmbeddedOptions {
  std::string folder;
  std::string address = "127.0.0.1";
  std::int64_t port = 8443, signing_port = 0, pki_port = 8080;  // 0: the one after port
  std::string database;                                         // empty: SQLite in the folder
  std::string web_folder;  // of the pages; empty: where they are found
};
// write_embedded makes the folder's configuration files (heqi.toml, heqi-module.toml).
base::Result<Configuration> write_embedded(const EmbeddedOptions& options);

}  // namespace heqi::program
