#include <heqi/pki/algorithms.h>

#include <algorithm>

namespace heqi::pki {

std::uint64_t Content::size() const {
  std::uint64_t total = 0;
  for (const base::ByteView part : parts()) total += part.size();
  return total;
}

base::Bytes Content::joined() const {
  base::Bytes out;
  out.reserve(size());
  for (const base::ByteView part : parts()) base::append(out, part);
  return out;
}

bool Content::equals(base::ByteView octets) const {
  if (octets.size() != size()) return false;
  for (const base::ByteView part : parts()) {
    if (!base::same_bytes(part, octets.first(part.size()))) return false;
    octets = octets.subspan(part.size());
  }
  return true;
}

base::Result<base::Bytes> Digester::digest_of(const asn1::Oid& algorithm,
                                              const Content& content) const {
  if (content.parts().size() == 1) return digest(algorithm, content.parts()[0]);
  return digest(algorithm, content.joined());
}

}  // namespace heqi::pki
