// ZIP packages: what opens has names of one spelling and entries that are told apart; what is
// written from it opens again and says the same.
// uses: heqi_documents_ofd
// covers: src/documents/ofd/package.cc
// covers: src/documents/ofd/package_name.cc
// covers: src/documents/ofd/package_write.cc
#include <heqi/documents/ofd/package.h>

#include <set>

namespace {

using namespace heqi::documents::ofd;

// replace_first: what is written in the place of an entry is read back, and nothing else changes.
void replace_first(const Package& package, const Limits& limits) {
  for (const Entry& entry : package.entries()) {
    if (entry.is_folder()) continue;
    const heqi::base::Bytes content = {1, 2, 3};
    const auto changed = write_package(&package, {{entry.name, content}});
    HEQI_CHECK(changed.has_value());
    const auto again = Package::open(*changed, limits);
    if (!again) return;  // three octets more than a limit allows
    HEQI_CHECK(heqi::base::same_bytes(*again->read(entry.name), content));
    HEQI_CHECK(again->entries().size() == package.entries().size());
    HEQI_CHECK(*resolve("a/b.xml", "/" + entry.name) == entry.name);
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
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
  replace_first(*package, limits);
  return 0;
}
