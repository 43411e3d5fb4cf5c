// Seeds of the fuzz targets of OFD files and seals.
#pragma once
#include <heqi/base/file_store.h>

#include <filesystem>

#include "../../src/documents/ofd/tests/ofd_world.h"

namespace heqi::documents::ofd {

// Seeds writes them below a folder, one folder for each target.
class Seeds {
 public:
  explicit Seeds(std::string folder) : folder_(std::move(folder)) {}
  void save(const std::string& target, const std::string& name, ByteView octets) {
    std::filesystem::create_directories(folder_ + "/" + target);
    EXPECT_OK(base::write_file(folder_ + "/" + target + "/" + name, octets));
  }

  SealingDesk desk;

 private:
  std::string folder_;
};

// forge_packages writes packages that lie; forge_seals seals and signatures of other makers.
void forge_packages(Seeds& seeds);
void forge_seals(Seeds& seeds);

}  // namespace heqi::documents::ofd
