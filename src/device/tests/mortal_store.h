// mortal_store.h: a store of files that stops working at a chosen write.
#pragma once
#include <heqi/testing/seeded.h>

namespace heqi::device {

// MortalStore does what it is told until its last write; the device dies before or after that
// write, and then nothing works.
class MortalStore final : public base::FileStore {
 public:
  enum class Death { before, after };
  MortalStore(testing::MemoryStore& inner, int& writes_left, Death death)
      : inner_(inner), writes_left_(writes_left), death_(death) {}

  base::Result<base::Bytes> read(std::string_view name, std::size_t size_max) const override {
    return inner_.read(name, size_max);
  }
  base::Status write(std::string_view name, base::ByteView content) override {
    return mortally([&] { return inner_.write(name, content); });
  }
  base::Status create(std::string_view name, base::ByteView content) override {
    return mortally([&] { return inner_.create(name, content); });
  }
  base::Status append(std::string_view name, base::ByteView content) override {
    return mortally([&] { return inner_.append(name, content); });
  }
  base::Status remove(std::string_view name) override {
    return mortally([&] { return inner_.remove(name); });
  }
  base::Result<std::vector<std::string>> list(std::string_view folder) const override {
    return inner_.list(folder);
  }

 private:
  template <class Act>
  base::Status mortally(Act act) {
    if (--writes_left_ > 0) return act();
    if (writes_left_ == 0 && death_ == Death::after) static_cast<void>(act());
    return base::fail(base::Code::storage, "the device died here");
  }
  testing::MemoryStore& inner_;
  int& writes_left_;
  Death death_;
};

}  // namespace heqi::device
