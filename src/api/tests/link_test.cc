// A link of a notice: what it opens, what must be proved before a device may be enrolled from it,
// and who is refused.
#include <heqi/base/text.h>
#include <heqi/http/json.h>

#include "phone.h"

namespace heqi::api {
namespace {

using base::Code;
using http::Method;
using http::Request;
using http::Response;
using testing::must;

constexpr std::string_view kAddress = "li@example.cn";
constexpr std::string_view kNumber = "440308199901010012";

std::string text_at(const Response& response, std::string_view name) {
  const http::Json json = must(http::parse_json(response.body));
  const http::Json* found = json.find(name);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

void expect_refused(const Response& response, Code code) {
  EXPECT_EQ(response.status, base::error_text(code).http_status) << base::text_of(response.body);
  EXPECT_EQ(text_at(response, "id"), base::error_text(code).id);
}

struct Links : ::testing::Test {
  testing::House house;
  std::string li, link;

  Links() {
    li = must(house.services->persons.add({.name = "李四",
                                           .email = std::string(kAddress),
                                           .phone = {},
                                           .id_number = std::string(kNumber),
                                           .keeper = {}}))
             .id;
    link = send("租赁合同");
  }
  std::string send(const std::string& title) {
    services::contract::ContractRequest request;
    request.owner = "application:desk";
    request.title = title;
    request.parties = {{.person_id = li, .placement = {}}};
    request.document = house.example();
    auto& platform = house.services->platform;
    must(platform.start("application:desk", must(platform.create(request)).id));
    house.settle();
    house.clock.advance(std::chrono::seconds(1));
    return house.link_for(std::string(kAddress));
  }

  Request request(Method method, const std::string& path, std::string body = {},
                  const std::string& session = {}) {
    Request out;
    out.method = method;
    out.target = "/s/" + link + path;
    out.body = base::to_bytes(body);
    out.headers = {{"host", "sign.heqi.test"}};
    if (!body.empty()) out.headers.emplace_back("content-type", "application/json");
    if (!session.empty()) out.headers.emplace_back("authorization", "Bearer " + session);
    return out;
  }
  Response answer(Request one) { return house.services->signing_router.answer(std::move(one)); }
  Response post(const std::string& path, std::string body = {}, const std::string& session = {}) {
    return answer(request(Method::post, path, std::move(body), session));
  }
  // mailed_code is the newest code in the mail to the person.
  std::string mailed_code() {
    house.settle();
    std::string code;
    base::Time newest{};
    for (const auto& mail : house.mails("one_time_code", kAddress)) {
      if (mail.date < newest) continue;
      newest = mail.date;
      for (const std::string_view line : base::split(mail.body, '\n'))
        if (line.size() == 6 && line.find_first_not_of("0123456789") == std::string_view::npos)
          code = line;
    }
    EXPECT_EQ(code.size(), 6u);
    return code;
  }
  std::string other_than(std::string code) {
    code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
    return code;
  }
  static std::string of(std::string_view name, const std::string& value) {
    base::JsonWriter json;
    json.begin_object().field(name, value).end_object();
    return json.str();
  }
  static std::string claim(const std::string& name, const std::string& number) {
    base::JsonWriter json;
    json.begin_object().field("name", name).field("id_number", number).end_object();
    return json.str();
  }
  std::string session() {
    EXPECT_EQ(post("/code").status, 202);
    const Response opened = post("/session", of("code", mailed_code()));
    EXPECT_EQ(opened.status, 201) << base::text_of(opened.body);
    return text_at(opened, "session");
  }
  void identify(const std::string& session) {
    const Response check = post("/identity", claim("李四", std::string(kNumber)), session);
    ASSERT_EQ(check.status, 201) << base::text_of(check.body);
    base::JsonWriter evidence;
    evidence.begin_object()
        .field("check", text_at(check, "check"))
        .field("evidence", text_at(check, "challenge"))
        .end_object();
    const Response proved = post("/identity/evidence", evidence.str(), session);
    ASSERT_EQ(proved.status, 200) << base::text_of(proved.body);
    EXPECT_EQ(text_at(proved, "state"), "verified");
  }
};

// shows-part: MSSP-5.1-d (the browser's device: tests of web/)
TEST_F(Links, FromTheLinkAloneAPersonBecomesASignerAndSigns) {
  const std::string token = session();
  identify(token);
  const Response code = post("/authorisation", {}, token);
  ASSERT_EQ(code.status, 201) << base::text_of(code.body);
  testing::Phone phone(house);
  ASSERT_OK(phone.enrol(text_at(code, "code")));
  ASSERT_EQ(post("/sign", R"({"width":900,"height":360,"strokes":[[10,10,400,200],[5,5]]})").status,
            202);
  ASSERT_OK(phone.sign());
  house.settle();
  EXPECT_EQ(answer(request(Method::get, "/document", {}, token)).content_type, "application/pdf");
  const Response after = answer(request(Method::get, "/contract"));
  ASSERT_EQ(after.status, 200);
  const http::Json json = must(http::parse_json(after.body));
  EXPECT_EQ(*json.find("you")->find("state")->text(), "signed");
  EXPECT_NE(*json.find("contract")->find("state")->text(), "signing");  // nobody is waited for
}

TEST_F(Links, ALinkTellsNoMoreThanItsPartyMayKnow) {
  const Response shown = answer(request(Method::get, "/contract"));
  const std::string body(base::text_of(shown.body));
  EXPECT_EQ(body.find(kAddress), std::string::npos);  // masked
  EXPECT_EQ(body.find(kNumber), std::string::npos);
  link = "no-such-link";
  for (const std::string path : {"/code", "/session", "/identity", "/authorisation"})
    expect_refused(post(path, "{}"), Code::not_found);
  expect_refused(post("/sign"), Code::not_found);
}

// shows: MSSP-6.2.2-a   mutant: tests/mutants/MSSP-6.2.2-a.identified
TEST_F(Links, NothingIsHandedOverBeforeAddressAndIdentityAreProved) {
  expect_refused(post("/authorisation"), Code::unauthenticated);
  expect_refused(post("/authorisation", {}, "forged"), Code::unauthenticated);
  expect_refused(post("/identity", claim("李四", std::string(kNumber))), Code::unauthenticated);
  const std::string token = session();
  expect_refused(post("/authorisation", {}, token), Code::identity_unverified);
  house.restart();  // nothing of it is in memory only
  expect_refused(post("/authorisation", {}, token), Code::identity_unverified);
  identify(token);
  house.restart();
  EXPECT_EQ(post("/authorisation", {}, token).status, 201);
}

TEST_F(Links, ASessionIsForItsOwnLinkAndEnds) {
  const std::string token = session();
  identify(token);
  const std::string first = link;
  link = send("另一合同");
  ASSERT_NE(link, first);
  expect_refused(post("/authorisation", {}, token), Code::unauthenticated);
  link = first;
  house.clock.advance(services::identity::kLinkSessionTime + std::chrono::seconds(1));
  expect_refused(post("/authorisation", {}, token), Code::unauthenticated);
}

// shows: MSSP-6.2.2-a   mutant: tests/mutants/MSSP-6.2.2-a.tries
TEST_F(Links, ACodeIsUsedOnceAndTooManyWrongTriesMakeItVoid) {
  expect_refused(post("/session", of("code", "000000")), Code::identity_code_void);
  ASSERT_EQ(post("/code").status, 202);
  const std::string code = mailed_code();
  for (int i = 1; i < services::identity::kLinkCodeTries; ++i)
    expect_refused(post("/session", of("code", other_than(code))), Code::denied);
  expect_refused(post("/session", of("code", other_than(code))), Code::identity_code_void);
  expect_refused(post("/session", of("code", code)), Code::identity_code_void);

  house.clock.advance(services::identity::kLinkCodePause + std::chrono::seconds(1));
  ASSERT_EQ(post("/code").status, 202);
  const std::string second = mailed_code();
  EXPECT_EQ(post("/session", of("code", second)).status, 201);
  expect_refused(post("/session", of("code", second)), Code::identity_code_void);
  EXPECT_FALSE(house.log.mentions(code));
  EXPECT_FALSE(house.log.mentions(second));
}

// A link can be forwarded, and the sender may hand one over: it opens no file and ends nothing.
// shows: MSSP-6.2.2-a   mutant: tests/mutants/MSSP-6.2.2-a.link_alone
TEST_F(Links, ALinkWithoutTheCodeGivesNoFileAndDeclinesNothing) {
  const std::string reason = of("reason", "no");
  for (const std::string session : {"", "forged"}) {
    expect_refused(answer(request(Method::get, "/document", {}, session)), Code::unauthenticated);
    expect_refused(post("/decline", reason, session), Code::unauthenticated);
  }
  const std::string token = session();
  const std::string first = link;
  link = send("另一合同");
  expect_refused(answer(request(Method::get, "/document", {}, token)), Code::unauthenticated);
  expect_refused(post("/decline", reason, token), Code::unauthenticated);
  link = first;
  EXPECT_EQ(answer(request(Method::get, "/document", {}, token)).content_type, "application/pdf");
  EXPECT_EQ(post("/decline", reason, token).status, 200);
  house.clock.advance(services::identity::kLinkCodePause + std::chrono::seconds(1));
  expect_refused(post("/code"), Code::conflict);  // nothing is left to be opened
}

TEST_F(Links, ACompletedContractIsFetchedFromTheLinkOfItsNotice) {
  const std::string token = session();
  identify(token);
  testing::Phone phone(house);
  ASSERT_OK(phone.enrol(text_at(post("/authorisation", {}, token), "code")));
  ASSERT_EQ(post("/sign").status, 202);
  ASSERT_OK(phone.sign());
  house.settle();
  const auto mails = house.mails("completed", kAddress);
  ASSERT_EQ(mails.size(), 1u);
  const std::size_t at = mails[0].body.find("https://sign.heqi.test/s/");
  ASSERT_NE(at, std::string::npos) << mails[0].body;
  EXPECT_EQ(mails[0].body.find("/api/"), std::string::npos);
  const std::string own =
      mails[0].body.substr(at + 25, mails[0].body.find_first_of("\r\n", at) - at - 25);
  EXPECT_NE(own, link);
  link = own;
  expect_refused(answer(request(Method::get, "/document")), Code::unauthenticated);
  EXPECT_EQ(answer(request(Method::get, "/document", {}, token)).content_type, "application/pdf");
}

TEST_F(Links, ACodeEndsWithItsTime) {
  ASSERT_EQ(post("/code").status, 202);
  const std::string code = mailed_code();
  house.clock.advance(services::identity::kLinkCodeTime + std::chrono::seconds(1));
  expect_refused(post("/session", of("code", code)), Code::identity_code_void);
}

TEST_F(Links, CodesAreSentSeldom) {
  ASSERT_EQ(post("/code").status, 202);
  expect_refused(post("/code"), Code::rate_limited);
  for (int i = 1; i < services::identity::kLinkCodesPerHour; ++i) {
    house.clock.advance(services::identity::kLinkCodePause + std::chrono::seconds(1));
    ASSERT_EQ(post("/code").status, 202) << i;
  }
  house.clock.advance(services::identity::kLinkCodePause + std::chrono::seconds(1));
  expect_refused(post("/code"), Code::rate_limited);
  house.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(post("/code").status, 202);
}

TEST_F(Links, AnotherPersonIsToldSoAndMayNotGuessForLong) {
  const std::string token = session();
  expect_refused(post("/identity", claim("王五", std::string(kNumber)), token), Code::denied);
  expect_refused(post("/identity", claim("李四", "11010519491231002X"), token), Code::denied);
  expect_refused(post("/identity", claim("李四", "440308199901010013"), token), Code::malformed);
  for (int i = 2; i < services::identity::kLinkIdentityTries; ++i)
    expect_refused(post("/identity", claim("王五", std::string(kNumber)), token), Code::denied);
  expect_refused(post("/identity", claim("李四", std::string(kNumber)), token), Code::rate_limited);
  expect_refused(post("/authorisation", {}, token), Code::identity_unverified);
}

TEST_F(Links, AnotherPersonsCheckIsNotTaken) {
  const std::string token = session();
  constexpr std::string_view number = "11010519491231002X";
  const auto wang = must(house.services->persons.add({.name = "王五",
                                                      .email = "wang@example.cn",
                                                      .phone = {},
                                                      .id_number = std::string(number),
                                                      .keeper = {}}));
  const auto foreign = must(house.services->verifications.start_again(wang.id, number));
  base::JsonWriter evidence;
  evidence.begin_object()
      .field("check", foreign.id)
      .field("evidence", foreign.challenge)
      .end_object();
  expect_refused(post("/identity/evidence", evidence.str(), token), Code::not_found);
  expect_refused(post("/authorisation", {}, token), Code::identity_unverified);
}

TEST_F(Links, WhoLostTheKeyProvesBothAgainAndTheEarlierDeviceIsRetired) {
  const std::string first = session();
  identify(first);
  testing::Phone lost(house);
  ASSERT_OK(lost.enrol(text_at(post("/authorisation", {}, first), "code")));
  house.clock.advance(services::identity::kLinkSessionTime + std::chrono::seconds(1));
  const std::string second = session();
  expect_refused(post("/authorisation", {}, second), Code::identity_unverified);
  identify(second);
  testing::Phone next(house);
  ASSERT_OK(next.enrol(text_at(post("/authorisation", {}, second), "code")));
  ASSERT_EQ(post("/sign").status, 202);
  ASSERT_OK(next.sign());
  EXPECT_FALSE(lost.poll().has_value());
}

// What a page of another site makes a browser send is refused before anything happens.
// shows: MSSP-6.2.2-a   mutant: tests/mutants/MSSP-6.2.2-a.origin
TEST_F(Links, RequestsOfForeignOriginsAreRefused) {
  const std::string token = session();
  identify(token);
  const std::pair<const char*, const char*> foreign[] = {
      {"origin", "https://evil.example"},  {"origin", "null"},
      {"origin", "http://sign.heqi.test"}, {"origin", "https://heqi.test"},
      {"sec-fetch-site", "cross-site"},    {"sec-fetch-site", "same-site"}};
  for (const auto& [name, value] : foreign) {
    for (const std::string path : {"/code", "/session", "/identity", "/identity/evidence",
                                   "/authorisation", "/sign", "/decline"}) {
      Request one = request(Method::post, path, R"({"reason":"x"})", token);
      one.headers.emplace_back(name, value);
      expect_refused(answer(std::move(one)), Code::denied);
    }
    for (const std::string path : {"/contract", "/document"}) {
      Request one = request(Method::get, path);
      one.headers.emplace_back(name, value);
      expect_refused(answer(std::move(one)), Code::denied);
    }
  }
  Request own = request(Method::post, "/authorisation", {}, token);
  own.headers.emplace_back("origin", "https://sign.heqi.test");
  own.headers.emplace_back("sec-fetch-site", "same-origin");
  EXPECT_EQ(answer(std::move(own)).status, 201);
}

TEST_F(Links, HandwritingThatIsNoneIsRefusedBeforeTheTurnIsTaken) {
  std::string many = "[[1,1";
  for (int i = 0; i < 4000; ++i) many += ",1,1";
  many += "]]";
  std::string strokes = "[[1,1]";
  for (int i = 0; i < 100; ++i) strokes += ",[1,1]";
  strokes += "]";
  const auto body = [](const std::string& lines) {
    return R"({"width":100,"height":50,"strokes":)" + lines + "}";
  };
  for (const std::string& bad :
       {std::string("[]"), std::string("{}"), body("[[101,1]]"), body("[[1,51]]"), body("[[-1,1]]"),
        body("[[1]]"), body("[[]]"), body("[[1,2,3]]"), body("[[1.5,2]]"), body("[[\"1\",2]]"),
        body("7"), std::string(R"({"width":0,"height":50,"strokes":[[0,1]]})"),
        std::string(R"({"width":5000,"height":50,"strokes":[[0,1]]})"),
        std::string(R"({"width":100,"height":50,"strokes":[[0,1]],"more":1})")})
    expect_refused(post("/sign", bad), Code::malformed);
  for (const std::string& lines : {std::string("[]"), many, strokes})
    expect_refused(post("/sign", body(lines)), Code::limit_exceeded);
  const auto invitation = must(house.services->platform.open_link(link));
  EXPECT_EQ(invitation.party.state, "invited");
}

TEST_F(Links, TheSigningOriginHasNoDeskAndTheDeskNoLinks) {
  for (const http::Route& route : house.services->signing_router.routes())
    EXPECT_FALSE(route.pattern.starts_with("/api/")) << route.pattern;
  for (const http::Route& route : house.services->router.routes())
    EXPECT_FALSE(route.pattern.starts_with("/s/")) << route.pattern;
  Request one = request(Method::get, "");
  one.target = "/api/v1/contracts";
  expect_refused(answer(std::move(one)), Code::not_found);
}

}  // namespace
}  // namespace heqi::api
