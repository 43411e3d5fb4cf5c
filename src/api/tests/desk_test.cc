// What the desk asks of the REST interface: the first administrator, sessions in cookies, who may
// do what, places, reminders, links to hand over, mail.
#include <heqi/documents/pdf/form.h>

#include "api_fixture.h"

namespace heqi::api {
namespace {

// Cookies reach every port of a host and the signing origin is one of them: what changes something
// must come from this very origin.
struct Browser : Api {
  std::string cookie;
  Browser() {
    add_user("admin@example.cn", services::identity::Role::administrator);
    cookie = cookie_of("admin@example.cn");
  }
  Response browse(Method method, const std::string& target, const std::string& body,
                  http::Fields headers) {
    Request request = make(method, target, body);
    request.headers.emplace_back("host", "heqi.test:8443");
    request.headers.emplace_back("cookie", cookie);
    for (auto& field : headers) request.headers.push_back(std::move(field));
    return answer(std::move(request));
  }
};

constexpr const char* kOwn = "https://heqi.test:8443";

TEST_F(Browser, ASessionInACookieIsKeptFromScriptsAndOtherSites) {
  const Response answer = ask(Method::post, "/api/v1/sessions",
                              R"({"keep":"cookie","email":"admin@example.cn","password":")" +
                                  std::string(kPassword) + "\"}");
  ASSERT_EQ(answer.status, 201);
  EXPECT_EQ(text_at(answer, "token"), "");
  ASSERT_EQ(answer.headers.size(), 1u);
  const std::string& value = answer.headers[0].second;
  EXPECT_TRUE(value.starts_with("__Host-heqi-session="));
  for (const char* attribute : {"; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"})
    EXPECT_NE(value.find(attribute), std::string::npos) << attribute;
  EXPECT_EQ(value.find("Domain"), std::string::npos);
  const std::string token = value.substr(20, value.find(';') - 20);
  EXPECT_EQ(base::text_of(answer.body).find(token), std::string_view::npos);
  EXPECT_FALSE(house.log.mentions(token));
  expect_problem(ask(Method::post, "/api/v1/sessions",
                     R"({"keep":"page","email":"admin@example.cn","password":"x"})"),
                 Code::malformed);
}

// shows-part: ECP-ID-4b (fingerprint and face)
TEST_F(Browser, AChangeWithACookieComesFromThisOrigin) {
  const std::string user =
      R"({"email":"new@example.cn","role":"member","password":"a new password"})";
  const auto add = [&](http::Fields headers) {
    return browse(Method::post, "/api/v1/users", user, std::move(headers));
  };
  EXPECT_EQ(browse(Method::get, "/api/v1/users", {}, {}).status, 200);
  expect_problem(add({}), Code::denied, "no Origin");
  for (const char* origin :
       {"https://evil.example", "http://heqi.test:8443", "null", "https://heqi.test:8444",
        "https://heqi.test", "https://heqi.test:84430", "https://heqi.test:8443.evil.example", ""})
    expect_problem(add({{"origin", origin}}), Code::denied, origin);
  for (const char* site : {"cross-site", "same-site"}) {
    expect_problem(add({{"origin", kOwn}, {"sec-fetch-site", site}}), Code::denied, site);
    expect_problem(browse(Method::get, "/api/v1/users", {}, {{"sec-fetch-site", site}}),
                   Code::denied, site);
  }
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM identity_users"), 1);
  EXPECT_EQ(add({{"origin", kOwn}, {"sec-fetch-site", "same-origin"}}).status, 201);
}

// is_for_services tells the messages of mobile signature services, and of other organisations'
// authorities, from what officers do.
bool is_for_services(const std::string& pattern) {
  if (pattern.starts_with("/api/v1/encryption-key")) return true;
  for (const char* prefix : {"connection/", "flows/", "prompts/", "updates", "revocations"})
    if (pattern.starts_with(std::string("/api/v1/ca/mobile/") + prefix)) return true;
  return false;
}

TEST_F(Browser, EveryChangingRouteRefusesAForeignOrigin) {
  std::size_t tried = 0;
  for (const http::Route& route : house.services->router.routes()) {
    const std::string& p = route.pattern;
    if (route.method == Method::get || !p.starts_with("/api/v1/") || p == "/api/v1/reports" ||
        p.starts_with("/api/v1/signatures") || p == "/api/v1/revocations" || is_for_services(p))
      continue;  // reports change nothing; the others are for applications
    ++tried;
    expect_problem(browse(route.method, p, "{}", {{"origin", "https://evil.example"}}),
                   Code::denied, p);
  }
  EXPECT_GE(tried, 15u);
}

TEST_F(Browser, SigningOutEndsTheCookiesSession) {
  EXPECT_EQ(text_at(browse(Method::get, "/api/v1/sessions/current", {}, {}), "role"),
            "administrator");
  const Response out = browse(Method::remove, "/api/v1/sessions/current", {}, {{"origin", kOwn}});
  EXPECT_EQ(out.status, 204);
  ASSERT_EQ(out.headers.size(), 1u);
  EXPECT_NE(out.headers[0].second.find("Max-Age=0"), std::string::npos);
  expect_problem(browse(Method::get, "/api/v1/sessions/current", {}, {}), Code::unauthenticated);
}

TEST_F(Browser, APasswordIsChangedByWhoeverKnowsTheOldOne) {
  const std::string path = "/api/v1/sessions/current/password";
  const auto change = [&](const std::string& from, const std::string& to) {
    return browse(Method::post, path,
                  R"({"old_password":")" + from + R"(","new_password":")" + to + "\"}",
                  {{"origin", kOwn}});
  };
  expect_problem(change("a wrong password", "another password"), Code::identity_sign_in_failed);
  expect_problem(change(std::string(kPassword), "short"), Code::malformed);
  EXPECT_EQ(change(std::string(kPassword), "another password").status, 204);
  expect_problem(browse(Method::get, "/api/v1/users", {}, {}), Code::unauthenticated);
}

