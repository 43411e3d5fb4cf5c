// heqi/testing/seeded.h: deterministic stand-ins for randomness, time and files.
#pragma once
#include <map>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/file_store.h>
#include <heqi/base/random.h>

namespace heqi::testing {

// SeededRandom is a fixed stream for each seed. Not for anything secret.
class SeededRandom final : public base::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  base::Status fill(base::MutableByteView out) override;
  std::uint64_t next();
  // below returns a number in 0…bound−1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

// ScriptedRandom gives out the bytes of a standard's vector in order, then fails.
class ScriptedRandom final : public base::Random {
 public:
  explicit ScriptedRandom(base::Bytes script) : script_(std::move(script)) {}
  base::Status fill(base::MutableByteView out) override;

 private:
  base::Bytes script_;
  std::size_t used_ = 0;
};

// FakeClock stands still until it is moved.
class FakeClock final : public base::Clock {
 public:
  explicit FakeClock(base::Time now) : now_(now) {}
  base::Time now() const override { return now_; }
  base::Duration steady() const override { return steady_; }
  void advance(base::Duration by) { now_ += by, steady_ += by; }
  void jump_to(base::Time now) { now_ = now; }

 private:
  base::Time now_;
  base::Duration steady_{0};
};

// MemoryStore is a FileStore in memory.
class MemoryStore final : public base::FileStore {
 public:
  base::Result<base::Bytes> read(std::string_view name, std::size_t size_max) const override;
  base::Status write(std::string_view name, base::ByteView content) override;
  base::Status create(std::string_view name, base::ByteView content) override;
  base::Status append(std::string_view name, base::ByteView content) override;
  base::Status remove(std::string_view name) override;
  base::Result<std::vector<std::string>> list(std::string_view folder) const override;

  std::map<std::string, base::Bytes, std::less<>> files;
};

// TemporaryFolder is an empty folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace heqi::testing
