// The pages as they are served: from memory, under their policies, and nothing beside them.
#include <gtest/gtest.h>

#include <filesystem>

#include <heqi/api/web.h>
#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/http/json.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::api {
namespace {

using base::Code;
using http::Method;
using http::Request;
using http::Response;

struct Web : ::testing::Test {
  testing::TemporaryFolder folder;
  http::Router router;
  std::optional<WebBundle> bundle;

  void write(const std::string& name, std::string_view content) {
    const std::filesystem::path path = folder.path() + "/site/" + name;
    std::filesystem::create_directories(path.parent_path());
    ASSERT_OK(base::write_file(path.string(), base::bytes_of(content)));
  }
  void open(SitePolicy policy, const std::string& prefix) {
    write("index.html", "<!doctype html><title>page</title>");
    write("assets/main-1f2e3d.js", std::string(4000, 'x'));
    ASSERT_OK(base::write_file(folder.path() + "/secret.txt", base::bytes_of("secret")));
    auto loaded = WebBundle::load(folder.path() + "/site");
    ASSERT_OK(loaded);
    bundle = *std::move(loaded);
    add_site_routes(router, *bundle, policy, prefix);
    add_manifest_route(router, *bundle);
  }
  Response get(const std::string& target, http::Fields headers = {}) {
    Request request;
    request.target = target;
    request.headers = std::move(headers);
    return router.answer(std::move(request));
  }
  static std::string field(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }
};

TEST_F(Web, FilesComeWithTheirTypesTagsAndLifetimes) {
  open(SitePolicy::signing, "");
  const Response page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(field(page, "Cache-Control"), "no-cache");
  const Response script = get("/assets/main-1f2e3d.js", {{"accept-encoding", "br, gzip;q=0.8"}});
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(field(script, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(field(script, "Content-Encoding"), "gzip");
  EXPECT_LT(script.body.size(), 200u);
  EXPECT_EQ(get("/assets/main-1f2e3d.js", {{"accept-encoding", "gzip;q=0"}}).body.size(), 4000u);
  const std::string tag = field(page, "ETag");
  EXPECT_EQ(get("/", {{"if-none-match", tag}}).status, 304);
  EXPECT_EQ(get("/", {{"if-none-match", "\"other\""}}).status, 200);
}

// The brotli form (RFC 7932) of 4000 octets 'x', and of 4000 octets 'y'.
constexpr std::string_view kBrotliOfX = "1b9f0ff825f0e2b14020eb0000",
                           kBrotliOfY = "1b9f0ff825f2e2b14020eb0000";

TEST_F(Web, AFileTravelsInTheSmallestFormThatTheBrowserTakes) {
  const base::Bytes brotli = *base::parse_hex(kBrotliOfX);
  std::filesystem::create_directories(folder.path() + "/site.br/assets");
  ASSERT_OK(base::write_file(folder.path() + "/site.br/assets/main-1f2e3d.js", brotli));
  open(SitePolicy::signing, "");
  const auto script = [&](const char* accepted) {
    return get("/assets/main-1f2e3d.js", {{"accept-encoding", accepted}});
  };
  EXPECT_EQ(field(script("gzip, deflate, br"), "Content-Encoding"), "br");
  EXPECT_EQ(script("gzip, deflate, br").body, brotli);
  EXPECT_EQ(field(script("gzip, br;q=0"), "Content-Encoding"), "gzip");
  EXPECT_EQ(field(script("gzip"), "Content-Encoding"), "gzip");
  EXPECT_EQ(field(script("brotli"), "Content-Encoding"), "");
  EXPECT_EQ(script("").body.size(), 4000u);
  EXPECT_NE(field(script("br"), "ETag"), field(script("gzip"), "ETag"));
  EXPECT_EQ(field(script("br"), "Vary"), "Accept-Encoding");
  // A page that the build left alone is sent as gzip or plain.
  EXPECT_NE(field(get("/", {{"accept-encoding", "br"}}), "Content-Encoding"), "br");
}

// What is published about the bundle holds for what is sent.
TEST_F(Web, ACompressedFormOfOtherContentIsNotServed) {
  open(SitePolicy::signing, "");
  const base::Bytes other = *base::parse_hex(kBrotliOfY), own = *base::parse_hex(kBrotliOfX);
  base::Bytes cut(own.begin(), own.end() - 1);
  const std::filesystem::path path = folder.path() + "/site.br/assets/main-1f2e3d.js";
  std::filesystem::create_directories(path.parent_path());
  for (const base::Bytes& wrong : {other, cut, base::Bytes(), base::to_bytes("x")}) {
    ASSERT_OK(base::write_file(path.string(), wrong));
    EXPECT_ERROR(WebBundle::load(folder.path() + "/site"), Code::malformed);
  }
  ASSERT_OK(base::write_file(path.string(), own));
  EXPECT_OK(WebBundle::load(folder.path() + "/site"));
}

TEST_F(Web, ThePolicyLetsNothingForeignInAndNobodyFrameThePage) {
  open(SitePolicy::signing, "");
  const std::string policy = field(get("/"), "Content-Security-Policy");
  for (const char* part :
       {"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'",
        "require-trusted-types-for 'script'", "script-src 'self' 'wasm-unsafe-eval';"})
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  for (const char* part : {"unsafe-inline", "'unsafe-eval'", "http:", "https:", "*"})
    EXPECT_EQ(policy.find(part), std::string::npos) << part;
  // A worker's policy is that of its own answer.
  EXPECT_EQ(field(get("/assets/main-1f2e3d.js"), "Content-Security-Policy"), policy);
  const std::string desk(policy_of(SitePolicy::desk));
  EXPECT_EQ(desk.find("wasm"), std::string::npos);
  for (const char* part : {"frame-ancestors 'none'", "require-trusted-types-for 'script'",
                           "style-src 'self';", "style-src-attr 'unsafe-inline'"})
    EXPECT_NE(desk.find(part), std::string::npos) << part;
}

TEST_F(Web, NoPathLeadsOutOfTheFolder) {
  open(SitePolicy::desk, "/desk");
  for (const char* target :
       {"/desk/../secret.txt", "/desk/%2e%2e/secret.txt", "/desk/..%2fsecret.txt",
        "/desk/assets/../../secret.txt", "/desk//secret.txt", "/desk/assets/..%5c..%5csecret.txt",
        "/desk/%00", "/desk/secret.txt", "/secret.txt", "/desk/assets"}) {
    const Response response = get(target);
    EXPECT_GE(response.status, 400) << target;
    EXPECT_EQ(base::text_of(response.body).find("secret\n"), std::string_view::npos);
  }
}

TEST_F(Web, APageOfTheApplicationsOwnIsTheIndexAndAMissingFileIsMissing) {
  open(SitePolicy::desk, "/desk");
  const http::Fields browser = {{"accept", "text/html,application/xhtml+xml"}};
  EXPECT_EQ(get("/desk", browser).status, 200);
  EXPECT_EQ(get("/desk/contracts/42", browser).content_type, "text/html; charset=utf-8");
  EXPECT_EQ(get("/desk/contracts/42").status, 404);  // a script asks
  EXPECT_EQ(get("/desk/assets/gone.js", browser).status, 404);
}

TEST_F(Web, LinksAndStrangeNamesInTheFolderAreRefused) {
  write("index.html", "x");
  std::filesystem::create_symlink(folder.path() + "/secret.txt", folder.path() + "/site/a.txt");
  EXPECT_ERROR(WebBundle::load(folder.path() + "/site"), Code::malformed);
  std::filesystem::remove(folder.path() + "/site/a.txt");
  write("a b.txt", "x");
  EXPECT_ERROR(WebBundle::load(folder.path() + "/site"), Code::malformed);
  EXPECT_ERROR(WebBundle::load(folder.path() + "/nowhere"), Code::not_found);
  std::filesystem::create_directories(folder.path() + "/empty");
  EXPECT_ERROR(WebBundle::load(folder.path() + "/empty"), Code::not_found);
}

TEST_F(Web, TheManifestNamesEveryFileAndChangesWithEach) {
  open(SitePolicy::signing, "");
  const http::Json before = *http::parse_json(get("/.well-known/heqi-signing-bundle.json").body);
  EXPECT_EQ(before.find("files")->array()->size(), 2u);
  // The digest is that of the lines that sm3sum and sha256sum print.
  std::string lines;
  for (const http::Json& file : *before.find("files")->array())
    lines += *file.find("sm3")->text() + "  " + *file.find("name")->text() + "\n";
  EXPECT_EQ(*before.find("sm3")->text(), base::to_hex(crypto::sm3(base::bytes_of(lines))));
  const std::string build = *before.find("build")->find("sha256")->text();
  ASSERT_OK(bundle->add_installation_file("pins.json", base::bytes_of("{}")));
  EXPECT_ERROR(bundle->add_installation_file("pins.json", {}), Code::conflict);
  const http::Json after = *http::parse_json(base::bytes_of(bundle->manifest()));
  EXPECT_NE(*after.find("sm3")->text(), *before.find("sm3")->text());
  EXPECT_EQ(*after.find("build")->find("sha256")->text(), build);
  write("assets/main-1f2e3d.js", std::string(3999, 'x') + "y");
  const auto changed = WebBundle::load(folder.path() + "/site");
  ASSERT_OK(changed);
  EXPECT_NE(changed->sha256(), build);
}

}  // namespace
}  // namespace heqi::api
