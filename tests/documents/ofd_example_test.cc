// The example of an OFD, and what a stranger's readers of ZIP and XML see in it.
#include <heqi/base/file_store.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <cstdlib>

#include "contract_ofd.h"

namespace heqi::documents {
namespace {

TEST(OfdExample, IsWhatItsTemplateMakes) {
  const auto made = write_contract_ofd(lease());
  ASSERT_OK(made);
  const auto kept = base::read_file(std::string(HEQI_EXAMPLES) + "/lease.ofd", 1 << 20);
  ASSERT_OK(kept);
  EXPECT_EQ(*made, *kept);
}

// Python's zipfile and expat are other readers of the same formats.
TEST(OfdExample, IsReadByPythonAsByUs) {
  const auto file = base::read_file(std::string(HEQI_EXAMPLES) + "/lease.ofd", 1 << 20);
  ASSERT_OK(file);
  const auto package = ofd::Package::open(*file);
  ASSERT_OK(package);
  const testing::TemporaryFolder folder;
  std::string names;
  for (const ofd::Entry& one : package->entries()) names += one.name + "\n";
  ASSERT_OK(base::write_file(folder.path() + "/names", base::bytes_of(names)));
  const std::string script =
      "import sys, zipfile, xml.etree.ElementTree as tree\n"
      "package = zipfile.ZipFile(sys.argv[1])\n"
      "assert package.testzip() is None\n"
      "ours = open(sys.argv[2], encoding='utf-8').read().split('\\n')[:-1]\n"
      "assert package.namelist() == ours, ours\n"
      "for name in ours:\n"
      "    tree.fromstring(package.read(name))\n";
  ASSERT_OK(base::write_file(folder.path() + "/read.py", base::bytes_of(script)));
  EXPECT_EQ(std::system(("python3 " + folder.path() + "/read.py " HEQI_EXAMPLES "/lease.ofd " +
                         folder.path() + "/names")
                            .c_str()),
            0);
}

TEST(OfdExample, HasNoSignatureYet) {
  const auto file = base::read_file(std::string(HEQI_EXAMPLES) + "/lease.ofd", 1 << 20);
  ASSERT_OK(file);
  const auto report = ofd::verify_ofd(*file, {});
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, verify::Verdict::no_signature);
}

}  // namespace
}  // namespace heqi::documents
