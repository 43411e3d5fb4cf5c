// The crash shim's FileStore.
#ifdef HEQI_FAULT_HOOKS
#include "fault_plan.h"

namespace heqi::sql::faults {
namespace {

class FaultyFiles final : public base::FileStore {
 public:
  explicit FaultyFiles(std::unique_ptr<base::FileStore> store) : store_(std::move(store)) {}

  base::Result<base::Bytes> read(std::string_view name, std::size_t size_max) const override {
    return store_->read(name, size_max);
  }
  base::Status write(std::string_view name, base::ByteView content) override {
    if (enter() == Verdict::fail) return failed("write", name);
    return store_->write(name, content);
  }
  base::Status create(std::string_view name, base::ByteView content) override {
    if (enter() == Verdict::fail) return failed("create", name);
    return store_->create(name, content);
  }
  base::Status append(std::string_view name, base::ByteView content) override {
    // Of the four only append can be torn: the others are written aside and moved.
    const auto tear = [&] { (void)store_->append(name, content.first(content.size() / 2)); };
    if (enter(tear) == Verdict::fail) return failed("append", name);
    return store_->append(name, content);
  }
  base::Status remove(std::string_view name) override {
    if (enter() == Verdict::fail) return failed("remove", name);
    return store_->remove(name);
  }
  base::Result<std::vector<std::string>> list(std::string_view folder) const override {
    return store_->list(folder);
  }

 private:
  static base::Error failed(std::string_view what, std::string_view name) {
    return base::fail(base::Code::storage, std::string(what) + " " + std::string(name) +
                                               ": Input/output error (injected)");
  }

  std::unique_ptr<base::FileStore> store_;
};

}  // namespace

std::unique_ptr<base::FileStore> wrap_files(std::unique_ptr<base::FileStore> store) {
  return std::make_unique<FaultyFiles>(std::move(store));
}

}  // namespace heqi::sql::faults
#endif