TEST_F(Api, TheSetUpTokenMakesOneAdministratorOnce) {
  EXPECT_EQ(base::text_of(ask(Method::get, "/api/v1/setup").body), R"({"needed":true})");
  const std::string token = must(house.services->accounts.open_setup()).value();
  const auto set_up = [&](const std::string& with) {
    return ask(
        Method::post, "/api/v1/setup",
        R"({"token":")" + with + R"(","email":"a@example.cn","password":"a long password"})");
  };
  expect_problem(set_up("guess"), Code::denied);
  expect_problem(ask(Method::post, "/api/v1/setup",
                     R"({"token":")" + token + R"(","email":"a@example.cn","password":"short"})"),
                 Code::malformed);
  Request foreign = make(
      Method::post, "/api/v1/setup",
      R"({"token":")" + token + R"(","email":"evil@example.cn","password":"a long password"})");
  foreign.headers.emplace_back("host", "heqi.test");
  foreign.headers.emplace_back("origin", "https://evil.example");
  expect_problem(answer(std::move(foreign)), Code::denied);
  house.restart();  // a crash after the link was shown does not make it void
  const Response made = set_up(token);
  ASSERT_EQ(made.status, 201) << base::text_of(made.body);
  EXPECT_EQ(ask(Method::get, "/api/v1/users", {}, text_at(made, "token")).status, 200);
  expect_problem(set_up(token), Code::conflict);
  EXPECT_EQ(base::text_of(ask(Method::get, "/api/v1/setup").body), R"({"needed":false})");
  EXPECT_FALSE(house.log.mentions(token));
}

// shows-part: ECP-ADM-1 (organisation structure, seals and templates; a record of each change)
TEST_F(Api, OnlyAdministratorsSeeUsersMailNoticesAndTheSelfCheck) {
  add_user("auditor@example.cn", services::identity::Role::auditor);
  const std::string tokens[] = {member(), sign_in("auditor@example.cn")};
  const std::string own = add_user("x@example.cn", services::identity::Role::member);
  for (const std::string& token : tokens) {
    for (const std::string target : {"/api/v1/users", "/api/v1/mail", "/api/v1/notices",
                                     "/api/v1/notices/x", "/api/v1/selfcheck"})
      expect_problem(ask(Method::get, target, {}, token), Code::denied, target);
    expect_problem(ask(Method::post, "/api/v1/mail/tests", R"({"to":"a@example.cn"})", token),
                   Code::denied);
    for (const std::string act : {"/role", "/deactivate", "/activate"})
      expect_problem(
          ask(Method::post, "/api/v1/users/" + own + act, R"({"role":"administrator"})", token),
          Code::denied, act);
  }
  const std::string admin = administrator();
  EXPECT_EQ(ask(Method::get, "/api/v1/selfcheck", {}, admin).status, 200);
  EXPECT_EQ(text_at(ask(Method::get, "/api/v1/mail", {}, admin), "mode"), "folder");
}

