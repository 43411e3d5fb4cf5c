// tshark reads what an SM2 authority publishes: OCSP answers, time-stamps, signed messages,
// requests.
#include <heqi/base/text.h>

#include "served_authority.h"

namespace heqi::demo {
namespace {

constexpr long kExpertWarning = 0x600000;  // PI_WARN of wireshark's epan/proto.h; errors are above

class Tshark : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house() = std::make_unique<ServedAuthority>("sm2"); }
  static void TearDownTestSuite() { house().reset(); }
  static std::unique_ptr<ServedAuthority>& house() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("tshark");
    HEQI_NEEDS_PROGRAM("text2pcap");
    HEQI_NEEDS_PROGRAM("curl");
  }
  static std::string at(const std::string& name) { return house()->at(name); }

  // Read is what tshark found: the protocols of the packet, and the worst severity of its expert.
  struct Read {
    std::string protocols;
    long severity = 0;
  };
  // read_as shows tshark the content as the body of an HTTP answer of this type.
  static Read read_as(const std::string& type, base::ByteView content) {
    base::Bytes message = base::to_bytes(
        base::bytes_of("HTTP/1.1 200 OK\r\nContent-Type: " + type +
                       "\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n"));
    base::append(message, content);
    write(at("message"), message);
    const Ran ran = shell("od -Ax -tx1 -v " + at("message") + " | text2pcap -q -T 80,40000 - " +
                          at("p.pcap") + " && tshark -r " + at("p.pcap") +
                          " -T fields -e frame.protocols -e _ws.expert.severity 2>/dev/null");
    EXPECT_EQ(ran.status, 0) << ran.output;
    Read out;
    for (const std::string_view line : base::split(ran.output, '\n')) {
      const std::size_t tab = line.find('\t');
      if (!line.starts_with("eth:") || tab == std::string_view::npos) continue;
      out.protocols = line.substr(0, tab);
      for (const std::string_view one : base::split(line.substr(tab + 1), ','))
        out.severity = std::max(out.severity, std::strtol(std::string(one).c_str(), nullptr, 10));
    }
    return out;
  }
  static base::Bytes fetch(const std::string& url, const std::string& more = "") {
    EXPECT_EQ(shell("curl -sf " + more + " " + url + " -o " + at("got")).status, 0);
    return read(at("got"));
  }
};

TEST_F(Tshark, ReadsOcspAnswersWithoutAComplaint) {
  shell("openssl ocsp -issuer " + at("issuing.pem") + " -cert " + at("tsa.pem") + " -reqout " +
        at("ocsp.req"));
  const base::Bytes answer =
      fetch(house()->plain_url() + "/ocsp",
            "-H 'Content-Type: application/ocsp-request' --data-binary @" + at("ocsp.req"));
  const Read seen = read_as("application/ocsp-response", answer);
  EXPECT_NE(seen.protocols.find(":ocsp"), std::string::npos) << seen.protocols;
  EXPECT_LT(seen.severity, kExpertWarning);
  base::Bytes broken = answer;
  broken[1] = 0x80;  // an indefinite length that never ends: the expert does complain
  broken.resize(broken.size() / 2);
  EXPECT_GE(read_as("application/ocsp-response", broken).severity, kExpertWarning);
}

TEST_F(Tshark, ReadsTimeStampsAndTheirSignedMessagesWithoutAComplaint) {
  shell("openssl ts -query -data " + at("pass") + " -sm3 -cert -out " + at("ts.req"));
  const base::Bytes answer =
      fetch(house()->plain_url() + "/tsa",
            "-H 'Content-Type: application/timestamp-query' --data-binary @" + at("ts.req"));
  const Read seen = read_as("application/timestamp-reply", answer);
  EXPECT_NE(seen.protocols.find(":pkixtsp"), std::string::npos) << seen.protocols;
  EXPECT_NE(seen.protocols.find(":cms"), std::string::npos) << seen.protocols;
  EXPECT_LT(seen.severity, kExpertWarning);
}

TEST_F(Tshark, ReadsTheCertificatesOfEstWithoutAComplaint) {
  const base::Bytes encoded =
      fetch(house()->tls_url() + "/.well-known/est/cacerts", "--cacert " + at("ca/tls/root.pem"));
  const auto der = base::parse_base64(base::text_of(encoded));
  ASSERT_OK(der);
  const Read seen = read_as("application/pkcs7-mime", *der);
  EXPECT_NE(seen.protocols.find(":cms"), std::string::npos) << seen.protocols;
  EXPECT_LT(seen.severity, kExpertWarning);
}

}  // namespace
}  // namespace heqi::demo
