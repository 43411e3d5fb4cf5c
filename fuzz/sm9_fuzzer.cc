// SM9: points and scalars are decoded and encoded again, and what decodes is verified, decapsulated
// and decrypted as a stranger's message. A signature of another's making never verifies.
// uses: heqi_crypto
#include <algorithm>

#include <heqi/crypto/sm9.h>

namespace {

using namespace heqi;
using namespace heqi::crypto::sm9;
using base::ByteView;

// Reader takes pieces off the front of the input; what is missing is zero.
class Reader {
 public:
  explicit Reader(ByteView rest) : rest_(rest) {}
  base::Bytes take(std::size_t size) {
    base::Bytes out(size);
    const std::size_t given = std::min(size, rest_.size());
    std::copy_n(rest_.begin(), given, out.begin());
    rest_ = rest_.subspan(given);
    return out;
  }
  ByteView rest() const { return rest_; }

 private:
  ByteView rest_;
};

struct Keys {
  SignMasterKey sign_master;
  UserKey user;
};
const Keys& keys() {
  static const Keys made = [] {
    base::Bytes scalar(32, 0x5A);
    const auto master = EncryptMasterKey::decode(scalar);
    return Keys{*SignMasterKey::decode(scalar), *master->extract("bob")};
  }();
  return made;
}

void try_signature(Reader& in) {
  const auto h = Scalar::decode(in.take(kScalarSize));
  const auto s = G1::decode(in.take(kG1Size));
  if (!h || !s) return;
  const auto status = verify(keys().sign_master.public_key(), "bob", in.rest(), {*h, *s});
  HEQI_CHECK(!status);
}

void try_ciphertext(Reader& in) {
  Ciphertext ciphertext;
  ciphertext.mode = in.take(1)[0] % 2 == 0 ? CipherMode::stream : CipherMode::sm4;
  const auto c1 = G1::decode(in.take(kG1Size));
  if (!c1) return;
  ciphertext.c1 = *c1;
  const base::Bytes c3 = in.take(32);
  std::copy(c3.begin(), c3.end(), ciphertext.c3.begin());
  ciphertext.c2 = base::to_bytes(in.rest().first(std::min<std::size_t>(in.rest().size(), 200)));
  HEQI_CHECK(!decrypt(keys().user, ciphertext));
}

void try_points(Reader& in) {
  const base::Bytes first = in.take(kG1Size), second = in.take(kG2Size);
  const auto p = G1::decode(first);
  const auto q = G2::decode(second);
  if (p) HEQI_CHECK(base::same_bytes(p->encode(), first));
  if (q) HEQI_CHECK(base::same_bytes(q->encode(), second));
  if (p && q) HEQI_CHECK(equal_vartime(pair(-*p, *q) * pair(*p, *q), Gt()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in({data, size});
  switch (in.take(1)[0] % 3) {
    case 0:
      try_signature(in);
      break;
    case 1:
      try_ciphertext(in);
      break;
    default:
      try_points(in);
  }
  return 0;
}
