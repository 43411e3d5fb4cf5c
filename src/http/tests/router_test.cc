#include <heqi/http/router.h>

#include <heqi/testing/expect.h>

namespace heqi::http {
namespace {

using base::Code;

Handler says(std::string what) {
  return [what](const Request& request) -> base::Result<Response> {
    std::string text = what;
    for (const auto& [name, value] : request.path_parameters) text += " " + name + "=" + value;
    return Response::text(text);
  };
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router.get("/", says("root"))
        .get("/contracts", says("list"))
        .get("/contracts/{id}", says("one"))
        .remove("/contracts/{id}", says("gone"))
        .get("/contracts/new", says("form"))
        .get("/contracts/{id}/files/{index}", says("file"))
        .get("/static/{path*}", says("static"))
        .get("/asked/{question*}", says("asked"), {.takes_escaped_slashes = true})
        .post("/contracts", says("made"), {.body_size_max = 4});
  }
  std::string ask(Method method, std::string target, base::Bytes body = {}) {
    Request request;
    request.method = method;
    request.target = std::move(target);
    request.body = std::move(body);
    const Response response = router.answer(std::move(request));
    return std::to_string(response.status) + " " +
           (response.status == 200 ? std::string(base::text_of(response.body)) : "");
  }
  Router router;
};

TEST_F(RouterTest, FindsTheNarrowestPattern) {
  EXPECT_EQ(ask(Method::get, "/"), "200 root");
  EXPECT_EQ(ask(Method::get, "/contracts?x=1"), "200 list");
  EXPECT_EQ(ask(Method::get, "/contracts/17"), "200 one id=17");
  EXPECT_EQ(ask(Method::head, "/contracts/17"), "200 one id=17");
  EXPECT_EQ(ask(Method::remove, "/contracts/17"), "200 gone id=17");
  EXPECT_EQ(ask(Method::get, "/contracts/new"), "200 form");
  EXPECT_EQ(ask(Method::get, "/contracts/a%20b/files/2"), "200 file id=a b index=2");
  EXPECT_EQ(ask(Method::get, "/static/js/a.js"), "200 static path=js/a.js");
}

TEST_F(RouterTest, RefusesTheRest) {
  EXPECT_EQ(ask(Method::get, "/contracts/"), "404 ");
  EXPECT_EQ(ask(Method::get, "/contract"), "404 ");
  EXPECT_EQ(ask(Method::get, "//contracts"), "404 ");
  EXPECT_EQ(ask(Method::get, "/Contracts"), "404 ");
  EXPECT_EQ(ask(Method::get, "/contracts/1/files"), "404 ");
  EXPECT_EQ(ask(Method::get, "/static"), "404 ");
  EXPECT_EQ(ask(Method::get, "/static/../contracts"), "400 ");
  EXPECT_EQ(ask(Method::get, "/static/%2e%2e/contracts"), "400 ");
  EXPECT_EQ(ask(Method::get, "/static/a%5cb"), "400 ");
  EXPECT_EQ(ask(Method::put, "/contracts/17"), "405 ");
  EXPECT_EQ(ask(Method::remove, "/contracts/new"), "405 ");
  EXPECT_EQ(ask(Method::post, "/contracts", base::Bytes(5)), "413 ");
  EXPECT_EQ(ask(Method::get, "/" + std::string(kTargetSizeMax, 'a')), "413 ");
  std::string deep;
  for (std::size_t i = 0; i <= kPathSegmentsMax; ++i) deep += "/a";
  EXPECT_EQ(ask(Method::get, deep), "413 ");
}

TEST_F(RouterTest, AnEscapedSlashIsTakenWhereTheRouteSaysSo) {
  EXPECT_EQ(ask(Method::get, "/asked/a%2Fb+%2f/c="), "200 asked question=a/b+//c=");
  EXPECT_EQ(ask(Method::get, "/asked%2Fa"), "400 ");
  EXPECT_EQ(ask(Method::get, "/asked/a%2Fb%5C"), "400 ");
  EXPECT_EQ(ask(Method::get, "/static/a%2Fb"), "400 ");
  EXPECT_EQ(ask(Method::get, "/static/%2e%2e%2Fcontracts"), "400 ");
  EXPECT_EQ(ask(Method::get, "/contracts/1%2F2"), "400 ");
}

TEST_F(RouterTest, NamesTheMethodsThatAreAllowed) {
  Request request;
  request.method = Method::put;
  request.target = "/contracts/17";
  const Response response = router.answer(request);
  ASSERT_FALSE(response.headers.empty());
  EXPECT_EQ(response.headers.back().second, "GET, DELETE");
}

TEST(Request, ReadsQueriesCookiesAndNumbers) {
  Request request;
  ASSERT_OK(parse_target("/a?x=1&y=%E5%BC%A0+b&x2=&z=18446744073709551616", request));
  EXPECT_EQ(*request.query_text("y"), "张 b");
  EXPECT_EQ(*request.query_number("x", 9), 1u);
  EXPECT_EQ(*request.query_number("none", 9), std::nullopt);
  EXPECT_ERROR(request.query_number("x", 0), Code::malformed);
  EXPECT_ERROR(request.query_number("x2", 9), Code::malformed);
  EXPECT_ERROR(request.query_number("y", 9), Code::malformed);
  EXPECT_ERROR(request.query_number("z", UINT64_MAX), Code::malformed);
  EXPECT_ERROR(request.refuse_unknown_query({"x", "y"}), Code::malformed);
  EXPECT_OK(request.refuse_unknown_query({"x", "y", "x2", "z"}));
  ASSERT_OK(parse_target("/a?x=1&x=2", request));
  EXPECT_ERROR(request.query_text("x"), Code::malformed);
  EXPECT_ERROR(parse_target("/a?=1", request), Code::malformed);
  EXPECT_ERROR(parse_target("/a?x=%0d", request), Code::malformed);
  EXPECT_ERROR(parse_target("/a#b", request), Code::malformed);
  request.headers = {{"cookie", "a=1; session=xyz; b="}, {"content-type", "Text/HTML; charset=x"}};
  EXPECT_EQ(request.cookie("session"), "xyz");
  EXPECT_EQ(request.cookie("b"), "");
  EXPECT_EQ(request.cookie("c"), std::nullopt);
  EXPECT_EQ(request.content_type(), "text/html");
}

TEST(Problem, CarriesBothLanguagesAndTheTrace) {
  const Response response = problem(base::fail(Code::denied, "the seal"), "t-1");
  const std::string_view text = base::text_of(response.body);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.content_type, "application/problem+json");
  for (std::string_view part : {"\"id\":\"denied\"", "\"text_zh\":\"没有权限\"",
                                "\"detail\":\"the seal\"", "\"trace\":\"t-1\"", "\"action_en\":"})
    EXPECT_NE(text.find(part), std::string_view::npos) << part;
}

TEST(PercentEncoding, EscapesEverythingElse) {
  EXPECT_EQ(percent_encoded("aZ0-._~ /?张"), "aZ0-._~%20%2F%3F%E5%BC%A0");
}

}  // namespace
}  // namespace heqi::http
