// The hashes and ciphers of encrypted PDFs on published values, and /Encrypt dictionaries that lie.
#include "../encryption.h"

#include <heqi/base/text.h>
#include <heqi/testing/expect.h>

#include "../legacy_cipher.h"
#include "../legacy_digest.h"

namespace heqi::documents::pdf {
namespace {

using base::Bytes;
using base::Code;
using testing::hex;

// RFC 1321 §A.5; FIPS 180-4 (the examples of NIST).
TEST(LegacyDigest, IsThatOfItsStandard) {
  const auto abc = base::bytes_of("abc");
  EXPECT_EQ(base::to_hex(md5({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(base::to_hex(md5(abc)), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(base::to_hex(sha256(abc)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base::to_hex(sha384(abc)),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358ba"
            "eca134c825a7");
  EXPECT_EQ(base::to_hex(sha512(abc)),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba"
            "3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  // Lengths about the end of a block.
  EXPECT_EQ(base::to_hex(sha256(Bytes(64, 'a'))),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  EXPECT_EQ(base::to_hex(md5(Bytes(56, 'a'))), "3b0c8ac703f828b04c6c197006d17218");
}

// FIPS 197 §C.1, §C.3; RC4 as in RFC 6229's time, the usual three examples.
TEST(LegacyCipher, IsThatOfItsStandard) {
  Bytes key(32), plain(16);
  for (std::size_t i = 0; i < 32; ++i) key[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < 16; ++i) plain[i] = static_cast<std::uint8_t>(17 * i);
  const Aes wide(key), narrow(base::ByteView(key).first(16));
  EXPECT_EQ(base::to_hex(wide.encrypt_cbc({}, plain)), "8ea2b7ca516745bfeafc49904b496089");
  EXPECT_EQ(base::to_hex(narrow.encrypt_cbc({}, plain)), "69c4e0d86a7b0430d8cdb78070b4c55a");
  const Bytes two = base::concat({plain, plain});
  for (const Aes* one : {&wide, &narrow}) {
    EXPECT_EQ(one->decrypt_cbc({}, one->encrypt_cbc({}, two)), two);
    EXPECT_NE(one->encrypt_cbc({}, two),
              base::concat({one->encrypt_cbc({}, plain), one->encrypt_cbc({}, plain)}));
  }
  EXPECT_EQ(base::to_hex(rc4(base::bytes_of("Key"), base::bytes_of("Plaintext"))),
            "bbf316e8d940af0ad3");
  EXPECT_EQ(base::to_hex(rc4(base::bytes_of("Wiki"), base::bytes_of("pedia"))), "1021bf0420");
}

Dictionary short_key(std::int64_t v, std::int64_t r) {
  Dictionary out;
  out.set("Filter", Name{"Standard"}).set("V", v).set("R", r).set("P", std::int64_t{-4});
  out.set("O", String{Bytes(32), true}).set("U", String{Bytes(32), true});
  return out;
}

TEST(Encryption, ThatDoesNotOpenOrContradictsItselfIsRefused) {
  const auto refused = [](const Dictionary& one, Code code) {
    EXPECT_ERROR(Encryption::open(one, {}), code);
  };
  for (const auto& [v, r] : {std::pair{1, 2}, {2, 3}})
    refused(short_key(v, r), Code::document_encrypted);
  for (const auto& [v, r] : {std::pair{0, 2}, {3, 3}, {1, 4}, {5, 4}, {6, 7}, {-1, 2}})
    refused(short_key(v, r), Code::document_encrypted);  // of another kind
  Dictionary other = short_key(1, 2);
  other.set("Filter", Name{"Adobe.PubSec"});
  refused(other, Code::document_encrypted);
  for (const std::string_view key : {"V", "R", "P", "O", "U"}) {
    Dictionary less = short_key(2, 3);
    less.remove(key);
    refused(less, Code::malformed);
    Dictionary wrong = short_key(2, 3);
    wrong.set(key, Name{"x"});
    refused(wrong, Code::malformed);
  }
  for (const std::int64_t bits : {0, 8, 41, 136, -40, 1 << 20}) {
    Dictionary odd = short_key(2, 3);
    odd.set("Length", bits);
    refused(odd, Code::malformed);
  }
  Dictionary brief = short_key(2, 3);
  brief.set("U", String{Bytes(31), true});
  refused(brief, Code::malformed);
}

TEST(Encryption, FiltersThatDoNotFitAreRefused) {
  for (const std::string_view method : {"V2", "AESV3", "AESV2"}) {
    Dictionary filter, filters, one = short_key(5, 6);
    filter.set("CFM", Name{std::string(method)});
    filters.set("StdCF", std::move(filter));
    one.set("CF", std::move(filters)).set("StmF", Name{"StdCF"});
    // AESV3 fits; then the long strings are missing.
    EXPECT_ERROR(Encryption::open(one, {}), Code::malformed) << method;
    one.set("StmF", Name{"Other"});
    EXPECT_ERROR(Encryption::open(one, {}), Code::malformed) << method;
  }
  Dictionary none = short_key(4, 4);
  none.set("StmF", Name{"StdCF"});
  EXPECT_ERROR(Encryption::open(none, {}), Code::malformed);
}

}  // namespace
}  // namespace heqi::documents::pdf
