// ca_serve.h: an authority in a folder, on the network.
#pragma once
#include "ca_office.h"

namespace heqi::program {

// serve_ca is the command `heqi ca serve`: until SIGINT or SIGTERM, or until the disk refuses a
// write.
base::Result<int> serve_ca(const Arguments& arguments);

}  // namespace heqi::program
