#include "host_parts.h"

#include <heqi/base/secret.h>

namespace heqi::module {
namespace {

using base::Bytes;
using base::Code;
using base::Result;
using base::Status;

Status stored(std::int32_t answer) {
  if (answer == 0) return {};
  return base::fail(Code::storage, "the host did not take a file");
}

}  // namespace

Status HostRandom::fill(base::MutableByteView out) {
  if (heqi_host_random(out.data(), out.size()) == 0) return {};
  base::secure_wipe(out.data(), out.size());
  return base::fail(Code::crypto_random_failed, "the host gave no random octets");
}

base::Time HostClock::now() const {
  return base::time_from_micros(static_cast<std::int64_t>(heqi_host_now()));
}

base::Duration HostClock::steady() const {
  return base::Duration(static_cast<std::int64_t>(heqi_host_steady()));
}

Result<Bytes> HostFiles::read(std::string_view name, std::size_t size_max) const {
  const std::int32_t size = heqi_host_read(store_, name.data(), name.size(), nullptr, 0);
  if (size == -1) return base::fail(Code::not_found, std::string(name));
  if (size < 0) return base::fail(Code::storage, std::string(name));
  Bytes out(static_cast<std::size_t>(size));
  if (out.size() > size_max)
    return base::fail(Code::limit_exceeded,
                      std::string(name) + " is larger than " + std::to_string(size_max));
  if (heqi_host_read(store_, name.data(), name.size(), out.data(), out.size()) != size)
    return base::fail(Code::storage, std::string(name));
  return out;
}

Status HostFiles::write(std::string_view name, base::ByteView content) {
  return stored(heqi_host_write(store_, name.data(), name.size(), content.data(), content.size()));
}

Status HostFiles::create(std::string_view name, base::ByteView content) {
  if (heqi_host_read(store_, name.data(), name.size(), nullptr, 0) != -1)
    return base::fail(Code::conflict, std::string(name));
  return write(name, content);
}

Status HostFiles::append(std::string_view, base::ByteView) {
  return base::fail(Code::unsupported, "append");
}

Status HostFiles::remove(std::string_view name) {
  return stored(heqi_host_remove(store_, name.data(), name.size()));
}

Result<std::vector<std::string>> HostFiles::list(std::string_view) const {
  return base::fail(Code::unsupported, "list");
}

}  // namespace heqi::module
