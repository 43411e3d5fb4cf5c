// make_ofd_samples FOLDER: OFD files with signatures and seals of every kind that we make, below
// good/; files of which something signed was changed, below bad/; files to which something was
// added that no signature covers, below uncovered/: for readers of other makers.
#include <heqi/base/file_store.h>

#include <cstdio>
#include <filesystem>

#include "../../src/documents/ofd/tests/signed_samples.h"

namespace heqi::documents::ofd {
namespace {

// Samples are the files so far, each with what made it.
class Samples {
 public:
  explicit Samples(std::string folder) : folder_(std::move(folder)) {}

  void good(const std::string& name, const Bytes& file) {
    EXPECT_LE(desk.verify(file).verdict, Verdict::valid_with_notes) << name;
    save("good/" + name, file);
  }
  void bad(const std::string& name, const Bytes& file) {
    EXPECT_GT(desk.verify(file).verdict, Verdict::valid_with_notes) << name;
    save("bad/" + name, file);
  }
  void uncovered(const std::string& name, const Bytes& file) {
    EXPECT_GT(desk.verify(file).verdict, Verdict::valid_with_notes) << name;
    save("uncovered/" + name, file);
  }

  SealingDesk desk;

 private:
  void save(const std::string& name, const Bytes& file) {
    const std::string path = folder_ + "/" + name + ".ofd";
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    EXPECT_OK(base::write_file(path, file));
  }
  std::string folder_;
};

void make_good(Samples& samples) {
  for (const std::size_t pages : {1U, 3U, 12U})
    for (const Sample& one : make_samples(samples.desk, pages)) samples.good(one.name, one.file);
}

void make_bad(Samples& samples) {
  SealingDesk& desk = samples.desk;
  const std::string page = "Doc_0/Pages/Page_0/Content.xml";
  for (const bool sealed : {true, false}) {
    const std::string kind = sealed ? "sealed-" : "signed-";
    const Bytes file = sealed ? desk.sealed(contract()) : desk.signed_by(contract(), desk.alice);
    samples.bad(kind + "amount", edited(file, page, "壹万元整", "贰万元整"));
    samples.bad(kind + "size", edited(file, page, "Size=\"6", "Size=\"9"));
    samples.bad(kind + "title", edited(file, "OFD.xml", "租赁合同", "买卖合同"));
    samples.bad(kind + "font", edited(file, "Doc_0/PublicRes.xml", "宋体", "黑体"));
    samples.bad(kind + "pages", edited(file, "Doc_0/Document.xml", "Page_1", "Page_0"));
    samples.uncovered(kind + "picture", with(file, {{"Doc_0/Res/image_1.png", {1, 2, 3}}}));
    const std::string own = "Doc_0/Signs/Sign_0/";
    samples.bad(kind + "provider", edited(file, own + "Signature.xml", "Heqi", "Hequ"));
    samples.bad(kind + "date", edited(file, own + "Signature.xml", "2026", "2025"));
    // Without a time-stamp a file ends with the signature's value.
    const Bytes claimed = sealed ? desk.sealed(contract(), {.time_stamp = false})
                                 : desk.signed_by(contract(), desk.alice, {.time_stamp = false});
    Bytes value = base::to_bytes(part(claimed, own + "SignedValue.dat"));
    value.back() ^= 1;
    samples.bad(kind + "value", with(claimed, {{own + "SignedValue.dat", value}}));
    const Bytes other = sealed ? desk.sealed(contract(2)) : desk.signed_by(contract(2), desk.alice);
    samples.bad(kind + "borrowed",
                with(file, {{own + "SignedValue.dat",
                             base::to_bytes(part(other, own + "SignedValue.dat"))}}));
  }
}

}  // namespace
}  // namespace heqi::documents::ofd

int main(int count, char** arguments) {
  if (count != 2) return 2;
  heqi::documents::ofd::Samples samples(arguments[1]);
  heqi::documents::ofd::make_good(samples);
  heqi::documents::ofd::make_bad(samples);
  return ::testing::Test::HasFailure() ? 1 : 0;
}
