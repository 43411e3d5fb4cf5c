// host_parts.h: the host's calls as the device's parts.
#pragma once
#include <heqi/base/clock.h>
#include <heqi/base/file_store.h>
#include <heqi/base/random.h>

#include "host.h"

namespace heqi::module {

class HostRandom final : public base::Random {
 public:
  base::Status fill(base::MutableByteView out) override;
};

class HostClock final : public base::Clock {
 public:
  base::Time now() const override;
  base::Duration steady() const override;
};

// HostFiles has no append and no list: the device needs neither (unsupported).
class HostFiles final : public base::FileStore {
 public:
  explicit HostFiles(HeqiStore store) : store_(store) {}
  base::Result<base::Bytes> read(std::string_view name, std::size_t size_max) const override;
  base::Status write(std::string_view name, base::ByteView content) override;
  base::Status create(std::string_view name, base::ByteView content) override;
  base::Status append(std::string_view name, base::ByteView content) override;
  base::Status remove(std::string_view name) override;
  base::Result<std::vector<std::string>> list(std::string_view folder) const override;

 private:
  HeqiStore store_;
};

}  // namespace heqi::module
