// A key in a file is opened by a process of its own: who signs with it has none of its octets.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <heqi/x509/signature_verifier.h>

#include "key_in_file.h"
#include "key_process.h"
#include "shell.h"
#include "signing_key.h"

namespace heqi::program {
namespace {

using base::Bytes;
using base::Code;

// Hidden is a secret in the forms in which a process could hold it, of which this one knows the
// complements only.
class Hidden {
 public:
  explicit Hidden(std::vector<Bytes> complements) : complements_(std::move(complements)) {}
  bool is_in(base::ByteView content) const {
    return std::any_of(complements_.begin(), complements_.end(), [&](const Bytes& one) {
      return std::search(content.begin(), content.end(), one.begin(), one.end(),
                         [](std::uint8_t a, std::uint8_t b) {
                           return static_cast<std::uint8_t>(~a) == b;
                         }) != content.end();
    });
  }
  // is_in_this_process looks through everything that this process can write to.
  bool is_in_this_process() const {
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    EXPECT_GE(memory, 0);
    std::ifstream maps("/proc/self/maps");
    bool found = false;
    Bytes content;
    for (std::string line; !found && std::getline(maps, line);) {
      unsigned long from = 0, to = 0;
      char rights[5] = {};
      if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) != 3) continue;
      if (rights[0] != 'r' || rights[1] != 'w' || to - from > (std::size_t{1} << 28)) continue;
      content.resize(to - from);
      const ssize_t got = ::pread(memory, content.data(), content.size(), static_cast<off_t>(from));
      if (got > 0) found = is_in(base::ByteView(content).first(static_cast<std::size_t>(got)));
      base::secure_wipe(content.data(), content.size());
    }
    ::close(memory);
    return found;
  }

 private:
  std::vector<Bytes> complements_;
};

// forms_of are d as it is written and the other way round, and as this program computes with it:
// d and 1/(1 + d) in words.
std::vector<Bytes> forms_of(const crypto::PrivateKey& key) {
  const auto octets = key.encode();
  const Bytes plain = base::to_bytes(octets.expose());
  std::vector<Bytes> out{plain, Bytes(plain.rbegin(), plain.rend())};
  for (const crypto::SecretScalar* one : {&key.d(), &key.inverse_1_plus_d()}) {
    const auto* words = reinterpret_cast<const std::uint8_t*>(one->expose().words().data());
    out.emplace_back(words, words + crypto::kScalarSize);
  }
  return out;
}
constexpr std::size_t kForms = 4;

// hide reads the key in a process that ends with it; only the complements come back.
Hidden hide(const std::string& path) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto key = key_in_file(path);
    if (!key) ::_exit(1);
    for (Bytes form : forms_of(*key)) {
      for (std::uint8_t& octet : form) octet = static_cast<std::uint8_t>(~octet);
      if (::write(ends[1], form.data(), form.size()) != static_cast<ssize_t>(form.size()))
        ::_exit(1);
    }
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  std::vector<Bytes> complements(kForms, Bytes(crypto::kScalarSize));
  for (Bytes& one : complements)
    EXPECT_EQ(::read(ends[0], one.data(), one.size()), static_cast<ssize_t>(one.size()));
  for (const int end : ends) ::close(end);
  return Hidden(std::move(complements));
}

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    key = folder.path() + "/key.pem";
    certificate = folder.path() + "/certificate.pem";
    ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + key), 0);
    ASSERT_EQ(shell("openssl req -x509 -new -key " + key +
                    " -sm3 -sigopt distid:1234567812345678 -subj /CN=a -out " + certificate),
              0);
  }
  static bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) == 0; }

  testing::TemporaryFolder folder;
  testing::SeededRandom random{1};
  std::string key, certificate;
};