TEST_F(Api, AnAdministratorChangesRolesButOneStays) {
  const std::string admin = administrator();
  const std::string self = text_at(ask(Method::get, "/api/v1/sessions/current", {}, admin), "id");
  const std::string other = add_user("b@example.cn", services::identity::Role::member);
  const auto act = [&](const std::string& user, const std::string& what, std::string body = {}) {
    return ask(Method::post, "/api/v1/users/" + user + what, std::move(body), admin);
  };
  expect_problem(act(self, "/role", R"({"role":"member"})"), Code::conflict);
  expect_problem(act(self, "/deactivate"), Code::conflict);
  expect_problem(act(other, "/role", R"({"role":"king"})"), Code::malformed);
  expect_problem(act("nobody", "/role", R"({"role":"member"})"), Code::not_found);
  expect_problem(act("nobody", "/deactivate"), Code::not_found);
  EXPECT_EQ(text_at(act(other, "/role", R"({"role":"operator"})"), "role"), "operator");
  const std::string token = sign_in("b@example.cn");
  EXPECT_EQ(act(other, "/deactivate").status, 200);
  expect_problem(ask(Method::get, "/api/v1/contracts", {}, token), Code::unauthenticated);
  EXPECT_EQ(act(other, "/activate").status, 200);
  EXPECT_FALSE(sign_in("b@example.cn").empty());
}

TEST_F(Api, MailIsTestedOnTheWayOfEveryNotice) {
  const std::string admin = administrator();
  const auto test = [&](const std::string& to) {
    return ask(Method::post, "/api/v1/mail/tests", R"({"to":")" + to + "\"}", admin);
  };
  expect_problem(test("nobody"), Code::malformed);
  expect_problem(test("a@example.cn\\r\\nBcc: b@example.cn"), Code::malformed);
  const Response sent = test("a@example.cn");
  ASSERT_EQ(sent.status, 202);
  const std::string one = "/api/v1/notices/" + text_at(sent, "notice");
  expect_problem(ask(Method::get, one, {}, admin), Code::not_found);  // not written yet
  house.restart();
  house.settle();
  const Response read = ask(Method::get, one, {}, admin);
  EXPECT_EQ(text_at(read, "to_address"), "a@example.cn");
  EXPECT_NE(text_at(read, "body").find("admin@example.cn"), std::string::npos);
  EXPECT_FALSE(text_at(read, "filed_at").empty());
  for (int i = 1; i < 5; ++i) EXPECT_EQ(test("a@example.cn").status, 202);
  expect_problem(test("a@example.cn"), Code::rate_limited);
  house.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(test("a@example.cn").status, 202);
  expect_problem(ask(Method::get, "/api/v1/notices/..", {}, admin), Code::malformed);
  expect_problem(ask(Method::get, "/api/v1/notices/no-such", {}, admin), Code::not_found);
}

// shows-part: ECP-ADM-1 (organisation structure, seals and templates; a record of each change)
TEST_F(ApiContracts, AnotherUserDoesNotSeeThePersons) {
  add_user("other@example.cn", services::identity::Role::member);
  const std::string other = sign_in("other@example.cn"), admin = administrator();
  const std::string one = "/api/v1/persons/" + zhang;
  expect_problem(ask(Method::get, one, {}, other), Code::not_found);
  expect_problem(ask(Method::post, one + "/authorisations", {}, other), Code::not_found);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM notify_notices"), 0);
  EXPECT_EQ(base::text_of(ask(Method::get, "/api/v1/persons", {}, other).body),
            R"({"persons":[]})");
  expect_problem(answer(form(description(), house.example(), other)), Code::not_found);
  EXPECT_EQ(ask(Method::get, one, {}, token).status, 200);
  EXPECT_EQ(ask(Method::get, one, {}, admin).status, 200);
  const Response all = ask(Method::get, "/api/v1/persons", {}, admin);
  EXPECT_NE(base::text_of(all.body).find(zhang), std::string_view::npos);
}

