// The REST interface without a network: who may ask what, and what comes back.
#include <cstdlib>

#include <heqi/base/file_store.h>
#include <heqi/pki/cms.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/signature_verifier.h>

#include "api_fixture.h"

namespace heqi::api {
namespace {

// openssl_agrees asks the openssl program whether signature over octets is that of a certificate.
bool openssl_agrees(const base::Bytes& certificate, const base::Bytes& octets,
                    const base::Bytes& signature) {
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/";
  EXPECT_OK(base::write_file(at + "certificate", certificate));
  EXPECT_OK(base::write_file(at + "octets", octets));
  EXPECT_OK(base::write_file(at + "signature", signature));
  return std::system(("openssl x509 -inform DER -in " + at + "certificate -noout -pubkey > " + at +
                      "key && openssl dgst -sm3 -verify " + at +
                      "key -sigopt distid:1234567812345678 -signature " + at + "signature " + at +
                      "octets >/dev/null 2>&1")
                         .c_str()) == 0;
}

// openssl_signer_of is the one certificate that the openssl program finds in a signed message.
base::Bytes openssl_signer_of(const base::Bytes& message) {
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/";
  EXPECT_OK(base::write_file(at + "message", message));
  EXPECT_EQ(std::system(("openssl cms -cmsout -inform DER -in " + at + "message -noout -certsout " +
                         at + "certificate && openssl x509 -in " + at +
                         "certificate -outform DER -out " + at + "der")
                            .c_str()),
            0);
  return *base::read_file(at + "der", 65'536);
}

// What needs no sign-in: health, signing in, links (the link itself lets in), devices (they
// authenticate inside their messages, clients of ACME and EST too), verifying a file or a number.
bool is_public(const http::Route& route) {
  const std::string& p = route.pattern;
  return p == "/healthz" || p == "/readyz" || p.starts_with("/s/{link}") ||
         p.starts_with("/device/v1/") || p.starts_with("/acme/") ||
         p.starts_with("/.well-known/est/") || p == "/api/v1/reports" || p == "/api/v1/setup" ||
         p == "/api/v1/numbers/{number}" ||
         (p == "/api/v1/sessions" && route.method == Method::post);
}

std::string target_of(const std::string& pattern) {
  std::string out;
  bool inside = false;
  for (char c : pattern) {
    if (c == '{') out += "x", inside = true;
    if (!inside) out.push_back(c);
    if (c == '}') inside = false;
  }
  return out;
}

TEST_F(Api, EveryRouteThatIsNotPublicAsksWhoIsThere) {
  std::size_t guarded = 0;
  for (const http::Route& route : house.services->router.routes()) {
    if (is_public(route)) continue;
    ++guarded;
    const std::string target = target_of(route.pattern);
    expect_problem(ask(route.method, target, "{}"), Code::unauthenticated, target);
    expect_problem(ask(route.method, target, "{}", "no-such-token"), Code::unauthenticated, target);
    Request forged = signed_by_bank(route.method, target, "{}");  // no such application
    expect_problem(answer(std::move(forged)), Code::unauthenticated, target);
  }
  EXPECT_GE(guarded, 17u);
}

TEST_F(Api, ASessionBeginsAndEnds) {
  const std::string token = member();
  ASSERT_FALSE(token.empty());
  EXPECT_EQ(ask(Method::get, "/api/v1/contracts", {}, token).status, 200);
  EXPECT_EQ(ask(Method::remove, "/api/v1/sessions/current", {}, token).status, 204);
  expect_problem(ask(Method::get, "/api/v1/contracts", {}, token), Code::unauthenticated);
  EXPECT_FALSE(house.log.mentions(token));
  EXPECT_FALSE(house.log.mentions(kPassword));
}

TEST_F(Api, AWrongPasswordSaysNoMoreThanThat) {
  member();
  const auto wrong = ask(Method::post, "/api/v1/sessions",
                         R"({"email":"member@example.cn","password":"wrong password"})");
  const auto unknown = ask(Method::post, "/api/v1/sessions",
                           R"({"email":"nobody@example.cn","password":"wrong password"})");
  expect_problem(wrong, Code::identity_sign_in_failed);
  EXPECT_EQ(wrong.body, unknown.body);
}

TEST_F(Api, OnlyAnAdministratorAddsUsersAndApplications) {
  const std::string token = member();
  const std::string user =
      R"({"email":"new@example.cn","role":"member","password":"a new password"})";
  const std::string application = R"({"id":"new-shop","name":"Shop","public_key":")" +
                                  base::to_base64(bank_key.public_key().encode()) + "\"}";
  expect_problem(ask(Method::post, "/api/v1/users", user, token), Code::denied);
  expect_problem(ask(Method::post, "/api/v1/applications", application, token), Code::denied);
  add_bank();
  expect_problem(answer(signed_by_bank(Method::post, "/api/v1/users", user)), Code::denied);
  const std::string admin = administrator();
  EXPECT_EQ(ask(Method::post, "/api/v1/users", user, admin).status, 201);
  expect_problem(ask(Method::post, "/api/v1/users", user, admin), Code::conflict);
  EXPECT_EQ(ask(Method::post, "/api/v1/applications", application, admin).status, 201);
  // Nobody becomes the contract platform by taking its id.
  std::string own = application;
  const std::size_t id = own.find("\"id\":\"");
  ASSERT_NE(id, std::string::npos);
  own.replace(id + 6, own.find('"', id + 6) - id - 6, "heqi-contracts");
  expect_problem(ask(Method::post, "/api/v1/applications", own, admin), Code::conflict);
}

TEST_F(Api, BadBodiesAreNamedProblems) {
  const std::string token = member();
  expect_problem(ask(Method::post, "/api/v1/persons", "{", token), Code::malformed);
  expect_problem(ask(Method::post, "/api/v1/persons", "[]", token), Code::malformed);
  expect_problem(ask(Method::post, "/api/v1/persons", "{}", token), Code::malformed);
  expect_problem(ask(Method::post, "/api/v1/persons",
                     R"({"name":"张三","email":"z@example.cn","id_number":"1","extra":1})", token),
                 Code::malformed);
  Request plain = make(Method::post, "/api/v1/persons");
  plain.body = base::to_bytes("{}");
  plain.headers = {{"authorization", "Bearer " + token}, {"content-type", "text/plain"}};
  expect_problem(answer(std::move(plain)), Code::unsupported);
  expect_problem(ask(Method::get, "/api/v1/nowhere", {}, token), Code::not_found);
  expect_problem(ask(Method::remove, "/api/v1/contracts", {}, token),
                 Code::http_method_not_allowed);
  expect_problem(ask(Method::get, "/api/v1/contracts/x?unknown=1", {}, token), Code::malformed);
  expect_problem(ask(Method::get, "/api/v1/persons/nobody", {}, token), Code::not_found);
}

TEST_F(Api, ABodyBeyondTheRoutesLimitIsRefused) {
  const std::string large(http::kBodySizeDefault + 1, ' ');
  for (const std::string target : {"/api/v1/sessions", "/device/v1/service", "/s/x/decline"})
    expect_problem(ask(Method::post, target, large), Code::limit_exceeded, target);
}

TEST_F(Api, OnlyAnAdministratorWipesALostDevice) {
  const std::string token = member();
  const Response added =
      ask(Method::post, "/api/v1/persons", R"({"name":"张三","email":"zhang@example.cn"})", token);
  const std::string target = "/api/v1/persons/" + text_at(added, "id") + "/device/wipe";
  expect_problem(ask(Method::post, target, {}, token), Code::denied);
  const std::string admin = administrator();
  expect_problem(ask(Method::post, target, {}, admin), Code::not_found);  // no device yet
  expect_problem(ask(Method::post, "/api/v1/persons/nobody/device/wipe", {}, admin),
                 Code::not_found);
}

TEST_F(Api, APersonIsAddedVerifiedAndGetsACode) {
  const std::string token = member();
  const Response added =
      ask(Method::post, "/api/v1/persons",
          R"({"name":"张三","email":"zhang@example.cn","id_number":"11010519491231002X"})", token);
  ASSERT_EQ(added.status, 201) << base::text_of(added.body);
  EXPECT_EQ(base::text_of(added.body).find("11010519491231002X"), std::string_view::npos);
  const std::string person = text_at(added, "id");
  const http::Json body = json_of(added);
  const std::string verification = *body.find("verification")->find("id")->text();
  const std::string challenge = *body.find("verification")->find("challenge")->text();
  expect_problem(ask(Method::post, "/api/v1/persons/" + person + "/authorisations", {}, token),
                 Code::denied);
  base::JsonWriter evidence;
  evidence.begin_object().field("evidence", challenge).end_object();
  EXPECT_EQ(ask(Method::post, "/api/v1/verifications/" + verification + "/evidence", evidence.str(),
                token)
                .status,
            200);
  const Response code =
      ask(Method::post, "/api/v1/persons/" + person + "/authorisations", {}, token);
  EXPECT_EQ(code.status, 202);
  house.settle();
  ASSERT_EQ(house.mails("authorisation_code", "zhang@example.cn").size(), 1u);
  EXPECT_FALSE(house.log.mentions("11010519491231002X"));
}

// shows-part: ECP-CON-1 (OFD, DOCX, templates)
TEST_F(ApiContracts, AContractGoesFromTheFormToTheFinishedFile) {
  const Response made = answer(form(description(), house.example(), token));
  ASSERT_EQ(made.status, 201) << base::text_of(made.body);
  const std::string id = text_at(made, "id"), one = "/api/v1/contracts/" + id;
  EXPECT_EQ(text_at(made, "state"), "draft");
  EXPECT_EQ(ask(Method::post, one + "/start", {}, token).status, 202);
  house.settle();
  const std::string link = house.link_for("zhang@example.cn");
  EXPECT_EQ(ask(Method::get, "/s/" + link + "/contract").status, 200);
  expect_problem(ask(Method::get, one + "/evidence", {}, token), Code::conflict, "not complete");
  const std::string session = open_link(link, "zhang@example.cn");
  EXPECT_EQ(ask(Method::get, "/s/" + link + "/document", {}, session).content_type,
            "application/pdf");
  EXPECT_EQ(ask(Method::post, "/s/" + link + "/sign").status, 202);
  const Response waiting = ask(Method::get, one + "?state=complete", {}, token);
  EXPECT_GT(waiting.wait.count(), 0);
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  house.settle();
  const Response done = ask(Method::get, one + "?state=complete", {}, token);
  EXPECT_EQ(text_at(done, "state"), "complete");
  EXPECT_EQ(done.wait.count(), 0);
  const Response file = ask(Method::get, one + "/document", {}, token);
  EXPECT_EQ(file.content_type, "application/pdf");
  EXPECT_GT(file.body.size(), house.example().size());
  EXPECT_EQ(ask(Method::get, one + "/history", {}, token).status, 200);
  const http::Json told = json_of(ask(Method::get, one + "/moments", {}, token));
  std::vector<std::string> operations;
  for (const http::Json& moment : *told.find("moments")->array()) {
    operations.push_back(*moment.find("operation")->text());
    const auto evidence = must(pki::verify_time_stamp_token(
        must(base::parse_base64(*moment.find("token")->text())),
        base::bytes_of(*moment.find("record")->text()), {}, house.services->trust.algorithms()));
    EXPECT_EQ(base::to_rfc3339(evidence.info.time), *moment.find("time")->text());
  }
  EXPECT_EQ(operations, (std::vector<std::string>{"open", "confirm", "sign", "complete"}));
  const Response package = ask(Method::get, one + "/evidence", {}, token);
  EXPECT_EQ(package.content_type, "application/zip");
  EXPECT_EQ(package.body,
            must(house.services->evidence_packages.package(
                must(house.services->platform.get(std::string(services::contract::kEveryOwner), id))
                    .owner,
                id)));
  EXPECT_FALSE(house.log.mentions(link));
}

TEST_F(ApiContracts, AnotherUserDoesNotSeeTheContract) {
  const std::string id = text_at(answer(form(description(), house.example(), token)), "id");
  add_user("other@example.cn", services::identity::Role::member);
  const std::string other = sign_in("other@example.cn");
  for (const char* path : {"", "/document", "/history", "/moments", "/evidence"})
    expect_problem(ask(Method::get, "/api/v1/contracts/" + id + path, {}, other), Code::not_found,
                   path);
  expect_problem(ask(Method::post, "/api/v1/contracts/" + id + "/start", {}, other),
                 Code::not_found);
  expect_problem(
      ask(Method::post, "/api/v1/contracts/" + id + "/withdraw", R"({"reason":"x"})", other),
      Code::not_found);
}

// shows-part: ECP-DOC-6 (the sender chooses GM/T 0010)
TEST_F(ApiContracts, StateInWhichFormatTheyAreSigned) {
  const auto with = [&](const std::string& format) {
    return answer(form(R"({"title":"租赁合同","signature_format":")" + format +
                           R"(","parties":[{"person":")" + zhang + "\"}]}",
                       house.example(), token));
  };
  const Response usual = answer(form(description(), house.example(), token));
  ASSERT_EQ(usual.status, 201) << base::text_of(usual.body);
  EXPECT_EQ(text_at(usual, "signature_format"), "pades");
  for (const std::string format : {"pades", "gm", "gm-pkilite"})
    EXPECT_EQ(text_at(with(format), "signature_format"), format);
  for (const std::string format : {"", "adobe", "gomain", "GM"})
    expect_problem(with(format), Code::malformed, format);
}

TEST_F(ApiContracts, BadFormsLeaveNothingBehind) {
  const base::Bytes example = house.example();
  expect_problem(answer(form("{}", example, token)), Code::malformed);
  expect_problem(answer(form("not json", example, token)), Code::malformed);
  expect_problem(answer(form(description(), base::bytes_of("no PDF"), token)),
                 Code::document_not_pdf);
  Request plain = make(Method::post, "/api/v1/contracts", description());
  plain.headers.emplace_back("authorization", "Bearer " + token);
  expect_problem(answer(std::move(plain)), Code::unsupported);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM contract_contracts"), 0);
  EXPECT_TRUE(house.blobs.files.empty());
}

TEST_F(ApiContracts, ALinkIsNeverShownByTheLog) {
  for (const http::Route& route : house.services->router.routes())
    if (route.pattern.find("{link}") != std::string::npos) {
      EXPECT_TRUE(route.options.hides_path) << route.pattern;
    }
  expect_problem(ask(Method::get, "/s/no-such-link/contract"), Code::not_found);
  expect_problem(ask(Method::post, "/s/no-such-link/sign"), Code::not_found);
  expect_problem(ask(Method::post, "/s/no-such-link/decline", R"({"reason":"x"})"),
                 Code::not_found);
}

// shows: MSSP-8.1.1, MSSP-8.1.3
// shows-part: ZSA37-C-f (seals: below)
TEST_F(ApiContracts, AnApplicationAsksForASignatureWithASignedRequest) {
  add_bank();
  const auto wanted = house.request("bank", "t-1", zhang, "data");
  base::JsonWriter json;
  json.begin_object()
      .field("ap_transaction", "t-1")
      .field("signer", zhang)
      .field("data", base::to_base64(wanted.data))
      .field("title", wanted.title)
      .field("statement", base::to_base64(wanted.statement))
      .field("certificate", base::to_base64(wanted.statement_certificate))
      .end_object();
  expect_problem(ask(Method::post, "/api/v1/signatures", json.str(), token), Code::unauthenticated);
  const Request asked = signed_by_bank(Method::post, "/api/v1/signatures", json.str());
  Request changed = asked;
  changed.body.back() = ' ';
  expect_problem(answer(changed), Code::unauthenticated);
  const Response accepted = answer(asked);
  ASSERT_EQ(accepted.status, 202) << base::text_of(accepted.body);
  expect_problem(answer(asked), Code::identity_replayed);
  const std::string one = "/api/v1/signatures/" + text_at(accepted, "transaction");
  EXPECT_EQ(text_at(answer(signed_by_bank(Method::get, one)), "state"), "OPEN");
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  const Response done = answer(signed_by_bank(Method::get, one));
  EXPECT_EQ(text_at(done, "state"), "DONE");
  EXPECT_FALSE(text_at(done, "signature").empty());
  EXPECT_EQ(
      text_at(answer(signed_by_bank(Method::post, one + "/cancel", R"({"reason":"x"})")), "state"),
      "DONE");
  expect_problem(answer(signed_by_bank(Method::get, "/api/v1/signatures/unknown")),
                 Code::not_found);
}

// shows: MSSP-2-a
TEST_F(ApiContracts, TheSignatureComesAsAValueOrAsASignedMessage) {
  add_bank();
  const auto accepted =
      house.services->transactions.submit("bank", house.request("bank", "t-1", zhang, "data"));
  ASSERT_OK(accepted);
  const std::string one = "/api/v1/signatures/" + accepted->id;
  EXPECT_EQ(text_at(answer(signed_by_bank(Method::get, one + "?form=message")), "state"), "OPEN");
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  for (const char* wrong : {"?form=pkcs7", "?form=", "?form=value&form=message", "?shape=message"})
    expect_problem(answer(signed_by_bank(Method::get, one + wrong)), Code::malformed);

  const Response value = answer(signed_by_bank(Method::get, one + "?form=value"));
  const auto octets = [](const Response& response, const char* name) {
    return *base::parse_base64(text_at(response, name));
  };
  const base::Bytes attributes = octets(value, "signed_attributes");
  const base::Bytes certificate = octets(value, "certificate");
  EXPECT_TRUE(openssl_agrees(certificate, attributes, octets(value, "signature")));

  const Response asked = answer(signed_by_bank(Method::get, one + "?form=message"));
  EXPECT_EQ(base::text_of(asked.body).find("signed_attributes"), std::string_view::npos);
  const base::Bytes der = octets(asked, "message");
  const auto message = pki::parse_signed_data(der);
  ASSERT_OK(message);
  EXPECT_EQ(message->signers[0].signed_attributes, attributes);
  EXPECT_TRUE(openssl_agrees(openssl_signer_of(der), message->signers[0].signed_attributes,
                             message->signers[0].signature));
  EXPECT_FALSE(openssl_agrees(openssl_signer_of(der), base::to_bytes(base::bytes_of("data")),
                              message->signers[0].signature));
  const x509::Sm2SignatureVerifier signatures;
  const pki::Sm3Digester digests;
  EXPECT_OK(pki::verify_signed_data(*message, base::bytes_of("data"), {}, {signatures, digests}));
  EXPECT_FALSE(
      pki::verify_signed_data(*message, base::bytes_of("Data"), {}, {signatures, digests}));
}

TEST_F(ApiContracts, GarbageFromADeviceIsRefusedAndChangesNothing) {
  for (const char* target :
       {"/device/v1/register", "/device/v1/service", "/device/v1/key-centre"}) {
    for (const char* body : {"", "x", "\x30\x03\x02\x01\x01"}) {
      const Response refused = ask(Method::post, target, body);
      EXPECT_GE(refused.status, 400) << target;
      EXPECT_LT(refused.status, 500) << target << base::text_of(refused.body);
    }
  }
  EXPECT_EQ(must(phone.poll()).kind, device::Step::Kind::idle);
}

TEST_F(Api, HealthIsPublic) {
  EXPECT_EQ(ask(Method::get, "/healthz").status, 200);
  EXPECT_EQ(ask(Method::get, "/readyz").status, 200);
}

TEST_F(Api, PkiAnswersArePublic) {
  const http::Router& router = house.services->pki_router;
  EXPECT_EQ(router.answer(make(Method::get, "/certificates/root.cer")).status, 200);
  EXPECT_EQ(router.answer(make(Method::get, "/crl/issuing.crl")).content_type,
            "application/pkix-crl");
  EXPECT_EQ(router.answer(make(Method::get, "/crl/root.crl")).status, 200);
  EXPECT_EQ(router.answer(make(Method::get, "/crl/other.crl")).status, 404);
  EXPECT_EQ(router.answer(make(Method::post, "/ocsp", "x")).content_type,
            "application/ocsp-response");
  EXPECT_EQ(router.answer(make(Method::get, "/ocsp/eA")).content_type, "application/ocsp-response");
  EXPECT_EQ(router.answer(make(Method::post, "/tsa", "x")).content_type,
            "application/timestamp-reply");
}

}  // namespace
}  // namespace heqi::api
