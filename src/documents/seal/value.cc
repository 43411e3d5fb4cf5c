#include <heqi/documents/seal/value.h>

#include <heqi/x509/sm2_encoding.h>

namespace heqi::documents::seal {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::size_t kPaddedIntegerMax = 40;

// take_integer reads one INTEGER however it is padded, as a number of 32 octets.
bool take_integer(ByteView& rest, Bytes& number) {
  if (rest.size() < 2 || rest[0] != 0x02 || rest[1] > kPaddedIntegerMax) return false;
  const std::size_t size = rest[1];
  if (rest.size() < 2 + size) return false;
  ByteView content = rest.subspan(2, size);
  rest = rest.subspan(2 + size);
  while (!content.empty() && content[0] == 0) content = content.subspan(1);
  if (content.empty() || content.size() > 32) return false;
  number.insert(number.end(), 32 - content.size(), 0);
  base::append(number, content);
  return true;
}

// bare_of_padded turns SEQUENCE { padded r, padded s } into r || s; empty where it is no such.
Bytes bare_of_padded(ByteView octets) {
  if (octets.size() < 2 || octets[0] != 0x30 || octets[1] != octets.size() - 2) return {};
  ByteView rest = octets.subspan(2);
  Bytes bare;
  if (!take_integer(rest, bare) || !take_integer(rest, bare) || !rest.empty()) return {};
  return bare;
}

}  // namespace

base::Result<SignatureValue> read_sm2_value(ByteView octets) {
  SignatureValue out;
  if (x509::parse_signature(octets)) {
    out.der = base::to_bytes(octets);
    return out;
  }
  Bytes bare;
  if (octets.size() == x509::kRawSignatureSize) {
    bare = base::to_bytes(octets);
    out.deviations.add(Deviation::value_bare);
  } else if (octets.size() == x509::kRawSignatureSize + 1 && octets[0] == 0) {
    bare = base::to_bytes(octets.subspan(1));
    out.deviations.add(Deviation::value_bare);
    out.deviations.add(Deviation::value_padded);
  } else {
    bare = bare_of_padded(octets);
    out.deviations.add(Deviation::value_padded);
  }
  const auto signature = bare.empty() ? base::Result<crypto::Signature>(fail(Code::malformed))
                                      : x509::parse_raw_signature(bare);
  if (!signature) return fail(Code::invalid_signature, "the value is no SM2 signature");
  out.der = x509::encode_signature(*signature);
  return out;
}

}  // namespace heqi::documents::seal