TEST_F(ApiContracts, AnotherUsersVerificationTakesNoEvidence) {
  const Response added =
      ask(Method::post, "/api/v1/persons", R"({"name":"李四","email":"li@example.cn"})", token);
  ASSERT_EQ(added.status, 201) << base::text_of(added.body);
  const http::Json body = json_of(added);
  const std::string path =
      "/api/v1/verifications/" + *body.find("verification")->find("id")->text() + "/evidence";
  const std::string evidence =
      R"({"evidence":")" + *body.find("verification")->find("challenge")->text() + "\"}";
  add_user("other@example.cn", services::identity::Role::member);
  expect_problem(ask(Method::post, path, evidence, sign_in("other@example.cn")), Code::not_found);
  EXPECT_EQ(ask(Method::post, path, evidence, token).status, 200);
  // Once checked, the same person again is the same person.
  const Response again =
      ask(Method::post, "/api/v1/persons", R"({"name":"李四","email":"li@example.cn"})", token);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(text_at(again, "id"), text_at(added, "id"));
}

TEST_F(ApiContracts, AdministratorsAndAuditorsReadEveryContractAndChangeNone) {
  const std::string id = text_at(answer(form(description(), house.example(), token)), "id");
  add_user("auditor@example.cn", services::identity::Role::auditor);
  const std::string one = "/api/v1/contracts/" + id, auditor = sign_in("auditor@example.cn"),
                    admin = administrator();
  for (const std::string& reader : {admin, auditor}) {
    for (const char* path : {"", "/document", "/history"})
      EXPECT_EQ(ask(Method::get, one + path, {}, reader).status, 200) << path;
    EXPECT_NE(base::text_of(ask(Method::get, "/api/v1/contracts", {}, reader).body).find(id),
              std::string_view::npos);
  }
  expect_problem(ask(Method::post, one + "/start", {}, admin), Code::not_found);
  for (const std::string act : {"/start", "/remind", "/withdraw", "/parties/0/link"})
    expect_problem(ask(Method::post, one + act, R"({"reason":"x"})", auditor), Code::denied, act);
  expect_problem(
      ask(Method::post, "/api/v1/persons", R"({"name":"李","email":"l@example.cn"})", auditor),
      Code::denied);
}

