// The document services: what a platform asks that leaves PDF and OFD to a service of its own.
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/http/json.h>

#include "document_service.h"
#include "shell.h"
#include "trust_files.h"

namespace heqi::program {
namespace {

using http::Request;
using http::Response;

const std::string kLease = std::string(HEQI_EXAMPLES) + "/lease.pdf";

struct DocumentServiceTest : public ::testing::Test {
  void SetUp() override {
    ASSERT_EQ(shell("openssl req -x509 -nodes -newkey rsa:2048 -sha256 -days 3650 -keyout " +
                    at("key") + " -out " + at("cert") +
                    " -subj /CN=Alice -addext keyUsage=critical,digitalSignature"),
              0);
    auto trust = load_trust(at("cert"));
    ASSERT_OK(trust);
    anchors = *std::move(trust);
    add_document_routes(router, service);
  }
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  base::Bytes bytes(const std::string& path) const {
    const auto content = base::read_file(path, std::size_t{8} << 20);
    EXPECT_OK(content) << path;
    return content ? *content : base::Bytes();
  }
  Response ask(const std::string& part, base::Bytes body, const std::string& type = "",
               const std::string& stated = "Bearer a token of enough octets") const {
    Request request;
    request.method = http::Method::post;
    EXPECT_OK(http::parse_target("/documents/v1/" + part, request));
    if (!stated.empty()) request.headers.emplace_back("authorization", stated);
    if (!type.empty()) request.headers.emplace_back("content-type", type);
    request.body = std::move(body);
    return router.answer(std::move(request));
  }
  using Parts = std::vector<std::pair<std::string, base::Bytes>>;
  Response ask_form(const std::string& part, const Parts& parts) const {
    base::Bytes body;
    for (const auto& [name, content] : parts) {
      base::append(body, base::bytes_of("--b\r\nContent-Disposition: form-data; name=\"" + name +
                                        "\"\r\n\r\n"));
      base::append(body, content);
      base::append(body, base::bytes_of("\r\n"));
    }
    base::append(body, base::bytes_of("--b--\r\n"));
    return ask(part, std::move(body), "multipart/form-data; boundary=b");
  }
  static std::string text(const Response& response) {
    return std::string(base::text_of(response.body));
  }
  static std::string member(const Response& response, std::string_view name) {
    const auto json = http::parse_json(response.body);
    EXPECT_OK(json);
    const http::Json* found = json ? json->find(name) : nullptr;
    return found && found->text() ? *found->text() : "";
  }
  // prepared makes a field and the first phase of a signature in it.
  Response prepared(base::Bytes& file) const {
    const Response with_field = ask("fields?field=alice=1:20,20,60,25", bytes(kLease));
    EXPECT_EQ(with_field.status, 200) << text(with_field);
    file = with_field.body;
    return ask_form("prepare", {{"file", file},
                                {"certificate", bytes(at("cert"))},
                                {"field", base::to_bytes("alice")},
                                {"reason", base::to_bytes("agreed")}});
  }
  base::Bytes value_of(const Response& answer) const {
    const auto octets = base::parse_base64(member(answer, "to_sign"));
    EXPECT_OK(octets);
    EXPECT_OK(base::write_file(at("octets"), *octets));
    EXPECT_EQ(shell("openssl dgst -sha256 -sign " + at("key") + " -out " + at("value") + " " +
                    at("octets")),
              0);
    return bytes(at("value"));
  }

