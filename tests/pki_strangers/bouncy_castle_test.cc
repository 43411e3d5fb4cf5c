// BouncyCastle (Debian: libbcprov-java, libbcpkix-java, openjdk) verifies what the pki layer
// writes.
#include <gtest/gtest.h>

#include <heqi/pki/cms.h>
#include <heqi/pki/tsp.h>
#include <heqi/testing/authority.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace heqi {
namespace {

using base::Bytes;
using testing::at;
using testing::Authority;

constexpr const char* kJars =
    "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar";

std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  char buffer[4096];
  for (std::size_t size; pipe != nullptr && (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, size);
  if (pipe != nullptr) pclose(pipe);
  return output;
}

// shows-part: ZSA37-PKI-e (an independent client verifies a token; the server is not here)
TEST(BouncyCastle, AgreesOnEveryArtefact) {
  if (!std::filesystem::exists("/usr/share/java/bcpkix.jar") ||
      output_of("java -version").find("version") == std::string::npos)
    GTEST_SKIP() << "BouncyCastle (libbcpkix-java) or java is not installed: ./dev packages slow "
                    "installs them";
  Authority authority;
  const testing::Credential alice = authority.make_person("Alice");
  const base::Time now = at("2026-06-01T12:00:00Z");
  authority.revoke(alice.certificate, at("2026-05-01T00:00:00Z"));
  const testing::TemporaryFolder folder;
  const auto write = [&](const std::string& name, base::ByteView octets) {
    std::ofstream out(folder.path() + "/" + name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(octets.data()),
              static_cast<std::streamsize>(octets.size()));
  };
  const Bytes content = base::to_bytes("a contract");
  write("content", content);
  write("issuing.der", authority.issuing().certificate.der());
  write("alice.der", alice.certificate.der());
  write("tsa.der", authority.tsa().certificate.der());
  write("ocsp.der", authority.ocsp().certificate.der());
  write("list.der", authority.make_crl(now));
  write("answer.der", authority.make_ocsp_answer(alice.certificate, now, Bytes{1, 2}));
  write("token.der", authority.make_time_stamp(content, now));
  write("message.der", authority.sign_message(alice, content, now));

  const std::string said =
      output_of(std::string("java -cp ") + kJars + " " + HEQI_JUDGE + " " + folder.path());
  for (const std::string name : {"certificate", "list", "answer", "message"})
    EXPECT_NE(said.find(name + ": ok\n"), std::string::npos) << said;
  EXPECT_NE(said.find("token: ok " + std::to_string(base::micros(now) / 1000)), std::string::npos)
      << said;
  EXPECT_EQ(said.find("tampered: ok"), std::string::npos) << said;
  EXPECT_NE(said.find("tampered: "), std::string::npos) << said;
}

}  // namespace
}  // namespace heqi