// shows-part: ZSA37-DEP-a (heqi ca over a folder, libheqi_oes.so with a key file; mutant:
// tests/mutants/ZSA37-DEP-a)
TEST_F(KeyFile, WhoSignsHasNoOctetOfItInMemory) {
  const Hidden d = hide(key);
  {
    auto opened = open_signing_key({key, certificate}, {}, random);
    ASSERT_OK(opened);
    EXPECT_TRUE(has_children());
    for (const std::string_view message : {"a lease", "", "another lease"}) {
      const auto value = opened->signer->sign(base::bytes_of(message));
      ASSERT_OK(value);
      EXPECT_OK(x509::Sm2SignatureVerifier().verify(opened->signer->algorithm(),
                                                    opened->certificate.public_key(),
                                                    base::bytes_of(message), *value));
    }
    EXPECT_FALSE(d.is_in_this_process());
  }
  EXPECT_FALSE(has_children()) << "the key's process outlives its signer";
  // The same key read here is found: as long as it is held, and not before or after.
  {
    const auto here = key_in_file(key);
    ASSERT_OK(here);
    EXPECT_TRUE(d.is_in_this_process());
  }
}

TEST_F(KeyFile, AMadeOneIsOfTheProcessTooAndNoneIsOverwritten) {
  const std::string path = folder.path() + "/made.pem";
  const auto made = make_key_elsewhere(path);
  ASSERT_OK(made);
  const auto value = made->signer->sign(base::bytes_of("m"));
  ASSERT_OK(value);
  EXPECT_EQ(key_in_file(path)->public_key().encode(), made->public_key.sm2_key()->encode());
  EXPECT_ERROR(make_key_elsewhere(path), Code::conflict);
}

TEST_F(KeyFile, OtherKindsOfKeysSignThereAsWell) {
  const std::string p256 = folder.path() + "/p256.pem", rsa = folder.path() + "/rsa.pem",
                    both = folder.path() + "/rsa.p12", der = folder.path() + "/key.der";
  ASSERT_EQ(shell("openssl ecparam -name prime256v1 -genkey -noout -out " + p256), 0);
  ASSERT_EQ(shell("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -keyout " + rsa +
                  " -out " + rsa + ".cer && openssl pkcs12 -export -inkey " + rsa + " -in " + rsa +
                  ".cer -passout pass:secret -out " + both),
            0);
  ASSERT_EQ(shell("openssl pkey -in " + key + " -outform DER -out " + der), 0);
  for (const std::string& path : {p256, rsa, der}) {
    const auto opened = open_key_elsewhere(path, {});
    ASSERT_OK(opened) << path;
    EXPECT_TRUE(opened->certificates.empty());
    EXPECT_OK(opened->signer->sign(base::bytes_of("m"))) << path;
  }
  const auto password = base::SecretBytes::copy_of(base::bytes_of("secret"));
  const auto opened = open_key_elsewhere(both, password);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->certificates.size(), 1u);
  EXPECT_OK(opened->signer->sign(base::bytes_of("m")));
}

TEST_F(KeyFile, WhatIsNoKeyIsRefusedByName) {
  const std::string text = folder.path() + "/text", sealed = folder.path() + "/sealed.pem",
                    other = folder.path() + "/no.p12";
  ASSERT_OK(base::write_file(text, base::bytes_of("no key")));
  ASSERT_OK(base::write_file(other, base::bytes_of("no PKCS#12")));
  ASSERT_EQ(shell("openssl pkey -in " + key + " -aes128 -passout pass:secret -out " + sealed), 0);
  EXPECT_ERROR(open_key_elsewhere(folder.path() + "/nobody.pem", {}), Code::not_found);
  EXPECT_ERROR(open_key_elsewhere(sealed, {}), Code::unsupported);
  EXPECT_FALSE(open_key_elsewhere(text, {}));
  EXPECT_FALSE(open_key_elsewhere(other, {}));
  EXPECT_FALSE(has_children());
}

TEST_F(KeyFile, AProcessThatEndedSignsNothing) {
  auto opened = open_key_elsewhere(key, {});
  ASSERT_OK(opened);
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  pid_t child = 0;
  ASSERT_TRUE(children >> child);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_ERROR(opened->signer->sign(base::bytes_of("m")), Code::unavailable);
  EXPECT_ERROR(opened->signer->sign(base::bytes_of("m")), Code::unavailable);
}

}  // namespace
}  // namespace heqi::program