  testing::TemporaryFolder folder;
  base::SecretBytes token = base::SecretBytes::copy_of(base::bytes_of("a token of enough octets"));
  pki::TrustStore anchors;
  base::SystemClock clock;
  DocumentService service{token, anchors, clock};
  http::Router router;
};

// shows: ECP-3.2.4.3-c
TEST_F(DocumentServiceTest, PlacesFieldsSignsInTwoPhasesAndVerifies) {
  base::Bytes file;
  const Response begun = prepared(file);
  ASSERT_EQ(begun.status, 200) << text(begun);
  const base::Bytes pending = base::to_bytes(member(begun, "pending"));
  const base::Bytes value = value_of(begun);
  const Response done =
      ask_form("finish", {{"file", file}, {"pending", pending}, {"signature", value}});
  ASSERT_EQ(done.status, 200) << text(done);
  EXPECT_EQ(done.content_type, "application/pdf");
  const Response report = ask("verify", done.body);
  ASSERT_EQ(report.status, 200);
  EXPECT_NE(text(report).find("\"integrity\":\"intact\",\"signature\":\"valid\""),
            std::string::npos)
      << text(report).substr(0, 2000);
  EXPECT_EQ(ask_form("finish", {{"file", file}, {"pending", pending}, {"signature", value}}).body,
            done.body)
      << "the second phase again gives the same file";
}

// shows: ECP-3.2.4.3-c
TEST_F(DocumentServiceTest, RendersWhatItSaysTheDigestOf) {
  const base::Bytes file = bytes(kLease);
  const Response page = ask("render?page=2&dpi=40", file);
  if (page.status == 503) GTEST_SKIP() << "no poppler-utils";
  ASSERT_EQ(page.status, 200) << text(page);
  EXPECT_EQ(page.content_type, "image/png");
  EXPECT_EQ(text(page).substr(1, 3), "PNG");
  bool found = false;
  for (const auto& [name, value] : page.headers)
    found = found || (name == "Heqi-SM3" && value == base::to_hex(crypto::sm3(file)));
  EXPECT_TRUE(found);
  EXPECT_EQ(ask("render?page=99", file).status, 404);
  EXPECT_EQ(ask("render?page=0", file).status, 400);
  EXPECT_EQ(ask("render?width=3", file).status, 400);
}

// shows: ECP-3.2.4.3-c
TEST_F(DocumentServiceTest, ConvertsAFileFromATemplateOfOurs) {
  const Response made = ask("convert?title=lease", bytes(kLease));
  ASSERT_EQ(made.status, 200) << text(made);
  EXPECT_TRUE(documents::ofd::is_package(made.body));
  EXPECT_EQ(ask("verify", made.body).status, 200);
  EXPECT_EQ(ask("convert", base::to_bytes("%PDF-1.7")).status, 400);
}

TEST_F(DocumentServiceTest, InspectsBeforeASignature) {
  const Response said = ask("inspect", bytes(kLease));
  ASSERT_EQ(said.status, 200);
  EXPECT_EQ(text(said), "{\"findings\":[]}");
  EXPECT_EQ(ask("inspect", base::to_bytes("no PDF")).status, 422);
}

TEST_F(DocumentServiceTest, WithoutItsTokenNothingIsAnswered) {
  for (const char* part :
       {"verify", "inspect", "render", "fields", "prepare", "finish", "convert"}) {
    for (const char* stated : {"", "a token of enough octets", "Bearer ", "Bearer another token",
                               "Bearer a token of enough octets and more"})
      EXPECT_EQ(ask(part, bytes(kLease), "", stated).status, 401) << part << ": " << stated;
  }
}

TEST_F(DocumentServiceTest, AnotherFileOrValueIsNotFinished) {
  base::Bytes file;
  const Response begun = prepared(file);
  const base::Bytes pending = base::to_bytes(member(begun, "pending"));
  base::Bytes value = value_of(begun);
  base::Bytes other = file;
  other[200] ^= 1;
  EXPECT_NE(
      ask_form("finish", {{"file", other}, {"pending", pending}, {"signature", value}}).status,
      200);
  value[10] ^= 1;
  EXPECT_NE(ask_form("finish", {{"file", file}, {"pending", pending}, {"signature", value}}).status,
            200);
  EXPECT_EQ(ask_form("finish", {{"file", file}, {"signature", value}}).status, 400);
  EXPECT_EQ(ask_form("finish",
                     {{"file", file}, {"pending", base::to_bytes("AAAA")}, {"signature", value}})
                .status,
            400);
}

TEST_F(DocumentServiceTest, ARequestThatLacksSomethingIsRefusedWithItsName) {
  const base::Bytes file = bytes(kLease), certificate = bytes(at("cert"));
  EXPECT_EQ(ask("fields", file).status, 400);
  EXPECT_EQ(ask("fields?field=alice", file).status, 400);
  EXPECT_EQ(ask("fields?field=alice=9:1,1,1,1", file).status, 400);
  EXPECT_EQ(ask("prepare", file, "application/pdf").status, 422);
  const Response no_field = ask_form("prepare", {{"file", file}, {"certificate", certificate}});
  EXPECT_EQ(no_field.status, 400);
  EXPECT_NE(text(no_field).find("field"), std::string::npos);
  EXPECT_EQ(ask_form("prepare", {{"file", file}, {"field", base::to_bytes("alice")}}).status, 400);
  EXPECT_EQ(ask_form("prepare", {{"file", file},
                                 {"certificate", certificate},
                                 {"field", base::to_bytes("alice")},
                                 {"profile", base::to_bytes("none")}})
                .status,
            404);
}

// shows: ECP-3.2.4.3-c
TEST_F(DocumentServiceTest, IsAServiceOfItsOwn) {
  write(at("token"), "a token of enough octets\n");
  write(at("short"), "a token\n");
  EXPECT_EQ(run(run_documents, {"serve", "--token-file", at("short")}).code, 1);
  const Ran open =
      run(run_documents, {"serve", "--token-file", at("token"), "--address", "0.0.0.0"});
  EXPECT_EQ(open.code, 1);
  EXPECT_NE(open.error.find("--tls-certificate"), std::string::npos) << open.error;
  write(at("drive"),
        HEQI_PROGRAM " documents serve --token-file " + at("token") + " --trust " + at("cert") +
            " --port 0 >" + at("said") + " 2>" + at("log") + " &\nserver=$!\n" +
            "for i in $(seq 100); do [ -s " + at("said") + " ] && break; sleep 0.05; done\n" +
            "url=$(sed 's/^documents //' " + at("said") + ")\n" +
            "curl -sS --fail -H 'Authorization: Bearer a token of enough octets' --data-binary @" +
            kLease + " \"${url}inspect\" >" + at("answer") + "; code=$?\n" +
            "kill $server; wait $server || code=9\nexit $code\n");
  ASSERT_EQ(shell("bash " + at("drive")), 0) << base::text_of(bytes(at("log")));
  EXPECT_EQ(base::text_of(bytes(at("answer"))), "{\"findings\":[]}");
}

}  // namespace
}  // namespace heqi::program
