#include <heqi/device/integrity.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::device {
namespace {

using base::Code;

class Integrity : public ::testing::Test {
 protected:
  testing::SeededRandom random_{5};
  crypto::PrivateKey key_ = *crypto::PrivateKey::generate(random_);
  std::vector<ModuleFile> files_ = {{"heqi-device", base::Bytes(1000, 7)},
                                    {"heqi-module", base::Bytes(2000, 9)}};
  base::Bytes manifest_ = *make_integrity_manifest(files_, key_, random_);
};

// shows: KEP-8.2-a
TEST_F(Integrity, EachByteOfEachFileIsCovered) {
  EXPECT_OK(verify_integrity(manifest_, key_.public_key(), files_));
  for (ModuleFile& file : files_) {
    for (std::size_t i = 0; i < file.content.size(); i += 37) {
      file.content[i] ^= 1;
      const auto found = verify_integrity(manifest_, key_.public_key(), files_);
      EXPECT_ERROR(found, Code::device_self_test) << file.name << " " << i;
      EXPECT_NE(found.error().detail.find(file.name), std::string::npos);
      file.content[i] ^= 1;
    }
    file.content.push_back(0);
    EXPECT_ERROR(verify_integrity(manifest_, key_.public_key(), files_), Code::device_self_test);
    file.content.pop_back();
  }
}

TEST_F(Integrity, EachByteOfTheManifestIsCovered) {
  for (std::size_t i = 0; i < manifest_.size() - 1; ++i) {  // but the last line end
    base::Bytes changed = manifest_;
    changed[i] ^= 4;
    EXPECT_ERROR(verify_integrity(changed, key_.public_key(), files_), Code::device_self_test) << i;
  }
  EXPECT_ERROR(verify_integrity({}, key_.public_key(), files_), Code::device_self_test);
}

TEST_F(Integrity, AnotherKeyOrFewerOrMoreFilesAreRefused) {
  const auto other = *crypto::PrivateKey::generate(random_);
  EXPECT_ERROR(verify_integrity(manifest_, other.public_key(), files_), Code::device_self_test);
  std::vector<ModuleFile> fewer = {files_[0]};
  EXPECT_ERROR(verify_integrity(manifest_, key_.public_key(), fewer), Code::device_self_test);
  files_.push_back({"third", {1}});
  EXPECT_ERROR(verify_integrity(manifest_, key_.public_key(), files_), Code::device_self_test);
  files_.back().name = "../third";
  EXPECT_ERROR(make_integrity_manifest(files_, key_, random_), Code::malformed);
}

TEST_F(Integrity, AProgramWithoutAManifestDoesNotPass) {
  EXPECT_ERROR(check_own_integrity(), Code::device_self_test);  // this test program has none
}

}  // namespace
}  // namespace heqi::device
