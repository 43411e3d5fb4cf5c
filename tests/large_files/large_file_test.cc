// A PDF of a gigabyte and fifty thousand objects is prepared, signed and verified by programs that
// may have 64 MiB of memory of their own: the file is mapped, never copied. HEQI_LARGE_SIZE asks
// for another size.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi {
namespace {

constexpr int kObjects = 50'000;
constexpr const char* kLimited = "prlimit --data=67108864 " HEQI_PROGRAM " ";

struct Ran {
  int code = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  for (std::size_t size; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    ran.output.append(buffer, size);
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

std::string row(std::uint64_t offset) {
  char text[32];
  std::snprintf(text, sizeof text, "%010llu 00000 n \n", static_cast<unsigned long long>(offset));
  return text;
}

// Writer keeps the offsets of the objects that it writes.
class Writer {
 public:
  explicit Writer(const std::string& path) : out_(path, std::ios::binary) {
    out_ << "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  }
  void object(const std::string& body) {
    begin();
    out_ << body << "\nendobj\n";
  }
  // zeros is a picture whose octets are a hole in the file.
  void zeros(std::uint64_t size) {
    begin();
    out_ << "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace "
            "/DeviceGray /Length "
         << size << " >>\nstream\n";
    out_.seekp(static_cast<std::streamoff>(size), std::ios::cur);
    out_ << "\nendstream\nendobj\n";
  }
  void finish() {
    const auto xref = static_cast<std::uint64_t>(out_.tellp());
    const std::size_t size = offsets_.size() + 1;
    out_ << "xref\n0 " << size << "\n0000000000 65535 f \n";
    for (const std::uint64_t offset : offsets_) out_ << row(offset);
    out_ << "trailer\n<< /Size " << size << " /Root 1 0 R >>\nstartxref\n" << xref << "\n%%EOF\n";
  }

 private:
  void begin() {
    offsets_.push_back(static_cast<std::uint64_t>(out_.tellp()));
    out_ << offsets_.size() << " 0 obj\n";
  }
  std::ofstream out_;
  std::vector<std::uint64_t> offsets_;
};

void write_large(const std::string& path, std::uint64_t size) {
  Writer writer(path);
  writer.object("<< /Type /Catalog /Pages 2 0 R /PieceInfo 5 0 R >>");
  writer.object("<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>");
  writer.object("<< /Type /Page /Parent 2 0 R /Resources << /XObject << /I 4 0 R >> >> >>");
  writer.zeros(size);
  std::string list = "<< /List [";
  for (int i = 6; i < kObjects; ++i) list += " " + std::to_string(i) + " 0 R";
  writer.object(list + " ] >>");
  for (int i = 6; i < kObjects; ++i)
    writer.object("<< /Number " + std::to_string(i) + " /Text (entry of the list) >>");
  writer.finish();
}

// shows-part: ECP-DOC-1 (files larger than memory)
TEST(LargeFile, IsPreparedSignedAndVerifiedWithin64MiBOfMemory) {
  const char* asked = std::getenv("HEQI_LARGE_SIZE");
  const std::uint64_t size = asked ? std::strtoull(asked, nullptr, 10) : std::uint64_t{1} << 30;
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/";
  write_large(at + "large.pdf", size);
  ASSERT_EQ(
      run("openssl req -x509 -nodes -newkey sm2 -sm3 -sigopt distid:1234567812345678 -days "
          "3650 -keyout " +
          at + "key -out " + at + "cert -subj /CN=Alice -addext keyUsage=critical,digitalSignature")
          .code,
      0);
  const Ran fields =
      run(kLimited + ("pdf fields " + at + "large.pdf a=1:20,20,60,25 --out " + at + "ready.pdf"));
  ASSERT_EQ(fields.code, 0) << fields.output;
  ASSERT_EQ(::unlink((at + "large.pdf").c_str()), 0);
  const Ran made =
      run(kLimited + ("pdf prepare " + at + "ready.pdf --certificate " + at +
                      "cert --field a --pending " + at + "pending --to-sign " + at + "octets"));
  ASSERT_EQ(made.code, 0) << made.output;
  const std::string value =
      "openssl dgst -sm3 -sign " + at + "key -sigopt distid:1234567812345678 ";
  ASSERT_EQ(run(value + "-out " + at + "value " + at + "octets").code, 0);
  const Ran done = run(kLimited + ("pdf finish " + at + "ready.pdf --pending " + at +
                                   "pending --signature " + at + "value --out " + at + "done.pdf"));
  ASSERT_EQ(done.code, 0) << done.output;
  const Ran verified = run(kLimited + ("verify --json --trust " + at + "cert " + at + "done.pdf"));
  EXPECT_NE(verified.output.find("\"integrity\":\"intact\",\"signature\":\"valid\",\"coverage\":"
                                 "\"whole_document\""),
            std::string::npos)
      << verified.output.substr(0, 3000);
}

// shows-part: ECP-DOC-1 (files of more than two gibibytes, which no signed 32-bit number counts)
TEST(LargeFile, OfMoreThanTwoGibibytesIsSignedTwiceAndVerified) {
  const std::uint64_t size = (std::uint64_t{1} << 31) + (std::uint64_t{1} << 20);
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/";
  write_large(at + "large.pdf", size);
  for (const char* name : {"alice", "bob"})
    ASSERT_EQ(run("openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 3650 "
                  "-keyout " +
                  at + name + ".key -out " + at + name + ".pem -subj /CN=" + name +
                  " -addext keyUsage=critical,digitalSignature")
                  .code,
              0);
  const Ran fields = run(kLimited + ("pdf fields " + at + "large.pdf alice=1:20,20,60,25 " +
                                     "bob=1:90,20,60,25 --out " + at + "ready.pdf"));
  ASSERT_EQ(fields.code, 0) << fields.output;
  ASSERT_EQ(::unlink((at + "large.pdf").c_str()), 0);
  const auto sign = [&](const std::string& name, const std::string& from, const std::string& to) {
    return run(kLimited + ("sign --progress --key " + at + name + ".key --certificate " + at +
                           name + ".pem --field " + name + " --out " + at + to + " " + at + from));
  };
  const Ran once = sign("alice", "ready.pdf", "once.pdf");
  ASSERT_EQ(once.code, 0) << once.output;
  EXPECT_NE(once.output.find("hashing"), std::string::npos) << once.output;
  ASSERT_EQ(::unlink((at + "ready.pdf").c_str()), 0);
  const Ran twice = sign("bob", "once.pdf", "twice.pdf");
  ASSERT_EQ(twice.code, 0) << twice.output;
  ASSERT_EQ(::unlink((at + "once.pdf").c_str()), 0);
  const Ran verified =
      run(kLimited + ("verify --json --trust " + at + "alice.pem " + at + "twice.pdf"));
  const std::string good = "\"integrity\":\"intact\",\"signature\":\"valid\"";
  const std::size_t first = verified.output.find(good);
  ASSERT_NE(first, std::string::npos) << verified.output.substr(0, 3000);
  EXPECT_NE(verified.output.find(good, first + 1), std::string::npos)
      << verified.output.substr(0, 3000);
}

}  // namespace
}  // namespace heqi