// shows-part: ECP-ADM-1 (organisation structure, seals and templates; a record of each change)
TEST_F(ApiContracts, AnAdministratorWithdrawsForWhoeverHasLeftAndForNobodyElse) {
  const std::string id = text_at(answer(form(description(), house.example(), token)), "id");
  const std::string one = "/api/v1/contracts/" + id, why = R"({"reason":"已离职"})";
  ASSERT_EQ(ask(Method::post, one + "/start", {}, token).status, 202);
  const std::string admin = administrator();
  expect_problem(ask(Method::post, one + "/withdraw", why, admin), Code::denied);
  EXPECT_EQ(json_of(ask(Method::get, one, {}, admin)).find("sender_has_left"), nullptr);
  const std::string sender = text_at(ask(Method::get, "/api/v1/sessions/current", {}, token), "id");
  EXPECT_EQ(ask(Method::post, "/api/v1/users/" + sender + "/deactivate", {}, admin).status, 200);
  EXPECT_NE(json_of(ask(Method::get, one, {}, admin)).find("sender_has_left"), nullptr);
  add_user("other@example.cn", services::identity::Role::member);
  expect_problem(ask(Method::post, one + "/withdraw", why, sign_in("other@example.cn")),
                 Code::not_found);
  add_user("auditor@example.cn", services::identity::Role::auditor);
  expect_problem(ask(Method::post, one + "/withdraw", why, sign_in("auditor@example.cn")),
                 Code::denied);
  // Only withdrawing: nothing else is done in somebody else's name.
  for (const char* act : {"/remind", "/parties/0/link"})
    expect_problem(ask(Method::post, one + act, {}, admin), Code::not_found, act);
  const Response ended = ask(Method::post, one + "/withdraw", why, admin);
  EXPECT_EQ(ended.status, 200);
  EXPECT_EQ(text_at(ended, "state"), "withdrawn");
  const std::string history =
      base::text_of(ask(Method::get, one + "/history", {}, admin).body).data();
  EXPECT_NE(history.find(R"("act":"contract.withdrawn","actor":"user:)"), std::string::npos);
  EXPECT_NE(history.find(R"("actor_name":"admin@example.cn")"), std::string::npos);
  house.settle();
  const auto mails = house.mails("withdrawn", "zhang@example.cn");
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_NE(mails[0].body.find("admin@example.cn"), std::string::npos) << mails[0].body;
  expect_problem(ask(Method::post, one + "/withdraw", why, admin), Code::conflict);
}

TEST_F(ApiContracts, AFieldStandsWhereItWasPut) {
  const auto with = [&](const std::string& fields) {
    return answer(form(R"({"title":"租赁合同","parties":[{"person":")" + zhang + R"(","fields":[)" +
                           fields + "]}]}",
                       house.example(), token));
  };
  const Response made = with(R"({"page":1,"x":100,"y":200,"width":150,"height":60})");
  ASSERT_EQ(made.status, 201) << base::text_of(made.body);
  const Response file =
      ask(Method::get, "/api/v1/contracts/" + text_at(made, "id") + "/document", {}, token);
  const auto document = must(documents::pdf::Document::parse(file.body));
  const auto pages = must(document.pages());
  const auto fields = must(documents::pdf::get_form(document)).fields;
  ASSERT_EQ(fields.size(), 1u);
  const auto box = must(
      documents::pdf::to_rectangle(document, *must(document.find(*fields[0].dictionary, "Rect"))));
  EXPECT_NEAR(box.left, pages[0].crop_box.left + 100, 0.01);
  EXPECT_NEAR(box.top, pages[0].crop_box.top - 200, 0.01);
  EXPECT_NEAR(box.width(), 150, 0.01);
  EXPECT_NEAR(box.height(), 60, 0.01);
  for (const char* bad : {R"({"page":0,"x":1,"y":1,"width":150,"height":60})",
                          R"({"page":999,"x":1,"y":1,"width":150,"height":60})",
                          R"({"page":1,"x":580,"y":1,"width":150,"height":60})",
                          R"({"page":1,"x":-1,"y":1,"width":150,"height":60})",
                          R"({"page":1,"x":1,"y":1,"width":39,"height":60})",
                          R"({"page":1,"x":1,"y":1,"width":150,"height":15})",
                          R"({"page":1,"x":1,"y":1,"width":1e9,"height":60})",
                          R"({"page":1,"x":1,"y":1,"width":150})"})
    expect_problem(with(bad), Code::malformed, bad);
  expect_problem(with(R"({"page":1,"x":1,"y":1,"width":90,"height":60},)"
                      R"({"page":1,"x":1,"y":99,"width":90,"height":60})"),
                 Code::malformed);
}

// shows-part: ECP-CON-3b (approval steps before signing)
TEST_F(ApiContracts, AReminderTellsOnceAndItsLinkOpensTheContract) {
  const std::string id = text_at(answer(form(description(), house.example(), token)), "id"),
                    one = "/api/v1/contracts/" + id;
  expect_problem(ask(Method::post, one + "/remind", {}, token), Code::conflict);  // a draft
  EXPECT_EQ(ask(Method::post, one + "/start", {}, token).status, 202);
  house.settle();
  const std::string first = house.link_for("zhang@example.cn");
  EXPECT_EQ(ask(Method::post, one + "/remind", {}, token).status, 202);
  house.restart();  // the notice is in the outbox
  house.settle();
  ASSERT_EQ(house.mails("reminder", "zhang@example.cn").size(), 1u);
  expect_problem(ask(Method::post, one + "/remind", {}, token), Code::rate_limited);
  house.clock.advance(services::contract::kRemindPause);
  EXPECT_EQ(ask(Method::post, one + "/remind", {}, token).status, 202);
  house.settle();
  const auto mails = house.mails("reminder", "zhang@example.cn");
  ASSERT_EQ(mails.size(), 2u);
  const std::string& body = mails[0].body;
  const std::size_t at = body.find("/s/");
  const std::string second = body.substr(at + 3, body.find('\n', at) - at - 3);
  EXPECT_NE(second, first);
  for (const std::string& link : {first, second})
    EXPECT_EQ(ask(Method::get, "/s/" + link + "/contract").status, 200);
  EXPECT_FALSE(house.log.mentions(second));
  const std::string session = open_link(first, "zhang@example.cn");
  EXPECT_EQ(ask(Method::post, "/s/" + first + "/decline", R"({"reason":"no"})", session).status,
            200);
  expect_problem(ask(Method::post, one + "/remind", {}, token), Code::conflict);
  EXPECT_EQ(text_at(ask(Method::get, one, {}, token), "reason"), "no");
}

TEST_F(ApiContracts, ALinkIsHandedOverByTheSenderOnlyAndLeavesATrace) {
  const std::string id = text_at(answer(form(description(), house.example(), token)), "id"),
                    one = "/api/v1/contracts/" + id, link = one + "/parties/0/link";
  expect_problem(ask(Method::post, link, {}, token), Code::conflict);  // a draft
  EXPECT_EQ(ask(Method::post, one + "/start", {}, token).status, 202);
  add_user("other@example.cn", services::identity::Role::member);
  expect_problem(ask(Method::post, link, {}, sign_in("other@example.cn")), Code::not_found);
  expect_problem(ask(Method::post, one + "/parties/1/link", {}, token), Code::not_found);
  expect_problem(ask(Method::post, one + "/parties/x/link", {}, token), Code::malformed);
  const Response made = ask(Method::post, link, {}, token);
  ASSERT_EQ(made.status, 201) << base::text_of(made.body);
  constexpr std::string_view origin = "https://sign.heqi.test";
  ASSERT_TRUE(text_at(made, "link").starts_with(std::string(origin) + "/s/"));
  const std::string path = text_at(made, "link").substr(origin.size());
  EXPECT_EQ(ask(Method::get, path + "/contract").status, 200);
  const Response history = ask(Method::get, one + "/history", {}, token);
  EXPECT_NE(base::text_of(history.body).find("link_made"), std::string_view::npos);
  EXPECT_EQ(base::text_of(history.body).find(path.substr(3)), std::string_view::npos);
  for (std::size_t i = 1; i < services::contract::kLinksMax; ++i)
    EXPECT_EQ(ask(Method::post, link, {}, token).status, 201);
  expect_problem(ask(Method::post, link, {}, token), Code::limit_exceeded);
}

TEST_F(ApiContracts, ALongPollWaitsForAnyChange) {
  const std::string id = text_at(answer(form(description(), house.example(), token)), "id"),
                    one = "/api/v1/contracts/" + id;
  const std::string version = text_at(ask(Method::get, one, {}, token), "version");
  EXPECT_GT(ask(Method::get, one + "?since=" + version, {}, token).wait.count(), 0);
  EXPECT_EQ(ask(Method::get, one + "?since=other", {}, token).wait.count(), 0);
  EXPECT_EQ(ask(Method::post, one + "/start", {}, token).status, 202);
  EXPECT_EQ(ask(Method::get, one + "?since=" + version, {}, token).wait.count(), 0);
  expect_problem(ask(Method::get, "/api/v1/contracts?since=" + version, {}, token),
                 Code::malformed);  // lists are asked for again, they do not wait
}

TEST_F(ApiContracts, AFileIsInspectedBeforeAnythingElseIsAsked) {
  const auto inspect = [&](base::ByteView file) {
    Request request = make(Method::post, "/api/v1/inspections");
    request.body = base::to_bytes(file);
    request.headers = {{"content-type", "application/pdf"}, {"authorization", "Bearer " + token}};
    return answer(std::move(request));
  };
  EXPECT_EQ(inspect(house.example()).status, 200);
  expect_problem(inspect({}), Code::document_empty);
  expect_problem(inspect(base::bytes_of("<html>")), Code::document_not_pdf);
  EXPECT_TRUE(house.blobs.files.empty());
}

// What people write comes back as they wrote it, as JSON text; the pages show it as text.
TEST_F(ApiContracts, MarkupInTitlesAndReasonsStaysText) {
  for (const char* text : {"<script>alert(1)</script>", "\\\"><img src=x onerror=alert(1)>",
                           "{{constructor.constructor('alert(1)')()}}", "javascript:alert(1)",
                           "</title><svg/onload=alert(1)>", "\\u202Egpj.exe"}) {
    const std::string said =
        std::string(R"({"title":")") + text + R"(","parties":[{"person":")" + zhang + "\"}]}";
    const Response made = answer(form(said, house.example(), token));
    ASSERT_EQ(made.status, 201) << text << base::text_of(made.body);
    EXPECT_EQ(made.content_type, "application/json");
    const http::Json wanted = must(http::parse_json(base::bytes_of(said)));
    EXPECT_EQ(text_at(made, "title"), *wanted.find("title")->text());
    const std::string one = "/api/v1/contracts/" + text_at(made, "id");
    const Response withdrawn =
        ask(Method::post, one + "/withdraw", std::string(R"({"reason":")") + text + "\"}", token);
    EXPECT_EQ(text_at(withdrawn, "reason"), *wanted.find("title")->text());
  }
}

}  // namespace
}  // namespace heqi::api
