// ZIP packages: what opens has names of one spelling and entries that are told apart; what is
// written from it opens again and says the same.
// uses: heqi_documents_ofd
#include <heqi/documents/ofd/package.h>

#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::documents::ofd;
  Limits limits;
  limits.entries = 200;
  limits.unpacked_total = 8 << 20;
  limits.unpacked_entry = 4 << 20;
  const heqi::base::ByteView file(data, size);
  const auto package = Package::open(file, limits);
  if (!package) return 0;
  std::set<std::string> names;
  for (const Entry& entry : package->entries()) {
    HEQI_CHECK(check_name(entry.name).has_value());
    HEQI_CHECK(names.insert(entry.name).second);
    HEQI_CHECK(entry.record.data() >= file.data() &&
               entry.record.data() + entry.record.size() <= file.data() + file.size());
    const auto content = package->read(entry.name);
    HEQI_CHECK(!content || content->size() == entry.size);
  }
  const auto copy = write_package(&*package, {});
  HEQI_CHECK(copy.has_value());
  const auto again = Package::open(*copy, limits);
  HEQI_CHECK(again && again->entries().size() == package->entries().size());
  HEQI_CHECK(again->octets_outside() == 0);
  return 0;
}
